"""What a domain publishes: records read as texts, and the checks over a zone that answers at random."""

from __future__ import annotations

import contextlib
import functools
import zlib
from datetime import UTC, datetime

from smtpprobe.checks import dkim, dmarc, iprev, spf
from smtpprobe.checks.base import Check, CheckInput, CheckOptions, Services, SessionView
from smtpprobe.mailauth.dkim import verify
from smtpprobe.mailauth.dkim.beside_key import other_than_key
from smtpprobe.mailauth.dkim.key import read_key
from smtpprobe.mailauth.dkim.message import canonical_body, canonical_field, split
from smtpprobe.mailauth.dkim.signature import read_signature
from smtpprobe.mailauth.dkim.spelling import respelled
from smtpprobe.mailauth.dmarc.author_domain import message_author
from smtpprobe.mailauth.dmarc.record import is_look_alike, read_record
from smtpprobe.mailauth.dmarc.spelling import spelled
from smtpprobe.mailauth.spf.macro import MacroSyntaxError, parse_macro_string
from smtpprobe.mailauth.spf.record import parse_record
from smtpprobe.mailauth.tls import mta_sts, tlsa, tlsrpt
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.model.report import CheckReport, CheckRun, Completed, Failed, Tool
from smtpprobe.model.request import Assumed, Envelope
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import ZoneAnswerer, read_assumption
from smtpprobe.pipeline.evaluation import run_one
from smtpprobe.render import json as as_json
from smtpprobe.render.text import checks as as_text
from smtpprobe.testing.zones import zone_resolver
from tests.fuzz import target
from tests.fuzz.target import Choices, Target
from tests.mailauth.dkim.signing import MESSAGE, ed_record, rsa_record, sign, txt
from tests.virtual_time import run as run_at_once

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = txt("sel._domainkey.example.org", rsa_record()) + txt("ed._domainkey.example.org", ed_record())


def spf_record(octets: bytes) -> None:
    """Every term of a record is kept, in order; a macro string expands or is refused."""
    text = octets.decode("utf-8", "replace")
    record = parse_record(f"v=spf1 {text}")
    assert " ".join(term.text for term in record.terms) == " ".join(word for word in text.split(" ") if word)
    assert [term.position for term in record.terms] == list(range(len(record.terms)))
    values = dict.fromkeys("slodiphcrtv", "a.b-c.example.org")
    with contextlib.suppress(MacroSyntaxError):
        assert isinstance(parse_macro_string(text, "slodiphcrtv", spaces=True).expand(values), str)


def dkim_texts(octets: bytes) -> None:
    """A key record has a state, with its reason; a signature's field is read; so are an author and what
    is not a key; canonical forms are their own."""
    text = octets.decode("utf-8", "replace")
    for each in (text, f"v=DKIM1; p={text}"):
        meant = respelled(each)
        assert meant is None or meant.record.status in ("usable", "weak")
    for record in (read_key(text), read_key(f"v=DKIM1; p={text}")):
        assert record.status in ("usable", "weak", "revoked", "broken")
        assert record.status == "usable" or record.problem
    read_signature(octets, NOW)
    message = split(octets)
    for author in (message_author(octets), message_author(b"From: " + octets)):
        assert author.domain or author.problems or not message.is_whole
        assert all(problem.statement.isprintable() for problem in author.problems)
    assert isinstance(other_than_key(text), str | None)
    for form in ("simple", "relaxed"):
        once = canonical_body(message.body, form)
        assert canonical_body(once, form) == once
        for field in message.fields:
            canonical_field(field.raw, form)


def dkim_message(octets: bytes) -> None:
    """Any message is verified and explained: each signature has a result, and one that does not pass a reason."""

    async def verified() -> None:
        async with zone_resolver(KEY) as resolver:
            for signature in await verify(resolver, octets, now=NOW, explain=True):
                assert signature.result in ("pass", "fail", "policy", "neutral", "temperror", "permerror")
                assert signature.result == "pass" or signature.reason

    run_at_once(verified())


def policy_texts(octets: bytes) -> None:
    """DMARC, TLSA, MTA-STS and TLSRPT texts are read, and a record that is not used has its reason."""
    text = octets.decode("utf-8", "replace")
    is_look_alike(text)
    for each in (text, f"v=DMARC1;{text}", f"v=DMARC1; p=reject {text}"):
        meant = spelled(each).meant
        assert meant is None or read_record(meant).has_policy
    assert read_record(f"v=DMARC1;{text}").policy(own=False, exists=False) in ("none", "quarantine", "reject")
    assert tlsa.judge([text], (), ("mx.example.com",), NOW)[0] in ("unusable", "mismatch", "unknown-chain")
    for each in (text, f"v=STSv1;{text}", f"v=STSv1; id=1;{text}"):
        mta_sts.parse_record(each)
        mta_sts.find_record([each, text])
    parsed = mta_sts.parse_policy(text)
    assert parsed.problems or parsed.policy.version == "STSv1"
    for each in (text, f"v=TLSRPTv1;{text}", f"v=TLSRPTv1;rua={text}"):
        tlsrpt.parse_record(each)
        tlsrpt.find_record([each, text])


