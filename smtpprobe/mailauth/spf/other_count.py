"""What follows where receivers count void lookups the other way, or take hosts in another order (RFC 7208 §4.6.4)."""

from __future__ import annotations

from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.order import Order
from smtpprobe.mailauth.spf.trace import Outcome, deciding_term
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfOtherCount


async def other_count(
    resolver: Resolver, client: Client, values: dict[str, str], domain: str, outcome: Outcome
) -> SpfOtherCount | None:
    """The evaluation of a domain without void lookups of MX hosts and PTR names; None where its result is the same."""
    if outcome.fault is not SpfFault.TOO_MANY_VOID_LOOKUPS:
        return None
    evaluation = Evaluation(resolver, client, values, counts_hosts=False)
    other = await evaluation.host(domain)
    evaluation.end()
    return _told(evaluation, other) if other.result is not outcome.result else None


async def other_order(
    resolver: Resolver, client: Client, values: dict[str, str], domain: str, outcome: Outcome
) -> tuple[SpfOtherCount, list[int]] | None:
    """What a receiver gets that takes mail hosts of equal preference, or PTR names, in another order; the lookups.

    None where its result is the same in the two orders that are furthest from one another.
    """
    for order in (Order.WORST, Order.BEST):
        evaluation = Evaluation(resolver, client, values, order=order)
        other = await evaluation.host(domain)
        evaluation.end()
        if other.result is not outcome.result:
            return _told(evaluation, other), evaluation.consumed
    return None


def _told(evaluation: Evaluation, other: Outcome) -> SpfOtherCount:
    return SpfOtherCount(
        result=other.result,
        mechanism=deciding_term(other),
        problem=other.reason,
        void_lookups_used=evaluation.void_lookups_used,
    )
