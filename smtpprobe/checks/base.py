"""The shape of a check: when it applies, what it does, and the findings it can state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from smtpprobe.model.evidence import Evidence
from smtpprobe.model.fetch import PolicyFetcher
from smtpprobe.model.lookup import Resolver
from smtpprobe.model.report import Finding, Severity, SkipKind
from smtpprobe.model.request import Envelope
from smtpprobe.model.transcript import Transcript


@dataclass(kw_only=True, frozen=True)
class FindingSpec:
    """A finding that a check can state: the permanent id, its severity, and the page it gets in docs/checks/.

    `needs` names the request's fields that `fix` speaks of. `states_problem`: its messages hold the evidence's problem.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    references: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    states_problem: bool = False

    def __call__(
        self,
        subject: str,
        message: str,
        *,
        exchange: int | None = None,
        severity: Severity | None = None,
        needs: str | None = None,
        zone: str | None = None,
    ) -> Finding:
        """The finding about a subject; `severity` only where the consequence differs by circumstance."""
        return Finding(
            id=self.id,
            severity=severity or self.severity,
            subject=subject,
            message=message,
            exchange=exchange,
            needs=needs,
            zone=zone,
            states_problem=self.states_problem,
        )


@dataclass(frozen=True)
class NamedZone:
    """A DNSBL zone that a reply named, and what the reply says is listed there (an IP address or a domain)."""

    zone: str
    subject: str | None


@dataclass(kw_only=True, frozen=True)
class NextHop:
    """The mail host that the session was with, as a sending MTA sees it.

    `domain` takes its mail there: the target's own where MX led to the host, else the forward-path's, None where none
    is known. `strict`: a certificate that did not verify ended the session, so that its chain may not be known.
    """

    host: str
    domain: str | None
    through_mx: bool
    strict: bool = False


@dataclass(kw_only=True, frozen=True)
class CheckContext:
    """What a check may know. `transcript` is None for a check run alone.

    `refused_query` of the named zones: the reply itself quotes a refusal of the query.
    """

    resolver: Resolver
    now: datetime
    envelope: Envelope
    client_ip: str | None
    client_ip_given: bool = False  # typed by the user: asked even where it is not global
    transcript: Transcript | None = None
    named_zones: tuple[NamedZone, ...] = ()
    dnsbl_zones: tuple[str, ...] = ()
    only_dnsbl: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # domains given to a check run alone
    dkim_selectors: tuple[str, ...] = ()
    message: bytes | None = None
    spf_pass: tuple[str, ...] = ()
    dkim_pass: tuple[str, ...] = ()
    min_key_bits: int = 1024
    all_nameservers: bool = False  # ask for the records at every authoritative name server too
    facts: dict[str, str] = field(default_factory=dict)
    next_hop: NextHop | Skip | None = None  # or why there is none; None where no session was held
    fetcher: PolicyFetcher | None = None


@dataclass(frozen=True)
class Skip:
    """Why a check does not run, as `Skipped` says it."""

    kind: SkipKind
    reason: str
    needs: str | None = None


def not_applicable(reason: str) -> Skip:
    """The check has nothing to say here, whatever else were known."""
    return Skip(SkipKind.NOT_APPLICABLE, reason)


def missing(needs: str, reason: str) -> Skip:
    """The check would run with the request's field `needs`."""
    return Skip(SkipKind.INPUT_MISSING, reason, needs)


NO_SESSION = not_applicable("no session was held")
Gathered = tuple[Evidence, tuple[Finding, ...]]


@dataclass(kw_only=True, frozen=True)
class Check:
    """One check. `skip` says why not to run, or None; `run` gives evidence and findings."""

    name: str
    about: str
    findings: tuple[FindingSpec, ...]
    skip: Callable[[CheckContext], Skip | None]
    run: Callable[[CheckContext], Awaitable[Gathered]]
