"""Messages changed on their way, each in one manner that is known, and what is said of them."""

from __future__ import annotations

import base64
import hashlib
import quopri
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.mailauth.dkim import verify
from smtpprobe.mailauth.dkim.restore.body import MAX_REWRITTEN, MAX_REWRITTEN_LINES, restore
from smtpprobe.mailauth.dkim.restore.work import MAX_OCTETS, Budget, Wanted
from smtpprobe.model.evidence.dkim import DkimEvidence, DkimSignature
from smtpprobe.render.evidence import table
from smtpprobe.render.evidence.row import Detail
from smtpprobe.testing.zones import zone_resolver
from tests.mailauth.dkim.signing import ed_record, encoded, rsa_record, sign, txt

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NAME = "sel._domainkey.example.org"
BODY = b"Hello  Bob,\r\n\r\nlunch at noon?\r\n.dots\r\nFrom here on\r\n-- \r\nAlice \r\n"
MESSAGE = (
    b"From: Alice <alice@example.org>\r\nTo: bob@example.com, carol@example.com\r\nSubject: Lunch at noon\r\n"
    b"Date: Thu, 1 Jan 2026 12:00:00 +0000\r\nMessage-ID: <a1@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + BODY
)
SIGNED_FIELDS = "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type"


async def explained(message: bytes, zone: str | None = None) -> DkimSignature:
    resolver = zone_resolver(txt(NAME, rsa_record()) if zone is None else zone)
    try:
        (signature,) = await verify(resolver, message, now=NOW, explain=True)
    finally:
        await resolver.aclose()
    return signature


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(message: bytes) -> bytes:
        assert old in message
        return message.replace(old, new)

    return change


LIST_FOOTER = b"_______________________________________________\r\nlunch mailing list\r\nlunch@lists.example.net\r\n"

# Each: canonicalization, the body as it was signed (None: BODY), the change on the way, rewrite, statement.
BODIES: list[tuple[str, bytes | None, Callable[[bytes], bytes], str, str]] = [
    ("relaxed", None, lambda m: m + LIST_FOOTER, "footer", "right without the last 3 lines ('lunch mailing list')"),
    ("simple", None, lambda m: m + LIST_FOOTER, "footer", "right without the last 3 lines"),
    ("simple", None, lambda m: m + b"-- \r\nsent by a gateway\r\n", "footer", "last 2 lines ('sent by a gateway')"),
    ("simple", None, lambda m: m + b"one line\r\n", "footer", "right without the last line ('one line')"),
    ("relaxed", b"", lambda m: m + b"a body\r\n", "empty-body", "that of an empty body"),
    (
        "relaxed", None, replaced(b"\r\n\r\nHello", b"\r\n\r\nEXTERNAL MAIL\r\n\r\nHello"), "banner",
        "without the first 2 lines ('EXTERNAL MAIL')",
    ),
    (
        "relaxed", None, lambda m: replaced(b"\r\n\r\nHello", b"\r\n\r\nCAUTION\r\nHello")(m) + b"footer\r\n", "banner",
        "without the first line ('CAUTION') and the last line ('footer')",
    ),
    ("simple", b"a\r\nb\r\n", replaced(b"a\r\nb\r\n", b"a \r\nb\t\r\n"), "trailing-white-space", "white space at line"),
    ("simple", b"a b\r\n", replaced(b"a b\r\n", b"a   b\r\n"), "white-space", "in relaxed form"),
    ("simple", b"text\r\n-- \r\nAlice\r\n", replaced(b"-- \r\n", b"--\r\n"), "signature-separator", "trailing space"),
    ("relaxed", None, replaced(b"\r\nFrom here", b"\r\n>From here"), "from-escaping", '">From"'),
    ("relaxed", None, replaced(b"\r\n.dots", b"\r\n..dots"), "dot-stuffing", "two dots"),
    ("relaxed", b"a\r\n..dots\r\n", replaced(b"\r\n..dots", b"\r\n.dots"), "dot-stuffing", "each dot"),
    (
        "simple", b"x" * 2000 + b"\r\nend\r\n", replaced(b"x" * 2000, b"x" * 998 + b"\r\n " + b"x" * 1002),
        "wrapped-lines", "broken before 1000 octets",
    ),
    ("simple", b"a\r\nb\r\n", replaced(b"a\r\nb\r\n", b"a\r\n\r\nb\r\n\r\n"), "doubled-line-ends", "second line end"),
    ("simple", b"a\r\nb\r\n", replaced(b"a\r\nb\r\n", b"a\r\r\nb\r\r\n"), "bare-cr", "each CR"),
    ("simple", b"\r\na\r\n", replaced(b"\r\n\r\n\r\na", b"\r\n\r\na"), "leading-empty-line", "with an empty line"),
    (
        "relaxed", b"--b\r\n\r\ntext\r\n--b--\r\n",
        replaced(b"text\r\n--b--", b"text\r\n--b\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--b--"),
        "inserted-lines", "without the 4 lines",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "body", "change", "rewrite", "words"), BODIES, ids=range(len(BODIES)))
