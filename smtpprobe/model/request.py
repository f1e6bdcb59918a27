"""What the caller asked for. Credentials stand apart, so that a request can be saved."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from smtpprobe.model.transcript import Phase


class Protocol(StrEnum):
    ESMTP = "esmtp"
    SMTP = "smtp"  # HELO only
    LMTP = "lmtp"  # RFC 2033


class TlsPolicy(StrEnum):
    AUTO = "auto"  # STARTTLS when offered
    REQUIRE = "require"
    OFF = "off"
    IMPLICIT = "implicit"  # RFC 8314 §3


class Diagnose(StrEnum):
    AUTO = "auto"  # after a refusal
    ALWAYS = "always"
    NEVER = "never"


class Target(msgspec.Struct, frozen=True):
    """Where to go. `literal`: the host as it stands, never through MX (RFC 5321 §5.1).

    `port` None means the default of the protocol; `socket` is a unix socket's path, then there is no port.
    `domain` is the domain of an address given as target, whose mailbox is `mailbox`.
    """

    given: str
    host: str
    port: int | None = None
    protocol: Protocol = Protocol.ESMTP
    literal: bool = False
    implicit_tls: bool = False
    socket: str | None = None
    mailbox: str | None = None


class Assumed(msgspec.Struct, frozen=True):
    """A value, and whether it is our default rather than the user's word."""

    value: str
    assumed: bool = False


class Envelope(msgspec.Struct, frozen=True):
    """What the session used. The null reverse-path is the empty string; None where MAIL was not tried."""

    helo: Assumed
    reverse_path: Assumed | None
    forward_paths: tuple[Assumed, ...] = ()


class TlsOptions(msgspec.Struct, frozen=True):
    """How to do TLS. `verify`: a certificate that does not verify ends the session; None: only with credentials."""

    policy: TlsPolicy = TlsPolicy.AUTO
    verify: bool | None = None
    ca_file: str | None = None
    name: str | None = None
    sni: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


class MessageRecord(msgspec.Struct, frozen=True):
    """A message given with --message: its header as text, and its octets for this run only."""

    header: str
    octets: int
    body_sha256: str
    author_domain: str | None


class Request(msgspec.Struct, frozen=True):
    """One run of `check`, without secrets. None in the envelope's fields means: not given."""

    target: Target
    helo: str | None = None
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    user: str | None = None
    mech: str | None = None
    tls: TlsOptions = TlsOptions()
    insecure_auth: bool = False
    quit_after: Phase | None = None
    client_ip: str | None = None
    source_ip: str | None = None
    force: bool = False
    dkim_selectors: tuple[str, ...] = ()
    dnsbl_zones: tuple[str, ...] = ()
    only_dnsbl: tuple[str, ...] = ()
    diagnose: Diagnose = Diagnose.AUTO
    resolver: str | None = None
    timeout_s: float | None = None
    deadline_s: float | None = None
    evaluation_time: datetime | None = None
    message: MessageRecord | None = None


class Credentials:
    """A user name and its secret. Not a Struct: it must never reach an encoder, and its repr hides the secret."""

    __slots__ = ("_secret", "user")

    def __init__(self, user: str, secret: str) -> None:
        self.user = user
        self._secret = secret

    def reveal(self) -> str:
        """The secret, for the mechanism's computation only."""
        return self._secret

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, secret=<hidden>)"

    def __reduce__(self) -> str:
        raise TypeError("credentials are not to be copied or pickled")
