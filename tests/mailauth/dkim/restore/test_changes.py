"""Changes on the way, and forms of old signers: each is undone and named, and nothing is claimed that does not verify."""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import Callable

import pytest

from smtpprobe.mailauth.dkim.restore.body import restore
from smtpprobe.mailauth.dkim.restore.body_forms import quoted_printable
from smtpprobe.mailauth.dkim.restore.work import Budget, Wanted
from tests.mailauth.dkim import signing
from tests.mailauth.dkim.restore.test_restore import BODY, MESSAGE, SIGNED_FIELDS, explained, replaced
from tests.mailauth.dkim.signing import encoded, sign

TEXT = (
    b"Dear all,\r\n\r\nthe keys of the office are with the porter from Monday on, and everybody who wants one asks him.\r\n"
    b"\tfirst: the front door\r\n\tsecond: the yard\r\n\r\nRegards\r\nAlice\r\n"
)
UMLAUTS = "Grüße aus dem Café, schöne Tage = gute Tage und ein langes Ende dieser Zeile, das zu lang ist\r\nÄrger\r\n".encode()
DOTS = b"files:\r\n.bashrc\r\n.config\r\n.ssh\r\nother files:\r\nnotes\r\n.hidden\r\nend\r\n"
LONG = b"word " * 300 + b"end\r\nshort line\r\n"
HTML = b"<p>" + b"x" * 1200 + b"</p>\r\n<p>y</p>\r\n"


def wrapped(width: int, between: bytes) -> Callable[[bytes], bytes]:
    """Lines broken at the last space before the width, the space being replaced."""

    def change(body: bytes) -> bytes:
        out = []
        for line in body.split(b"\r\n"):
            rest = line
            while len(rest) > width:
                at = rest.rfind(b" ", 0, width + 1)
                out.append(rest[:at] + between)
                rest = rest[at + 1 :]
            out.append(rest)
        return b"\r\n".join(out)

    return change


def cut(width: int) -> Callable[[bytes], bytes]:
    return lambda body: b"\r\n".join(
        b"\r\n".join(line[at : at + width] for at in range(0, max(len(line), 1), width)) for line in body.split(b"\r\n")
    )


def base64_lines(octets: bytes, width: int) -> bytes:
    coded = base64.b64encode(octets)
    return b"".join(coded[at : at + width] + b"\r\n" for at in range(0, len(coded), width))


