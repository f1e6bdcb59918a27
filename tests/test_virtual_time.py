"""How long a run takes and what is left of it when time is up, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from smtpprobe.catalogue.ci_systems import ci_systems
from smtpprobe.model.report import Completed, Failed, Report
from smtpprobe.model.request import Diagnose, Request, Target
from smtpprobe.model.transcript import Breakage, Exchange, Phase, Status
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests.virtual_time import run

IP = "198.51.100.7"
DELAY_S = 0.25
GREETING = "S: 220 mx.example.com ESMTP\n"
EHLO = "C: EHLO *\nS: 250 mx.example.com\n"
MAIL = "C: MAIL *\nS: 250 2.1.0 Ok\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
REFUSED = f"{GREETING}{EHLO}{MAIL}C: RCPT *\nS: 550 5.7.1 Rejected by policy\nC: RSET\nS: 250 Ok\n{QUIT}"


class Timed:
    """A report, the loop's time that the run took, and that of it which came after the refusal."""

    def __init__(self, report: Report, total_s: float, after_refusal_s: float | None) -> None:
        self.report = report
        self.total_s = total_s
        self.after_refusal_s = after_refusal_s


def played(
    script: str,
    zone: str = "",
    *,
    delay_s: float = 0.0,
    **fields: Any,
) -> Timed:
    """The run of this script."""

    async def work() -> Timed:
        loop = asyncio.get_running_loop()
        async with ScriptedServer(script) as server:
            target = Target(given=f"127.0.0.1:{server.port}", host="127.0.0.1", port=server.port, literal=True)
            given = {
                "helo": "client.example.org", "mail_from": "alice@example.org", "rcpt_to": ("bob@example.com",),
                "client_ip": IP, "only_dnsbl": ("zen.dnsbl.example",),
            }  # fmt: skip
            request = Request(target=target, **{**given, **fields})
            refused_at: list[float] = []

            def observe(exchange: Exchange) -> None:
                if exchange.reply and exchange.reply.is_negative:
                    refused_at.append(loop.time())

            start = loop.time()
            resolver = zone_resolver(zone, delay_s=delay_s)
            report = await probe(request, resolver=resolver, observe=observe)
            end = loop.time()
        return Timed(report, end - start, end - refused_at[0] if refused_at else None)

    return run(work())


def spf_chain(length: int) -> str:
    """A record that includes another, and so on; the last one decides."""
    names = ["example.org", *(f"spf{number}.example.net" for number in range(1, length))]
    terms = [f"include:{name}" for name in names[1:]] + ["ip4:203.0.113.25"]
    return "".join(f'{name}. TXT "v=spf1 {term} -all"\n' for name, term in zip(names, terms, strict=True))


FLAT = """
example.org. MX 10 mail.example.org.
mail.example.org. A 203.0.113.25
example.com. MX 10 mx.example.com.
mx.example.com. A 203.0.113.9
client.example.org. A 198.51.100.7
7.100.51.198.in-addr.arpa. PTR client.example.org.
"""
LISTED = f"""
2.0.0.127.zen.dnsbl.example. A 127.0.0.2
7.100.51.198.zen.dnsbl.example. A 127.0.0.2
7.100.51.198.zen.dnsbl.example. TXT "see https://dnsbl.example/?ip={IP}"
"""
WITHOUT_MX = (
    '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:reports@example.net"\nexample.net. A 203.0.113.9\n'
)
DMARC = (
    '_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:reports@example.net"\nexample.net. MX 10 mx.example.com.\n'
)


@pytest.mark.parametrize(
    ("zone", "depth"),
    [
        pytest.param(FLAT, 2, id="PTR then A, MX then A"),
        pytest.param(FLAT + LISTED, 2, id="a listing's A then TXT beside them"),
        pytest.param(FLAT + LISTED + DMARC, 2, id="a DMARC record then its report destination"),
        pytest.param(FLAT + WITHOUT_MX, 3, id="a DMARC record, then the MX, then the addresses of its destination"),
        pytest.param(FLAT + LISTED + DMARC + spf_chain(2), 2, id="one include"),
        pytest.param(FLAT + LISTED + DMARC + spf_chain(3), 3, id="two includes"),
        pytest.param(FLAT + LISTED + DMARC + spf_chain(7), 7, id="six includes"),
    ],
)
def test_the_diagnosis_takes_as_long_as_its_longest_chain_of_lookups(zone: str, depth: int) -> None:
    timed = played(REFUSED, zone, delay_s=DELAY_S)
    assert timed.report.outcome.status is Status.REFUSED
    assert not [each for each in timed.report.checks if isinstance(each, Failed)]
    assert timed.after_refusal_s == pytest.approx(depth * DELAY_S)
    assert len(timed.report.lookups) > 4 * depth


def test_the_lists_that_are_asked_by_default_do_not_lengthen_it() -> None:
    timed = played(REFUSED, FLAT, delay_s=DELAY_S, only_dnsbl=())
    assert timed.after_refusal_s == pytest.approx(2 * DELAY_S)
    assert len(timed.report.lookups) > 30


def test_no_question_is_asked_twice() -> None:
    lookups = played(REFUSED, FLAT + LISTED + DMARC + spf_chain(4), delay_s=DELAY_S).report.lookups
    asked = [(each.name, each.type, each.server) for each in lookups]
    assert len(asked) == len(set(asked))


