"""A run that its caller stops: it ends at once, leaves nothing behind, and its recorder has what came until then."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import anyio
import dns.message
import dns.rcode
import pytest

from smtpprobe.model.report import Completed, Failed, Report, Skipped
from smtpprobe.model.request import Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Breakage, Phase, Status
from smtpprobe.net.connection import Connection
from smtpprobe.net.resolver import RunResolver
from smtpprobe.net.zone import read_assumption
from smtpprobe.pipeline.assumption import probe_assuming
from smtpprobe.pipeline.probe import probe
from smtpprobe.pipeline.recorder import RunRecorder
from smtpprobe.testing.server import ScriptedServer
from smtpprobe.testing.zones import zone_resolver
from tests import virtual_time
from tests.net.name_server import NameServer, answers

IP = "198.51.100.7"
LIMIT_S = 3
SILENCE = "~ 100000"
GREETING = "S: 220 mx.example.com ESMTP\n"
EHLO = "C: EHLO *\nS: 250 mx.example.com\n"
REFUSED = (
    f"{GREETING}{EHLO}C: MAIL *\nS: 250 2.1.0 Ok\nC: RCPT *\nS: 550 5.7.1 Rejected by policy\n"
    "C: RSET\nS: 250 Ok\nC: QUIT\nS: 221 2.0.0 Bye\nEOF\n"
)
ZONE = """
mx.example.com. A 127.0.0.1
example.org. TXT "v=spf1 -all"
7.100.51.198.in-addr.arpa. PTR client.example.org.
"""
STUCK_IN_CHECKS = ZONE + ";! DELAY client.example.org 1000\n"

Probe = Callable[[], Awaitable[Report]]


class Boom(Exception):
    pass


async def by_timeout(work: Callable[[], Awaitable[object]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT_S):
            await work()

    with pytest.raises(TimeoutError):
        await limited()


async def by_wait_for(work: Probe) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work(), LIMIT_S)


async def by_a_sibling(work: Probe) -> None:
    async def fail() -> None:
        await asyncio.sleep(LIMIT_S)
        raise Boom

    async def probing() -> None:
        await work()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(probing())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as raised:
        await both()
    assert [type(each) for each in raised.value.exceptions] == [Boom]


async def by_an_anyio_scope(work: Probe) -> None:
    with anyio.move_on_after(LIMIT_S) as scope:
        await work()
    assert scope.cancelled_caught


async def by_cancel(work: Probe) -> None:
    task = asyncio.ensure_future(work())
    asyncio.get_running_loop().call_later(LIMIT_S, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


WAYS = [by_timeout, by_wait_for, by_a_sibling, by_an_anyio_scope, by_cancel]
Way = Callable[[Probe], Awaitable[None]]


def request(host: str, port: int, **fields: Any) -> Request:
    given = {
        "helo": "client.example.org", "mail_from": "alice@example.org", "rcpt_to": ("bob@example.com",),
        "client_ip": IP, "only_dnsbl": ("zen.dnsbl.example",),
    }  # fmt: skip
    return Request(target=Target(given=f"{host}:{port}", host=host, port=port, literal=True), **{**given, **fields})


def stopped(
    way: Way, script: str, zone: str = ZONE, *, delay_s: float = 0.0, host: str | None = None, **fields: Any
) -> Report:
    """The recorder's report of a run that is stopped after LIMIT_S, having ended there and left no task."""

    async def work() -> Report:
        loop = asyncio.get_running_loop()
        recorder = RunRecorder()
        resolver = zone_resolver(zone, delay_s=delay_s)
        async with ScriptedServer(script) as server:
            tasks = asyncio.all_tasks()
            start = loop.time()
            given = request(host or "127.0.0.1", server.port, **fields)
            await way(lambda: probe(given, resolver=resolver, recorder=recorder))
            assert loop.time() - start == pytest.approx(LIMIT_S)
            left = asyncio.all_tasks() - tasks - server_tasks(server)
            assert left == set()
            for session in server.sessions:
                await session.closed.wait()
        return recorder.report()

    return virtual_time.run(work())


def server_tasks(server: ScriptedServer) -> set[asyncio.Task[Any]]:
    return {player._task for player in server._players if player._task is not None}


@pytest.mark.parametrize("way", WAYS)
def test_while_dns_is_asked(way: Way) -> None:
    report = stopped(way, REFUSED, delay_s=100, host="mx.example.com")
    assert (report.outcome.status, report.outcome.phase, report.outcome.exit_code) == (
        Status.INTERRUPTED, Phase.DNS, 130
    )  # fmt: skip
    assert not report.complete
    assert (report.transcripts, report.checks, report.lookups) == ((), (), ())
    assert report.envelope.helo.value == "client.example.org"


