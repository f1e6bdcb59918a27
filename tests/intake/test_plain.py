"""Escape sequences, wherever the blocks of an input part them."""

from __future__ import annotations

import pytest

from smtpprobe.intake.pasted.plain import plain

_TEXT = b"a\x1b[31mb\x1b[0m\n\x1b]8;;https://example.com/\x1b\\c\x1b]8;;\x1b\\d\x1b(Be\x1b"


@pytest.mark.parametrize("size", range(1, 40))
def test_every_split(size: int) -> None:
    blocks = [_TEXT[at : at + size] for at in range(0, len(_TEXT), size)]
    assert b"".join(plain(blocks)) == b"ab\ncde\x1b"


def test_what_never_ends_is_kept() -> None:
    endless = b"\x1b]" + b"x" * 9000
    assert b"".join(plain([endless[at : at + 100] for at in range(0, len(endless), 100)])) == endless
