from __future__ import annotations

import asyncio
import errno
import socket
from itertools import pairwise

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rrset
import pytest

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.dns.channel import Waiting
from smtpprobe.net.dns.client import EDNS_PAYLOAD, NetworkAnswerer, server_text, split_server
from tests import virtual_time
from tests.net.name_server import Make, NameServer, answers, reply, silence

QUESTION = Question("mx.example.com", "A")
RECORD = "mx.example.com. 300 A 192.0.2.1"
SHORT_S = 0.4


async def ask(server: NameServer, question: Question = QUESTION, timeout_s: float = 2.0) -> DnsLookup:
    answerer = NetworkAnswerer([server.server], timeout_s=timeout_s)
    try:
        return await answerer.answer(question)
    finally:
        await answerer.aclose()


async def asked(make: Make, question: Question = QUESTION, timeout_s: float = 2.0) -> DnsLookup:
    async with NameServer(make) as server:
        return await ask(server, question, timeout_s)


async def asked_over(tcp: bool, make: Make, question: Question = QUESTION) -> DnsLookup:
    """The answer over UDP, or over TCP after a truncated one."""
    if not tcp:
        return await asked(make, question)
    async with NameServer(answers(flags=dns.flags.TC), make) as server:
        found = await ask(server, question)
    assert server.asked_over_tcp == 1
    return found


async def test_an_answer_is_read():
    async with NameServer(answers(RECORD, flags=dns.flags.AD)) as server:
        found = await ask(server)
    assert (found.status, found.records, found.ttl_s, found.authentic) == (DnsStatus.ANSWER, ("192.0.2.1",), 300, True)
    assert found.server == server_text(*server.server)
    (query,) = server.asked
    assert (query.edns, query.payload) == (0, EDNS_PAYLOAD)
    assert query.flags & dns.flags.AD
    assert not query.ednsflags & dns.flags.DO


@pytest.mark.parametrize(
    ("make", "status", "words"),
    [
        (answers(rcode=dns.rcode.NXDOMAIN), DnsStatus.NXDOMAIN, None),
        (answers(), DnsStatus.NODATA, None),
        (answers("mx.example.com. 300 AAAA 2001:db8::1"), DnsStatus.NODATA, None),
        (answers(rcode=dns.rcode.REFUSED), DnsStatus.REFUSED, "failed: REFUSED"),
        (answers(rcode=dns.rcode.SERVFAIL), DnsStatus.SERVFAIL, "failed: SERVFAIL"),
        (answers(rcode=dns.rcode.FORMERR), DnsStatus.OTHER_RCODE, "failed: the name server reports an error (FORMERR)"),
        (answers(rcode=dns.rcode.NOTIMP), DnsStatus.OTHER_RCODE, "failed: the name server reports an error (NOTIMP)"),
        (answers("mx.example.com. 5 CNAME mx.example.com."), DnsStatus.ALIAS_LOOP, None),
    ],
)
async def test_what_a_name_server_says_becomes_a_status(make, status, words):
    found = await asked(make)
    assert (found.status, found.records) == (status, ())
    assert words is None or found.failure_text.endswith(words)


async def test_a_cname_chain_is_followed_and_its_least_ttl_counts():
    chain = ("mx.example.com. 300 CNAME a.example.net.", "a.example.net. 60 CNAME b.example.net.")
    found = await asked(answers(*chain, "b.example.net. 900 A 192.0.2.7"))
    assert (found.status, found.records, found.cname, found.ttl_s) == (
        DnsStatus.ANSWER,
        ("192.0.2.7",),
        "b.example.net",
        60,
    )


def alias_alone(**zone: str):
    """A name server that gives an alias and nothing of its target, which it answers when asked for it."""

    def make(query: dns.message.Message):
        name = query.question[0].name.to_text(omit_final_dot=True)
        target = zone.get(name.partition(".")[0])
        if target is None:
            yield reply(query, rcode=dns.rcode.NXDOMAIN).to_wire()
        elif target == "none":
            yield reply(query).to_wire()
        elif target == "refers":
            yield from refers(query)
        else:
            yield reply(query, f"{name}. 70 {target}").to_wire()

    return make