@pytest.mark.parametrize("way", WAYS)
def test_while_a_connection_is_made(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.sleep(100000)

    monkeypatch.setattr(virtual_time.VirtualLoop, "sock_connect", never)
    report = stopped(way, REFUSED)
    assert (report.outcome.status, report.outcome.phase) == (Status.INTERRUPTED, Phase.CONNECT)
    assert [each.exchanges for each in report.transcripts] == [()]
    (tried,) = report.transcripts
    assert {run.reason for run in report.checks} == {f"no connection was made to {tried.peer}"}


@pytest.mark.parametrize("way", WAYS)
def test_while_the_greeting_is_awaited(way: Way) -> None:
    report = stopped(way, f'S= "220-mx"\n{SILENCE}')
    assert (report.outcome.status, report.outcome.phase) == (Status.INTERRUPTED, Phase.GREETING)
    (greeting,) = report.transcripts[0].exchanges
    assert (greeting.breakage, greeting.partial) == (Breakage.INTERRUPTED, b"220-mx")


@pytest.mark.parametrize("way", WAYS)
def test_in_the_middle_of_the_session(way: Way) -> None:
    report = stopped(way, f"{GREETING}{EHLO}C: MAIL *\n{SILENCE}")
    assert (report.outcome.status, report.outcome.phase) == (Status.INTERRUPTED, Phase.MAIL)
    transcript = report.transcripts[0]
    assert not transcript.complete
    assert [each.reply.code if each.reply else each.breakage for each in transcript.exchanges] == [
        220, 250, Breakage.INTERRUPTED,
    ]  # fmt: skip
    assert transcript.exchanges[0].annotation is not None
    by_name = {run.check: run for run in report.checks}
    assert isinstance(by_name["starttls"], Completed)
    assert isinstance(by_name["spf"], Skipped)
    assert by_name["spf"].reason == "interrupted"


@pytest.mark.parametrize("way", WAYS)
def test_while_checks_are_run(way: Way) -> None:
    report = stopped(way, REFUSED, STUCK_IN_CHECKS)
    outcome = report.outcome
    assert (outcome.status, outcome.phase, outcome.reply_code) == (Status.INTERRUPTED, Phase.RCPT, 550)
    assert report.transcripts[0].outcome is not None
    assert report.transcripts[0].outcome.status is Status.REFUSED
    by_name = {run.check: run for run in report.checks}
    assert isinstance(by_name["dnsbl"], Completed)
    assert isinstance(by_name["iprev"], Failed)
    assert by_name["iprev"].reason == "interrupted"
    assert report.verdicts


def test_in_the_handshake_the_connection_is_closed() -> None:
    script = f"{GREETING}C: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 Go\n{SILENCE}"
    report = stopped(by_timeout, script)
    assert (report.outcome.status, report.outcome.phase) == (Status.INTERRUPTED, Phase.STARTTLS)


@pytest.mark.parametrize(("script", "ending"), [(f"TLS\n{GREETING}{SILENCE}", "abort"), (f"TLS\n{REFUSED}", "close")])
def test_over_tls_a_stopped_session_does_not_wait_for_the_peers_close_notify(
    monkeypatch: pytest.MonkeyPatch, script: str, ending: str
) -> None:
    endings: list[str] = []
    for name in ("abort", "close"):
        original = getattr(Connection, name)

        def noted(connection: Connection, name: str = name, original: Callable[..., None] = original) -> None:
            endings.append(name)
            original(connection)

        monkeypatch.setattr(Connection, name, noted)
    stopped(by_timeout, script, STUCK_IN_CHECKS, tls=TlsOptions(policy=TlsPolicy.IMPLICIT))
    assert endings == [ending]


def test_two_runs_under_one_limit() -> None:
    """The limit once fired into a run that took it for itself, so that the runs after it had none."""

    async def work() -> float:
        loop = asyncio.get_running_loop()
        async with ScriptedServer(SILENCE) as server:

            async def twice() -> None:
                for _ in range(2):
                    await probe(request("127.0.0.1", server.port), resolver=zone_resolver(""))

            start = loop.time()
            await by_timeout(twice)
            assert len(server.sessions) == 1
            return loop.time() - start

    assert virtual_time.run(work()) == pytest.approx(LIMIT_S)


async def test_the_sockets_to_name_servers_are_closed() -> None:
    class Heard(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.question = asyncio.Event()

        def datagram_received(self, data: bytes, addr: object) -> None:
            self.question.set()

    loop = asyncio.get_running_loop()
    transport, heard = await loop.create_datagram_endpoint(Heard, local_addr=("127.0.0.1", 0))
    opened: list[asyncio.BaseTransport] = []
    create = loop.create_datagram_endpoint

    async def noted(*arguments: Any, **options: Any) -> Any:
        made = await create(*arguments, **options)
        opened.append(made[0])
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "create_datagram_endpoint", noted)
        host, port = transport.get_extra_info("sockname")
        tasks = asyncio.all_tasks()
        run = asyncio.create_task(probe(request("mx.example.com", 25, resolver=f"{host}:{port}")))
        await heard.question.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert opened
    assert all(each.is_closing() for each in opened)
    assert asyncio.all_tasks() == tasks
    transport.close()


async def test_while_the_checks_are_run_again_over_what_is_assumed() -> None:
    """The published DNS has been evaluated by then: its checks are whole, and the run is interrupted all the same."""
    run: asyncio.Task[Any] | None = None

    def make(query: dns.message.Message) -> Iterable[bytes]:
        if query.question[0].name.to_text() != "slow.example.net.":
            return answers(rcode=dns.rcode.NXDOMAIN)(query)
        assert run is not None
        run.cancel()
        return []

    recorder = RunRecorder()
    async with NameServer(make) as names, ScriptedServer(REFUSED) as server:
        host, port = names.server
        given = request("127.0.0.1", server.port, resolver=f"{host}:{port}")
        text = 'example.org. TXT "v=spf1 include:slow.example.net -all"\n'
        run = asyncio.create_task(probe_assuming(given, read_assumption(text), recorder=recorder))
        with pytest.raises(asyncio.CancelledError):
            await run
    report = recorder.report()
    assert (report.outcome.status, report.outcome.exit_code) == (Status.INTERRUPTED, 130)
    assert not [each for each in report.checks if isinstance(each, Failed)]
    assert "spf" in {each.check for each in report.checks if isinstance(each, Completed)}


def test_the_recorder_may_be_asked_while_the_run_goes_on() -> None:
    async def work() -> tuple[Report, Report, Report]:
        recorder = RunRecorder()
        seen: list[Report] = []
        async with ScriptedServer(REFUSED) as server:
            final = await probe(
                request("127.0.0.1", server.port), resolver=zone_resolver(ZONE), recorder=recorder,
                observe=lambda exchange: seen.append(recorder.report()),
            )  # fmt: skip
        return seen[1], final, recorder.report()

    early, final, at_the_end = virtual_time.run(work())
    assert (early.outcome.status, early.outcome.phase) == (Status.INTERRUPTED, Phase.EHLO)
    assert [each.reply.code for each in early.transcripts[0].exchanges if each.reply] == [220, 250]
    assert final.outcome.status is Status.REFUSED
    assert at_the_end is final


async def test_a_recorder_has_nothing_before_the_run_and_records_one_run() -> None:
    recorder = RunRecorder()
    assert not recorder.has_begun
    with pytest.raises(ValueError, match="no run has started"):
        recorder.report()
    given = request("nosuch.example.com", 25)
    await probe(given, resolver=zone_resolver(""), recorder=recorder)
    assert recorder.has_begun
    with pytest.raises(ValueError, match="one run"):
        await probe(given, resolver=zone_resolver(""), recorder=recorder)


def test_a_check_that_swallows_its_cancellation_does_not_hold_the_run() -> None:
    async def stubborn() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(100000)
        await asyncio.sleep(100000)

    async def work() -> float:
        loop = asyncio.get_running_loop()

        async def answer(question: object) -> Any:
            return await stubborn()

        async with ScriptedServer(REFUSED) as server:
            start = loop.time()
            await by_timeout(lambda: probe(request("127.0.0.1", server.port), resolver=RunResolver(answer)))
            return loop.time() - start

    assert virtual_time.run(work()) < LIMIT_S + 1


def test_the_connection_is_closed_and_not_reset_where_the_peer_reads() -> None:
    async def work() -> bytes:
        ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mx.example.com ESMTP\r\n")
            ended.set_result(await reader.read(-1))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, family=socket.AF_INET)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await by_timeout(lambda: probe(request("127.0.0.1", port), resolver=zone_resolver("")))
            return await ended

    assert virtual_time.run(work()) == b"EHLO client.example.org\r\n"
