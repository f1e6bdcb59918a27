"""A whole session with a server of random octets, to the report and every page of it, the password looked for."""

from __future__ import annotations

import asyncio
import base64
import functools
import re
from collections.abc import Iterator

from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Diagnose, Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.saved import load
from smtpprobe.pipeline.probe import probe
from smtpprobe.pipeline.replay import replay
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.zones import zone_resolver
from tests import test_secrets
from tests.fuzz import target, wire
from tests.fuzz.memory import Loop, Server, by_length, by_reply
from tests.fuzz.target import Choices

MECHANISMS = (
    None, "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
)  # fmt: skip
USER, PASSWORD = test_secrets.USER, test_secrets.PASSWORDS["plain"]
_ENCODE = base64.b64encode
_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3} ")
# Its base64 differs from the password's in the last bits alone, where base64 goes on with what follows: no leak.
_NEARLY = re.compile(re.escape(PASSWORD[:-1].encode()) + b"(?!%s)" % PASSWORD[-1].encode(), re.IGNORECASE)
ZONE = 'example.org. TXT "v=spf1 -all"\n_dmarc.example.org. TXT "v=DMARC1; p=reject"\n'


def dialogue(octets: bytes) -> None:
    """The report has no bug in it; no output steers or tells the password; the saved report is the same again."""
    choices = Choices(octets)
    mechanism, with_tls = choices.one_of(MECHANISMS), choices.number(4) == 3
    length = choices.number(64)
    segments = by_length(choices.rest, length) if length else by_reply(choices.rest)
    server = Server(segments)
    report = _held(server, mechanism, with_tls)
    assert not any("internal error" in (each.reason or "") for each in (report.outcome, *report.checks))
    places = test_secrets.outputs(report)
    harmless = [places["json"], *target.in_every_language(functools.partial(as_text.render, report, verbosity=1))]
    for page in harmless:
        target.assert_harmless(page)
    again = replay(load(places["json"].encode()))
    assert as_json.render(again) == places["json"]
    assert as_text.render(again, verbosity=1) == places["text"]
    if _NEARLY.search(octets):
        return
    everywhere = "\n".join([*places.values(), *harmless, *_replies_in_one_line(report)]).lower()
    told = [needle for needle in _needles(server.heard) if needle.lower() in everywhere]
    assert not told


def _held(server: Server, mechanism: str | None, with_tls: bool) -> Report:
    request = Request(
        target=Target(given="192.0.2.2:25", host="192.0.2.2", port=25, literal=True),
        helo="client.example.org", mail_from=USER, rcpt_to=("bob@example.com", "eve@example.com"), user=USER,
        mech=mechanism, insecure_auth=True, diagnose=Diagnose.ALWAYS, client_ip="198.51.100.7",
        only_dnsbl=("zen.dnsbl.example",), timeout_s=5.0, deadline_s=60.0,
        tls=TlsOptions(policy=TlsPolicy.AUTO if with_tls else TlsPolicy.OFF),
    )  # fmt: skip
    with asyncio.Runner(loop_factory=lambda: Loop(server)) as runner:
        return runner.run(probe(request, credentials=Credentials(USER, PASSWORD), resolver=zone_resolver(ZONE)))


def _needles(heard: list[bytes]) -> set[str]:
    """What must not be found: as in the tests of secrets, and what base64 makes of base64."""
    twice = _ENCODE(_ENCODE(PASSWORD.encode())).decode()
    return {*test_secrets.needles(PASSWORD, _responses(heard)), twice.rstrip("=")[:-1]}


def _replies_in_one_line(report: Report) -> Iterator[str]:
    """The lines of each reply joined as if none were broken, without the codes that begin them."""
    replies = [each.reply for transcript in report.transcripts for each in transcript.exchanges if each.reply]
    for reply in replies:
        yield "".join(_ENHANCED.sub("", line) for line in reply.lines)


def _responses(heard: list[bytes]) -> list[bytes]:
    """What the client sent of its login."""
    commands = (b"EHLO ", b"HELO ", b"MAIL ", b"RCPT ", b"DATA", b"RSET", b"QUIT", b"STARTTLS", b"NOOP")
    found = []
    for line in b"".join(heard).split(b"\r\n"):
        if line.startswith(b"AUTH "):
            found.append(b"".join(line.split(b" ")[2:]))
        elif line and not line.startswith(commands):
            found.append(line)
    return [each for each in found if each]


def _stream(mechanism: str, *login: bytes) -> bytes:
    """The choices for this mechanism, and a server that offers it and goes on."""
    greeting = b"220 mx.example.com ESMTP\r\n250-mx.example.com\r\n250 AUTH " + mechanism.encode() + b"\r\n"
    rest = (
        b"250 2.1.0 Ok\r\n554 5.7.1 <bob@example.com>: Client host [198.51.100.7] blocked using zen.dnsbl.example\r\n"
    )
    return (
        bytes([MECHANISMS.index(mechanism), 0, 0]) + greeting + b"".join(login) + rest + b"550 5.1.1 no\r\n221 Bye\r\n"
    )


TARGET = target.Target(
    name="dialogue",
    check=dialogue,
    examples=500,
    choices=3,
    words=[
        *wire.CODES, *wire.ENDS, *wire.KEYWORDS, PASSWORD.encode(), _ENCODE(PASSWORD.encode()),
        _ENCODE(b"\0" + USER.encode() + b"\0" + PASSWORD.encode()), PASSWORD.encode().hex().encode(),
        PASSWORD.upper().encode(), b"::error::x", b"##vso[task.setvariable variable=PATH]x", b"https://x.example/",
    ],
    seeds=[
        _stream("PLAIN", b"535 5.7.8 you said " + PASSWORD.encode() + b"\r\n"),
        _stream("LOGIN", b"334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 " + _ENCODE(PASSWORD.encode()) + b"\r\n"),
        _stream("CRAM-MD5", b"334 PDEuMkBteC5leGFtcGxlLmNvbT4=\r\n235 Ok\r\n"),
        _stream("SCRAM-SHA-256", b"334 " + _ENCODE(b"r=x,s=c2FsdA==,i=4096") + b"\r\n535 No\r\n"),
        _stream("XOAUTH2", b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n535 5.7.8 No\r\n"),
        b"\0\3\0" + b"220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 Go\r\n250 injected\r\n",
    ],
)  # fmt: skip
