"""The checks that would show whether what replies say is so. They ask the network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec

from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.checks import registry
from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.model.report import CheckReport
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.pipeline.assumption import check_alone
from smtpprobe.render.explained import ExplainedInputs
from smtpprobe.render.explanation_item import of_distinct

MAX_CHECKS = 10  # of different ones; what the most frequent refusals hint at goes first
_OF_ADDRESSES = frozenset({"ip-blocklisted", "poor-reputation", "policy-rejected"})
_OF_NAMES = frozenset({"reverse-dns", "helo-rejected"})
_OF_SENDERS = frozenset({"email-auth-failed", "sender-not-permitted"})


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A check that a reply hints at, by its name, with what it needs."""

    check: str
    session: SessionView
    options: CheckOptions


async def hinted_checks(explained: ExplainedInputs, *, resolver: str | None = None) -> tuple[CheckReport, ...]:
    """The reports of the checks, in the order of the refusals that hint at them; empty where nothing is named.

    `resolver` is the name server to ask, IP[:PORT]; None: the system's.
    """
    asked: dict[Hint, None] = {}
    for each in explained.distinct:
        for hint in hints(
            explain(each.reply, phase=each.phase, provider=explained.provider, peer=of_distinct(each).others)
        ):
            asked[hint] = None
    # At the same time, so that all of them together take no longer than the one deadline that each has.
    return tuple(await asyncio.gather(*(_checked(hint, resolver) for hint in list(asked)[:MAX_CHECKS])))


def hints(explanation: Explanation) -> Iterator[Hint]:
    """The checks that would show whether what the reply says is so; none for what it leaves out."""
    ip, domain, zone = explanation.captures.ip, explanation.captures.domain, explanation.captures.list
    only = (zone,) if zone else ()
    nobody = SessionView(envelope=_envelope(None, None))
    if explanation.cause in _OF_ADDRESSES and ip:
        yield Hint(check="dnsbl", session=nobody, options=CheckOptions(domains=(ip,), only_dnsbl=only))
    if explanation.cause == "domain-blocklisted" and domain:
        yield Hint(check="dnsbl", session=nobody, options=CheckOptions(domains=(domain,), only_dnsbl=only))
    if explanation.cause in _OF_NAMES and ip:
        greeted = SessionView(envelope=_envelope(None, explanation.captures.helo), client_ip=ip, client_ip_given=True)
        yield Hint(check="iprev", session=greeted, options=CheckOptions())
    if explanation.cause in _OF_SENDERS and domain:
        if ip:
            sender = SessionView(envelope=_envelope(f"postmaster@{domain}", domain), client_ip=ip)
            yield Hint(check="spf", session=sender, options=CheckOptions(domains=(domain,)))
        else:
            yield Hint(check="dmarc", session=nobody, options=CheckOptions(domains=(domain,)))


def _envelope(reverse_path: str | None, helo: str | None) -> Envelope:
    return Envelope(Assumed(helo or "", assumed=helo is None), None if reverse_path is None else Assumed(reverse_path))


async def _checked(hint: Hint, resolver: str | None) -> CheckReport:
    report, _ = await check_alone(registry.named(hint.check), hint.session, hint.options, server=resolver)
    return report
