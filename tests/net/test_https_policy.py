"""Policies over HTTPS: what a policy host may answer, and what is made of it (RFC 8461 §3.3)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from smtpprobe.model.fetch import FetchStatus, PolicyFetch
from smtpprobe.net.https_policy import MAX_BODY, HttpsPolicyFetcher
from smtpprobe.testing.certificates import CertificateKind, ServerCertificate, server_certificate
from smtpprobe.testing.zones import zone_resolver

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 60\r\n"
CHUNKED = (
    b"a;x=y\r\n" + POLICY[:10] + b"\r\n" + f"{len(POLICY) - 10:X}".encode() + b"\r\n" + POLICY[10:] + b"\r\n0\r\n\r\n"
)
HOST = "mta-sts.example.com"
GOOD = server_certificate(names=(HOST,), addresses=())
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(head: str, body: bytes = b"", asked: list[bytes] | None = None) -> Serve:
    """Read the request, then say this and close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if asked is not None:
            asked.append(request)
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return serve


@contextlib.asynccontextmanager
async def policy_host(serve: Serve, certificate: ServerCertificate | None = GOOD) -> AsyncIterator[int]:
    """The port of an HTTPS server on loopback; in clear where there is no certificate."""

    handlers: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    context = certificate.server_context() if certificate else None
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*handlers)


async def fetch(
    serve: Serve,
    certificate: ServerCertificate | None = GOOD,
    *,
    trust: bool = True,
    timeout_s: float = 5.0,
    zone: str = f"{HOST}. A 127.0.0.1\n",
) -> PolicyFetch:
    resolver = zone_resolver(zone)
    try:
        async with policy_host(serve, certificate) as port:
            with (certificate or GOOD).files() as (_, _, ca_file):
                fetcher = HttpsPolicyFetcher(
                    resolver, port=port, ca_file=ca_file if trust else None, private=True, timeout_s=timeout_s
                )
                return await fetcher.fetch("example.com")
    finally:
        await resolver.aclose()


def ok(*headers: str) -> str:
    return "\n".join(["HTTP/1.1 200 OK", *headers])


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (ok("Content-Type: text/plain", f"Content-Length: {len(POLICY)}"), POLICY),
        (ok("Content-Type: text/plain; charset=utf-8"), POLICY),
        (ok("content-type:text/PLAIN", "Transfer-Encoding: chunked"), CHUNKED),
        ("HTTP/1.1 100 Continue\n\n" + ok("Content-Type: text/plain"), POLICY),
        ("HTTP/1.0 200 OK\nContent-Type: text/plain", POLICY),
    ],
)  # fmt: skip
async def test_a_policy(head: str, body: bytes) -> None:
    found = await fetch(answer(head, body))
    assert (found.status, found.detail) == (FetchStatus.OK, None)
    assert found.body.encode() == POLICY
    assert (found.http_status, found.media_type, found.address) == (200, "text/plain", "127.0.0.1")
    assert found.url == "https://mta-sts.example.com/.well-known/mta-sts.txt"


async def test_the_request_is_as_the_standard_wants_it() -> None:
    asked: list[bytes] = []
    await fetch(answer(ok(), POLICY, asked))
    lines = asked[0].split(b"\r\n")
    assert lines[0] == b"GET /.well-known/mta-sts.txt HTTP/1.1"
    assert b"Host: mta-sts.example.com" in lines


