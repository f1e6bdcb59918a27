"""What the system, OpenSSL and the libraries raise is told in our words: no class name, number or bracket of theirs."""

from __future__ import annotations

import _ssl
import asyncio
import errno
import os
import re
import socket
import ssl
from typing import Any

import aiosmtplib
import dns.exception
import dns.message
import dns.name
import dns.query
import dns.resolver
import pytest

from smtpprobe.model.transcript import Breakage
from smtpprobe.net.connection import ConnectFailure, Connection
from smtpprobe.net.error_words import FALLBACK, breakage_of, words_of
from smtpprobe.net.hello import HandshakeMessages
from smtpprobe.net.protocol import ReplyProtocol
from smtpprobe.net.tls_fault import explain_failure
from smtpprobe.net.tls_reasons import BROKE_OFF

CODE = re.compile(
    r"[A-Z][a-zA-Z]*(?:Error|Exception|Timeout|Refused)\b|\b[A-Z]+[a-z]+[A-Z]\w*|Errno|\berrno\b|\[[A-Z]|_ssl|\.c:|<|\bE[A-Z0-9]{3,}\b"
    r"|\b[A-Z0-9]+_[A-Z0-9_]+\b"
)
PLAIN = ("OpenSSL", "ECDHE")


def leaks(words: str, *numbers: int) -> list[str]:
    """What of the words is a program's and no person's."""
    for each in PLAIN:
        words = words.replace(each, "")
    found = CODE.findall(words)
    return found + [str(each) for each in numbers if re.search(rf"(?<!\d){abs(each)}(?!\d)", words)]


def raised(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", sorted(errno.errorcode), ids=lambda number: errno.errorcode[number])
def test_every_error_of_the_system_has_words(number):
    for error in (raised(number), OSError(number, f"[Errno {number}] Connect call failed ('192.0.2.1', 25)")):
        words = words_of(error)
        assert words
        assert words[0].islower() or words.startswith("IPv")
        assert leaks(words, number) == []
        assert type(error).__name__ not in words


def test_an_error_without_a_known_number_has_a_plain_sentence():
    unknown = max(errno.errorcode) + 4000
    assert words_of(raised(unknown)) == FALLBACK
    assert words_of(OSError()) == FALLBACK
    assert words_of(OSError("[Errno 99999] ?")) == FALLBACK
    assert leaks(FALLBACK) == []


RESOLVER = [value for name, value in vars(socket).items() if name.startswith("EAI_")]


@pytest.mark.parametrize("number", RESOLVER)
def test_every_error_of_the_systems_resolver_has_words(number):
    words = words_of(socket.gaierror(number, f"[Errno {number}] whatever"))
    assert leaks(words, number) == []
    assert words != FALLBACK


def of_openssl(reason: str, kind: type[ssl.SSLError] = ssl.SSLError, **fields: object) -> ssl.SSLError:
    error = kind(1, f"[SSL: {reason}] {reason.lower().replace('_', ' ')} (_ssl.c:1006)")
    error.reason, error.library = reason, "SSL"
    for name, value in fields.items():
        setattr(error, name, value)
    return error


def test_every_reason_of_openssl_has_words():
    assert len(_ssl.err_names_to_codes) > 500
    for reason in [*_ssl.err_names_to_codes, "A_REASON_OF_A_LATER_OPENSSL", ""]:
        error = of_openssl(reason)
        for words in (explain_failure(error), explain_failure(error, HandshakeMessages()), words_of(error)):
            assert words, reason
            assert leaks(words) == [], reason
            assert "ssl" not in re.findall(r"\w+", words), reason


def test_a_reason_of_openssl_without_words_has_a_plain_sentence():
    assert explain_failure(of_openssl("A_REASON_OF_A_LATER_OPENSSL")) == BROKE_OFF
    assert explain_failure(of_openssl("TLSV1_ALERT_OF_A_LATER_RFC")) == BROKE_OFF


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("TLSV1_ALERT_INTERNAL_ERROR", "the server ended the handshake: it has an internal error"),
        ("SSLV3_ALERT_ILLEGAL_PARAMETER", "the server ended the handshake: a value was out of range for it"),
        ("TLSV1_UNRECOGNIZED_NAME", "the server ended the handshake: it has no certificate for the name"),
        ("WRONG_VERSION_NUMBER", "the server does not speak TLS here (a port for STARTTLS or plaintext?)"),
        (
            "TLSV1_ALERT_UNKNOWN_CA",
            "the server does not accept the client's certificate (the server ended the handshake",
        ),
    ],
)
def test_the_commonest_reasons_are_told(reason, words):
    assert explain_failure(of_openssl(reason)).startswith(words)


