"""MTA-STS policies over HTTPS: one GET, no redirects, bounded in size and time (RFC 8461 §3.3)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
import ssl
from collections.abc import Callable

import msgspec

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question, Resolver
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, policy_host, policy_url
from smtpprobe.model.names import is_global
from smtpprobe.model.texts.language import say
from smtpprobe.net.error_words import words_of
from smtpprobe.net.tls_fault import explain_failure

HTTPS_PORT = 443
MAX_BODY = 64 * 1024  # octets, RFC 8461 §3.3
FETCH_S = 5.0
_MAX_HEAD = 16 * 1024
_MAX_ADDRESSES = 4
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\Z)")
_SHOWN = 200


class _Fault(Exception):
    """An answer that brings no policy."""

    def __init__(self, status: FetchStatus, detail: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _Response(msgspec.Struct, frozen=True):
    code: int
    headers: dict[str, str]
    body: bytes = b""


class HttpsPolicyFetcher:
    """A PolicyFetcher over the network. One policy domain is fetched once a run, several at the same time.

    The certificate must verify for the policy host against the system's roots, and against those of `ca_file` too.
    Addresses come from the resolver, IPv4 first. `private`: those count too that are not of the public Internet, which
    DNS may name to make whoever asks for others connect inside his own network.
    """

    def __init__(
        self,
        resolver: Resolver,
        *,
        port: int = HTTPS_PORT,
        ca_file: str | None = None,
        private: bool = False,
        timeout_s: float = FETCH_S,
        clock: Callable[[], float] = SYSTEM_CLOCK.monotonic,
    ) -> None:
        self._resolver = resolver
        self._port = port
        self._ca_file = ca_file
        self._private = private
        self._timeout_s = timeout_s
        self._clock = clock
        self._known: dict[str, PolicyFetch] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def fetch(self, domain: str) -> PolicyFetch:
        """The policy host's answer for the policy domain. Never raises for what the network did."""
        async with self._turns.setdefault(domain, asyncio.Lock()):
            if domain not in self._known:
                self._known[domain] = await self._fetch(domain)
            return self._known[domain]

    async def _fetch(self, domain: str) -> PolicyFetch:
        host, started = policy_host(domain), self._clock()
        fetched = PolicyFetch(url=policy_url(domain), status=FetchStatus.UNREACHABLE)
        questions = [Question(host, rdtype) for rdtype in ("A", "AAAA")]
        for question in questions:
            self._resolver.ahead(self._resolver.lookup(question))
        lookups = [await self._resolver.lookup(question) for question in questions]
        fetched = msgspec.structs.replace(fetched, lookups=tuple(each.index for each in lookups))
        addresses = [each for found in lookups if found.status is DnsStatus.ANSWER for each in found.records]
        if not addresses:
            return msgspec.structs.replace(fetched, status=FetchStatus.NO_ADDRESS, detail=_no_address(host, lookups))
        if not self._private:
            public = [each for each in addresses if is_global(each)]
            if not public:
                found = {"status": FetchStatus.NOT_PUBLIC, "address": addresses[0], "detail": addresses[0]}
                return msgspec.structs.replace(fetched, **found)
            addresses = public
        changes = await self._from_any(host, addresses[:_MAX_ADDRESSES])
        return msgspec.structs.replace(fetched, took_s=round(self._clock() - started, 6), **changes)

    async def _from_any(self, host: str, addresses: list[str]) -> dict[str, object]:
        """The answer of the first address that takes a connection, as fields of PolicyFetch."""
        address = addresses[0]
        try:
            context = _context(self._ca_file)
            async with asyncio.timeout(self._timeout_s):
                for address in addresses:
                    try:
                        response = await self._from(host, address, context, self._timeout_s / len(addresses))
                        break
                    except _Fault as fault:
                        last = address == addresses[-1]
                        if last or fault.status not in (FetchStatus.UNREACHABLE, FetchStatus.TIMEOUT):
                            raise
            return {"address": address, **_read(response)}
        except TimeoutError:
            return {
                "address": address,
                "status": FetchStatus.TIMEOUT,
                "detail": say("not done within {timeout_s} s", timeout_s=format(self._timeout_s, "g")),
            }
        except _Fault as fault:
            return {"address": address, "status": fault.status, "detail": fault.detail}

    async def _from(self, host: str, address: str, context: ssl.SSLContext, connect_s: float) -> _Response:
        try:
            async with asyncio.timeout(connect_s):
                reader, writer = await asyncio.open_connection(
                    address, self._port, ssl=context, server_hostname=host, limit=_MAX_HEAD
                )
        except TimeoutError:
            raise _Fault(
                FetchStatus.TIMEOUT,
                say(
                    "no connection to {address} within {connect_s} s", address=address, connect_s=format(connect_s, "g")
                ),
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise _Fault(FetchStatus.CERTIFICATE, explain_failure(error)) from None
        except ssl.SSLError as error:
            raise _Fault(FetchStatus.TLS_FAILED, explain_failure(error)) from None
        except ValueError:
            raise _Fault(FetchStatus.MALFORMED, say("{host} is not a host name", host=host)) from None
        except OSError as error:
            raise _Fault(FetchStatus.UNREACHABLE, f"{address}: {words_of(error)}") from None
        try:
            return await _get(reader, writer, host)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            words = (
                say("it ended early") if isinstance(error, asyncio.IncompleteReadError) else say("a line is too long")
            )
            raise _Fault(FetchStatus.MALFORMED, words) from None
        except OSError as error:
            raise _Fault(
                FetchStatus.MALFORMED, say("the connection broke: {words_of}", words_of=words_of(error))
            ) from None
        finally:
            writer.transport.abort()


@functools.lru_cache(maxsize=4)
def _context(ca_file: str | None) -> ssl.SSLContext:
    made = ssl.create_default_context()
    # RFC 8461 §3.3: only DNS-IDs are matched.
    made.hostname_checks_common_name = False
    if ca_file:
        from OpenSSL import crypto

        from smtpprobe.net import certificates

        # The session says what is wrong with the file; without it fewer are trusted, never more.
        with contextlib.suppress(OSError):
            found, _ = certificates.anchors(ca_file)
            made.load_verify_locations(
                cadata=b"".join(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in found)
            )
    return made


def _no_address(host: str, lookups: list[DnsLookup]) -> str:
    failed = next((each for each in lookups if each.failed), None)
    if failed is not None:
        return failed.failure_text
    return f"{host}: {lookups[0].status}"


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> _Response:
    request = (
        f"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nAccept: text/plain\r\n"
        "Accept-Encoding: identity\r\nUser-Agent: smtpprobe\r\nConnection: close\r\n\r\n"
    )
    writer.write(request.encode("ascii", "replace"))
    await writer.drain()
    for _ in range(3):
        response = _head(await reader.readuntil(b"\r\n\r\n"))
        # RFC 9110 §15.2: interim responses come before the one that counts.
        if response.code >= 200:
            break
    if response.code != 200:
        return response
    return msgspec.structs.replace(response, body=await _body(reader, response.headers))


def _head(octets: bytes) -> _Response:
    status_line, *lines = octets.removesuffix(b"\r\n\r\n").split(b"\r\n")
    matched = _STATUS_LINE.match(status_line)
    if matched is None:
        raise _Fault(FetchStatus.MALFORMED, say("it begins with {shown}", shown=repr(_shown(status_line))))
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(_shown(name).lower(), value.decode("utf-8", "backslashreplace").strip(" \t"))
    return _Response(int(matched[1]), headers)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _Fault(
            FetchStatus.MALFORMED,
            say(
                "its content is encoded as {content_encoding}, which was not asked for",
                content_encoding=headers["content-encoding"][:_SHOWN],
            ),
        )
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            raise _Fault(FetchStatus.MALFORMED, say("its transfer coding is not known"))
        return await _chunks(reader)
    length = headers.get("content-length")
    if length is None:
        return await _to_the_end(reader)
    if not (length.isascii() and length.isdigit()):
        raise _Fault(FetchStatus.MALFORMED, say("its Content-Length is not a number"))
    if len(length) > 9 or int(length) > MAX_BODY:
        raise _too_large()
    return await reader.readexactly(int(length))


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while chunk := await reader.read(8192):
        body += chunk
        if len(body) > MAX_BODY:
            raise _too_large()
    return body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A chunked body (RFC 9112 §7.1); extensions and trailers are passed over."""
    body = b""
    while True:
        size = (await reader.readuntil(b"\r\n")).split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            raise _Fault(FetchStatus.MALFORMED, say("the size of a chunk is not a number"))
        octets = int(size, 16)
        if octets == 0:
            return body
        if len(body) + octets > MAX_BODY:
            raise _too_large()
        body += (await reader.readexactly(octets + 2))[:-2]


def _too_large() -> _Fault:
    return _Fault(FetchStatus.TOO_LARGE, say("more than {max_body} KiB", max_body=MAX_BODY // 1024))


def _read(response: _Response) -> dict[str, object]:
    # RFC 8461 §3.3: only 200 brings a policy, and 3xx is not followed.
    if 300 <= response.code < 400:
        location = response.headers.get("location", "nowhere")[:_SHOWN]
        return {
            "status": FetchStatus.REDIRECT,
            "http_status": response.code,
            "detail": say("{code} to {location}", code=response.code, location=location),
        }
    if response.code != 200:
        return {"status": FetchStatus.HTTP_STATUS, "http_status": response.code, "detail": str(response.code)}
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()[:_SHOWN]
    return {
        "status": FetchStatus.OK,
        "http_status": 200,
        "media_type": media_type or None,
        "body": response.body.decode("utf-8", "backslashreplace"),
    }


def _shown(octets: bytes) -> str:
    return octets[:60].decode("utf-8", "backslashreplace")
