"""Whether SPF rests on an address that the resolver makes up (RFC 7208 §5.3 to §5.5, §5.7)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from smtpprobe.checks.base import FindingSpec
from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfIdentity, SpfStep, SpfStepResult
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

SHOWN = 60  # characters of a term that are shown

RESOLVER_REWRITES = FindingSpec(
    id="spf-resolver-rewrites",
    severity=Severity.WARNING,
    title=mark("SPF asked for an address, and the resolver gives any name that one"),
    why=mark(
        "The mechanisms a, mx, ptr and exists go by the addresses of names. This resolver gives one to names that do not "
        "exist, so that a match says nothing, and other receivers may come to another result."
    ),
    fix=mark("Ask through a resolver that does not rewrite answers, such as one of your own."),
    needs=("resolver",),
    references=("RFC 7208 §5.3", "RFC 7208 §5.7", "RFC 8020 §2"),
    names_subject=True,
)


class MadeUp(msgspec.Struct, frozen=True):
    """The findings where it is so, the terms that decided by such an address, and the lookups that this rests on."""

    findings: tuple[Finding, ...]
    deciding: tuple[str, ...]
    lookups: tuple[int, ...]


async def made_up(resolver: Resolver, identity: SpfIdentity, client_ip: str) -> MadeUp:
    """What rests on addresses that the resolver makes up; nothing is asked where no address was."""
    findings: list[Finding] = []
    deciding: list[str] = []
    lookups: tuple[int, ...] = ()
    for step, name, rdtype in _asked(identity, "AAAA" if ":" in client_ip else "A"):
        found = await resolver.lookup(Question(name, rdtype))
        asked = await rewriting(resolver)
        lookups += (found.index, *(lookup.index for lookup in asked.lookups))
        if asked.made_up(found.records):
            matched = mark("{subject}: {term} matches {records}, which the resolver gives any name that does not exist")
            beside = mark("{subject}: {term} leads to {records}, which the resolver gives any name that does not exist")
            text = say(
                matched if step.result is SpfStepResult.MATCH else beside,
                subject=identity.domain or "",
                term=cut(step.term, SHOWN),
                records=found.records[0],
            )
            findings.append(RESOLVER_REWRITES(identity.domain or "", text))
            deciding += [step.term] * (step.decided and step.result is SpfStepResult.MATCH)
    return MadeUp(tuple(dict.fromkeys(findings)), tuple(deciding), tuple(dict.fromkeys(lookups)))


def _asked(identity: SpfIdentity, address_type: str) -> Iterator[tuple[SpfStep, str, str]]:
    """The steps that came to an address, with the name and the type that was asked for."""
    for step in _reached(identity.trace):
        term = step.term.lstrip("+-~?").lower()
        name = step.host or (step.expanded if term.partition("/")[0].partition(":")[0] == "a" else None)
        if name:
            yield step, name.removesuffix(".").lower(), "A" if term.startswith("exists:") else address_type


def _reached(trace: tuple[SpfStep, ...]) -> Iterator[SpfStep]:
    for step in trace:
        if step.result is not SpfStepResult.NOT_REACHED:
            yield step
            yield from _reached(step.children)
