"""Links that mail filters rewrote are undone, and bodies that were cut are told where it shows."""

from __future__ import annotations

import base64

import pytest

from tests.mailauth.dkim.restore.test_restore import BODY, MESSAGE, SIGNED_FIELDS, explained
from tests.mailauth.dkim.signing import sign

URL = b"https://example.org/?a=1&b=2"
QUOTED = b"https%3A%2F%2Fexample.org%2F%3Fa%3D1%26b%3D2"
SAFE = (
    b"https://eur01.safelinks.protection.outlook.com/?url="
    + QUOTED
    + b"&data=05%7C02%7Cbob%40example.net&sdata=q%3D&reserved=0"
)
TEXT = b"see " + URL + b" today\r\n"

# Each: the filter, and the link as it writes it.
LINKS = [
    ("safelinks.protection.outlook.com", SAFE),
    ("safelinks.protection.outlook.com", SAFE.replace(b".com/?", b".com/ap/t-59584e83/?")),
    ("urldefense.proofpoint.com",
     b"https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_-3Fa-3D1-26b-3D2&d=DwMFaQ&c=x&r=y&m=z&s=w&e="),
    ("urldefense.com", b"https://urldefense.com/v3/__https://example.org/?a=1&b=2__;!!Ab!Cd_-$"),
    ("urldefense.com", b"https://urldefense.com/v3/__https://example.org/?a=1*b=2__;Jg!!Ab!Cd$"),
    ("urldefense.com", b"https://urldefense.com/v3/__https://example.org**Aa=1&b=2__;Lz8!!Ab!Cd$"),
    ("linkprotect.cudasvc.com", b"https://linkprotect.cudasvc.com/url?a=" + QUOTED.lower() + b"&c=E,1,x&typo=1"),
    ("secure-web.cisco.com", b"https://secure-web.cisco.com/1abc-DEF/" + QUOTED),
    ("fireeye.com", b"https://protect2.fireeye.com/v1/url?k=1-2&q=1&e=2&u=" + QUOTED),
    ("trendmicro.com", b"https://x-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=" + QUOTED + b"&umid=1&auth=2"),
    ("protection.sophos.com",
     b"https://eu-central-1.protection.sophos.com?d=example.org&u=" + base64.b64encode(URL) + b"&i=x&t=y"),
]  # fmt: skip


# Each: a body in which a link cannot be led back, and the filter that is seen in it.
SEEN = [
    (b"https://protect-us.mimecast.com/s/AbCd?domain=example.org", "protect-us.mimecast.com"),
    (b"https://urldefense.com/v3/__https://example.com__", "urldefense.com"),
    (b"https://eu-central-1.protection.sophos.com?d=example.org", "protection.sophos.com"),
    (b"https://protect2.fireeye.com/v1/url?k=1-2&u=" + QUOTED, "fireeye.com"),
    (b"https://www.trendmicro.com/en_us/about.html", None),
    (b"we use trendmicro.com and urldefense.com here", None),
]


@pytest.mark.parametrize(("link", "host"), SEEN, ids=range(len(SEEN)))
async def test_a_filter_is_seen_in_the_links_of_a_body(link: bytes, host: str | None) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + link + b"\r\n", h=SIGNED_FIELDS)
    failed = await explained(
        signed.removesuffix(link + b"\r\n") + link + b" changed beyond what can be undone, twice\r\n" * 2
    )
    said = [suspect for suspect in failed.suspects if "a mail filter" in suspect]
    assert failed.restored_by == ()
    assert said == ([said[0]] if host else [])
    assert host is None or f"lead to {host}, a mail filter" in said[0]


@pytest.mark.parametrize(("host", "link"), LINKS, ids=range(len(LINKS)))
@pytest.mark.parametrize(
    ("body", "is_html", "footer"),
    [
        (TEXT, False, b""),
        (TEXT + b"and " + URL + b"\r\n", False, b"-- \r\nScanned.\r\n"),
        (b'<a href="' + URL.replace(b"&", b"&amp;") + b'">x</a>\r\n', True, b""),
    ],
)
@pytest.mark.parametrize("form", ["simple", "relaxed"])
async def test_links_lead_where_they_led(
    form: str, body: bytes, is_html: bool, footer: bytes, host: str, link: bytes
) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + body, c=f"relaxed/{form}", h=SIGNED_FIELDS)
    url = URL.replace(b"&", b"&amp;") if is_html else URL
    arrived = body.replace(url, link.replace(b"&", b"&amp;") if is_html and host.startswith("safe") else link)
    failed = await explained(signed.removesuffix(body) + arrived + footer)
    (found,) = failed.restored_by
    assert found.rewrite == "rewritten-links"
    assert f"once the links lead past {host} again" in found.statement
    assert ("without the last 2 lines" in found.statement) is bool(footer)


@pytest.mark.parametrize(
    "link", [SAFE, b"https://urldefense.com/v3/__x__;%%%!!a!b$", b"https://urldefense.com/v3/broken"]
)
async def test_a_text_that_was_changed_too_is_not_restored(link: bytes) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + TEXT, c="relaxed/relaxed", h=SIGNED_FIELDS)
    failed = await explained(signed.removesuffix(TEXT) + TEXT.replace(URL, link).replace(b"today", b"never"))
    assert (failed.result, failed.restored_by) == ("fail", ())
    assert any("whether they did when it was signed cannot be told" in each for each in failed.suspects)


MULTIPART = b"--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--b1--\r\n"


@pytest.mark.parametrize(
    ("body", "kept", "said"),
    [
        (MULTIPART, 60, "the last delimiter '--b1--' is missing"),
        (b"word " * 2000, 4096, "the body ends in the middle of a line, after exactly 4,096 octets"),
    ],
)
async def test_a_body_that_was_cut(body: bytes, kept: int, said: str) -> None:
    signed = sign(MESSAGE.removesuffix(BODY) + body, c="relaxed/relaxed", h=SIGNED_FIELDS)
    failed = await explained(signed[: len(signed) - len(body) + kept])
    assert (failed.result, failed.restored_by) == ("fail", ())
    assert any(said in each for each in failed.suspects)