@pytest.mark.parametrize(
    ("zone", "status", "records", "cname", "asked_for"),
    [
        ({"mx": "CNAME a.example.net.", "a": "A 192.0.2.7"}, DnsStatus.ANSWER, ("192.0.2.7",), "a.example.net", 2),
        ({"mx": "CNAME a.example.net.", "a": "none"}, DnsStatus.NODATA, (), "a.example.net", 2),
        ({"mx": "CNAME a.example.net."}, DnsStatus.NXDOMAIN, (), "a.example.net", 2),
        ({"mx": "CNAME a.example.net.", "a": "refers"}, DnsStatus.REFERRAL, (), "a.example.net", 2),
        (
            {"mx": "CNAME a.example.net.", "a": "CNAME b.example.net.", "b": "A 192.0.2.8"},
            DnsStatus.ANSWER,
            ("192.0.2.8",),
            "b.example.net",
            3,
        ),
        ({"mx": "CNAME a.example.net.", "a": "CNAME mx.example.com."}, DnsStatus.ALIAS_LOOP, (), None, 2),
        (
            {"mx": "CNAME h0.example.net.", **{f"h{n}": f"CNAME h{n + 1}.example.net." for n in range(40)}},
            DnsStatus.ALIAS_LOOP,
            (),
            None,
            17,
        ),
    ],
)
async def test_an_alias_that_was_not_followed_is(zone, status, records, cname, asked_for):
    async with NameServer(alias_alone(**zone)) as server:
        found = await ask(server)
    assert (found.name, found.status, found.records, found.cname) == ("mx.example.com", status, records, cname)
    assert len(server.asked) == asked_for
    assert found.ttl_s == (70 if records else None)


async def test_who_has_the_zone_of_an_aliass_target_is_believed_that_nothing_is_there():
    def make(query: dns.message.Message):
        made = reply(query, "mx.example.com. 300 CNAME a.example.net.")
        made.authority.append(
            dns.rrset.from_text("example.net.", 60, "IN", "SOA", "ns.example.net. h.example. 1 2 3 4 5")
        )
        yield made.to_wire()

    async with NameServer(make) as server:
        found = await ask(server)
    assert (found.status, found.cname, found.ttl_s, len(server.asked)) == (DnsStatus.NODATA, "a.example.net", None, 1)


class Scripted:
    """In the place of the sockets: each query is answered after a time, or never, by what its server's words are."""

    def __init__(self, **words: tuple[float, Make | None]) -> None:
        self._words = words
        self.asked: list[str] = []

    async def ask(self, waiting: Waiting, server: tuple[str, int]) -> dns.message.Message:
        after_s, make = self._words[server[0]]
        self.asked.append(server[0])
        waiting.foreign += after_s < 0
        await asyncio.sleep(after_s if make else 1000)
        assert make is not None
        (data,) = make(waiting.query)
        return dns.message.from_wire(data)

    def answer(self, question: Question = QUESTION, timeout_s: float = 4.0) -> tuple[DnsLookup, float]:
        """The answer, and how long it took."""

        async def work() -> tuple[DnsLookup, float]:
            answerer = NetworkAnswerer([(server, 53) for server in self._words], timeout_s=timeout_s)
            answerer._channels = self  # type: ignore[assignment]
            loop = asyncio.get_running_loop()
            started = loop.time()
            return await answerer.answer(question), round(loop.time() - started, 3)

        return virtual_time.run(work())


@pytest.mark.parametrize(("late_s", "tries"), [(1.0, 1), (3.0, 2), (3.9, 2)])
def test_a_late_answer_to_either_try_counts_until_the_time_is_over(late_s, tries):
    sockets = Scripted(one=(late_s, answers(RECORD)))
    found, took_s = sockets.answer()
    assert (found.records, took_s, sockets.asked) == (("192.0.2.1",), late_s, ["one"] * tries)


SERVFAIL, REFUSED = answers(rcode=dns.rcode.SERVFAIL), answers(rcode=dns.rcode.REFUSED)