def zone(octets: bytes) -> None:
    """A master file is read or refused in one line; what is read answers any name."""
    text = octets.decode("utf-8", "replace")
    data = target.or_value_error(lambda: read_assumption(text))
    if data is None:
        return
    assert not data.is_empty
    names = {each.name for each in data.lookups} | {"example.org", ""}
    for name in names:
        for rdtype in ("A", "TXT", "MX", "PTR"):
            question = Question(name, rdtype)
            found = data.answer(question)
            assert found.name == name
            assert bool(found.records) is (found.status is DnsStatus.ANSWER)
    ZoneAnswerer(text)


class RandomZone:
    """Answers each question by its octets and the zone's: always the same, with texts of the zone's lines."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._salt = zlib.crc32("\n".join(texts).encode())

    async def answer(self, question: Question) -> DnsLookup:
        draw = zlib.crc32(f"{question.name} {question.type}".encode("utf-8", "surrogatepass"), self._salt)
        status = (DnsStatus.NXDOMAIN, DnsStatus.NODATA, DnsStatus.SERVFAIL, DnsStatus.TIMEOUT)[draw % 4]
        if draw % 32 < 4:
            return DnsLookup(name=question.name, type=question.type, status=status)
        texts = self._texts
        if question.type == "TXT" and draw // 32 % 8:
            # A name with records of two standards, or two of one, is seldom.
            texts = [each for each in texts if each.startswith("v=")][draw // 32 % 8 - 1 :][:1] or texts
        first, count = draw // 64 % len(texts), 1 + draw // 32 % 2
        chosen = [texts[(first + number) % len(texts)] for number in range(min(count, len(texts)))]
        records = tuple(_record(question.type, text) for text in chosen)
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.ANSWER, records=records, ttl_s=300)


def _record(rdtype: str, text: str) -> str:
    """The text as a record of the type; names and addresses are as dnspython writes them, whatever their octets were."""
    crc = zlib.crc32(text.encode())
    name = (text.split() or ["example.org"])[-1].lower() if crc % 4 else "example.org"
    match rdtype:
        case "A":
            return f"192.0.2.{crc % 8}"
        case "AAAA":
            return f"2001:db8::{crc % 8}"
        case "MX":
            return f"{crc % 100} {name}"
        case "TXT":
            return text
        case _:
            return name


def over_a_zone(check: Check, octets: bytes) -> None:
    """The check ends with evidence or a reason, never with an internal error, and its pages steer nothing."""
    choices = Choices(octets)
    client_ip = choices.one_of(["192.0.2.1", "2001:db8::1", "198.51.100.7"])
    path = choices.one_of(["alice@example.org", "", "alice@a.b.c.d.e.example.org", "alice@example.org."])
    selectors = choices.one_of([(), ("sel",), ("sel", "x" * 60)])
    message = choices.rest if choices.number(2) else None
    texts = choices.texts

    async def checked() -> tuple[CheckRun, list[DnsLookup]]:
        async with RunResolver(RandomZone(texts).answer) as resolver:
            given = CheckInput(
                session=SessionView(
                    envelope=Envelope(Assumed("mail.example.org", assumed=False), Assumed(path, assumed=False)),
                    client_ip=client_ip, client_ip_given=True,
                ),
                options=CheckOptions(domains=("example.org",), dkim_selectors=selectors, message=message),
                services=Services(resolver=resolver, now=NOW),
            )  # fmt: skip
            return await run_one(check, given), resolver.lookups

    run, lookups = run_at_once(checked())
    assert not isinstance(run, Failed), run.reason
    status = "completed" if isinstance(run, Completed) else "skipped"
    report = CheckReport(
        schema_version="1.0", tool=Tool("smtpprobe", "0"), started_at=NOW,
        check=run.check, status=status, reason=run.reason, needs=run.needs, evidence=run.evidence,
        findings=run.findings, lookups=tuple(lookups),
    )  # fmt: skip
    target.assert_harmless(as_json.render(report))
    target.in_every_language(functools.partial(as_text.render, report, verbosity=1))


SPF = (
    b"v=spf1 ", b"a", b" mx", b" ptr", b" -all", b" ~all", b" ?all", b" include:example.org", b" redirect=example.org",
    b" exp=x.example.org", b" exists:%{i}.example.org", b" ip4:192.0.2.0/24", b" ip6:2001:db8::/32", b"%{d2r-.}", b"%{p}",
    b"%{l}", b"%{h3r-}", b"%%", b"%_", b"%-", b"%{", b"/24", b"//64", b"=", b":", b"\n", b"\xff", b"\0", "é".encode(),
)  # fmt: skip
DKIM = (
    b"v=DKIM1; ", b"k=rsa; ", b"k=ed25519; ", b"p=", b"t=y:s; ", b"h=sha256; ", b"s=email; ", b"n=x; ", b"=", b";", b"\n",
    b"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ", b"a=rsa-sha256; ", b"c=relaxed/simple; ", b"l=5; ", b"x=1; ", b"\r\n\t",
    b"b=AAAA", b"h=from:subject; ", b"DKIM-Signature: ", b"From: alice@example.org\r\n", b"\r\n\r\n", b"\0", b"\xff",
)  # fmt: skip
POLICY = (
    b"v=DMARC1; ", b"p=reject; ", b"sp=none; ", b"np=quarantine; ", b"psd=y; ", b"rua=mailto:a@example.org!10m; ", b"\n",
    b"v=STSv1; id=1;", b"version: STSv1\r\n", b"mode: enforce\r\n", b"mx: *.example.com\r\n", b"max_age: 604800\r\n",
    b"v=TLSRPTv1; rua=https://example.org/", b"3 1 1 ", b"2 0 2 ", b"ab" * 32, b"=", b";", b",", b"!", "ü".encode(), b"\0",
)  # fmt: skip
ZONE = (
    b"example.org. A 192.0.2.1\n", b'x.example.org. 300 IN TXT "a" "b"\n', b"*.example.org. MX 10 mx\n",
    b"example.org. ", b"TXT ", b"A 192.0.2.1", b"MX 10 ", b"CNAME example.org.", b"$ORIGIN ", b"$TTL 5", b"$INCLUDE x",
    b"$GENERATE 1-9 a$ A 192.0.2.$", b'"v=spf1 -all"', b"\n", b"(", b")", b";! SERVFAIL example.org TXT", b";! DELAY x y",
    b";! AUTHENTIC *.example.org", b"\\000", b"\\", b"*.", b"IN ", b"300 ", b"TYPE65280 \\# 1 00", b"\xff",
)  # fmt: skip
NAMES = (b"host.example.org\n", b"192-0-2-1.dyn.example.net\n", b"localhost\n", b".\n", b"x" * 64 + b".example\n")


def _checked(name: str, check: Check, examples: int, words: tuple[bytes, ...], *seeds: bytes) -> Target:
    return Target(
        name=f"{name}-check", check=functools.partial(over_a_zone, check), examples=examples, words=words,
        choices=4, seeds=[b"\0\0\1\0" + seed for seed in seeds],
    )  # fmt: skip


TARGETS = (
    Target(name="spf-record", check=spf_record, examples=1000, words=SPF, seeds=[b"".join(SPF)]),
    Target(
        name="dkim-texts", check=dkim_texts, examples=1000, words=DKIM,
        seeds=[rsa_record().encode(), ed_record().encode(), MESSAGE, sign(MESSAGE)],
    ),
    Target(name="dkim-message", check=dkim_message, examples=500, words=DKIM, seeds=[sign(MESSAGE), sign(MESSAGE, l=5)]),
    Target(name="policy-texts", check=policy_texts, examples=1000, words=POLICY, seeds=[b"".join(POLICY)]),
    Target(
        name="zone", check=zone, examples=600, words=ZONE,
        seeds=[b'example.org. TXT "v=spf1 -all"\n*.example.org. 300 IN MX 10 mx.example.com.\n;! TIMEOUT x.example.org A\n'],
    ),
    _checked("spf", spf.CHECK, 500, SPF, b"v=spf1 include:a.example.org mx -all\nv=spf1 a:%{d} exists:%{i}.x.example\nx"),
    _checked("dkim", dkim.CHECK, 300, DKIM, rsa_record().encode() + b"\n" + ed_record().encode(), sign(MESSAGE)),
    _checked("dmarc", dmarc.CHECK, 300, POLICY, b"v=DMARC1; p=reject; rua=mailto:a@example.net\nv=DMARC1; psd=n\nx"),
    _checked("iprev", iprev.CHECK, 400, NAMES, b"".join(NAMES)),
)  # fmt: skip
