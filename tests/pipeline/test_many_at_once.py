"""A thousand runs at once, as a service that probes for others has them, leave nothing behind.

What is counted are tasks, descriptors and objects, so that the bounds are the same on every machine.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import ssl
import sys
from collections.abc import Iterator

import pytest

from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.request import Request, Target, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Status
from smtpprobe.pipeline.probe import probe
from smtpprobe.testing.certificates import server_certificate
from smtpprobe.testing.zones import zone_resolver

AT_ONCE, OVER_TLS = 1000, 100
WARM = 30
# An object or a block of memory that each run left behind would be a thousand.
MOST_OBJECTS, MOST_BLOCKS = 500, 2000
DESCRIPTORS = 2 * AT_ONCE + 200  # both ends of each connection are here
ZONE = (
    'example.org. TXT "v=spf1 -all"\nmx.example.com. A 127.0.0.1\n7.100.51.198.in-addr.arpa. PTR client.example.org.\n'
)


class Server(asyncio.Protocol):
    """Refuses every recipient; once it offers STARTTLS it also does it."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._shaking: asyncio.Task[None] | None = None
        self._arrived = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._shaking is None:
            transport.write(b"220 mx.example.com ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if self._shaking is None or self._shaking.done():
            self._answer_all()

    def _answer_all(self) -> None:
        lines, self._arrived = self._arrived.split(b"\r\n")[:-1], b""
        for line in lines:
            self._answer(line.upper())

    def _answer(self, line: bytes) -> None:
        if line.startswith(b"EHLO"):
            offers = b"PIPELINING" if self._tls is None or self._shaking is not None else b"STARTTLS"
            self._transport.write(b"250-mx.example.com\r\n250 " + offers + b"\r\n")
        elif line == b"STARTTLS":
            # The handshake's first octets must not come as a command.
            self._transport.pause_reading()
            self._transport.write(b"220 Go\r\n")
            self._shaking = asyncio.ensure_future(self._shake())
        elif line.startswith(b"RCPT"):
            self._transport.write(b"550 5.7.1 Client host [198.51.100.7] is not welcome\r\n")
        else:
            self._transport.write(b"221 Bye\r\n" if line == b"QUIT" else b"250 Ok\r\n")

    async def _shake(self) -> None:
        assert self._tls is not None
        made = await asyncio.get_running_loop().start_tls(self._transport, self, self._tls, server_side=True)
        assert made is not None
        self._transport = made
        self._answer_all()


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Enough of them for both ends, or the reason why there are not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (resource.RLIM_INFINITY,) and hard < DESCRIPTORS:
        pytest.skip(f"the system allows {hard} open files, and {AT_ONCE} connections with both ends need {DESCRIPTORS}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, DESCRIPTORS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def refused(count: int, port: int, resolver: Resolver, policy: TlsPolicy) -> None:
    request = Request(
        target=Target(given="127.0.0.1", host="127.0.0.1", port=port, literal=True),
        helo="client.example.org", mail_from="alice@example.org", rcpt_to=("bob@example.com",),
        client_ip="198.51.100.7", only_dnsbl=("zen.dnsbl.example",), tls=TlsOptions(policy=policy),
        # Whoever waits for a thousand others must not be cut off.
        timeout_s=600.0, deadline_s=600.0,
    )  # fmt: skip
    reports = await asyncio.gather(*(probe(request, resolver=resolver) for _ in range(count)))
    assert {each.outcome.status for each in reports} == {Status.REFUSED}
    assert all(each.verdicts for each in reports)


async def settled() -> dict[str, int]:
    """What there is when nothing is on its way any more."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    for _ in range(3):
        gc.collect()
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
    }


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="there is no /proc to count open files in")
@pytest.mark.parametrize(("count", "policy"), [(AT_ONCE, TlsPolicy.OFF), (OVER_TLS, TlsPolicy.REQUIRE)])
@pytest.mark.usefixtures("descriptors")
async def test_nothing_is_left_behind(count: int, policy: TlsPolicy) -> None:
    tls = None if policy is TlsPolicy.OFF else server_certificate().server_context()
    server = await asyncio.get_running_loop().create_server(lambda: Server(tls), "127.0.0.1", 0, backlog=AT_ONCE)
    port = server.sockets[0].getsockname()[1]
    async with server, zone_resolver(ZONE) as resolver:
        await refused(WARM, port, resolver, policy)
        before = await settled()
        await refused(count, port, resolver, policy)
        after = await settled()
    more = {name: after[name] - before[name] for name in before}
    assert (more["tasks"], more["descriptors"]) == (0, 0)
    assert more["objects"] < MOST_OBJECTS
    assert more["blocks"] < MOST_BLOCKS


@pytest.mark.parametrize("files", [16])
async def test_few_files_are_enough_for_one(files: int) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Server(None), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    command = [
        sys.executable, "-m", "smtpprobe", "check", f"127.0.0.1:{port}", "--mail-from", "alice@example.org",
        "--rcpt-to", "bob@example.com", "--resolver", "127.0.0.1:9", "--timeout", "5",
    ]  # fmt: skip
    async with server:
        ran = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(ran.communicate(), 60)
    assert ran.returncode == 1
    assert b"550 5.7.1 Client host [198.51.100.7] is not welcome" in out