@pytest.mark.parametrize(
    ("head", "body", "status", "detail"),
    [
        ("HTTP/1.1 301 Moved\nLocation: https://example.net/p", b"", FetchStatus.REDIRECT, "301 to https://example.net/p"),
        ("HTTP/1.1 302 Found", POLICY, FetchStatus.REDIRECT, "302 to nowhere"),
        ("HTTP/1.1 404 Not Found\nContent-Length: 0", b"", FetchStatus.HTTP_STATUS, "404"),
        ("HTTP/1.1 204 No Content", b"", FetchStatus.HTTP_STATUS, "204"),
        (ok(f"Content-Length: {MAX_BODY + 1}"), b"", FetchStatus.TOO_LARGE, "64 KiB"),
        (ok("Content-Length: " + "9" * 5000), b"", FetchStatus.TOO_LARGE, "64 KiB"),
        (ok(), b"x" * (MAX_BODY + 1), FetchStatus.TOO_LARGE, "64 KiB"),
        (ok("Transfer-Encoding: chunked"), b"fffffff\r\n", FetchStatus.TOO_LARGE, "64 KiB"),
        (ok("Transfer-Encoding: chunked"), b"nonsense\r\n", FetchStatus.MALFORMED, "chunk"),
        (ok("Transfer-Encoding: gzip"), b"", FetchStatus.MALFORMED, "transfer coding"),
        (ok("Content-Encoding: gzip"), b"", FetchStatus.MALFORMED, "encoded as gzip"),
        (ok("Content-Length: 100"), POLICY, FetchStatus.MALFORMED, "ended early"),
        (ok("Content-Length: -1"), POLICY, FetchStatus.MALFORMED, "not a number"),
        ("220 mx.example.com ESMTP", b"", FetchStatus.MALFORMED, "begins with"),
        ("HTTP/1.1 2000 OK", b"", FetchStatus.MALFORMED, "begins with"),
        (ok("X: " + "x" * 40000), b"", FetchStatus.MALFORMED, "too long"),
        ("", b"", FetchStatus.MALFORMED, "begins with"),
    ],
)  # fmt: skip
async def test_an_answer_without_a_policy(head: str, body: bytes, status: FetchStatus, detail: str) -> None:
    found = await fetch(answer(head, body))
    assert found.status is status
    assert detail in (found.detail or "")
    assert found.body == ""


async def test_exactly_the_limit_is_taken() -> None:
    assert len((await fetch(answer(ok(), b"x" * MAX_BODY))).body) == MAX_BODY


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (f"Content-Length: {MAX_BODY}", b"x" * MAX_BODY),
        ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (MAX_BODY, b"x" * MAX_BODY)),
    ],
    ids=["announced", "in one chunk"],
)
async def test_exactly_the_limit_is_taken_however_it_is_announced(header: str, body: bytes) -> None:
    found = await fetch(answer(ok("Content-Type: text/plain", header), body))
    assert (found.status, len(found.body)) == (FetchStatus.OK, MAX_BODY)


@pytest.mark.parametrize("media_type", ["text/html", None])
async def test_another_media_type_is_told_and_not_judged(media_type: str | None) -> None:
    found = await fetch(answer(ok(*([f"Content-Type: {media_type}"] if media_type else [])), POLICY))
    assert (found.status, found.media_type) == (FetchStatus.OK, media_type)


async def test_octets_that_are_no_utf8_do_not_raise() -> None:
    assert "\\xff" in (await fetch(answer(ok("Content-Type: \xff"), b"\xff" + POLICY))).body


@pytest.mark.parametrize(
    ("certificate", "trust", "words"),
    [
        (server_certificate(CertificateKind.EXPIRED, (HOST,), ()), True, "it has expired"),
        (server_certificate(CertificateKind.OTHER_NAME), True, "it is for another name"),
        (
            server_certificate(names=("example.com", "*.mta-sts.example.com"), addresses=()),
            True,
            "it is for another name",
        ),
        (GOOD, False, "certificate"),
        (server_certificate(CertificateKind.SELF_SIGNED, (HOST,), ()), False, "self"),
    ],
)
async def test_a_certificate_that_does_not_verify(certificate: ServerCertificate, trust: bool, words: str) -> None:
    found = await fetch(answer(ok(), POLICY), certificate, trust=trust)
    assert found.status is FetchStatus.CERTIFICATE
    assert words in (found.detail or "")


async def test_a_wildcard_certificate_will_do() -> None:
    certificate = server_certificate(names=("*.example.com",), addresses=())
    assert (await fetch(answer(ok(), POLICY), certificate)).status is FetchStatus.OK


async def test_no_tls() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert (await fetch(serve, None)).status is FetchStatus.TLS_FAILED


