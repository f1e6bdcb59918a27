"""What goes wrong between a client and a server, once each, with the causes that fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.real_clients.servers import Authority, Fault, Make, closed_port, serving

USER = "ada@example.com"


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One fault. `server` None: nothing listens; `tls` as the client is told to use it; `causes` that fit, best first."""

    causes: tuple[str, ...]
    fault: str | None = None  # of the outcome, where `check` has no cause: it did not send the credentials
    server: Make | None = None
    tls: str = "none"
    host: str = "localhost"
    user: str = "-"

    @contextmanager
    def port(self, known: Authority, unknown: Authority) -> Iterator[int]:
        """The port at which it goes wrong."""
        if self.server is None:
            yield closed_port()
            return
        with serving(self.server(known, unknown)) as port:
            yield port


def authorities(directory: Path) -> tuple[Authority, Authority]:
    """One that clients are told to trust, and one of which they know nothing."""
    return Authority(directory, "known"), Authority(directory, "unknown")


SCENARIOS = {
    "refused": Scenario(causes=("connection-failed",)),
    "name unknown": Scenario(causes=("host-not-found", "dns-failed"), host="nosuchhost.invalid"),
    "silent": Scenario(
        causes=("reply-timeout", "connection-failed", "connection-lost"), server=lambda *_: Fault(greeting=None)
    ),
    "TLS to a port without": Scenario(
        causes=("tls-failed", "connection-failed"), server=lambda *_: Fault(), tls="implicit"
    ),
    "no TLS to a port with": Scenario(
        causes=("reply-timeout", "connection-lost", "connection-failed", "not-smtp"),
        server=lambda known, _: Fault(tls=known.context("plain"), implicit=True),
    ),
    "other name in the certificate": Scenario(
        causes=("tls-failed",),
        server=lambda known, _: Fault(tls=known.context("name", ("web.example.com",)), offers=("STARTTLS",)),
        tls="starttls",
    ),
    "unknown issuer": Scenario(
        causes=("tls-failed",),
        server=lambda _, unknown: Fault(tls=unknown.context("issuer"), offers=("STARTTLS",)),
        tls="starttls",
    ),
    "expired": Scenario(
        causes=("tls-failed",),
        server=lambda known, _: Fault(tls=known.context("expired", expired=True), implicit=True),
        tls="implicit",
    ),
    "STARTTLS not offered": Scenario(
        causes=("tls-failed", "protocol-error"), server=lambda *_: Fault(offers=("SIZE",)), tls="starttls"
    ),
    "STARTTLS refused": Scenario(
        causes=("tls-failed", "server-temporary"),
        server=lambda known, _: Fault(
            tls=known.context("refused"), offers=("STARTTLS",), replies={"STARTTLS": "454 4.7.0 TLS is not available"}
        ),
        tls="starttls",
    ),
    "AUTH not offered": Scenario(
        causes=("tls-required", "auth-method-blocked", "protocol-error"),
        fault="credentials-not-sent",
        server=lambda known, _: Fault(tls=known.context("no-auth"), implicit=True),
        tls="implicit",
        user=USER,
    ),
    "hang-up at once": Scenario(
        causes=("connection-lost", "tls-failed"), server=lambda *_: Fault(hangs_up_at="connect")
    ),
    "hang-up at MAIL": Scenario(causes=("connection-lost",), server=lambda *_: Fault(hangs_up_at="MAIL")),
    "wrong password": Scenario(
        causes=("auth-failed",),
        server=lambda known, _: Fault(
            tls=known.context("login"), implicit=True, offers=("AUTH PLAIN LOGIN",),
            replies={"AUTH": "535 5.7.8 Those two do not belong together"},
        ),
        tls="implicit",
        user=USER,
    ),
    "recipient unknown": Scenario(
        causes=("recipient-unknown",), server=lambda *_: Fault(replies={"RCPT": "550 No such user here"})
    ),
}  # fmt: skip
