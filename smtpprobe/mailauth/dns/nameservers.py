"""One name's TXT records, asked at every authoritative name server of its zone, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.mailauth.dns.final_dot import without_zone
from smtpprobe.model.dns.lookup import ANSWERS, DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.evidence.dkim import NameServerAnswer, NameServerAnswers
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.texts.language import say

MAX_SERVERS = 13
MAX_ADDRESSES = 26
_MAX_HOPS = 4


async def ask_all(resolver: Resolver, name: str) -> NameServerAnswers:
    """The TXT records of a name as each address of each of its zone's name servers gives them.

    A CNAME is followed to the name servers of the other name's zone, at most three times. At most 26 addresses of 13
    servers are asked; what does not answer counts neither for nor against the others.
    """
    answers: list[NameServerAnswer] = []
    lookups: list[int] = []
    problems: list[str] = []
    differ, zone, asked = False, None, name
    for _ in range(_MAX_HOPS):
        found_zone, servers = await _zone_of(resolver, asked, lookups)
        zone = zone or found_zone
        if found_zone is None:
            problems.append(say("the name servers of {asked} could not be found", asked=asked))
            break
        addresses, unknown, aliases = await _addresses(resolver, servers[:MAX_SERVERS], lookups)
        problems += [_without_address(server, found_zone) for server in unknown]
        # RFC 2181 §10.3: an NS record must not point to an alias.
        problems += [
            say("{name} is an alias (CNAME) of {alias}, which no NS record may name", name=server, alias=alias)
            for server, alias in aliases.items()
        ]
        if len(servers) > MAX_SERVERS or len(addresses) > MAX_ADDRESSES:
            # They are in the order of their names: the same are left out whatever the order of the answer.
            problems.append(
                say(
                    "{found_zone} has {count} name servers; not all of their addresses were asked",
                    found_zone=found_zone,
                    count=len(servers),
                )
            )
        addresses = addresses[:MAX_ADDRESSES]
        hop = await _answers(resolver, asked, addresses)
        answers += hop
        lookups += [answer.lookup for answer in hop]
        differ = differ or disagree(hop)
        target = next((answer.cname for answer in hop if answer.cname and not answer.records), None)
        if target is None or any(answer.name == target for answer in answers):
            break
        asked = target
    problem = "; ".join(problems) or None
    indexes = tuple(dict.fromkeys(index for index in lookups if index >= 0))
    return NameServerAnswers(
        name=name, zone=zone, answers=tuple(answers), differ=differ, problem=problem, lookups=indexes
    )


def disagree(answers: Iterable[NameServerAnswer]) -> bool:
    """Whether those that gave an answer gave different ones; the order of records does not matter."""
    return len({_said(answer) for answer in answers if answered(answer)}) > 1


def answered(answer: NameServerAnswer) -> bool:
    """Whether the server said anything about the name, be it that it does not exist."""
    return answer.status in ANSWERS


def _said(answer: NameServerAnswer) -> tuple[object, ...]:
    # A server that holds the CNAME's target too gives its records along, another does not: the CNAME is what counts.
    return (answer.cname,) if answer.cname else (answer.status, tuple(sorted(answer.records)))


async def _zone_of(resolver: Resolver, name: str, lookups: list[int]) -> tuple[str | None, list[str]]:
    """The zone that a name lies in, and its name servers; None where none has any."""
    labels = name.split(".")
    parents = [".".join(labels[start:]) for start in range(len(labels))]
    for parent in parents:
        resolver.ahead(resolver.lookup(Question(parent, "NS")))
    for parent in parents:
        found = await resolver.lookup(Question(parent, "NS"))
        lookups.append(found.index)
        # A CNAME's NS records are those of its target, another zone.
        if found.status is DnsStatus.ANSWER and found.cname is None:
            return parent, sorted(record.lower().rstrip(".") for record in found.records)
    return None, []


async def _addresses(
    resolver: Resolver, servers: list[str], lookups: list[int]
) -> tuple[list[tuple[str, str]], list[str], dict[str, str]]:
    """Each server with each of its addresses, the servers that have none, and where those lead that are aliases."""
    for server in servers:
        for rdtype in ("A", "AAAA"):
            resolver.ahead(resolver.lookup(Question(server, rdtype)))
    found: list[tuple[str, str]] = []
    unknown = []
    aliases: dict[str, str] = {}
    for server in servers:
        both: list[DnsLookup] = [await resolver.lookup(Question(server, rdtype)) for rdtype in ("A", "AAAA")]
        lookups += [lookup.index for lookup in both]
        if target := next((lookup.cname for lookup in both if lookup.cname), None):
            aliases[server] = target
        own = [record for lookup in both for record in lookup.records if is_ip_address(record)]
        found += [(server, address) for address in own]
        if not own:
            unknown.append(server)
    return found, unknown, aliases


def _without_address(server: str, zone: str) -> str:
    meant = without_zone(server, zone)
    hint = say(": {meant} may have been meant, without its final dot in the zone file", meant=meant) if meant else ""
    return say("{server} has no address{hint}", server=server, hint=hint)


async def _answers(resolver: Resolver, name: str, addresses: list[tuple[str, str]]) -> list[NameServerAnswer]:
    questions = [Question(name, "TXT", address) for _, address in addresses]
    for question in questions:
        resolver.ahead(resolver.lookup(question))
    answers = []
    for (server, address), question in zip(addresses, questions, strict=True):
        found = await resolver.lookup(question)
        answers.append(
            NameServerAnswer(
                server=server,
                address=address,
                name=name,
                status=found.status,
                records=found.records,
                cname=found.cname,
                lookup=found.index,
            )
        )
    return answers
