"""What the caller asked for. Credentials stand apart, so that a request can be saved."""

from __future__ import annotations

from datetime import datetime

import msgspec

from smtpprobe.model import names
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Word


class Protocol(Word):
    ESMTP = "esmtp"  # EHLO, with HELO as its fallback (RFC 5321 §3.2)
    SMTP = "smtp"  # HELO only
    LMTP = "lmtp"  # RFC 2033
    UNKNOWN = "unknown"


class TlsPolicy(Word):
    AUTO = "auto"  # STARTTLS when offered
    REQUIRE = "require"  # no session without TLS
    OFF = "off"  # STARTTLS is not asked for
    IMPLICIT = "implicit"  # RFC 8314 §3
    UNKNOWN = "unknown"


class Diagnose(Word):
    AUTO = "auto"  # after a refusal
    ALWAYS = "always"
    NEVER = "never"
    UNKNOWN = "unknown"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go. `literal`: the host as it stands, never through MX (RFC 5321 §5.1).

    `port` None means the default of the protocol; `socket` is a unix socket's path, then there is no port.
    `mailbox` is an address given as target, whose domain is `host`.
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


class TlsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to do TLS. `verify`: a certificate that does not verify ends the session; None: only with credentials."""

    policy: TlsPolicy = TlsPolicy.AUTO
    verify: bool | None = None
    ca_file: str | None = None
    name: str | None = None
    sni: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A message given with --message: its header as text, and its octets for this run only."""

    header: str
    octets: int
    body_sha256: str
    author_domain: str | None


class _ToTarget(msgspec.Struct, frozen=True):
    target: Target


# The target is the one field that may be given by position: msgspec takes that from the base class.
class Request(_ToTarget, frozen=True, kw_only=True):
    """One run of `check`, without secrets. None in the envelope's fields means: not given."""

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

    @property
    def reverse_path(self) -> Assumed:
        """The given reverse-path, else the user where that is an address, else the null one; these two are assumed."""
        if self.mail_from is not None:
            return Assumed(self.mail_from)
        try:
            return Assumed(names.mailbox(self.user or "") if "@" in (self.user or "") else "", assumed=True)
        except ValueError:
            return Assumed("", assumed=True)

    @property
    def most_recipients(self) -> int:
        """How many forward-paths are polite for a probe: with the null reverse-path two, else five."""
        return 5 if self.reverse_path.value else 2


class Credentials:
    """A user name and its secret. Not a Struct: it must never reach an encoder, and its repr hides the secret.

    Raises ValueError for a user name that no mechanism can carry.
    """

    __slots__ = ("_secret", "user")

    def __init__(self, user: str, secret: str) -> None:
        # RFC 4616 §2: UTF-8 without NUL.
        if "\0" in user or any("\ud800" <= character <= "\udfff" for character in user):
            raise ValueError(f"the user name {user!r} cannot be sent: expected UTF-8 without NUL")
        self.user = user
        self._secret = secret

    def reveal(self) -> str:
        """The secret, for the mechanism's computation only."""
        return self._secret

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, secret=<hidden>)"

    def __reduce__(self) -> str:
        raise TypeError("credentials are not to be copied or pickled")
