"""`smtpprobe explain --check`: the live checks that the replies hint at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from smtpprobe.catalogue.explainer.explain import explain
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

Known = tuple[str, tuple[tuple[str, Any], ...]]


def live_checks(gathered: Gathered) -> list[CheckReport]:
    """The reports of the checks, in the order of the refusals that hint at them; empty where nothing is named."""
    wanted = gathered.wanted
    asked: dict[Known, None] = {}
    for each in gathered.tally.distinct():
        for known in hints(explain(each.reply, phase=each.phase, provider=wanted.provider)):
            asked[known] = None
    return [_checked(name, dict(known), wanted.resolver) for name, known in list(asked)[:MAX_CHECKS]]


def hints(said: Explanation) -> Iterator[Known]:
    """The checks that would show whether what the reply says is so, with what they need; none for what it leaves out."""
    ip, domain, zone = said.captures.ip, said.captures.domain, said.captures.list
    if said.cause in _OF_ADDRESSES and ip:
        yield "dnsbl", (("domains", (ip,)), ("only_dnsbl", (zone,) if zone else ()))
    if said.cause == "domain-blocklisted" and domain:
        yield "dnsbl", (("domains", (domain,)), ("only_dnsbl", (zone,) if zone else ()))
    if said.cause in _OF_NAMES and ip:
        yield "iprev", (("client_ip", ip), ("helo", said.captures.helo))
    if said.cause in _OF_SENDERS and domain:
        if ip:
            yield "spf", (("client_ip", ip), ("domains", (domain,)))
        else:
            yield "dmarc", (("domains", (domain,)),)


def _checked(name: str, known: dict[str, Any], resolver: str | None) -> CheckReport:
    from smtpprobe.checks import dmarc, dnsbl, iprev, spf
    from smtpprobe.pipeline.assumption import check_alone

    check = {"dnsbl": dnsbl, "iprev": iprev, "spf": spf, "dmarc": dmarc}[name].CHECK
    who = envelope(None, known.pop("helo", None))
    if name == "spf":
        (domain,) = known["domains"]
        who = envelope(f"postmaster@{domain}", domain)
    known = {"client_ip": None, "client_ip_given": name == "iprev", **known}
    report, _ = run(check_alone(check, None, server=resolver, timeout_s=None, at=None, envelope=who, **known))
    return report