# Each: canonicalization, the body that was signed, the change of it on the way, the rewrite, words of the statement.
CHANGES: list[tuple[str, bytes, Callable[[bytes], bytes], str, str]] = [
    ("simple", DOTS, replaced(b"\r\n.hidden", b"\r\nhidden"), "dot-stuffing", "a dot before line 7 ('hidden')"),
    ("relaxed", DOTS, replaced(b"\r\n.ssh", b"\r\nssh"), "dot-stuffing", "a dot before line 4"),
    ("relaxed", b".first\r\nx\r\n", replaced(b".first", b"first"), "dot-stuffing", "a dot before line 1"),
    ("simple", DOTS, lambda b: b.replace(b"\r\n.bashrc\r\n.config\r\n.ssh", b"\r\nbashrc\r\nconfig\r\nssh"),
     "dot-stuffing", "dots before lines 2, 3 and 4"),
    ("simple", DOTS, lambda b: b.replace(b"\r\n.bashrc", b"\r\nbashrc").replace(b"\r\n.hidden", b"\r\nhidden"),
     "dot-stuffing", "dots before lines 2 and 7"),
    ("simple", b".a {\r\n x\r\n}\r\n\r\n.b {\r\n y\r\n}\r\n.c {\r\n}\r\n.d {}\r\n",
     lambda b: b.replace(b"\r\n.", b"\r\n")[1:], "dot-stuffing", "dots before lines 1, 5, 8 and 10"),
    ("simple", b"take\r\n.5 litres\r\nof\r\n.one\r\nand\r\n.Two\r\n", lambda b: b.replace(b"\r\n.", b"\r\n"),
     "dot-stuffing", "dots before lines 2, 4 and 6"),
    ("simple", b"text\r\n \r\n", replaced(b" \r\n", b""), "blank-lines", "a line of a space at its end"),
    ("simple", DOTS, replaced(b"\r\n.ssh", b"\r\n..ssh"), "dot-stuffing", "once two dots at line starts are one"),
    ("simple", b"..a\r\n.b\r\n", replaced(b"\r\n.b", b"\r\n..b"), "dot-stuffing", "without a dot of line 2"),
    ("simple", b"a\r\n...\r\nb\r\n", replaced(b"...", b".."), "dot-stuffing", "dot"),
    ("simple", b"a\r\n.\r\nb\r\n", replaced(b".\r\n", b""), "removed-lines", "a line of a single dot before line 2"),
    ("simple", b"a\r\n.\r\n", replaced(b".\r\n", b""), "last-dot", "taken as the end of the message"),
    ("simple", b"a\r\n.\r\n.\r\nb\r\n", replaced(b".\r\n.\r\n", b".\r\n"), "removed-lines", "single dot"),
    ("simple", LONG, wrapped(76, b""), "wrapped-lines", "wrapped at a space"),
    ("relaxed", LONG, wrapped(72, b""), "wrapped-lines", "wrapped at a space"),
    ("simple", LONG, wrapped(998, b""), "wrapped-lines", "lines"),
    ("simple", LONG, wrapped(80, b" "), "wrapped-lines", "whole again"),
    ("simple", HTML, cut(998), "wrapped-lines", "cut at 998 octets"),
    ("relaxed", HTML, cut(76), "wrapped-lines", "cut at 76 octets"),
    ("simple", HTML, cut(512), "wrapped-lines", "cut at 512 octets"),
    ("simple", wrapped(72, b"")(LONG), lambda b: LONG, "wrapped-lines", "lines are wrapped at 72 octets"),
    ("simple", TEXT, replaced(b"Monday on, and", b"Monday on,\r\nand"), "wrapped-lines", "whole again"),
    ("simple", b"a\r\n \r\nb\r\n", replaced(b" \r\n", b"\r\n"), "blank-lines", "each empty line is a space"),
    ("simple", b"a\r\n\t\r\nb\r\n\r\nc\r\n", replaced(b"\t\r\n", b"\r\n"), "blank-lines", "with a tab in line 2, which is empty"),
    ("simple", b"one\r\n\r\ntwo\r\n  \r\nthree\r\n", replaced(b"  \r\n", b"\r\n"), "blank-lines",
     "with two spaces in line 4, which is empty"),
    ("simple", b"one\r\n\r\ntwo\r\n\t\r\nthree\r\n\r\nfour\r\n", replaced(b"\t\r\n", b"\r\n"), "blank-lines",
     "with a tab in line 4, which is empty"),
    ("simple", b"one\r\n    \r\ntwo\r\n\r\nthree\r\n", replaced(b"    \r\n", b"\r\n"), "blank-lines",
     "with four spaces in line 2, which is empty"),
    ("simple", b"one\r\n\xc2\xa0\r\ntwo\r\n\r\nthree\r\n", replaced(b"\xc2\xa0\r\n", b"\r\n"), "blank-lines",
     "with a no-break space in line 2, which is empty"),
    ("simple", b"a\r\n\r\nb \r\n", replaced(b"\r\n\r\n", b"\r\n  \r\n"), "blank-lines", "white space alone are empty"),
    ("simple", b"one line goes \r\non here\r\n\r\nend\r\n", replaced(b"goes \r", b"goes\r"), "flowed", "format=flowed"),
    ("simple", TEXT, replaced(b"\t", b"        "), "tabs", "each 8 spaces are a tab"),
    ("simple", TEXT, replaced(b"\t", b"    "), "tabs", "each 4 spaces are a tab"),
    ("simple", b"a\r\n\tb\r\n", replaced(b"\t", b" "), "tabs", "the spaces at line starts are tabs"),
    ("simple", b"a        b\r\n", replaced(b"        ", b"\t"), "tabs", "each tab is 8 spaces"),
    ("simple", b"ab\tc\r\n", lambda b: b.expandtabs(8), "tabs", "the next column of 8 are tabs"),
    ("simple", TEXT, replaced(b"\r\n\r\nthe", b"\r\nthe"), "removed-lines", "an empty line before line 2"),
    ("simple", TEXT, replaced(b"Regards\r\n", b"Regards\r\nscanned by a gateway\r\n"), "inserted-lines", "without line"),
    ("simple", TEXT, replaced(b"\r\nRegards", b"\r\n Regards"), "white-space", "the space at the start of line"),
    ("simple", b"From here\r\n>From there\r\n", replaced(b"From here", b">From here"), "from-escaping", "in line 1"),
    ("relaxed", UMLAUTS, lambda b: b.decode().encode("iso-8859-1"), "charset", "from iso-8859-1 to UTF-8"),
    ("relaxed", UMLAUTS.decode().encode("iso-8859-15"), lambda b: UMLAUTS, "charset", "from UTF-8 to iso-8859-1"),
    ("relaxed", UMLAUTS, lambda b: b.decode("iso-8859-1").encode(), "charset", "from UTF-8 to iso-8859-1"),
    ("relaxed", "naïve — “quoted”\r\n".encode("windows-1252"), lambda b: b.decode("windows-1252").encode(), "charset",
     "to windows-1252"),
    ("relaxed", b"a b\r\n", replaced(b"a b", b"a\xc2\xa0b"), "no-break-spaces", "no-break spaces are spaces"),
    ("simple", TEXT, lambda b: b"\xef\xbb\xbf" + b, "byte-order-mark", "without the byte order mark"),
    ("simple", b"\xef\xbb\xbf" + TEXT, lambda b: TEXT, "byte-order-mark", "with a byte order mark"),
    ("simple", TEXT, lambda b: b + b"\x1a", "", ""),
    ("relaxed", base64_lines(UMLAUTS, 76), lambda b: UMLAUTS, "transfer-encoding", "base64 in lines of 76"),
    ("relaxed", base64_lines(UMLAUTS, 64), lambda b: UMLAUTS, "transfer-encoding", "base64 in lines of 64"),
    ("simple", quoted_printable(UMLAUTS, 76), lambda b: UMLAUTS, "transfer-encoding", "quoted-printable in lines of 76"),
    ("simple", quopri.encodestring(UMLAUTS.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"), lambda b: UMLAUTS,
     "transfer-encoding", "quoted-printable"),
    ("simple", quoted_printable(b".x\r\nFrom = a\r\n", 76, b"F."), lambda b: b".x\r\nFrom = a\r\n", "transfer-encoding",
     "quoted-printable"),
    ("simple", b"a=3Db =C3=A4\r\n", lambda b: b.lower().replace(b"=3d", b"=3d"), "transfer-encoding", "capital letters"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "body", "change", "rewrite", "words"), CHANGES, ids=range(len(CHANGES)))
async def test_a_change_is_undone(
    form: str, body: bytes, change: Callable[[bytes], bytes], rewrite: str, words: str
) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + body, c=f"relaxed/{form}", h=SIGNED_FIELDS)
    header = signed.removesuffix(body)
    assert (await explained(signed)).result == "pass"
    failed = await explained(header + change(body))
    assert (failed.result, failed.body_hash_ok, failed.signature_ok) == ("fail", False, True)
    (found,) = failed.restored_by
    assert found.rewrite == rewrite or not rewrite, found
    assert words in found.statement
    assert found.statement.isprintable()


