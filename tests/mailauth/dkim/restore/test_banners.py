"""A gateway's banner in a text part, in a page or in both is found; a text that was changed too is not."""

from __future__ import annotations

import pytest

from tests.mailauth.dkim.restore.test_restore import BODY, MESSAGE, SIGNED_FIELDS, explained
from tests.mailauth.dkim.signing import sign

PAGE = b'<html><body class="x">\r\n<p>Dear Bob</p>\r\n</body></html>\r\n'
PARTS = (
    b"--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nDear Bob\r\n\r\nAlice\r\n"
    b"--b1\r\nContent-Type: text/html\r\n\r\n" + PAGE + b"--b1--\r\n"
)
TEXT_BANNER = b"[EXTERNAL] Be careful.\r\n\r\n"
PAGE_BANNER = b'<div style="color:red"><p>CAUTION: from outside.</p></div>'


def with_banners(body: bytes, text: bytes, page: bytes) -> bytes:
    return body.replace(b"\r\n\r\nDear", b"\r\n\r\n" + text + b"Dear").replace(b'class="x">', b'class="x">' + page)


@pytest.mark.parametrize("form", ["simple", "relaxed"])
@pytest.mark.parametrize(
    ("body", "text", "page", "words"),
    [
        (PAGE, b"", PAGE_BANNER, "in its HTML: a gateway's banner"),
        (PAGE, b"", b"\r\n" + PAGE_BANNER, "in its HTML"),
        (PAGE, b"", b"<table><tr><td>CAUTION</td></tr></table><br>", "in its HTML"),
        (PARTS, b"", PAGE_BANNER, "in its HTML"),
        (PARTS, TEXT_BANNER, PAGE_BANNER, "in its text and in its HTML"),
    ],
)
async def test_a_banner_is_found(form: str, body: bytes, text: bytes, page: bytes, words: str) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + body, c=f"relaxed/{form}", h=SIGNED_FIELDS)
    head = signed.removesuffix(body)
    failed = await explained(head + with_banners(body, text, page))
    (found,) = failed.restored_by
    assert found.rewrite == "banner"
    assert words in found.statement
    other = await explained(head + with_banners(body, text, page).replace(b"Dear Bob", b"Dear Rob"))
    assert (other.result, other.restored_by) == ("fail", ())
