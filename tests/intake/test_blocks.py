from __future__ import annotations

import codecs

import pytest

from smtpprobe.intake.blocks import in_utf8
from smtpprobe.intake.found import text

WORDS = "550 5.1.1 grüß 🙂\r\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@pytest.mark.parametrize("size", [4, 5, 7, 1000])
def test_the_mark_decides_wherever_the_blocks_end(mark: bytes, encoding: str, size: int) -> None:
    octets = mark + WORDS.encode(encoding)
    blocks = [octets[at : at + size] for at in range(0, len(octets), size)]
    made = list(in_utf8(blocks))
    assert b"".join(made) == WORDS.encode()
    assert all(made)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ([], []),
        ([codecs.BOM_UTF16_LE], []),
        ([codecs.BOM_UTF16_LE + b"5\x000"], [b"5", b"\\x30"]),
        ([codecs.BOM_UTF16_LE + b"\x00\xd8x\x00"], [b"\\x00\\xd8x"]),
        ([b"\xff5", b"\xfe"], [b"\xff5", b"\xfe"]),
    ],
)
def test_what_is_no_text_in_its_encoding(octets: list[bytes], expected: list[bytes]) -> None:
    assert [each for each in in_utf8(octets) if each] == expected


def test_octets_that_are_not_utf8() -> None:
    assert text(b"inconnu \xe9\xe8 \xc3\xa9") == "inconnu \\xe9\\xe8 é"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_mark(encoding: str) -> None:
    octets = WORDS.encode(encoding)
    assert b"".join(in_utf8([octets])) == WORDS.encode()
    assert b"".join(in_utf8([octets[:31], octets[31:]])) == WORDS.encode()


@pytest.mark.parametrize("octets", [b"a\0b", b"\0\0\0\0\0\0\0\0", bytes(range(32)), b"550 \0\0\0 no"])
def test_a_few_nul_octets_are_no_utf_16(octets: bytes) -> None:
    assert b"".join(in_utf8([octets])).replace(b"\n", b"\r") == octets.replace(b"\n", b"\r")


def test_lines_that_end_with_cr_alone() -> None:
    assert list(in_utf8([b"220 a\r550 b\r", b"450 c\r"])) == [b"220 a\n550 b\n", b"450 c\n"]
    assert list(in_utf8([b"220 a\r\n550 b\r", b"450 c\r"])) == [b"220 a\r\n550 b\r", b"450 c\r"]
