"""`smtpprobe explain --check`: the live checks that the replies hint at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.catalogue.explainer.explain import explain
from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli.alone import envelope
from smtpprobe.cli.running import run
from smtpprobe.model.report import CheckReport

if TYPE_CHECKING:
    from smtpprobe.catalogue.explainer.explain import Explanation
    from smtpprobe.cli.explain_many import Gathered

MAX_CHECKS = 10  # of different ones; what the most frequent refusals hint at goes first
_OF_ADDRESSES = frozenset({"ip-blocklisted", "poor-reputation", "policy-rejected"})
_OF_NAMES = frozenset({"reverse-dns", "helo-rejected"})
_OF_SENDERS = frozenset({"email-auth-failed", "sender-not-permitted"})


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A check that a reply hints at, by its name, with what it needs."""

    check: str
    session: SessionView
    options: CheckOptions


def live_checks(gathered: Gathered) -> list[CheckReport]:
    """The reports of the checks, in the order of the refusals that hint at them; empty where nothing is named."""
    wanted = gathered.wanted
    asked: dict[Hint, None] = {}
    for each in gathered.tally.distinct():
        for hint in hints(explain(each.reply, phase=each.phase, provider=wanted.provider)):
            asked[hint] = None
    return [_checked(hint, wanted.resolver) for hint in list(asked)[:MAX_CHECKS]]


def hints(said: Explanation) -> Iterator[Hint]:
    """The checks that would show whether what the reply says is so; none for what it leaves out."""
    ip, domain, zone = said.captures.ip, said.captures.domain, said.captures.list
    only = (zone,) if zone else ()
    nobody = SessionView(envelope=envelope(None, None))
    if said.cause in _OF_ADDRESSES and ip:
        yield Hint(check="dnsbl", session=nobody, options=CheckOptions(domains=(ip,), only_dnsbl=only))
    if said.cause == "domain-blocklisted" and domain:
        yield Hint(check="dnsbl", session=nobody, options=CheckOptions(domains=(domain,), only_dnsbl=only))
    if said.cause in _OF_NAMES and ip:
        greeted = SessionView(envelope=envelope(None, said.captures.helo), client_ip=ip, client_ip_given=True)
        yield Hint(check="iprev", session=greeted, options=CheckOptions())
    if said.cause in _OF_SENDERS and domain:
        if ip:
            sender = SessionView(envelope=envelope(f"postmaster@{domain}", domain), client_ip=ip)
            yield Hint(check="spf", session=sender, options=CheckOptions(domains=(domain,)))
        else:
            yield Hint(check="dmarc", session=nobody, options=CheckOptions(domains=(domain,)))


def _checked(hint: Hint, resolver: str | None) -> CheckReport:
    from smtpprobe.checks.registry import CHECKS
    from smtpprobe.pipeline.assumption import check_alone

    check = next(each for each in CHECKS if each.name == hint.check)
    report, _ = run(check_alone(check, hint.session, hint.options, server=resolver))
    return report
