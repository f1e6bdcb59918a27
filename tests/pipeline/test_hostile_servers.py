"""Servers that mean harm: a run ends in its time, what it keeps has a limit, and no page of it steers a terminal."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from smtpprobe.cli.option_names import OPTION_NAMES
from smtpprobe.model.report import Report
from smtpprobe.model.request import Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.render import json as as_json
from smtpprobe.render.text import report as as_text
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests import virtual_time
from tests.fuzz.target import assert_harmless

MIB = 1 << 20
MOST_MEMORY, MOST_JSON = 48 * MIB, 4 * MIB
DEADLINE_S = 60.0
GREETING = "S: 220 mx.example.com ESMTP\nC: EHLO *\n"
HELLO = GREETING + "S: 250 mx.example.com\n"
MAIL = HELLO + "C: MAIL *\nS: 250 2.1.0 Ok\n"
RCPT = MAIL + "C: RCPT *\n"
REFUSED = RCPT + "S: 550 5.7.1 no\nC: RSET\nS: 250 2.0.0 Ok\nC: QUIT\n"
STARTTLS = GREETING + "S: 250-mx.example.com\nS: 250 STARTTLS\nC: STARTTLS\n"
GO = STARTTLS + "S: 220 2.0.0 Go\n"
KEYWORDS = "".join(f"S: 250-X-{number}\n" for number in range(20_000))
MECHANISMS = " ".join(f"MECHANISM-{number}" for number in range(4_000))
ONE_BY_ONE = "".join(f'S= "{octet}"\n~ 1\n' for octet in "550-x" * 40)
FORGED = (
    r"550-5.7.1 no\r\n550-\x1b[2J\x1b]8;;http://x.example/\x07\u202e\u200b\u0000\u0085\r\n"
    r"550-exit 0\r\n550-\u2713 ACCEPTED by mx.example.com\r\n550 5.7.1 ::error::x ##vso[task.complete result=Failed]\r\n"
)
WRONG = {Status.NO_SESSION}
SERVERS = {
    "lines-without-end": (GREETING + 'S* "250-x\\r\\n"', WRONG),
    "empty-lines-without-end": ('S* "\\r\\n"', WRONG),
    "line-feeds-without-end": ('S* "\\n"', WRONG),
    "one-line-without-end": ('S* "x"', WRONG),
    "a-reply-line-without-end": (RCPT + 'S= "550 "\nS* "x"', WRONG),
    "nul-without-end": ('S* "\\0"', WRONG),
    "greetings-without-end": ('S* "220 mx\\r\\n"', WRONG),
    "codes-without-end": ('S* "250\\n"', {Status.ACCEPTED, Status.NO_SESSION}),
    "replies-behind-a-refusal": (RCPT + 'S: 550 5.7.1 no\nS* "250 Ok\\r\\n"', {Status.REFUSED}),
    "replies-behind-quit": (REFUSED + 'S: 221 Bye\nS* "250 Ok\\r\\n"', {Status.REFUSED}),
    "421-without-end": (HELLO + 'S* "421 4.7.0 go\\r\\n"', {Status.DEFERRED}),
    "many-keywords": (GREETING + "S: 250-mx\n" + KEYWORDS + "S: 250 DSN\nC: *\nEOF\n", WRONG),
    "many-mechanisms": (GREETING + f"S: 250-mx\nS: 250 AUTH {MECHANISMS}\nC: *\nEOF\n", WRONG),
    "slower-than-the-deadline": (RCPT + ONE_BY_ONE, WRONG),
    "forged-page": (RCPT + f'S= "{FORGED}"\nC: RSET\nS: 250 Ok\nC: QUIT\nS: 221 Bye\n', {Status.REFUSED}),
    "reset-at-once": ("RESET\n", WRONG),
    "reset-at-ehlo": (GREETING + "RESET\n", WRONG),
    "reset-at-mail": (HELLO + "C: MAIL *\nRESET\n", WRONG),
    "reset-at-rcpt": (RCPT + "RESET\n", WRONG),
    "quit-never-answered": (REFUSED, {Status.REFUSED}),
    "garbage-for-tls": (GO + 'S* "\\xff\\x00garbage"', WRONG),
    "alerts-for-tls": (GO + 'C= "\\x16\\x03\\x01"\nS* "\\x15\\x03\\x03\\x00\\x02\\x01\\x00"', WRONG),
    "silence-for-tls": (GO, WRONG),
    "records-that-never-end": (GO + 'C= "\\x16\\x03\\x01"\nS= "\\x16\\x03\\x03\\x40\\x00"\nS* "\\x02"', WRONG),
    "tls-that-is-cut": (GO + 'C= "\\x16\\x03\\x01"\nS= "\\x16\\x03\\x03\\x00\\x7a\\x02"\nEOF\n', WRONG),
    "tls-octet-by-octet": (GO + 'C= "\\x16\\x03\\x01"\n' + 'S= "\\x16"\n~ 1\nS= "\\x03"\n~ 1\n' * 80, WRONG),
    "injected-without-end": (GO + 'S* "250 injected\\r\\n"', WRONG),
    "lines-without-end-in-tls": (GO + 'TLS\nC: EHLO *\nS* "250-x\\r\\n"', WRONG),
}


async def held(script: str) -> tuple[Report, float]:
    """The report, and how long it took by the loop's clock."""
    loop = asyncio.get_running_loop()
    async with ScriptedServer(script, strict=False) as server, zone_resolver("") as resolver:
        request = Request(
            target=Target(given="127.0.0.1", host="127.0.0.1", port=server.port, literal=True),
            helo="client.example.org", mail_from="alice@example.org", rcpt_to=("bob@example.com",), client_ip="198.51.100.7",
            only_dnsbl=("zen.dnsbl.example",), timeout_s=30.0, deadline_s=DEADLINE_S, tls=TlsOptions(policy=TlsPolicy.AUTO),
        )  # fmt: skip
        started_s = loop.time()
        return await probe(request, resolver=resolver), loop.time() - started_s


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_means_harm_does_none(name: str) -> None:
    script, expected = SERVERS[name]
    tracemalloc.start()
    try:
        report, took_s = virtual_time.run(held(script), settle_s=virtual_time.SETTLE_S)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.outcome.status in expected
    # The session's deadline, and what the diagnosis may take after it.
    assert took_s < DEADLINE_S + 35
    assert peak < MOST_MEMORY
    assert len(as_json.render(report)) < MOST_JSON
    for verbosity in (0, 1):
        page = as_text.render(report, verbosity=verbosity, hints=OPTION_NAMES)
        assert_harmless(page)
        assert page.rstrip("\n").rpartition("\n")[2].startswith(f"exit {report.outcome.exit_code}")
