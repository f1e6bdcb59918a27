"""Bounces whose words are encoded or marked up: recognised by what they say, whoever sent them."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

import pytest

from smtpprobe.intake import recognise
from smtpprobe.intake.found import Counts

HTML = """\
<html><head><style>p { color: #550; }</style></head><body>
<p><b>Delivery has failed to these recipients or groups:</b></p>
<p><a href="mailto:bob@example.com">bob@example.com</a><br>Das Postfach des Empf&auml;ngers ist voll.<br></p>
<p>{heading}</p>
<p>{server} mail.example.org<br></p>
<p>bob@example.com<br>{said}<br></p>
<p>{returned}</p>
<pre>Received: from x by y; 550 5.7.1 not this
Subject: 550 5.7.1 nor this</pre>
</body></html>
"""
ENGLISH = {
    "heading": "Diagnostic information for administrators:",
    "server": "Generating server:",
    "returned": "Original message headers:",
}
GERMAN = {
    "heading": "Diagnoseinformationen f&uuml;r Administratoren:",
    "server": "Generierender Server:",
    "returned": "Urspr&uuml;ngliche Nachrichtenkopfzeilen:",
}
HASHED = "#550 5.2.2 STOREDRV.Deliver; mailbox full ##"
QUOTED = "Remote Server returned &#39;550 5.2.2 STOREDRV.Deliver; mailbox full&#39;"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.encodebytes,
    "quoted-printable": quopri.encodestring,
    "8bit": bytes,
}


def mail(html: str, sender: str, coding: str, charset: str = "utf-8", kind: str = "text/html") -> bytes:
    fields = (
        f"From: {sender}\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nContent-Type: {kind}; charset={charset}\n"
        f"Content-Transfer-Encoding: {coding}\n\n"
    )
    return fields.encode() + PACKERS[coding](html.encode(charset))


def read(octets: bytes) -> list[tuple[object, ...]]:
    taken = recognise.recognise(octets)
    assert taken is not None
    assert taken.words.startswith("bounce")
    found = recognise.refusals([octets], taken, Counts())
    return [(f.reply, f.recipient_domain, f.peer, f.when) for f in found]


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize(
    "sender", ["postmaster@example.org", "alice@example.org", "MicrosoftExchange329e71ec88ae@example"]
)
@pytest.mark.parametrize("said", [HASHED, QUOTED])
@pytest.mark.parametrize("words", [ENGLISH, GERMAN], ids=["English", "German"])
def test_an_exchange_report_is_read_in_every_encoding(
    coding: str, sender: str, said: str, words: dict[str, str]
) -> None:
    html = HTML
    for name, value in (words | {"said": said}).items():
        html = html.replace("{" + name + "}", value)
    expected = ("550 5.2.2 STOREDRV.Deliver; mailbox full", "example.com", None, "Mon, 2 Nov 2026 10:00:00 +0000")
    assert read(mail(html, sender, coding)) == [expected]


@pytest.mark.parametrize(
    ("charset", "coding", "kind", "words"),
    [
        ("iso-8859-1", "quoted-printable", "text/plain", "déjà vu"),
        ("windows-1251", "base64", "text/plain", "нет такого ящика"),
        ("iso-2022-jp", "base64", "text/plain", "宛先不明"),
        ("utf-16le", "base64", "text/html", "gr&uuml;n"),
    ],
)
def test_the_charset_that_the_part_names(charset: str, coding: str, kind: str, words: str) -> None:
    body = f"Generating server: x\n\nbob@example.com\nRemote Server returned '550 5.1.1 {words}'\n"
    ((reply, *_),) = read(mail(body, "postmaster@example.org", coding, charset, kind))
    assert reply == f"550 5.1.1 {words}".replace("&uuml;", "ü")


@pytest.mark.parametrize("charset", ["us-ascii", "x-unknown", "punycode", "utf-7", "zlib", "undefined"])
def test_a_charset_that_is_not_used_costs_nothing(charset: str) -> None:
    octets = mail("bob@example.com\nRemote Server returned '550 5.1.1 ete'", "postmaster@example.org", "8bit")
    octets = octets.replace(b"ete", b"\xe9t\xe9").replace(b"charset=utf-8", b"charset=" + charset.encode())
    assert [reply for reply, *_ in read(octets)] == ["550 5.1.1 \\xe9t\\xe9"]


def test_a_mail_that_quotes_a_reply_is_decoded() -> None:
    words = "When I write to bob@example.com I get: 550 5.1.1 Recipient address rejected: there is no such user here"
    octets = mail(words, "alice@example.org", "base64", kind="text/plain")
    taken = recognise.recognise(octets)
    assert taken is not None
    assert taken.words == "text that quotes a reply"
    (found,) = recognise.refusals([octets], taken, Counts())
    assert (found.reply, found.recipient_domain) == (words[words.index("550") :], "example.com")


@pytest.mark.parametrize("piece", [b"<style>", b"<p ", b"<p>", b"<!--", b"&#", b"=E9", b"<br", b"\n<"])
def test_no_markup_takes_long(piece: bytes) -> None:
    octets = b"Content-Type: text/html\n\n" + piece * ((1 << 18) // len(piece))
    taken = recognise.Taken(template="x", reader="bounce")
    assert recognise.recognise(octets) is None
    assert not list(recognise.refusals([octets], taken, Counts()))


def test_a_long_report_of_sendmail_takes_little() -> None:
    addresses = b"<b@example.com>\n  (reason: 550 no)\n" * 3000
    octets = addresses[: 1 << 15] + b"\n---- Transcript of session follows ----\n>>> DATA\n" + b"<<< 550 no\n" * 3000
    found = list(recognise.refusals([octets], recognise.Taken(template="x", reader="bounce"), Counts()))
    assert len(found) < 6000