@pytest.mark.parametrize(("before", "after"), [(76, 64), (72, 76), (64, 76)])
async def test_base64_in_lines_of_another_length(before: int, after: int) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + base64_lines(UMLAUTS * 5, before), h="From:To")
    failed = await explained(
        signed.replace(base64_lines(UMLAUTS * 5, before), base64_lines(UMLAUTS * 5, after)).replace(
            b"From: ", b"Content-Transfer-Encoding: base64\r\nFrom: ", 1
        )
    )
    (found,) = failed.restored_by
    assert f"base64 in lines of {before}" in found.statement


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
async def test_a_part_of_a_multipart_that_was_converted(encoding: str) -> None:
    def multipart(transfer: str, text: bytes) -> bytes:
        part = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {transfer}\r\n\r\n"
        return part.encode() + text + b"\r\n--b--\r\n"

    coded = quoted_printable(UMLAUTS, 76) if encoding == "quoted-printable" else base64_lines(UMLAUTS, 76)[:-2]
    before, after = multipart("8bit", UMLAUTS), multipart(encoding, coded)
    signed = sign(MESSAGE.removesuffix(BODY) + before, h="From:To")
    (found,) = (await explained(signed.replace(before, after))).restored_by
    assert found.rewrite == "transfer-encoding"
    assert "decoded to 8bit" in found.statement


