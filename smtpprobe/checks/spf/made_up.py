"""Whether SPF's result hangs on an answer that the resolver makes up: `exists` matches any address (RFC 7208 §5.7)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.evidence.spf import SpfIdentity, SpfStep, SpfStepResult
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say

_SHOWN = 60  # characters of a term that are shown

RESOLVER_REWRITES = FindingSpec(
    id="spf-resolver-rewrites",
    severity=Severity.WARNING,
    title=mark("SPF's result hangs on an address that the resolver gives any name"),
    why=mark(
        "The mechanism exists matches wherever a name has an address. This resolver gives one to names that do not exist, so "
        "that the match says nothing, and other receivers come to another result."
    ),
    fix=mark("Ask through a resolver that does not rewrite answers, such as one of your own."),
    needs=("resolver",),
    references=("RFC 7208 §5.7", "RFC 8020 §2"),
    names_subject=True,
)


async def made_up(resolver: Resolver, identity: SpfIdentity) -> tuple[tuple[Finding, ...], tuple[int, ...]]:
    """The finding where it is so, and the lookups that it rests on; nothing is asked where no `exists` decided."""
    for step in _deciding(identity.trace):
        name = (step.expanded or "").removesuffix(".").lower()
        if not name or not step.term.lstrip("+-~?").lower().startswith("exists:"):
            continue
        found = await resolver.lookup(Question(name, "A"))
        asked = await rewriting(resolver)
        lookups = (found.index, *(lookup.index for lookup in asked.lookups))
        if asked.made_up(found.records):
            subject = identity.domain or ""
            match = say(
                "{subject}: {term} matches {records}",
                subject=subject,
                term=cut(step.term, _SHOWN),
                records=found.records[0],
            )
            text = say("{match}, which the resolver gives any name that does not exist", match=match)
            return (RESOLVER_REWRITES(subject, text),), lookups
        return (), lookups
    return (), ()


def _deciding(trace: tuple[SpfStep, ...]) -> Iterator[SpfStep]:
    for step in trace:
        if step.decided:
            if step.result is SpfStepResult.MATCH:
                yield step
            yield from _deciding(step.children)