async def test_a_body_is_restored(
    form: str, body: bytes | None, change: Callable[[bytes], bytes], rewrite: str, words: str
) -> None:
    signed = sign(MESSAGE if body is None else MESSAGE.removesuffix(BODY) + body, c=f"relaxed/{form}", h=SIGNED_FIELDS)
    assert (await explained(signed)).result == "pass"
    failed = await explained(change(signed))
    assert (failed.result, failed.body_hash_ok, failed.signature_ok) == ("fail", False, True)
    assert [(one.part, one.rewrite) for one in failed.restored_by] == [("body", rewrite)]
    assert words in failed.restored_by[0].statement


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
async def test_a_converted_body_is_decoded(encoding: str) -> None:
    text = "Grüße aus dem Café\r\n".encode()
    signed = sign(MESSAGE.removesuffix(BODY) + text, h="From:To")
    coded = quopri.encodestring(text) if encoding == "quoted-printable" else base64.encodebytes(text)
    converted = signed.replace(text, coded).replace(
        b"From: ", f"Content-Transfer-Encoding: {encoding}\r\nFrom: ".encode()
    )
    failed = await explained(converted)
    assert [one.rewrite for one in failed.restored_by] == ["transfer-encoding"]


async def test_a_body_hashed_with_lf() -> None:
    import hashlib

    digest = base64.b64encode(hashlib.sha256(BODY.replace(b"\r\n", b"\n")).digest()).decode()
    failed = await explained(sign(MESSAGE, c="simple/simple", bh=digest))
    assert [one.rewrite for one in failed.restored_by] == ["canonicalization"]
    assert "LF instead of CRLF: the signer does not follow" in failed.restored_by[0].statement
    assert "changed after signing" not in (failed.reason or "")


# Each: header canonicalization, the change, rewrite, words of the statement.
HEADERS: list[tuple[str, Callable[[bytes], bytes], str, str]] = [
    ("relaxed", replaced(b"Subject: ", b"Subject: [lunch] "), "subject-prefix", "without '[lunch]' in Subject"),
    ("relaxed", replaced(b"Subject: ", b"Subject: ***SPAM*** "), "subject-prefix", "SPAM"),
    ("relaxed", replaced(b"Subject: ", b"Subject: EXTERNAL: "), "subject-prefix", "first word of Subject"),
    ("relaxed", replaced(b"at noon\r\nDate", b"at noon (was: tea)\r\nDate"), "subject-suffix", "last 2 words"),
    ("relaxed", replaced(b", carol", b",carol"), "folding", "a space after each comma of To"),
    ("simple", replaced(b", carol", b",\r\n\tcarol"), "folding", "To on one line"),
    ("simple", replaced(b"\r\nMessage-ID:", b"\r\nMessage-Id:"), "name-case", "written Message-ID"),
    ("simple", replaced(b"at noon\r\nDate", b"at noon \r\nDate"), "trailing-white-space", "end of Subject"),
    ("relaxed", replaced(b"Alice <", b'"Alice" <'), "quotes", "without the quotation marks in From"),
    ("relaxed", replaced(b"12:00:00 +0000", b"12:00:00 +0000 (UTC)"), "date-form", "without its comment"),
    ("relaxed", replaced(b"12:00:00 +0000", b"12:00:00 GMT"), "date-form", "with +0000"),
    ("relaxed", replaced(b"charset=utf-8", b'charset="UTF-8"'), "content-type", "parameters of Content-Type"),
    ("relaxed", replaced(b"MIME-Version: 1.0\r\n", b""), "removed-field", "MIME-Version: 1.0, which was removed"),
    ("relaxed", replaced(b"\r\nDate", b"\r\nSubject: another\r\nDate"), "second-field", "without the last Subject"),
    (
        "relaxed", replaced(b"<a1@example.org>", b"<b2@example.net>\r\nX-Original-Message-ID: <a1@example.org>"),
        "replaced-field", "the value of X-Original-Message-ID as Message-ID",
    ),
    (
        "relaxed",
        replaced(b"From: Alice <alice@example.org>",
                 b"From: Alice via lunch <lunch@lists.example.net>\r\nReply-To: Alice <alice@example.org>"),
        "replaced-field", "the value of Reply-To as From",
    ),
    (
        "relaxed", lambda m: replaced(b"Subject: ", b"Subject: [lunch] ")(replaced(b", carol", b",carol")(m)),
        "folding", "of To and without '[lunch]' in Subject",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "change", "rewrite", "words"), HEADERS, ids=range(len(HEADERS)))
