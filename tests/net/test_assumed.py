"""Assumptions read from master-file text, and two runs that share one list of lookups."""

from __future__ import annotations

import pytest

from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer, read_assumption

PUBLISHED = """a.example.org. TXT "published"
a.example.org. A 192.0.2.1
target.example.net. A 192.0.2.9
gone.example.org. A 192.0.2.3
"""
TEXT = 'a.example.org TXT "assumed"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "assumes nothing"),
        ("; a remark", "assumes nothing"),
        ("example.org. TXT", "ended unexpectedly"),
        ("nonsense", "malformed"),
        ("example.org. A 192.0.2", "malformed"),
        ('example.org. TXT "' + "x" * 256 + '"', "at most 255 octets"),
        (";! MAYBE example.org TXT", "not a zone directive"),
        ("$INCLUDE /etc/hostname", "not a record"),
    ],
)
def test_what_is_no_assumption(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        read_assumption(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


async def test_two_runs_share_their_lookups() -> None:
    published = RunResolver(ZoneAnswerer(PUBLISHED).answer)
    over = RunResolver(Overlay(published, read_assumption(TEXT)).lookup, lookups=published.lookups)
    before = [await published.lookup(Question("a.example.org", rdtype)) for rdtype in ("TXT", "A")]
    after = [await over.lookup(Question("a.example.org", rdtype)) for rdtype in ("TXT", "A", "AAAA")]
    assert after[1] is before[1]
    assert [each.index for each in (*before, *after)] == [0, 1, 2, 1, 3]
    assert [published.lookups[each.index] for each in after] == after
    assert [each.server for each in published.lookups] == ["zone", "zone", "assumed", "zone"]


async def test_an_answer_with_a_place_in_another_list_gets_one_of_its_own() -> None:
    saved = DnsLookup(name="a.example.org", type="TXT", status=DnsStatus.ANSWER, records=("x",), index=0, took_s=1.0)

    async def answer(question: Question) -> DnsLookup:
        return saved

    resolver = RunResolver(answer)
    found = await resolver.lookup(Question("a.example.org", "TXT"))
    assert resolver.lookups == [found]
    assert found is not saved


async def test_answers_that_are_there_at_once_need_no_task() -> None:
    zone = ZoneAnswerer(PUBLISHED)
    asked = []

    async def answer(question: Question) -> DnsLookup:
        asked.append(question.type)
        return await zone.answer(question)

    resolver = RunResolver(
        answer, from_memory=lambda question: zone.at_once(question) if question.type == "A" else None
    )
    question = Question("a.example.org", "A")
    first = await resolver.lookup(question)
    resolver.ahead(resolver.lookup(Question("target.example.net", "A")))
    assert await resolver.lookup(question) is first
    assert (await resolver.lookup(Question("a.example.org", "TXT"))).records == ("published",)
    assert asked == ["TXT"]
    assert [each.index for each in resolver.lookups] == [0, 1]
    await resolver.aclose()