def test_a_greeting_that_never_comes_is_waited_for_as_long_as_the_timeout_says() -> None:
    timed = played("~ 100000", timeout_s=45)
    assert timed.total_s == pytest.approx(45)
    assert (timed.report.outcome.status, timed.report.outcome.phase) == (Status.NO_SESSION, Phase.GREETING)
    assert timed.report.transcripts[0].exchanges[0].breakage is Breakage.TIMED_OUT


def test_the_default_is_a_minute() -> None:
    assert played("~ 100000").total_s == pytest.approx(60)


def test_a_silent_end_keeps_what_came_before() -> None:
    timed = played(GREETING + 'C: EHLO *\nS= "250-mx.exa"\n~ 100000', timeout_s=10)
    assert timed.total_s == pytest.approx(10)
    (greeting, ehlo) = timed.report.transcripts[0].exchanges
    assert greeting.reply is not None
    assert greeting.reply.code == 220
    assert (ehlo.partial, ehlo.breakage) == (b"250-mx.exa", Breakage.TIMED_OUT)


def test_the_timeout_counts_from_the_last_octet() -> None:
    timed = played('S= "220-wait\\r\\n"\n~ 9\nS= "220-and wait\\r\\n"\n~ 100000', timeout_s=10)
    assert timed.total_s == pytest.approx(19)
    assert timed.report.transcripts[0].exchanges[0].partial == b"220-wait\r\n220-and wait\r\n"


DRIPPING = 'S= "220-wait\\r\\n"\n~ 50\n' * 20


def test_the_deadline_ends_a_session_that_goes_on_for_ever() -> None:
    timed = played(DRIPPING, deadline_s=120)
    assert timed.total_s == pytest.approx(120)
    (greeting,) = timed.report.transcripts[0].exchanges
    assert (greeting.breakage, greeting.partial) == (Breakage.DEADLINE, b"220-wait\r\n" * 3)
    outcome = timed.report.outcome
    assert (outcome.status, outcome.exit_code) == (Status.NO_SESSION, 4)
    assert "deadline" in (outcome.reason or "")


def test_the_default_deadline_is_five_minutes() -> None:
    assert played(DRIPPING).total_s == pytest.approx(300)


def test_a_refusal_outranks_the_deadline_after_it() -> None:
    script = f"{GREETING}{EHLO}{MAIL}C: RCPT *\nS: 550 5.1.1 no such user\nC: RSET\n~ 100000"
    timed = played(script, FLAT, deadline_s=30)
    assert timed.total_s == pytest.approx(30)
    assert (timed.report.outcome.status, timed.report.outcome.reply_code) == (Status.REFUSED, 550)
    assert timed.report.verdicts[0].causes[0].id == "recipient-unknown"


def test_the_deadline_counts_in_the_handshake_too() -> None:
    script = GREETING + "C: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 Go\n~ 100000"
    timed = played(script, deadline_s=20)
    assert timed.total_s == pytest.approx(20)
    assert (timed.report.outcome.status, timed.report.outcome.phase) == (Status.NO_SESSION, Phase.TLS)


def test_a_server_that_does_not_answer_quit_costs_five_seconds_and_no_verdict() -> None:
    script = f"{GREETING}{EHLO}{MAIL}C: RCPT *\nS: 250 Ok\nC: RSET\nS: 250 Ok\nC: QUIT\n~ 100000"
    timed = played(script)
    assert timed.total_s == pytest.approx(5)
    assert timed.report.outcome.status is Status.ACCEPTED


def test_a_check_that_is_not_finished_in_time_fails_and_costs_no_other() -> None:
    timed = played(REFUSED, FLAT + ";! DELAY client.example.org 1000\n")
    assert timed.after_refusal_s == pytest.approx(30)
    by_name = {run.check: run for run in timed.report.checks}
    assert isinstance(by_name["iprev"], Failed)
    assert "30 s" in by_name["iprev"].reason
    assert isinstance(by_name["dnsbl"], Completed)
    assert isinstance(by_name["mx"], Completed)
    assert timed.report.outcome.status is Status.REFUSED


def test_a_connection_that_never_comes_says_that_the_network_blocks_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    for system in ci_systems():
        monkeypatch.delenv(system.variable, raising=False)

    async def work() -> tuple[Report, float]:
        loop = asyncio.get_running_loop()

        async def never(*_: object, **__: object) -> None:
            await asyncio.sleep(100000)

        monkeypatch.setattr(loop, "sock_connect", never)
        target = Target(given="192.0.2.25", host="192.0.2.25", literal=True)
        start = loop.time()
        request = Request(target=target, helo="client.example.org", timeout_s=15, diagnose=Diagnose.NEVER)
        report = await probe(request, resolver=RunResolver(_no_answer))
        return report, loop.time() - start

    report, took_s = run(work())
    assert took_s == pytest.approx(15)
    assert (report.outcome.status, report.outcome.phase) == (Status.NO_SESSION, Phase.CONNECT)
    reason = report.outcome.reason or ""
    assert "this network probably blocks outgoing port 25" in reason
    assert "587" in reason
    assert "465" in reason


async def _no_answer(question: object) -> Any:
    raise AssertionError(f"nothing was to be asked: {question}")
