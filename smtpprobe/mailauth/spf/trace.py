"""The trace of an SPF evaluation while it is being made, and as evidence."""

from __future__ import annotations

from smtpprobe.mailauth.dns.final_dot import final_dot_hint
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence.spf import SpfFault, SpfStep, SpfStepResult
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult


class Node:
    """A step of the trace while it is being made; `inner` is the evaluation of the record that the term leads to."""

    __slots__ = (
        "alias",
        "domain",
        "expanded",
        "fault",
        "host",
        "inner",
        "lookups",
        "reason",
        "redirects",
        "result",
        "term",
        "used",
        "voids",
    )

    def __init__(self, domain: str, term: Term) -> None:
        self.domain = domain
        self.term = term.text
        self.redirects = term.name == "redirect"
        self.result = SpfStepResult.NOT_REACHED if term.qualifier or self.redirects else SpfStepResult.IGNORED
        self.expanded: str | None = None
        self.alias: str | None = None
        self.reason: str | None = None
        self.fault: SpfFault | None = None
        self.host: str | None = None  # the name whose address made it match
        self.lookups: list[int] = []
        self.used = 0
        self.voids = 0
        self.inner: Outcome | None = None

    def add(self, reason: str) -> None:
        """One reason more: that a name is an alias is said beside what it leads to."""
        self.reason = f"{self.reason}; {reason}" if self.reason else reason

    def rests_on(self, found: DnsLookup) -> None:
        """Note a lookup, and that a name is an alias."""
        if found.index >= 0:
            self.lookups.append(found.index)
        if found.name == (self.expanded or "").lower() and not found.failed:
            self.alias = found.cname
        self.reason = self.reason or found.alias_text


class TermError(Exception):
    """What RFC 7208 §4.6.2 calls an exception: the term ends the evaluation with an error."""

    def __init__(self, result: AuthResult, reason: str, fault: SpfFault | None = None) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason
        self.fault = fault


class Outcome:
    """What check_host() came to for one domain. `decider` is the term that decided, None where none did.

    `explaining` is the exp= that a fail is explained by, with the domain of its record.
    """

    __slots__ = ("decider", "explaining", "fault", "nodes", "reason", "record", "result")

    def __init__(
        self,
        result: AuthResult,
        reason: str | None = None,
        fault: SpfFault | None = None,
        *,
        record: str | None = None,
        nodes: tuple[Node, ...] = (),
        decider: Node | None = None,
        explaining: tuple[Term, Node] | None = None,
    ) -> None:
        self.result = result
        self.reason = reason
        self.fault = fault
        self.record = record
        self.nodes = nodes
        self.decider = decider
        self.explaining = explaining


def deciding_term(outcome: Outcome) -> str | None:
    """The term that decided: in the record redirected to, but never in one that is included.

    `default` where none matched (RFC 7208 §9.1), None where there was nothing to match.
    """
    node = outcome.decider
    if node is None:
        return "default" if outcome.result is AuthResult.NEUTRAL else None
    inner = deciding_term(node.inner) if node.inner is not None and node.redirects else None
    return inner or node.term


def steps(outcome: Outcome, *, on_path: bool = True) -> tuple[SpfStep, ...]:
    """The steps as evidence; `on_path` while every term above them decided."""
    made = []
    for node in outcome.nodes:
        decided = on_path and node is outcome.decider
        made.append(
            SpfStep(
                domain=node.domain,
                term=node.term,
                expanded=node.expanded,
                alias=node.alias,
                host=node.host,
                result=node.result,
                reason=node.reason,
                fault=node.fault,
                lookups_used=node.used,
                void_lookups_used=node.voids,
                lookups=tuple(node.lookups),
                decided=decided,
                children=steps(node.inner, on_path=decided) if node.inner is not None else (),
            )
        )
    return tuple(made)


def no_record_text(found: DnsLookup, domain: str) -> str:
    """That a domain has no SPF record, as a TXT answer without one says; an alias is named with where it leads."""
    if found.status is DnsStatus.NXDOMAIN:
        of_alias = mark("{domain} is an alias (CNAME) of {alias}, which does not exist")
        words = of_alias if found.cname else mark("{domain} does not exist")
    else:
        of_alias = mark("{domain} is an alias (CNAME) of {alias}, which has no SPF record")
        words = of_alias if found.cname else mark("{domain} has no SPF record")
    return say(words, domain=domain, alias=found.cname) + final_dot_hint(found)