async def test_a_header_is_restored(form: str, change: Callable[[bytes], bytes], rewrite: str, words: str) -> None:
    signed = sign(MESSAGE, c=f"{form}/relaxed", h=SIGNED_FIELDS)
    assert (await explained(signed)).result == "pass"
    failed = await explained(change(signed))
    assert (failed.result, failed.body_hash_ok, failed.signature_ok) == ("fail", True, False)
    assert failed.signed_by_key is True
    assert rewrite in [one.rewrite for one in failed.restored_by], failed.restored_by
    assert words in failed.restored_by[0].statement


async def test_a_field_added_that_was_signed_as_absent() -> None:
    signed = sign(MESSAGE, h=f"{SIGNED_FIELDS}:Reply-To")
    failed = await explained(signed.replace(b"To: bob", b"Reply-To: lunch@lists.example.net\r\nTo: bob"))
    assert [(one.rewrite, one.fields) for one in failed.restored_by] == [("added-field", ("Reply-To",))]


async def test_both_parts_are_judged() -> None:
    signed = sign(MESSAGE, h=SIGNED_FIELDS)
    failed = await explained(signed.replace(b"Subject: ", b"Subject: [lunch] ") + LIST_FOOTER)
    assert [one.part for one in failed.restored_by] == ["body", "header"]


async def test_an_ed25519_signature_is_restored_by_verification() -> None:
    signed = sign(MESSAGE, h=SIGNED_FIELDS, a="ed25519-sha256")
    failed = await explained(signed.replace(b"Subject: ", b"Subject: [lunch] "), txt(NAME, ed_record()))
    assert [one.rewrite for one in failed.restored_by] == ["subject-prefix"]
    assert failed.signed_by_key is None


async def test_another_key_is_told_from_a_changed_header() -> None:
    key = rsa.generate_private_key(65537, 1024).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    other = await explained(sign(MESSAGE), txt(NAME, f"v=DKIM1; p={encoded(octets)}"))
    assert (other.result, other.signed_by_key, other.restored_by, other.suspects) == ("fail", False, (), ())
    assert other.reason == "signature did not verify: b= was changed, or another key made it"
    assert "does not fit the key: b= was changed, or another key made it" in _first_line(other)
    changed = await explained(sign(MESSAGE, h=SIGNED_FIELDS).replace(b"Lunch at noon", b"Supper"))
    assert (changed.signed_by_key, changed.restored_by) == (True, ())
    assert "the key is the right one" in (changed.reason or "")


def _first_line(signature: DkimSignature) -> str:
    evidence = DkimEvidence(
        domain=None, signatures=(signature,), keys=(), tried=(), has_domainkey_node=None, lookups=()
    )
    return table.rows(evidence, Detail())[0].text


# Each: the record, the octets of b=, what is said of them.
LENGTHS = [
    (rsa_record(2048), 150, "b= has 150 octets, a signature of this 2048-bit key has 256: it was cut"),
    (rsa_record(2048), 255, "b= has 255 octets, a signature of this 2048-bit key has 256: it was cut"),
    (rsa_record(2048), 257, "b= has 257 octets, a signature of this 2048-bit key has 256: something was added to it"),
    (rsa_record(2048), 128, "b= has 128 octets, a signature of this 2048-bit key has 256: "
     "a key of 1024 bits made it, or it was cut"),
    (rsa_record(1024), 256, "b= has 256 octets, a signature of this 1024-bit key has 128: a key of 2048 bits made it"),
    (ed_record(), 63, "b= has 63 octets, an Ed25519 signature has 64: it was cut"),
    (ed_record(), 65, "b= has 65 octets, an Ed25519 signature has 64: something was added to it"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "octets", "words"), LENGTHS, ids=range(len(LENGTHS)))
