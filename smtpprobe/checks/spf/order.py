"""Whether SPF's result depends on the order of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.evidence.spf import SpfOtherCount
from smtpprobe.model.quoting import cut
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult

_MAX_MESSAGE = 600

ORDER_MATTERS = FindingSpec(
    id="spf-order-matters",
    severity=Severity.WARNING,
    title=mark("SPF's result depends on the order of an answer"),
    why=mark(
        "Name servers change the order of records, and mail hosts of equal preference and PTR names are taken as they come: "
        "whoever meets a name that fails, or the limit of void lookups or PTR names, before the one that matches, gets "
        "another result."
    ),
    fix=mark("Repair or remove the names that fail or have no address, or replace mx and ptr with ip4 and ip6."),
    references=("RFC 7208 §4.6.4", "RFC 7208 §5.5", "RFC 5321 §5.1"),
    names_subject=True,
)


def of_order(subject: str, result: AuthResult | None, other: SpfOtherCount | None) -> Iterator[Finding]:
    """What a receiver gets in another order, beside the result that is reported."""
    if other is not None:
        by = say(" by {mechanism}", mechanism=other.mechanism) if other.mechanism else ""
        text = say(
            "{subject}: a receiver that takes the hosts in another order gets {result}{by}, not {own}",
            subject=subject,
            result=other.result,
            by=by,
            own=result,
        )
        yield ORDER_MATTERS(subject, cut(f"{text}: {other.problem}" if other.problem else text, _MAX_MESSAGE))