def hashed(body: bytes) -> str:
    return encoded(hashlib.sha256(body).digest())


# Each: canonicalization, the body, what the signer hashed, words of the statement.
OLD_BODIES = [
    ("relaxed", b"", b"\r\n", "simple form"),
    ("simple", b"", b"", "without the last line end"),
    ("relaxed", b"a \r\nb\r\n", b"a \r\nb\r\n", "simple form"),
    ("relaxed", b"a  \t\r\nb\r\n", b"a \r\nb\r\n", "a blank at the ends of lines kept"),
    ("relaxed", b"a  b \r\n", b"a  b\r\n", "runs of blanks kept"),
    ("relaxed", b"  a\r\n", b"a\r\n", "blanks at the beginning of lines removed"),
    ("relaxed", b"a\r\n\r\n\r\n", b"a\r\n\r\n\r\n", "empty lines at its end kept"),
    ("simple", b"a\r\n\r\n\r\n", b"a\r\n\r\n\r\n", "empty lines at its end kept"),
    ("simple", b"a\r\nb\r\n", b"a\rb\r", "CR instead of CRLF"),
    ("simple", b"a\r\nb\r\n", b"a\nb\n", "LF instead of CRLF"),
    ("simple", b"a\r\nb\r\n", b"a\r\nb", "without the last line end"),
]


@pytest.mark.parametrize(("form", "body", "signed", "words"), OLD_BODIES, ids=range(len(OLD_BODIES)))
async def test_a_body_hashed_by_an_old_signer(form: str, body: bytes, signed: bytes, words: str) -> None:
    failed = await explained(sign(MESSAGE.removesuffix(BODY) + body, c=f"relaxed/{form}", bh=hashed(signed)))
    (found,) = failed.restored_by
    assert words in found.statement


EITHER = "folds were added after signing, inside words, or the signer does not follow relaxed"


