from __future__ import annotations

import asyncio
import errno
import socket
from itertools import pairwise

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.dns_client import EDNS_PAYLOAD, NetworkAnswerer, _Channel, _Waiting, server_text, split_server
from smtpprobe.net.dns_reply import read_reply
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
    found = await asked(answers(*chain))
    assert (found.status, found.cname) == (DnsStatus.NODATA, "b.example.net")


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        (["mx.example.com", "mx.example.com"], "mx.example.com → mx.example.com"),
        (["mx.example.com", "a.example.net", "mx.example.com"], "mx.example.com → a.example.net → mx.example.com"),
        (
            ["mx.example.com", *(f"h{number}.example.net" for number in range(20))],
            "mx.example.com → h0.example.net → h1.example.net → h2.example.net → h3.example.net → …",
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
    # RFC 2308 §2.2: with a SOA record beside, and with nothing beside, it says that there is no such record.
    assert [(await asked(make)).status for make in (has_none, answers())] == [DnsStatus.NODATA] * 2


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
    assert ("only what answers another question" in found.failure_text) is (forged is not silence)


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
        (answers(RECORD, flags=dns.flags.TC), "the answer over TCP is truncated, too"),
    ],
)
async def test_truncation_without_a_good_answer_over_tcp_has_a_word_of_its_own(tcp, words):
    async with NameServer(answers(RECORD, flags=dns.flags.TC), tcp) as server:
        found = await ask(server)
    assert (found.status, found.records) == (DnsStatus.TRUNCATED, ())
    assert found.failure_text.endswith(f"failed: the answer was truncated over UDP, and TCP failed ({words})")


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
        (TimeoutError(), DnsStatus.TIMEOUT, "failed: no answer in 1 s"),
    ],
)
async def test_what_the_system_says_is_not_told_as_the_servers_word(error, status, words, monkeypatch):
    async def fails(*_: object) -> None:
        raise error

    answerer = NetworkAnswerer([("192.0.2.53", 53)], timeout_s=2.0)
    monkeypatch.setattr(answerer, "_udp", fails)
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


@given(st.binary(max_size=80))
def test_any_datagram_is_borne(data):
    loop = asyncio.new_event_loop()
    try:
        channel = _Channel()
        query = dns.message.make_query("mx.example.com", "A", use_edns=0)
        query.id = int.from_bytes(data[:2].ljust(2, b"\0"), "big")
        future: asyncio.Future[dns.message.Message] = loop.create_future()
        channel.waiting[query.id] = _Waiting(query, future)
        channel.datagram_received(data, None)
        if future.done() and future.exception() is None:
            read_reply(QUESTION, future.result(), "192.0.2.53")
    finally:
        loop.close()


@given(st.integers(0, 400), st.integers(0, 255))
def test_any_change_of_a_reply_is_borne(place, octet):
    query = dns.message.make_query("mx.example.com", "A", use_edns=0)
    chain = ("mx.example.com. 9 CNAME a.example.net.", "a.example.net. 9 A 192.0.2.1")
    wire = bytearray(reply(query, *chain).to_wire())
    wire[2 + place % (len(wire) - 2)] = octet
    loop = asyncio.new_event_loop()
    try:
        channel = _Channel()
        future: asyncio.Future[dns.message.Message] = loop.create_future()
        channel.waiting[query.id] = _Waiting(query, future)
        channel.datagram_received(bytes(wire), None)
        if future.done() and future.exception() is None:
            read_reply(QUESTION, future.result(), "192.0.2.53")
    finally:
        loop.close()


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
