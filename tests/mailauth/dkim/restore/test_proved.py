"""What is named as the cause of a failure is proved by undoing it, and what is only in sight is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tests.mailauth.dkim.restore.test_restore import BODY, MESSAGE, SIGNED_FIELDS, explained, replaced
from tests.mailauth.dkim.signing import MESSAGE as SHORT
from tests.mailauth.dkim.signing import encoded, sign

Change = Callable[[bytes], bytes]
RECEIVED = b"Received: one\r\nReceived: two\r\nReceived: three\r\n"
HTML = b"<html><body><p>Hello</p></body></html>\r\n"
LINES = b"one\r\n\r\ntwo\r\n\r\nthree\r\n"
WRAPPED = b"Look: https://urldefense.com/v3/__https://www.example.org/__;!!abc$\r\nby Friday\r\n"


def tag(name: str, value: str) -> Change:
    """The change of one tag of the signature."""

    def change(message: bytes) -> bytes:
        start = message.index(f" {name}=".encode()) + len(name) + 2
        return message[:start] + value.encode() + message[message.index(b";", start) :]

    return change


def body(text: bytes) -> bytes:
    return MESSAGE.removesuffix(BODY) + text


# Each: the tags of the signature, the message, the change, the rewrite, a part of its statement, and one of the reason.
HEADER: list[tuple[dict[str, str], bytes, Change, str, str, str]] = [
    ({}, MESSAGE, tag("bh", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), "changed-tag", "hash of this body", "bh= was"),
    ({}, MESSAGE, tag("a", "rsa-sha1"), "changed-tag", "with a=rsa-sha256", "a= was changed"),
    ({}, MESSAGE, tag("c", "simple/relaxed"), "changed-tag", "with c=relaxed/relaxed", "c= was changed"),
    ({}, MESSAGE, replaced(b":MIME-Version:Content-Type", b":MIME-Version"), "changed-tag", "Content-Type", "h= was"),
    ({"c": "simple/simple"}, SHORT, replaced(b"; d=", b";\r\n\td="), "folding", "on one line", "not as they were"),
    ({"h": "From:Received:Received:Received"}, RECEIVED + SHORT,
     replaced(RECEIVED, b"Received: three\r\nReceived: two\r\nReceived: one\r\n"),
     "reordered-fields", "in reverse order: they were reordered on the way, or the signer", "not as they were"),
    ({"h": "From:Received:Received:Received"}, RECEIVED + SHORT,
     replaced(RECEIVED, b"Received: two\r\nReceived: one\r\nReceived: three\r\n"),
     "reordered-fields", "in another order", "not as they were"),
    ({"z": "From:=20Alice=20<alice@example.org>|Subject:Lunch=20at=20noon"}, MESSAGE,
     replaced(b"Subject: Lunch at noon", b"Subject: Dinner, then"), "copied-field", "Subject 'Lunch at noon'", "not as they"),
    ({"c": "simple/simple"}, MESSAGE.replace(b"Subject: L", b"Subject:  L"), replaced(b"Subject:  L", b"Subject: L"),
     "white-space", "two spaces after the colon of Subject", "not as they were"),
    ({}, MESSAGE, replaced(b"\r\nDate:", b"\r\nX-Note: hi\r\n\r\nDate:"), "early-end-of-header",
     "the header and the body are right without the empty line", "ends the header before"),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "message", "change", "rewrite", "words", "reason"), HEADER, ids=range(len(HEADER)))
async def test_a_changed_header_is_proved(
    tags: dict[str, str], message: bytes, change: Change, rewrite: str, words: str, reason: str
) -> None:
    signed = sign(message, **{"h": SIGNED_FIELDS} | tags)
    assert (await explained(signed)).result == "pass"
    failed = await explained(change(signed))
    assert (failed.result, failed.signature_ok, failed.signed_by_key) == ("fail", False, True)
    assert [one.rewrite for one in failed.restored_by] == [rewrite]
    assert words in failed.restored_by[0].statement
    assert reason in (failed.reason or "")
    assert failed.suspects == ()
    (restoration,) = failed.restored_by
    assert (f"{restoration.tag}= was" in reason) is (rewrite == "changed-tag")
    assert rewrite != "changed-tag" or restoration.fields == ("DKIM-Signature",)


# Each: the tags, the body as it was signed, the change, the rewrite, a part of its statement, and one of the reason.
BODIES: list[tuple[dict[str, str], bytes, Change, str, str, str]] = [
    ({}, HTML, replaced(b"</body>", b'<img src="https://t.example/o.gif"></body>'), "inserted-html", "<img", "changed after"),
    ({}, HTML, replaced(b"</body>", b"<div><b>Checked</b></div></body>"), "inserted-html", "<div>", "changed after"),
    ({}, LINES, replaced(b"one\r\n\r\ntwo\r\n\r\nthree", b"one\r\ntwo\r\nthree"), "removed-lines", "2 empty lines", "changed"),
    ({"c": "relaxed/simple"}, b"a b\r\n", replaced(b"a b\r\n", b"a  b\r\n"), "white-space", "or the signer", "or hashed"),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "text", "change", "rewrite", "words", "reason"), BODIES, ids=range(len(BODIES)))
async def test_a_changed_body_is_proved(
    tags: dict[str, str], text: bytes, change: Change, rewrite: str, words: str, reason: str
) -> None:
    signed = sign(body(text), **{"h": SIGNED_FIELDS} | tags)
    failed = await explained(change(signed))
    assert [one.rewrite for one in failed.restored_by] == [rewrite]
    assert words in failed.restored_by[0].statement
    assert reason in (failed.reason or "")


async def test_what_was_there_when_it_was_signed_is_no_cause() -> None:
    failed = await explained(sign(body(WRAPPED), h=SIGNED_FIELDS).replace(b"Friday", b"Monday"))
    assert failed.restored_by == ()
    assert failed.suspects == (
        "links in the body lead to urldefense.com, a mail filter; whether they did when it was signed cannot be told",
    )
    tagged = MESSAGE.replace(b"Subject: ", b"Subject: [lunch] ")
    failed = await explained(sign(tagged, h=SIGNED_FIELDS).replace(b"To: bob", b"To: robert"))
    assert (failed.restored_by, failed.suspects) == ((), ())


@pytest.mark.parametrize(
    ("message", "rewrite", "words"),
    [
        (sign(body(b"Hello\nBob\r\n"), c="relaxed/simple", h="From"), "bare-lf", "each bare LF as it arrived"),
        (sign(MESSAGE, h="From", l="9999"), "body-length", "l= was too large from the start"),
    ],
    ids=("bare-lf", "l"),
)
async def test_a_signer_at_fault_is_told_from_a_change(message: bytes, rewrite: str, words: str) -> None:
    failed = await explained(message)
    assert [one.rewrite for one in failed.restored_by] == [rewrite]
    assert words in failed.restored_by[0].statement


@pytest.mark.parametrize(
    ("cut", "reason"),
    [(10, "l=19, but the body has 12 octets: it was cut, or l= is wrong"), (0, "l=19, but the body has 0 octets")],
)
async def test_a_body_shorter_than_l_was_cut(cut: int, reason: str) -> None:
    text = b"Hello Bob,\r\n\r\nbye\r\n"
    signed = sign(body(text), h="From", l="19")
    assert (await explained(signed)).result == "pass"
    failed = await explained(signed.removesuffix(text) + text[:cut])
    assert reason in (failed.reason or "")


SHA256_OF_BODY = encoded(hashlib.sha256(BODY).digest())

# Each: the tags, the hash that the signer took, the parts that it was taken for, and the reason's first words.
OTHER_HASHES: list[tuple[dict[str, str], str, list[str], str]] = [
    ({}, "sha1", ["body", "header"], "body hash did not verify: it was made with another hash"),
    ({"bh": SHA256_OF_BODY}, "sha1", ["header"], "signature did not verify: it was made over another hash"),
    ({"a": "rsa-sha1"}, "sha256", ["body", "header"], "body hash did not verify: it was made with another hash"),
    ({"bh": encoded(hashlib.sha1(BODY).digest())}, "sha256", ["body"], "body hash did not verify: it was made with"),
]  # fmt: skip


@pytest.mark.parametrize("h", [SIGNED_FIELDS, "From"])
@pytest.mark.parametrize(("tags", "over", "parts", "reason"), OTHER_HASHES, ids=range(len(OTHER_HASHES)))
async def test_a_signer_that_took_another_hash(
    tags: dict[str, str], over: str, parts: list[str], reason: str, h: str
) -> None:
    failed = await explained(sign(MESSAGE, over=over, h=h, c="relaxed/simple", **tags))
    assert failed.result == "fail"
    assert [one.part for one in failed.restored_by] == parts
    for one in failed.restored_by:
        assert one.rewrite == "other-hash"
        assert "RFC 6376 §3.3" in one.statement
    assert (failed.reason or "").startswith(reason)
    assert ("rsa-sha1 must no longer be accepted" in (failed.reason or "")) == ("header" in parts)


async def test_that_a_failed_signature_has_expired_is_said_beside() -> None:
    failed = await explained(sign(MESSAGE, h="From", t="1700000000", x="1700000001").replace(b"lunch at", b"dinner at"))
    assert failed.result == "fail"
    assert ", and the signature expired" in (failed.reason or "")
