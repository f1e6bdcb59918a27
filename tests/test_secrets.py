"""No secret in anything that leaves the program, whatever a server echoes back."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import html
import json
import re
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpprobe.model.report import Report
from smtpprobe.model.request import ChannelBinding, Credentials, Diagnose, Request, Target
from smtpprobe.model.transcript import Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.zones import zone_resolver
from smtpprobe.wire.sasl import registered
from smtpprobe.wire.sasl.digest import digests
from smtpprobe.wire.sasl.preparation import prepared

USER = "alice@example.org"
PASSWORDS = {
    "plain": "Tr0ub4dor-und-3",
    "punctuation": "p&s<w>o\"r'd %/\\+=;",
    "not ASCII": "pässwörd-Ω-ключ",
    "short": "qzx9",
}
MECHANISMS = (
    "PLAIN", "LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "XOAUTH2",
    "OAUTHBEARER",
)  # fmt: skip
CHALLENGE = 'realm="mx.example.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8'


class Echo(asyncio.Protocol):
    """A server that knows no discretion: each line of AUTH comes back raw, decoded, and in every encoding at hand.

    `last` is the code with which it ends the exchange.
    """

    def __init__(self, mechanism: str, password: str, last: int) -> None:
        self.mechanism = mechanism
        self.password = password
        self.last = last
        self.buffer = b""
        self.authenticating: Iterator[bytes] | None = None
        self.heard: list[bytes] = []
        self.derived: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 mx.example.com ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            self.transport.write(self.answer(line))

    def answer(self, line: bytes) -> bytes:
        verb = line.split(b" ")[0].upper()
        if self.authenticating is not None:
            return self.step(line)
        if verb == b"EHLO":
            return b"250-mx.example.com\r\n250 AUTH " + registered(self.mechanism).encode() + b"\r\n"
        if verb == b"AUTH":
            self.authenticating = self.challenges()
            return self.step(line.partition(b" ")[2].partition(b" ")[2], first=True)
        if verb == b"QUIT":
            return b"221-" + self.echo(b"") + b"\r\n221 Bye\r\n"
        return b"250-" + self.echo(b"") + b"\r\n250 Ok\r\n250 " + self.echo(b"") + b"\r\n"

    def step(self, response: bytes, *, first: bool = False) -> bytes:
        assert self.authenticating is not None
        if response:
            self.heard.append(response)
        challenge = next(self.authenticating, None)
        if challenge is None:
            self.authenticating = None
            code = str(self.last).encode()
            return code + b"-you said " + self.echo(response) + b"\r\n" + code + b" 5.7.8 " + self.echo(b"") + b"\r\n"
        if self.mechanism in ("LOGIN", "XOAUTH2", "OAUTHBEARER"):
            # A prompt that nothing is computed with may hold the echo too.
            challenge = base64.b64encode(base64.b64decode(challenge) + b" " + self.decoded())
        return b"334 " + challenge + b"\r\n"

    def challenges(self) -> Iterator[bytes]:
        encode = base64.b64encode
        match self.mechanism:
            case "LOGIN":
                yield encode(b"Username:")
                yield encode(b"Password:")
            case "LOGIN-INITIAL":
                yield encode(b"Password:")
            case "CRAM-MD5":
                yield encode(b"<1.2@mx.example.com>")
            case "DIGEST-MD5":
                yield encode(CHALLENGE.encode())
                yield encode(self.rspauth())
            case "SCRAM-SHA-256" | "SCRAM-SHA-256-PLUS":
                yield encode(self.server_first())
                yield encode(self.server_final())
            case "XOAUTH2" | "OAUTHBEARER":
                yield encode(b'{"status":"401"}')

    def server_first(self) -> bytes:
        self.client_first = base64.b64decode(self.heard[-1]).partition(b",,")[2]
        nonce = self.client_first.rpartition(b"r=")[2] + b"server"
        self.first = b"r=" + nonce + b",s=" + base64.b64encode(b"salt") + b",i=4096"
        return self.first

    def server_final(self) -> bytes:
        without_proof = base64.b64decode(self.heard[-1]).rpartition(b",p=")[0]
        secret = prepared(self.password, "the password").encode()
        salted = hashlib.pbkdf2_hmac("sha256", secret, b"salt", 4096)
        message = b",".join((self.client_first, self.first, without_proof))
        signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        self.derived |= {base64.b64encode(signature).decode(), signature.hex()}
        return b"v=" + base64.b64encode(signature)

    def rspauth(self) -> bytes:
        """The server's digest, which it has as the client has its own."""
        said = self._decoded(self.heard[-1]).decode("utf-8", "replace")
        given = {name: pattern.search(f",{said}")[1] for name, pattern in SAID.items()}  # type: ignore[index]
        hashed = ":".join((narrow(USER), "mx.example.com", narrow(self.password)))
        response, own = digests(hashed, given)
        assert f"response={response}" in said
        self.derived |= {response, own}
        return b"rspauth=" + own.encode()

    def decoded(self) -> bytes:
        return b" ".join(self._decoded(each) for each in self.heard).replace(b"\r", b"").replace(b"\n", b"")

    @staticmethod
    def _decoded(response: bytes) -> bytes:
        try:
            return base64.b64decode(response, validate=True)
        except binascii.Error:
            return response

    def echo(self, response: bytes) -> bytes:
        said = b" ".join(self.heard) + b" " + response
        decoded = self.decoded()
        secret = self.password.encode()
        shapes = (
            said, decoded, secret, secret.hex().encode(), secret.hex().upper().encode(),
            *(base64.b64encode(b"x" * count + secret + b"y" * count) for count in range(4)),
            *(base64.urlsafe_b64encode(b"x" * count + secret) for count in range(4)),
            base64.b64encode(b"\0" + USER.encode() + b"\0" + secret),
            urllib.parse.quote(self.password, safe="").encode(), urllib.parse.quote_plus(self.password).encode(),
            urllib.parse.quote(self.password, safe="").lower().encode(),
            html.escape(self.password).encode(), json.dumps(self.password).encode(),
        )  # fmt: skip
        return b" ".join(shapes).replace(b"\r", b"").replace(b"\n", b"")