def joined(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.replace(b"\r\n", b"")


# Each: how the signer puts a field into its form, the field, words of the statement.
OLD_FIELDS: list[tuple[Callable[[bytes], bytes], bytes, str]] = [
    (lambda f: joined(f)[0] + b": " + b" ".join(joined(f)[1].split()) if b":\r\n" in f else as_relaxed(f),
     b"List-Help:\r\n\t<https://example.org/help>", "a blank after the colon of List-Help"),
    (lambda f: joined(f)[0] + b": " + b" ".join(joined(f)[1].split()), b"X-A: b", "after the colon of From, X-A"),
    (lambda f: as_relaxed(f) + (b" " if f.endswith(b" ") else b""), b"X-A: b ", "the blank at the end of X-A"),
    (lambda f: joined(f)[0] + b":" + joined(f)[1].strip(), b"X-A: b   c", "blanks in X-A"),
    (lambda f: joined(f)[0] + b":" + re.sub(b" +", b" ", joined(f)[1]).strip(), b"X-A: b\tc", "X-A"),
    (lambda f: as_relaxed(f.replace(b"\r\n\t", b"")), b"X-A: b,\r\n\tc", f"the folds of X-A: {EITHER}"),
    (lambda f: f.partition(b":")[0] + b":" + as_relaxed(f).partition(b":")[2], b"X-A: b", "the names of From, X-A as they are"),
]  # fmt: skip
signing_form = signing._header


def as_relaxed(line: bytes) -> bytes:
    return signing_form(line, "relaxed")


@pytest.mark.parametrize(("form", "field", "words"), OLD_FIELDS, ids=range(len(OLD_FIELDS)))
async def test_a_header_signed_by_an_old_signer(
    form: Callable[[bytes], bytes], field: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = field.partition(b":")[0].decode()
    with monkeypatch.context() as patched:
        patched.setattr(
            signing, "_header", lambda line, _: as_relaxed(line) if line.startswith(b"DKIM-") else form(line)
        )
        signed = sign(field + b"\r\n" + MESSAGE, h=f"From:{name}")
    failed = await explained(signed)
    assert (failed.result, failed.signed_by_key) == ("fail", True)
    (found,) = failed.restored_by
    assert (found.rewrite, failed.suspects) == ("canonicalization", ())
    assert words in found.statement
    assert "not the canonical form" in (failed.reason or "")


# Each: h=, the text of the field that is folded, its folded form, the rewrite, a part of the statement.
FOLDED: list[tuple[str, bytes, bytes, str, str]] = [
    ("from:to:date", b"from:to:date", b"from:to:\r\n date", "canonicalization", f"the folds of DKIM-Signature: {EITHER}"),
    ("from:to:date", b" h=from", b" h\r\n =from", "canonicalization", f"the folds of DKIM-Signature: {EITHER}"),
    ("from:to:\r\n\tdate", b"from:to:", b"from:\r\n to:", "folding", "the fold of DKIM-Signature before 'to:': it was "
     "folded there after signing, inside a word"),
    ("from:to", b"alice@example.org>", b"alice@\r\n example.org>", "canonicalization", f"folds of From: {EITHER}"),
    ("from:references", b"two@example.org>", b"two@\r\n example.org>", "folding", "the fold of References before 'example.org>"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "before", "after", "rewrite", "words"), FOLDED, ids=range(len(FOLDED)))
async def test_a_field_that_a_relay_folded_where_there_was_no_blank(
    names: str, before: bytes, after: bytes, rewrite: str, words: str
) -> None:
    signed = sign(b"References: <one@example.org>\r\n\t<two@example.org>\r\n" + MESSAGE, h=names)
    assert (await explained(signed)).result == "pass"
    failed = await explained(signed.replace(before, after, 1))
    assert [one.rewrite for one in failed.restored_by] == [rewrite]
    assert words in failed.restored_by[0].statement


@pytest.mark.parametrize("name", ["List-Id", "List-Post", "List-Unsubscribe", "Mailing-List"])
async def test_a_list_field_that_is_signed_proves_no_list(name: str) -> None:
    message = f"{name}: <x.example.org>\r\n".encode() + MESSAGE
    failed = await explained(sign(message, h=f"From:Subject:{name}").replace(b"Lunch at noon", b"Supper"))
    assert failed.restored_by == ()
    assert not any("list" in suspect for suspect in failed.suspects)


# Each: the subject as it was signed, as it arrives.
SUBJECTS = [
    ("Grüße aus Köln".encode(), b"=?utf-8?b?" + base64.b64encode("Grüße aus Köln".encode()) + b"?="),
    (b"=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "Grüße aus Köln".encode()),
    (b"=?UTF-8?B?" + base64.b64encode("Grüße".encode()) + b"?=", b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?="),
    (b"=?iso-8859-1?Q?Gr=FC=DFe?=", b"=?utf-8?b?" + base64.b64encode("Grüße".encode()) + b"?="),
    (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Bonn", "Grüße aus Bonn".encode()),
]


@pytest.mark.parametrize(("before", "after"), SUBJECTS, ids=range(len(SUBJECTS)))
async def test_encoded_words_written_otherwise(before: bytes, after: bytes) -> None:
    signed = sign(MESSAGE.replace(b"Lunch at noon", before), h="From:Subject")
    assert (await explained(signed)).result == "pass"
    (found,) = (await explained(signed.replace(before, after))).restored_by
    assert found.rewrite == "encoded-words"


@pytest.mark.parametrize("body", [TEXT, UMLAUTS, DOTS, LONG, HTML, b"", b"\r\n" * 500, b".\r\n" * 500])
@pytest.mark.parametrize("form", ["simple", "relaxed"])
@pytest.mark.parametrize("encoding", ["", "base64", "quoted-printable"])
def test_nothing_is_claimed_that_is_not_right(body: bytes, form: str, encoding: str) -> None:
    assert restore(body, Wanted(form, None, "sha256", bytes(32)), Budget(), encoding) is None


def test_single_lines_are_tried_within_the_budget() -> None:
    lost = DOTS.replace(b"\r\n.hidden", b"\r\nhidden")
    wanted = Wanted("simple", None, "sha256", hashlib.sha256(DOTS).digest())
    assert restore(lost, wanted, Budget()) is not None
    assert restore(lost, wanted, Budget(10 * len(lost))) is None