@pytest.mark.parametrize(
    ("words", "tried"),
    [
        ({"one": (0, SERVFAIL), "two": (0, SERVFAIL)}, ["one", "two"]),
        ({"one": (0, REFUSED), "two": (0, None)}, ["one", "two", "two"]),
        ({"one": (0, None), "two": (0, REFUSED)}, ["one", "one", "two"]),
        ({"one": (3, SERVFAIL)}, ["one", "one"]),
        ({"one": (0, SERVFAIL), "two": (0, answers(RECORD))}, ["one", "two"]),
        ({"one": (0, None), "two": (0, None), "three": (0, None)}, ["one", "two", "three"]),
    ],
)
def test_who_would_say_it_again_is_not_asked_again(words, tried):
    sockets = Scripted(**words)
    found, took_s = sockets.answer()
    assert sockets.asked == tried
    assert took_s == (3 if words["one"][0] else 4 if (0, None) in words.values() else 0)
    assert found.failed is ("two" not in words or words["two"][1] in (None, SERVFAIL, REFUSED))


@pytest.mark.parametrize("servers", [("one",), ("one", "two"), ("one", "two", "three")])
def test_an_alias_alone_costs_one_query_a_step_however_many_servers_there_are(servers):
    make = alias_alone(mx="CNAME a.example.net.", a="CNAME b.example.net.", b="A 192.0.2.8")
    sockets = Scripted(**dict.fromkeys(servers, (0.0, make)))
    found, _ = sockets.answer()
    assert (found.records, found.cname, sockets.asked) == (("192.0.2.8",), "b.example.net", ["one"] * 3)


def slow_alias(query: dns.message.Message):
    yield reply(query, "mx.example.com. 70 CNAME a.example.net.").to_wire()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"one": (0, None)}, "no answer in 4 s"),
        ({"one": (0, None), "two": (0, None), "three": (0, None)}, "no answer in 4 s"),
        ({"one": (1.5, slow_alias)}, "no answer in 4 s"),
        ({"one": (-1, None)}, "no answer in 4 s; 2 replies came that do not belong to the question, or are shorter than"
                              " a header"),
    ],
)  # fmt: skip
def test_how_long_no_answer_came_is_said_of_the_question(words, why):
    class Mute(Scripted):
        async def ask(self, waiting: Waiting, server: tuple[str, int]) -> dns.message.Message:
            if waiting.query.question[0].name.to_text() == "a.example.net.":
                await asyncio.sleep(1000)
            return await super().ask(waiting, server)

    found, took_s = Mute(**words).answer()
    assert (found.status, found.detail, took_s) == (DnsStatus.TIMEOUT, why, 4.0)


def test_what_the_system_calls_a_timeout_is_not_the_end_of_the_time():
    class Failing(Scripted):
        async def ask(self, waiting: Waiting, server: tuple[str, int]) -> dns.message.Message:
            raise TimeoutError(errno.ETIMEDOUT, "x")

    found, took_s = Failing(one=(0, None)).answer()
    assert (found.status, found.detail, took_s) == (DnsStatus.TIMEOUT, None, 0.0)


@pytest.mark.parametrize("target", ["a\\.b.example.net.", "a\\032b.example.net.", "\\255.example.net."])
async def test_the_target_of_an_alias_is_asked_for_by_the_name_that_it_is(target):
    def make(query: dns.message.Message):
        if query.question[0].name == dns.name.from_text(target):
            yield reply(query, f"{target} 70 A 192.0.2.9").to_wire()
        elif query.question[0].name.to_text() == "mx.example.com.":
            yield reply(query, f"mx.example.com. 70 CNAME {target}").to_wire()
        else:
            yield reply(query, rcode=dns.rcode.NXDOMAIN).to_wire()

    found = await asked(make)
    assert (found.status, found.records, found.cname) == (DnsStatus.ANSWER, ("192.0.2.9",), target.rstrip("."))


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        (["mx.example.com", "mx.example.com"], "a circle: mx.example.com → mx.example.com"),
        (
            ["mx.example.com", "a.example.net", "mx.example.com"],
            "a circle: mx.example.com → a.example.net → mx.example.com",
        ),
        (
            ["mx.example.com", *(f"h{number}.example.net" for number in range(20))],
            "more than 16: mx.example.com → h0.example.net → h1.example.net → h2.example.net → h3.example.net → …",
        ),
    ],
)
async def test_aliases_in_a_circle_or_without_end_are_a_failure_that_shows_them(aliases, told):
    chain = (f"{name}. 9 CNAME {target}." for name, target in pairwise(aliases))
    found = await asked(answers(*chain))
    assert (found.status, found.detail, found.cname) == (DnsStatus.ALIAS_LOOP, told, None)


