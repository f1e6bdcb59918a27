"""SPF records at names where nobody looks for them, and their names where a record is looked for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.record import is_spf_record
from smtpprobe.mailauth.spf.spelling.terms import is_host
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.texts.language import say

_NO_SUCH_LABEL = "no-such-name"  # a wildcard answers for it as for the wrong names (RFC 4592 §2.2)
_WRONG_NAMES = ("_spf", "spf", "_spf1", "www", "@", "_dmarc")
_MAX_NAMES = 3  # among the texts, that are looked up


async def elsewhere(
    resolver: Resolver, domain: str, own: DnsLookup
) -> tuple[list[tuple[str, str, str | None]], list[DnsLookup]]:
    """The lint's id, what it says and the host that it is about, for each fault; and what was asked for it.

    `own` are the texts of the domain, which has no SPF record.
    """
    for name in _host_names(own.records).values():
        resolver.ahead(resolver.lookup(Question(name, "TXT")))
    found = await misplaced(resolver, domain)
    named, asked = await named_records(resolver, own.records)
    stated: list[tuple[str, str, str | None]] = [
        (
            "spf-name-as-text",
            say("{text} is the name of an SPF record: include:{name} is meant", text=text, name=name),
            name,
        )
        for text, name in named
    ]
    for name, _ in found.records:
        message = say("an SPF record is at {name}, which nobody asks for it", name=name)
        if name.startswith("_dmarc.") and any(text.lower().startswith("v=dmarc1") for text in own.records):
            message = say("SPF and DMARC changed places: the SPF record is at {name}", name=name)
        stated.append(("spf-wrong-name", message, name))
    if found.at_every_name:
        message = say("an SPF record is at *.{name}, which does not answer for {name}", name=domain)
        stated.append(("spf-wrong-name", message, f"*.{domain}"))
    return stated, [*asked, *found.asked]


class Misplaced(msgspec.Struct, frozen=True):
    """The names below a domain that have an SPF record of their own, with their texts, and whether a wildcard has one."""

    records: tuple[tuple[str, tuple[str, ...]], ...] = ()
    at_every_name: bool = False
    asked: tuple[DnsLookup, ...] = ()


async def misplaced(resolver: Resolver, domain: str) -> Misplaced:
    """The records at names where nobody looks for them, asked once a run."""
    return await resolver.once(("misplaced", domain), lambda: _misplaced(resolver, domain))


async def _misplaced(resolver: Resolver, domain: str) -> Misplaced:
    no_such = f"{_NO_SUCH_LABEL}.{domain}"
    if not can_be_asked(no_such):
        return Misplaced()
    names = [*(f"{label}.{domain}" for label in _WRONG_NAMES), f"{domain}.{domain}"]
    questions = [Question(name, "TXT") for name in (no_such, *names) if can_be_asked(name)]
    for question in questions:
        resolver.ahead(resolver.lookup(question))
    of_wildcard, *found = [await resolver.lookup(question) for question in questions]
    # An alias has the record of its target, where it may well be right.
    own = [each for each in found if each.cname is None and each.records != of_wildcard.records and _has_record(each)]
    return Misplaced(tuple((each.name, each.records) for each in own), _has_record(of_wildcard), (of_wildcard, *found))


async def named_records(resolver: Resolver, texts: Sequence[str]) -> tuple[list[tuple[str, str]], list[DnsLookup]]:
    """The texts that are the name of an SPF record, each with that name, and what was asked to know it."""
    names = _host_names(texts)
    asked = [await resolver.lookup(Question(name, "TXT")) for name in names.values()]
    return [each for each, found in zip(names.items(), asked, strict=True) if _has_record(found)], asked


def _host_names(texts: Sequence[str]) -> dict[str, str]:
    """The first texts that are names of hosts, each with the name."""
    names = {text: text.strip("\"' ").removesuffix(".").lower() for text in texts}
    hosts = [(text, name) for text, name in names.items() if "." in name and is_host(name) and can_be_asked(name)]
    return dict(hosts[:_MAX_NAMES])


def _has_record(found: DnsLookup) -> bool:
    return any(map(is_spf_record, found.records))