SAID = {name: re.compile(rf',{name}="([^"]*)"') for name in ("nonce", "cnonce", "digest-uri")}


def narrow(text: str) -> str:
    """RFC 2831 §2.1.2.1: ISO 8859-1 where that holds the text, else the octets of UTF-8."""
    try:
        return text.encode("latin-1").decode("latin-1")
    except UnicodeEncodeError:
        return text.encode().decode("latin-1")


def needles(password: str, heard: list[bytes]) -> set[str]:
    """What must not be found: the password in every encoding, and each computed response."""
    secret = password.encode()
    found = {
        password,
        secret.hex(),
        urllib.parse.quote(password, safe=""),
        json.dumps(password)[1:-1],
        html.escape(password),
    }
    found |= {repr(password)[1:-1], repr(secret)[2:-1], password.encode("ascii", "backslashreplace").decode()}
    for encoder in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # Those characters of the encoded text that stand for octets of the secret alone.
            encoded = encoder(b"\0" * before + secret).decode()
            found.add(encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6])
    user = USER.encode()
    for response in heard:
        decoded = Echo._decoded(response)
        if decoded not in (user, b"", b"\x01") and b",,n=" not in decoded[:32]:
            found.add(response.decode())
            if decoded.startswith(user + b" "):
                found.add(decoded.removeprefix(user + b" ").decode())
            elif b",p=" in decoded:
                found.add(decoded.rpartition(b",p=")[2].decode())
    return {needle for needle in found if len(needle) >= 4 and needle not in ("", "\x01")}


def outputs(report: Report) -> dict[str, str]:
    pretty = as_json.render(report)
    raws = [base64.b64decode(each) for each in _strings(json.loads(pretty)) if _is_base64(each)]
    return {
        "json": pretty,
        "json decoded": b"\n".join(raws).decode("utf-8", "replace"),
        "json unescaped": "\n".join(_strings(json.loads(pretty))),
        "text": as_text.render(report, verbosity=1),
        "text on a wide terminal": as_text.render(report, verbosity=1, width=100000, colour=True),
        "repr": repr(report),
    }


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