def refers(query: dns.message.Message):
    made = reply(query)
    made.authority.append(dns.rrset.from_text("example.com.", 60, "IN", "NS", "ns.example.net."))
    yield made.to_wire()


def has_none(query: dns.message.Message):
    made = reply(query)
    made.authority.append(dns.rrset.from_text("example.com.", 60, "IN", "NS", "ns.example.net."))
    made.authority.append(
        dns.rrset.from_text("example.com.", 60, "IN", "SOA", "ns.example.net. h.example.com. 1 2 3 4 5")
    )
    yield made.to_wire()


async def test_a_referral_is_no_answer():
    async with NameServer(refers) as server:
        found = await ask(server)
    assert (found.status, found.records, len(server.asked)) == (DnsStatus.REFERRAL, (), 1)
    assert found.failure_text.endswith(
        "the name server refers to others instead of answering (to those of example.com)"
    )
    # RFC 2308 §2.2: with a SOA record beside, or from one who recurses, it says that there is no such record.
    assert [(await asked(make)).status for make in (has_none, answers())] == [DnsStatus.NODATA] * 2


def does_not_recurse(*, flags: int = 0, authority: bool = False):
    def make(query: dns.message.Message):
        made = reply(query)
        made.flags = (made.flags & ~dns.flags.RA) | flags
        if authority:
            made.authority.append(dns.rrset.from_text("com.", 60, "IN", "SOA", "ns.example.net. h.example. 1 2 3 4 5"))
        yield made.to_wire()

    return make


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (does_not_recurse(), DnsStatus.NO_RECURSION),
        (does_not_recurse(flags=dns.flags.AA), DnsStatus.NODATA),
        (does_not_recurse(authority=True), DnsStatus.NODATA),
    ],
)
async def test_nothing_from_a_name_server_that_does_not_recurse_says_nothing(make, status):
    assert (await asked(make)).status is status


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        (b"\3\1\1\xab\xcd", ("3 1 1 abcd",)),
        (b"\3\1\1", ("3 1 1",)),
        (b"\3\1", ("\\# 2 0301",)),
        (b"\3\1\2" + b"\xab" * 32, ("3 1 2 " + "ab" * 32,)),
    ],
)
@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("tcp", [False, True])
async def test_a_tlsa_record_of_wrong_length_costs_itself(odd: bytes, shown: tuple[str, ...], good: bool, tcp: bool):
    def make(query: dns.message.Message):
        made = reply(query, "_25._tcp.mx.example.com. 60 CNAME t.example.com.")
        own = dns.rdata.from_text("IN", "TLSA", "2 0 1 " + "cd" * 32)
        records = [dns.rdata.GenericRdata(1, 52, odd), *([own] if good else [])]
        made.answer.append(dns.rrset.from_rdata_list("t.example.com.", 60, records))
        yield made.to_wire()

    found = await asked_over(tcp, make, Question("_25._tcp.mx.example.com", "TLSA"))
    assert (found.status, found.cname, found.ttl_s) == (DnsStatus.ANSWER, "t.example.com", 60)
    assert set(found.records) == {*shown, *(["2 0 1 " + "cd" * 32] if good else [])}


async def test_a_tlsa_answer_that_ends_early_cannot_be_read():
    def make(query: dns.message.Message):
        yield reply(query, "_25._tcp.mx.example.com. 60 TLSA 2 0 1 " + "cd" * 32).to_wire()[:-3]

    found = await asked(make, Question("_25._tcp.mx.example.com", "TLSA"), timeout_s=SHORT_S)
    assert found.status is DnsStatus.MALFORMED


def with_errors(*errors: tuple[int, bytes], rcode: dns.rcode.Rcode = dns.rcode.SERVFAIL, records: tuple[str, ...] = ()):
    def make(query: dns.message.Message):
        made = reply(query, *records, rcode=rcode)
        made.use_edns(options=[dns.edns.GenericOption(15, code.to_bytes(2, "big") + text) for code, text in errors])
        yield made.to_wire()

    return make