async def test_a_slow_policy_host() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await reader.read()  # until the client gives up

    found = await fetch(serve, timeout_s=0.2)
    assert found.status is FetchStatus.TIMEOUT


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("example.com. A 127.0.0.1\n", "nxdomain"),
        (f";! SERVFAIL {HOST} A\n", "SERVFAIL"),
        (f'{HOST}. TXT "x"\n', "nodata"),
    ],
)
async def test_no_address(zone: str, words: str) -> None:
    found = await fetch(answer(ok(), POLICY), zone=zone)
    assert found.status is FetchStatus.NO_ADDRESS
    assert words in (found.detail or "")
    assert len(found.lookups) == 2


async def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    found = await fetch(answer(ok(), POLICY), zone=f"{HOST}. A 127.0.0.9\n{HOST}. A 127.0.0.1\n")
    assert (found.status, found.address) == (FetchStatus.OK, "127.0.0.1")


async def test_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        resolver = zone_resolver(f"{HOST}. A 127.0.0.1\n")
        found = await HttpsPolicyFetcher(resolver, port=taken.getsockname()[1], private=True).fetch("example.com")
        await resolver.aclose()
    assert found.status is FetchStatus.UNREACHABLE


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00::1"],
)
async def test_what_dns_names_inside_one_s_own_network_is_not_connected_to(address: str) -> None:
    asked: list[bytes] = []
    kind = "AAAA" if ":" in address else "A"
    resolver = zone_resolver(f"{HOST}. {kind} {address}\n")
    async with policy_host(answer(ok(), POLICY, asked)) as port, resolver:
        found = await HttpsPolicyFetcher(resolver, port=port).fetch("example.com")
    assert (found.status, found.address, asked) == (FetchStatus.NOT_PUBLIC, address, [])


async def test_an_address_that_is_not_public_is_passed_over() -> None:
    class Reached(Exception):
        pass

    tried: list[str] = []
    resolver = zone_resolver(f"{HOST}. A 127.0.0.1\n{HOST}. A 192.0.0.9\n")
    fetcher = HttpsPolicyFetcher(resolver)

    async def connect(host: str, address: str, *_: object) -> object:
        tried.append(address)
        raise Reached

    fetcher._from = connect  # type: ignore[assignment, method-assign]
    async with resolver:
        with pytest.raises(Reached):
            await fetcher.fetch("example.com")
    assert tried == ["192.0.0.9"]  # globally reachable by RFC 7723 §4.1


async def test_one_domain_is_fetched_once() -> None:
    asked: list[bytes] = []
    resolver = zone_resolver(f"{HOST}. A 127.0.0.1\n")
    async with policy_host(answer(ok(), POLICY, asked)) as port:
        with GOOD.files() as (_, _, ca_file):
            fetcher = HttpsPolicyFetcher(resolver, port=port, ca_file=ca_file, private=True)
            first, second = await asyncio.gather(fetcher.fetch("example.com"), fetcher.fetch("example.com"))
    await resolver.aclose()
    assert first is second
    assert len(asked) == 1


async def test_two_domains_are_fetched_at_the_same_time() -> None:
    under_way = 0
    both = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way
        await reader.readuntil(b"\r\n\r\n")
        under_way += 1
        if under_way == 2:
            both.set()
        await both.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + POLICY)

    certificate = server_certificate(names=(HOST, "mta-sts.example.org"), addresses=())
    resolver = zone_resolver(f"{HOST}. A 127.0.0.1\nmta-sts.example.org. A 127.0.0.1\n")
    async with policy_host(serve, certificate) as port, resolver:
        with certificate.files() as (_, _, ca_file):
            fetcher = HttpsPolicyFetcher(resolver, port=port, ca_file=ca_file, private=True)
            found = await asyncio.gather(fetcher.fetch("example.com"), fetcher.fetch("example.org"))
        both.set()
    assert [each.status for each in found] == [FetchStatus.OK, FetchStatus.OK]


@pytest.mark.parametrize("domain", ["x" * 64 + ".example", "a..b", "é.example", "a b.example", "x\r\ny.example"])
async def test_no_domain_raises(domain: str) -> None:
    resolver = zone_resolver("*. A 127.0.0.1\n")
    async with policy_host(answer(ok(), POLICY)) as port:
        found = await HttpsPolicyFetcher(resolver, port=port, private=True).fetch(domain)
    await resolver.aclose()
    assert found.status is not FetchStatus.OK