async def attempted(mechanism: str, password: str, last: int, serve: Callable[..., Echo] = Echo) -> tuple[Report, Echo]:
    made: list[Echo] = []

    def connected() -> Echo:
        made.append(serve(mechanism, password, last))
        return made[-1]

    bound = mechanism.endswith("-PLUS")
    context = server_certificate(names=("127.0.0.1",)).server_context() if bound else None
    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        request = Request(
            target=Target(given=f"127.0.0.1:{port}", host="127.0.0.1", port=port, literal=True, implicit_tls=bound),
            helo="client.example.org", mail_from=USER, rcpt_to=("bob@example.com",), user=USER, mech=mechanism,
            insecure_auth=True, send_anyway=True, diagnose=Diagnose.ALWAYS, client_ip="198.51.100.7",
            only_dnsbl=("zen.dnsbl.example",),
            timeout_s=5, channel_binding=ChannelBinding.TLS_SERVER_END_POINT if bound else None,
        )  # fmt: skip
        report = await probe(request, credentials=Credentials(USER, password), resolver=zone_resolver(""))
    return report, made[0]


@pytest.mark.parametrize("last", [535, 235, 454])
@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_a_secret_that_is_echoed_is_nowhere(
    mechanism: str, password: str, last: int, capsys: pytest.CaptureFixture[str]
) -> None:
    report, server = await attempted(mechanism, password, last)
    assert server.heard, "nothing was sent: the test proves nothing"
    assert any(exchange.phase == "auth" and exchange.reply for exchange in report.transcripts[0].exchanges)
    streams = capsys.readouterr()
    places = {**outputs(report), "stdout": streams.out, "stderr": streams.err}
    assert not leaks(password, server, places)


def leaks(password: str, server: Echo, places: dict[str, str]) -> set[tuple[str, str]]:
    """Where something of the secret, or that follows from it, stands."""
    return {
        (place, needle)
        for needle in needles(password, server.heard) | server.derived
        for place, text in places.items()
        if needle.lower() in text.lower()
    }


# What SASLprep does not prohibit; the digits keep it from being a word of the report's own.
LETTERS = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Sm"), max_codepoint=0x4FF), min_size=6, max_size=20)


@given(LETTERS.map("7{}4".format))
@settings(max_examples=4, deadline=None)
@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_whatever_the_password_is_it_is_nowhere(mechanism: str, password: str) -> None:
    report, server = await attempted(mechanism, password, 235)
    assert report.outcome.status is not Status.NO_SESSION
    assert not leaks(password, server, outputs(report))


async def test_the_echo_arrives_and_is_replaced() -> None:
    report, _ = await attempted("PLAIN", PASSWORDS["plain"], 535)
    (refusal,) = [x for x in report.transcripts[0].exchanges if x.phase == "auth"]
    assert refusal.reply is not None
    assert "‹hidden›" in refusal.reply.text
    assert refusal.sent == "AUTH PLAIN ‹credentials›"


class Cut(Echo):
    """Closes in the middle of the echo."""

    def step(self, response: bytes, *, first: bool = False) -> bytes:
        answer = super().step(response, first=first)
        if self.authenticating is None:
            self.transport.write(answer[: answer.index(b"\r\n") - 1])
            self.transport.close()
            return b""
        return answer


async def test_the_last_octets_of_a_broken_reply_hold_no_secret() -> None:
    password = PASSWORDS["plain"]
    report, server = await attempted("PLAIN", password, 535, Cut)
    partial = report.transcripts[0].exchanges[-1].partial
    assert partial.startswith(b"535-you said")
    for place, text in outputs(report).items():
        for needle in needles(password, server.heard):
            assert needle.lower() not in text.lower(), place


def test_credentials_show_nothing_of_themselves() -> None:
    credentials = Credentials(USER, "Tr0ub4dor-und-3")
    assert "Tr0ub4dor" not in f"{credentials!r} {credentials!s}"
    with pytest.raises(TypeError):
        credentials.__reduce__()
