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