@pytest.mark.parametrize(
    ("make", "status", "detail"),
    [
        (with_errors((6, b"")), DnsStatus.SERVFAIL, "EDE 6 (DNSSEC Bogus)"),
        (with_errors((9, b"no key\0")), DnsStatus.SERVFAIL, "EDE 9 (DNSKEY Missing): no key"),
        (with_errors((22, b""), (23, b"\x1b[31mred")), DnsStatus.SERVFAIL,
         "EDE 22 (No Reachable Authority); EDE 23 (Network Error): \\x1b[31mred"),
        (with_errors((18, b"x" * 300), rcode=dns.rcode.REFUSED), DnsStatus.REFUSED, f"EDE 18 (Prohibited): {'x' * 100}…"),
        (with_errors((21, b""), rcode=dns.rcode.NOTIMP), DnsStatus.OTHER_RCODE, "NOTIMP; EDE 21 (Not Supported)"),
        (with_errors((61000, b"ours")), DnsStatus.SERVFAIL, "EDE 61000: ours"),
        (with_errors(*[(0, b"")] * 9), DnsStatus.SERVFAIL, "; ".join(["EDE 0 (Other)"] * 3)),
        (with_errors((6, b"\xff\xfe")), DnsStatus.SERVFAIL, None),
        (with_errors((17, b""), rcode=dns.rcode.NXDOMAIN), DnsStatus.NXDOMAIN, "EDE 17 (Filtered)"),
        (with_errors((3, b""), rcode=dns.rcode.NXDOMAIN), DnsStatus.NXDOMAIN, None),
        (with_errors((4, b""), rcode=dns.rcode.NOERROR, records=(RECORD,)), DnsStatus.ANSWER, "EDE 4 (Forged Answer)"),
    ],
)  # fmt: skip
async def test_extended_errors_are_told(make, status, detail):
    found = await asked(make)
    assert (found.status, found.detail) == (status, detail)


@pytest.mark.parametrize("tcp", [False, True])
async def test_an_extended_error_that_is_not_utf_8_costs_itself(tcp):
    found = await asked_over(tcp, with_errors((3, b"\xff\xfe"), rcode=dns.rcode.NOERROR, records=(RECORD,)))
    assert (found.status, found.records) == (DnsStatus.ANSWER, ("192.0.2.1",))


@pytest.mark.parametrize(("rcode", "asked_again"), [("FORMERR", True), ("NOTIMP", True), ("SERVFAIL", False)])
async def test_a_server_that_knows_no_edns_is_asked_without_it(rcode, asked_again):
    def make(query: dns.message.Message):
        if query.edns < 0:
            yield reply(query, RECORD).to_wire()
        else:
            made = dns.message.make_response(dns.message.make_query(query.question[0].name, "A", id=query.id))
            made.set_rcode(dns.rcode.from_text(rcode))
            yield made.to_wire()

    async with NameServer(make) as server:
        found = await ask(server)
    assert found.records == (("192.0.2.1",) if asked_again else ())
    assert [query.edns for query in server.asked] == ([0, -1] if asked_again else [0])


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_the_alias_before_a_failure_is_kept(rcode):
    found = await asked(answers("mx.example.com. 9 CNAME a.example.net.", rcode=rcode))
    assert (found.status.value, found.cname) == (dns.rcode.to_text(rcode).lower(), "a.example.net")
    assert found.failure_text.startswith("A lookup of mx.example.com, an alias (CNAME) of a.example.net, failed: ")


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "MX", "TXT", "PTR", "TLSA", "NS"])
@pytest.mark.parametrize("rcode", [dns.rcode.NXDOMAIN, dns.rcode.NOERROR])
async def test_an_alias_that_leads_nowhere_is_kept(rdtype, rcode):
    chain = ("mx.example.com. 300 CNAME A.example.net.", "a.example.net. 60 CNAME b.example.net.")
    found = await asked(answers(*chain, rcode=rcode), Question("mx.example.com", rdtype))
    status = DnsStatus.NXDOMAIN if rcode == dns.rcode.NXDOMAIN else DnsStatus.NODATA
    assert (found.status, found.cname, found.records) == (status, "b.example.net", ())