async def test_a_length_that_no_signature_of_the_key_has_is_told(record: str, octets: int, words: str) -> None:
    algorithm = "ed25519-sha256" if "ed25519" in record else "rsa-sha256"
    signed = sign(MESSAGE, a=algorithm, b=encoded(b"\x01" * octets))
    failed = await explained(signed, txt(NAME, record))
    assert (failed.signed_by_key, failed.restored_by, failed.suspects) == (None, (), (words,))
    assert failed.reason == "signature did not verify: b= cannot be a signature of this key"
    assert "key" not in _first_line(failed)
    failed = await explained(signed.replace(b"lunch at", b"supper at"), txt(NAME, record))
    assert words in failed.suspects


# Each: the change that nothing restores, and a word of what looks changed.
SUSPECTS = [
    (
        lambda m: m.replace(b"Subject: Lunch", b"List-Id: <l.example.net>\r\nSubject: [lunch] Supper"),
        "Subject begins with '[lunch]'; whether it did when it was signed cannot be told",
    ),
    (lambda m: m.replace(b"alice@example.org>\r\nTo", b"x@lists.example.net>\r\nTo"), "From is at 'lists.example.net'"),
    (lambda m: m.replace(b"Message-ID: <a1@example.org>\r\n", b""), "h= names Message-Id, which the message does not have"),
    (lambda m: m.replace(b"To: bob", b"List-Id: <lunch.example.net>\r\nTo: rob"), "List-Id is not signed"),
    (lambda m: m.replace(b"lunch at", b"https://urldefense.com/v3/__https://example.com__ at"), "links in the body"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), SUSPECTS, ids=range(len(SUSPECTS)))
async def test_what_looks_changed(change: Callable[[bytes], bytes], words: str) -> None:
    failed = await explained(change(sign(MESSAGE, h=SIGNED_FIELDS)))
    assert failed.restored_by == ()
    assert any(words in suspect for suspect in failed.suspects), failed.suspects


LIST = b"List-Id: Lunch <lunch.lists.example.net>\r\n"
NAMES_LIST = (
    "List-Id is not signed and names lunch.lists.example.net: a hint, no proof, that a mailing list changed the message"
)
# Each: tags of the signature, what is signed before the message, the change, the hints.
HINTS: dict[str, tuple[dict[str, str], bytes, Callable[[bytes], bytes], list[str]]] = {
    "nothing is restored": ({}, b"", lambda m: LIST + m.replace(b"lunch at", b"supper at"), [NAMES_LIST]),
    "the body is restored": ({}, b"", lambda m: LIST + m + LIST_FOOTER, [NAMES_LIST]),
    "the header is restored": ({}, b"", lambda m: LIST + m.replace(b"Subject: ", b"Subject: [lunch] "), [NAMES_LIST]),
    "List-Post": (
        {}, b"", lambda m: b"List-Post: <mailto:lunch@lists.example.net>\r\n" + m.replace(b"lunch at", b"supper at"),
        ["List-Post is not signed and names lists.example.net: a hint, no proof, that a mailing list changed the message"],
    ),
    "the field is the signing domain's": (
        {}, b"", lambda m: LIST.replace(b".net", b".org") + m.replace(b"lunch at", b"supper at"), [],
    ),
    "the field is signed": ({"h": "From:List-Id"}, LIST, lambda m: m.replace(b"lunch at", b"supper at"), []),
    "a prefix without a field": (
        {}, b"", lambda m: m.replace(b"Subject: ", b"Subject: [lunch] "),
        ["mailing lists put such words into Subject: a hint, no proof, that one changed the message"],
    ),
    "a footer without a field": (
        {}, b"", lambda m: m + LIST_FOOTER,
        ["mailing lists add such lines: a hint, no proof, that one changed the message"],
    ),
    "a prefix and a footer without a field": (
        {}, b"", lambda m: m.replace(b"Subject: ", b"Subject: [lunch] ") + LIST_FOOTER,
        ["mailing lists put such words into Subject and add such lines: a hint, no proof, that one changed the message"],
    ),
    "the signer is at fault": ({"c": "relaxed/relaxed", "over": "sha1"}, b"", lambda m: LIST + m, []),
    "b= was cut": ({"b": encoded(bytes(63))}, b"", lambda m: LIST + m, []),
}  # fmt: skip


