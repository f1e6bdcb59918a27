"""The shape of a check: when it applies, what it does, and the findings it can state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.fetch import PolicyFetcher
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.report import Finding, Severity, SkipKind
from smtpprobe.model.request import Envelope
from smtpprobe.model.texts.language import mark
from smtpprobe.model.transcript import Transcript


class FindingSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that a check can state: the permanent id, its severity, and the page it gets in docs/checks/.

    `severity_otherwise` says in words when the severity is another one. `needs` names the request's fields that `fix`
    speaks of. `names_subject`: its messages name their subject; `states_problem`: they hold the evidence's problem.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    severity_otherwise: str = ""
    references: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    names_subject: bool = False
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
        names_subject: bool | None = None,
    ) -> Finding:
        """The finding about a subject.

        `severity` only where the consequence differs by circumstance, `names_subject` where this message does.
        """
        return Finding(
            id=self.id,
            severity=severity or self.severity,
            subject=subject,
            message=message,
            exchange=exchange,
            needs=needs,
            zone=zone,
            names_subject=self.names_subject if names_subject is None else names_subject,
            states_problem=self.states_problem,
        )


class NamedZone(msgspec.Struct, frozen=True):
    """A DNSBL zone that a reply named, and what the reply says is listed there (an IP address or a domain)."""

    zone: str
    subject: str | None


class NextHop(msgspec.Struct, frozen=True, kw_only=True):
    """The mail host that the session was with, as a sending MTA sees it.

    `domain` takes its mail there: the target's own where MX led to the host, else the forward-path's, None where none
    is known.
    """

    host: str
    domain: str | None
    through_mx: bool


class Skip(msgspec.Struct, frozen=True):
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


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """What one session shows, or what stands for it where a check runs alone: then `transcript` is None.

    `client_ip_given`: the user named the address, so that it is asked about even where it is not global.
    `login` is who logs in, and what is told of the secret. `next_hop` is None where no session was held. `unreached` are the
    addresses that were tried before this one and gave no connection.
    """

    envelope: Envelope
    transcript: Transcript | None = None
    client_ip: str | None = None
    client_ip_given: bool = False
    login: LoginRecord | None = None
    named_zones: tuple[NamedZone, ...] = ()
    next_hop: NextHop | Skip | None = None
    unreached: tuple[Transcript, ...] = ()

    @property
    def user(self) -> str | None:
        """The name that somebody logs in with."""
        return self.login.user if self.login is not None else None


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose for the checks. `message_is_sent`: octet for octet, else it is a file that is judged.

    `domains`, `spf_pass`, `dkim_pass`, `min_key_bits`, `all_nameservers` and `flatten` are for a check run alone.
    `all_nameservers` asks for the records at every authoritative name server too, `flatten` for an SPF record of
    networks alone.
    """

    domains: tuple[str, ...] = ()
    dnsbl_zones: tuple[str, ...] = ()
    only_dnsbl: tuple[str, ...] = ()
    dkim_selectors: tuple[str, ...] = ()
    message: bytes | None = None
    message_is_sent: bool = False
    spf_pass: tuple[str, ...] = ()
    dkim_pass: tuple[str, ...] = ()
    min_key_bits: int = 1024  # RFC 8301 §3.2
    all_nameservers: bool = False
    flatten: bool = False
    expiry_days: tuple[int, int] = (21, 7)


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a check may ask, and the time as of which it judges. Without a fetcher no policy is fetched."""

    resolver: Resolver
    now: datetime
    fetcher: PolicyFetcher | None = None


class CheckInput(msgspec.Struct, frozen=True, kw_only=True):
    """All that a check may know of one session."""

    session: SessionView
    options: CheckOptions
    services: Services


NO_SESSION = not_applicable(mark("no session was held"))
NO_MESSAGE = not_applicable(mark("no message was given"))
HELO_ALONE = not_applicable(mark("only HELO was sent, and extensions are listed in the reply to EHLO"))
CheckResult = tuple[Evidence | None, tuple[Finding, ...]]


NOTHING = Bearing()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. `skip` says why not to run, or None; `run` gives evidence and findings.

    `bears_on`: the refusals of which it can tell more.
    """

    name: str
    about: str
    findings: tuple[FindingSpec, ...]
    skip: Callable[[CheckInput], Skip | None]
    run: Callable[[CheckInput], Awaitable[CheckResult]]
    bears_on: Bearing = NOTHING