async def test_a_loop_of_aliases_in_a_name_that_does_not_exist_ends():
    chain = ("mx.example.com. 9 CNAME a.example.net.", "a.example.net. 9 CNAME mx.example.com.")
    found = await asked(answers(*chain, rcode=dns.rcode.NXDOMAIN))
    assert (found.status, found.cname) == (DnsStatus.NXDOMAIN, None)


def with_wrong_id(query: dns.message.Message):
    made = reply(query, "mx.example.com. 300 A 203.0.113.66")
    made.id = query.id ^ 1
    yield made.to_wire()


def with_wrong_question(query: dns.message.Message):
    other = dns.message.make_query("other.example.com", "A")
    other.id = query.id
    yield reply(other, "other.example.com. 300 A 203.0.113.66").to_wire()


def short(query: dns.message.Message):
    yield b""
    yield query.id.to_bytes(2, "big")


@pytest.mark.parametrize("forged", [with_wrong_id, with_wrong_question, short])
async def test_what_answers_another_question_is_passed_over(forged):
    def make(query: dns.message.Message):
        yield from forged(query)
        yield reply(query, RECORD).to_wire()

    found = await asked(make)
    assert found.records == ("192.0.2.1",)


@pytest.mark.parametrize("forged", [with_wrong_id, with_wrong_question, short, silence])
async def test_no_answer_in_time_is_a_timeout(forged):
    async with NameServer(forged) as server:
        found = await ask(server, timeout_s=SHORT_S)
    assert found.status is DnsStatus.TIMEOUT
    assert len(server.asked) == 2
    assert ("not belong to the question" in found.failure_text) is (forged is not silence)


async def test_a_malformed_reply_is_a_failure():
    def make(query: dns.message.Message):
        yield reply(query, RECORD).to_wire()[:-3]

    found = await asked(make, timeout_s=SHORT_S)
    assert found.status is DnsStatus.MALFORMED
    assert found.failure_text.endswith("failed: the reply cannot be read")


async def test_a_truncated_reply_is_asked_again_over_tcp():
    async with NameServer(answers(flags=dns.flags.TC), answers(RECORD)) as server:
        found = await ask(server)
    assert (found.status, found.records) == (DnsStatus.ANSWER, ("192.0.2.1",))
    assert (len(server.asked), server.asked_over_tcp) == (1, 1)


@pytest.mark.parametrize(
    ("tcp", "words"),
    [
        (None, "the connection was refused"),
        (silence, "it ended early"),
        (lambda query: [b"\0" * 5], "the reply cannot be read"),
        (lambda query: [b"\0" * 12], "the reply cannot be read"),
        (lambda query: [reply(dns.message.make_query("other.example", "A", id=query.id)).to_wire()],
         "the reply cannot be read"),
        (answers(RECORD, flags=dns.flags.TC), "the answer over TCP is truncated, too"),
    ],
)  # fmt: skip
async def test_truncation_without_a_good_answer_over_tcp_has_a_word_of_its_own(tcp, words):
    async with NameServer(answers(RECORD, flags=dns.flags.TC), tcp) as server:
        found = await ask(server)
    assert (found.status, found.records) == (DnsStatus.TRUNCATED, ())
    assert found.failure_text.endswith(f"failed: the answer was truncated over UDP, and TCP failed ({words})")


async def test_a_failure_over_tcp_after_truncation_says_so():
    async with NameServer(answers(flags=dns.flags.TC), answers(rcode=dns.rcode.SERVFAIL)) as server:
        found = await ask(server)
    assert found.status is DnsStatus.SERVFAIL
    assert found.failure_text.endswith("failed: SERVFAIL (over TCP, after a truncated answer over UDP)")


@pytest.mark.parametrize("first", [silence, answers(rcode=dns.rcode.SERVFAIL), answers(rcode=dns.rcode.REFUSED)])
async def test_the_second_server_is_asked_where_the_first_fails(first):
    async with NameServer(first) as broken, NameServer(answers(RECORD)) as good:
        answerer = NetworkAnswerer([broken.server, good.server], timeout_s=SHORT_S)
        found = await answerer.answer(QUESTION)
        await answerer.aclose()
    assert found.records == ("192.0.2.1",)
    assert broken.asked
    assert found.server == server_text(*good.server)