def test_an_error_of_tls_without_a_reason_has_words():
    for error in (
        ssl.SSLError(1, "[SSL] internal error (_ssl.c:2580)"),
        ssl.SSLError(),
        ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:1006)"),
        ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF) (_ssl.c:1)"),
        ssl.SSLSyscallError(5, "Some I/O error occurred (_ssl.c:1)"),
        ssl.SSLWantReadError(2, "The operation did not complete (read) (_ssl.c:1)"),
    ):
        assert leaks(explain_failure(error)) == []
        assert explain_failure(error)
        assert leaks(words_of(error)) == []


def test_every_verification_error_has_words():
    for code in range(100):
        fields = {"verify_code": code, "verify_message": "certificate has expired"}
        words = explain_failure(of_openssl("CERTIFICATE_VERIFY_FAILED", ssl.SSLCertVerificationError, **fields))
        assert leaks(words) == []
        assert words
        assert (words == "it has expired") == (code == 10)


LIBRARIES: list[BaseException] = [
    *(getattr(asyncio, name)() for name in ("TimeoutError", "InvalidStateError", "CancelledError", "BrokenBarrierError")),
    asyncio.IncompleteReadError(b"", 4), asyncio.LimitOverrunError("a", 1),
    aiosmtplib.SMTPException("x"), aiosmtplib.SMTPServerDisconnected("Connection lost"), aiosmtplib.SMTPTimeoutError("x"),
    aiosmtplib.SMTPConnectError("Error connecting to x on port 25: [Errno 111] Connect call failed"),
    aiosmtplib.SMTPConnectTimeoutError("x"), aiosmtplib.SMTPReadTimeoutError("x"), aiosmtplib.SMTPNotSupported("x"),
    aiosmtplib.SMTPResponseException(500, "SMTPHeloError"),
    ConnectionResetError(), ConnectionRefusedError(), ConnectionAbortedError(), BrokenPipeError(), TimeoutError(),
    EOFError(), ValueError("[Errno 3]"), UnicodeError("label empty or too long"),
    NotImplementedError(), RuntimeError("TCPTransport closed"),
    MemoryError(), RecursionError(),
]  # fmt: skip


def of_dnspython() -> list[BaseException]:
    """Every exception of dnspython that is made without arguments."""
    found: list[BaseException] = []
    waiting: list[type[BaseException]] = [dns.exception.DNSException]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        try:
            found.append(kind())
        except Exception:
            found.append(kind.__new__(kind))
    return found


@pytest.mark.parametrize("error", [*LIBRARIES, *of_dnspython()], ids=lambda error: type(error).__qualname__)
def test_what_the_libraries_raise_has_words(error):
    words = words_of(error)
    assert words
    assert leaks(words) == []
    assert type(error).__name__ not in words


@pytest.mark.parametrize(
    ("number", "breakage", "words"),
    [
        (errno.ECONNREFUSED, Breakage.REFUSED, "refused"), (errno.ECONNRESET, Breakage.RESET, "reset"),
        (errno.ETIMEDOUT, Breakage.TIMED_OUT, "time"), (errno.EHOSTUNREACH, Breakage.UNREACHABLE, "route"),
        (errno.ENETUNREACH, Breakage.UNREACHABLE, "route"), (errno.EPIPE, Breakage.CLOSED_BY_PEER, "closed"),
        (errno.EMFILE, Breakage.LOCAL, "files"), (errno.EACCES, Breakage.LOCAL, "not allowed"),
        (errno.ENOENT, Breakage.LOCAL, "no such file"), (errno.EADDRNOTAVAIL, Breakage.LOCAL, "address"),
        (errno.EXDEV, Breakage.UNKNOWN, "system"),
    ],
)  # fmt: skip
async def test_a_connection_that_fails_has_a_kind_and_words(number, breakage, words, monkeypatch):
    error = raised(number)
    assert breakage_of(error) is breakage

    async def fails(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", fails)
    with pytest.raises(ConnectFailure) as failure:
        await Connection.open("192.0.2.1", 25, timeout_s=9)
    assert failure.value.breakage is breakage
    assert words in failure.value.detail
    assert leaks(failure.value.detail, number) == []


@pytest.mark.parametrize("number", sorted(errno.errorcode), ids=lambda number: errno.errorcode[number])
async def test_a_connection_that_is_lost_says_nothing_of_the_system(number):
    """The kind says how it was lost: there are no words of the system to add."""
    protocol = ReplyProtocol(asyncio.get_running_loop(), lambda: 0.0, 0.0)
    lost = Connection(protocol, None, 0.0, lambda: 0.0)  # type: ignore[arg-type]
    protocol.ended, protocol.lost = True, raised(number)
    received = await lost.reply(1)
    assert received.breakage is not None
    assert leaks(received.detail or "", number) == []
    told = received.breakage in (Breakage.RESET, Breakage.CLOSED_BY_PEER, Breakage.TIMED_OUT)
    assert bool(received.detail) is not told