@pytest.mark.parametrize(("tags", "before", "change", "hints"), HINTS.values(), ids=[*HINTS])
async def test_a_mailing_list_is_a_hint(
    tags: dict[str, str], before: bytes, change: Callable[[bytes], bytes], hints: list[str]
) -> None:
    failed = await explained(change(sign(before + MESSAGE, **{"h": SIGNED_FIELDS} | tags)))
    assert failed.result == "fail"
    assert [each for each in failed.suspects if "hint" in each or "list" in each] == hints


async def test_nothing_is_explained_unasked() -> None:
    resolver = zone_resolver(txt(NAME, rsa_record()))
    (failed,) = await verify(resolver, sign(MESSAGE) + LIST_FOOTER, now=NOW)
    await resolver.aclose()
    assert (failed.result, failed.restored_by) == ("fail", ())


@pytest.mark.parametrize(
    "body",
    [b"x\r\n" * 400_000, b" " * 3_000_000, b"\r" * 1_000_000, b"--\r\n" * 200_000, b"x" * 30_000_000, b"<p>" * 900_000],
)
def test_the_work_on_huge_bodies_is_bounded(body: bytes) -> None:
    started = time.process_time()
    wanted = Wanted("relaxed", None, "sha256", b"\0" * 32)
    assert restore(body, wanted, Budget(), "quoted-printable") is None
    assert time.process_time() - started < 3


async def test_the_work_on_huge_headers_is_bounded() -> None:
    for field in (b"Subject: " + b"[a] " * 4000, b"Date: " + b" " * 15000 + b"x", b"To: " + b'"a, ' * 4000):
        message = sign(MESSAGE, h=":".join(["From", "To", "Subject", "Date"] * 40))
        name = field.partition(b":")[0]
        old = next(line for line in message.split(b"\r\n") if line.startswith(name + b":"))
        started = time.process_time()
        failed = await explained(message.replace(old, field))
        assert failed.result == "fail"
        assert time.process_time() - started < 3


def test_the_budget_is_held() -> None:
    assert Budget().spend(MAX_OCTETS)
    assert not Budget().spend(MAX_OCTETS + 1)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=300), st.sampled_from(["simple", "relaxed"]), st.integers(0, 400) | st.none())
def test_arbitrary_bodies_never_raise(body: bytes, form: str, length: int | None) -> None:
    for encoding in ("", "base64", "quoted-printable"):
        assert restore(body, Wanted(form, length, "sha256", b"\1" * 32), Budget(), encoding) is None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
async def test_arbitrary_fields_never_raise(value: bytes) -> None:
    value = value.replace(b"\n", b"").replace(b"\r", b"")
    message = sign(MESSAGE, h=SIGNED_FIELDS)
    for name in (b"Subject", b"From", b"Date", b"Content-Type", b"Message-ID"):
        old = next(line for line in message.split(b"\r\n") if line.startswith(name + b":"))
        await explained(message.replace(old, name + b": " + value))


def wanted(body: bytes) -> Wanted:
    return Wanted("simple", None, "sha256", hashlib.sha256(body).digest())


@pytest.mark.parametrize(("lines", "rewrite"), [(MAX_REWRITTEN_LINES, "dot-stuffing"), (MAX_REWRITTEN_LINES + 1, None)])
def test_a_body_of_many_lines_is_tried_without_its_last_lines_alone(lines: int, rewrite: str | None) -> None:
    signed = b".a\r\n" + b"b\r\n" * (lines - 1)
    found = restore(b"." + signed, wanted(signed), Budget())
    assert (found and found.rewrite) == rewrite
    footed = restore(signed + b"footer\r\n", wanted(signed), Budget())
    assert footed is not None
    assert footed.rewrite == "footer"


def test_a_body_of_empty_lines_takes_no_more_than_some_copies_of_it() -> None:
    body = b"\r\n" * (MAX_REWRITTEN // 2)
    tracemalloc.start()
    try:
        restore(body, wanted(b"x"), Budget())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * MAX_REWRITTEN