async def test_no_such_name_is_an_answer_and_ends_the_search():
    async with NameServer(answers(rcode=dns.rcode.NXDOMAIN)) as first, NameServer(answers(RECORD)) as second:
        answerer = NetworkAnswerer([first.server, second.server])
        assert (await answerer.answer(QUESTION)).status is DnsStatus.NXDOMAIN
        await answerer.aclose()
    assert second.asked == []


async def test_a_question_can_name_its_server():
    async with NameServer(answers(RECORD)) as named, NameServer(silence) as usual:
        answerer = NetworkAnswerer([usual.server])
        found = await answerer.answer(Question("mx.example.com", "A", server_text(*named.server)))
        await answerer.aclose()
    assert found.records == ("192.0.2.1",)
    assert usual.asked == []


async def test_a_port_where_nobody_listens_cannot_be_reached():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        server = taken.getsockname()
    answerer = NetworkAnswerer([server], timeout_s=SHORT_S)
    found = await answerer.answer(QUESTION)
    await answerer.aclose()
    assert found.status is DnsStatus.UNREACHABLE
    assert found.failure_text.endswith("cannot be reached (the connection was refused)")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OSError(errno.ENETUNREACH, "x"), DnsStatus.UNREACHABLE, "there is no route to it from here"),
        (OSError(errno.EPERM, "x"), DnsStatus.UNREACHABLE, "for instance by a firewall of this host"),
        (OSError(errno.EMFILE, "x"), DnsStatus.UNREACHABLE, "too many files and connections are open"),
    ],
)
async def test_what_the_system_says_is_not_told_as_the_servers_word(error, status, words, monkeypatch):
    async def fails(*_: object) -> None:
        raise error

    answerer = NetworkAnswerer([("192.0.2.53", 53)], timeout_s=2.0)
    monkeypatch.setattr(answerer._channels, "ask", fails)
    found = await answerer.answer(QUESTION)
    assert found.status is status
    assert words in found.failure_text


async def test_without_a_name_server_nothing_is_answered():
    found = await NetworkAnswerer([]).answer(QUESTION)
    assert (found.status, found.failure_text) == (
        DnsStatus.UNREACHABLE,
        "A lookup of mx.example.com failed: no name server can be asked (this system names none)",
    )


@pytest.mark.parametrize(
    "name", ["a..example.com", "x" * 64 + ".example.com", ".".join(["x" * 60] * 5), ".example.com"]
)
async def test_a_name_that_cannot_exist_does_not_exist(name):
    async with NameServer(silence) as server:
        found = await ask(server, Question(name, "TXT"))
    assert found.status is DnsStatus.NXDOMAIN
    assert server.asked == []


@pytest.mark.parametrize("name", ["\udcff.example.com", "a b.example.com", "\\032.example.com", "grün.example.com"])
async def test_a_name_of_any_characters_is_looked_up_or_does_not_exist(name):
    found = await asked(answers(rcode=dns.rcode.NXDOMAIN), Question(name, "A"))
    assert found.status is DnsStatus.NXDOMAIN


async def test_many_questions_at_once_share_the_sockets_and_get_their_own_answers():
    def make(query: dns.message.Message):
        name = query.question[0].name.to_text()
        yield reply(query, f"{name} 60 TXT {name.split('.')[0]}").to_wire()

    async with NameServer(make) as server:
        answerer = NetworkAnswerer([server.server])
        found = await asyncio.gather(*(answerer.answer(Question(f"n{i}.example.com", "TXT")) for i in range(100)))
        await answerer.aclose()
    assert [each.records for each in found] == [(f"n{i}",) for i in range(100)]


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        (" 192.0.2.53:5353 ", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_a_name_server_is_read(text, server):
    assert split_server(text) == server
    assert split_server(server_text(*server)) == server


@pytest.mark.parametrize(
    "text",
    ["", "dns.example.com", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.53:x", "[2001:db8::53", "[]:53",
     "[2001:db8::53]x", "192.0.2.53:-1"],
)  # fmt: skip
def test_what_is_no_name_server_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not a name server") as refused:
        split_server(text)
    assert repr(text) in str(refused.value)
