"""What the caller asked for. Credentials stand apart, so that a request can be saved."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from smtpprobe.model import names
from smtpprobe.model.clock import Time
from smtpprobe.model.login.secret import LoginRecord, PasswordRecord, TokenRecord
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Word


class Protocol(Word):
    """What is spoken to the server."""

    ESMTP = "esmtp"  # EHLO, with HELO as its fallback (RFC 5321 §3.2)
    SMTP = "smtp"  # HELO only
    LMTP = "lmtp"  # RFC 2033
    UNKNOWN = "unknown"


class TlsPolicy(Word):
    """Whether the session is encrypted. With credentials AUTO means REQUIRE."""

    AUTO = "auto"  # STARTTLS when offered
    REQUIRE = "require"  # no session without TLS
    OFF = "off"  # STARTTLS is not asked for
    IMPLICIT = "implicit"  # from the first octet (RFC 8314 §3)
    UNKNOWN = "unknown"


class ProxyVersion(Word):
    """The form of a PROXY protocol's header."""

    V1 = "v1"  # a line of text
    V2 = "v2"  # octets
    UNKNOWN = "unknown"


class ChannelBinding(Word):
    """What ties a login to its TLS channel."""

    TLS_EXPORTER = "tls-exporter"  # RFC 9266
    TLS_UNIQUE = "tls-unique"  # RFC 5929 §3, up to TLS 1.2
    TLS_SERVER_END_POINT = "tls-server-end-point"  # RFC 5929 §4
    UNKNOWN = "unknown"


class AddressFamily(Word):
    """A kind of IP address."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    UNKNOWN = "unknown"


class Diagnose(Word):
    """When the checks that need DNS run."""

    AUTO = "auto"  # after a refusal
    ALWAYS = "always"
    NEVER = "never"
    UNKNOWN = "unknown"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The host to connect to. `literal`: the host as given, never through MX (RFC 5321 §5.1).

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

    @property
    def asks_for_tls(self) -> bool:
        """Whether the URL itself asks for TLS from the first octet; a port may stand for it and not ask."""
        return self.given.strip().lower().startswith("smtps://")


class Assumed(msgspec.Struct, frozen=True):
    """A value, and whether it is our default rather than the user's word."""

    value: str
    assumed: bool = False


class Envelope(msgspec.Struct, frozen=True):
    """What the session used. The null reverse-path is the empty string; None where MAIL was not tried."""

    helo: Assumed
    reverse_path: Assumed | None
    forward_paths: tuple[Assumed, ...] = ()

    def as_used(self, helo: str | None) -> Envelope:
        """The envelope with the HELO name of one session: an address literal that is assumed differs by address."""
        if helo is None or not self.helo.assumed or not self.helo.value.startswith("["):
            return self
        return msgspec.structs.replace(self, helo=msgspec.structs.replace(self.helo, value=helo))


class TlsVersion(Word):
    """A version of TLS, by its number."""

    TLS_1_0 = "1.0"
    TLS_1_1 = "1.1"
    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"
    UNKNOWN = "unknown"


class TlsOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to do TLS."""

    policy: TlsPolicy = TlsPolicy.AUTO
    verify: bool | None = None  # a certificate that does not verify ends the session; None: only with credentials
    ca_file: str | None = None  # path of the trusted roots in PEM; None: the system's
    name: str | None = None  # what the certificate must carry; None: the host
    sni: str | None = None  # what the server is asked for (RFC 6066 §3); None: `name`
    client_cert: str | None = None  # path of a certificate in PEM, shown where the server asks for one
    client_key: str | None = None  # path of its key; None: it is in `client_cert`
    min_version: TlsVersion | None = None  # None: 1.2 if the certificate has to verify, else the oldest that we know
    max_version: TlsVersion | None = None  # None: the newest that we know
    ciphers: str | None = None  # a list in OpenSSL's form, for versions up to 1.2; None: as strict as the versions
    alpn: tuple[str, ...] = ()  # the application protocols that are named to the server (RFC 7301)
    expiry_days: tuple[int, int] = (21, 7)  # days before a certificate's end: what is a warning, and what an error


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a report keeps of a message: its header as text, its length and the hash of its body."""

    header: str
    octets: int
    body_sha256: str
    author_domain: str | None
    message_id: str | None = None  # with its angle brackets (RFC 5322 §3.6.4)


# Where a session can be told to end.
STAGES = (
    Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH, Phase.MAIL, Phase.RCPT,
)  # fmt: skip


# Where it can be told to hang up before the reply.
STAGES_SENT = (Phase.EHLO, Phase.STARTTLS, Phase.MAIL, Phase.RCPT)


class Field(str):
    """The name of a request's field inside a message, `tls.policy` for one of `tls`; whoever has another name puts it there."""

    __slots__ = ()


class RequestError(ValueError):
    """A request that cannot be carried out as it is: which value is wrong, and why.

    `text` is a template for `values`, of which fields of the request are given as Field.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(say(text, **values))
        self._text = text
        self._values = values

    def named(self, name: Callable[[str], str]) -> str:
        """The message with each field as `name` has it: as an option of the command line, for example."""
        values = {key: name(each) if isinstance(each, Field) else each for key, each in self._values.items()}
        return say(self._text, **values)


class _ToTarget(msgspec.Struct, frozen=True):
    target: Target


# The target is the one field that may be given by position: msgspec takes that from the base class.
class Request(_ToTarget, frozen=True, kw_only=True):
    """What a run should do, without secrets. Paths and names are as they are sent, times in seconds.

    Values are not judged here: `probe` raises ValueError for a wrong one, which names its field, and `parse_target`
    for an invalid target.
    """

    helo: str | None = None  # None: this host's name, or its address literal (RFC 5321 §4.1.4)
    mail_from: str | None = (
        None  # "" is the null reverse-path; None: `user` where that is an address, else the null one
    )
    rcpt_to: tuple[str, ...] = ()  # none: the target's mailbox, else postmaster where MX led to the host
    user: str | None = None  # the password comes apart, in Credentials
    password: PasswordRecord | None = None  # what may be said of it; None: nothing is known, or it is a token
    token: TokenRecord | None = None  # what may be said of it, where the login is by one
    mech: str | None = None  # SASL mechanism (RFC 4422); None: the best that is offered
    channel_binding: ChannelBinding | None = None  # of a mechanism's -PLUS form; None: the one of the TLS version
    tls: TlsOptions = TlsOptions()
    try_all: bool = False  # a session for each mechanism that takes the password, until one is accepted
    insecure_auth: bool = False  # credentials may go over a channel that is not verified
    send_anyway: bool = False  # credentials are sent even if they surely cannot work
    quit_after: Phase | None = None  # the session ends there, politely
    drop_after: Phase | None = None  # the connection is closed there, without QUIT
    drop_after_send: Phase | None = None  # or there, before the reply
    mail_parameters: tuple[str, ...] = ()  # of MAIL as they are sent: SIZE=1000 (RFC 5321 §4.1.1.11)
    rcpt_parameters: tuple[str, ...] = ()  # of each RCPT
    questions: tuple[str, ...] = ()  # commands before MAIL whose refusal decides nothing: VRFY, EXPN, NOOP, HELP
    pipeline: bool = True  # commands go in groups where the server takes them so (RFC 2920)
    client_ip: str | None = None  # the address that the server sees; None: found out from the session
    source_ip: str | None = None  # the local address to connect from
    source_port: int | None = None  # the local port to connect from; None: any
    family: AddressFamily | None = None  # which addresses are called; None: both kinds, IPv4 first
    via: str | None = None  # a proxy that makes the connection, socks5://HOST:PORT or http://HOST:PORT
    proxy: ProxyVersion | None = None  # a PROXY header goes before everything else
    proxy_source: str | None = None  # whom it names as the client, IP or IP:PORT; None: this end of the connection
    all_addresses: bool = (
        False  # a session with each address of the host; of a domain, of its most preferred mail hosts
    )
    all_mx: bool = False  # a session with each address of each mail host
    xclient: str | None = None  # attributes of XCLIENT, ADDR=192.0.2.1 for one
    xforward: str | None = None  # attributes of XFORWARD, which the server logs
    force: bool = False  # more forward-paths than `max_recipients`, and parameters that the server does not offer
    dkim_selectors: tuple[str, ...] = ()  # looked up besides those that are guessed (RFC 6376 §3.1)
    dnsbl_zones: tuple[str, ...] = ()  # asked besides those of tier 1; "all" for every tier
    only_dnsbl: tuple[str, ...] = ()  # asked instead of all others
    diagnose: Diagnose = Diagnose.AUTO
    resolver: str | None = None  # name server as IP, IP:PORT or [v6]:PORT; None: those of the system
    timeout_s: float | None = None  # without progress on one reply, None: 60; per DNS question at most 5
    deadline_s: float | None = None  # for the session, None: 300, or 900 to send; the checks have 30 of their own
    evaluation_time: Time | None = None  # what the checks take for now; None: the start of the run
    message_to_judge: MessageRecord | None = None  # its signatures, alignment and form; it is not sent
    message_to_send: MessageRecord | None = None  # judged as well, and sent to each forward-path that is accepted
    bdat: bool = False  # it goes with BDAT instead of DATA (RFC 3030)
    chunk_octets: int | None = None  # of one BDAT; None: all in one
    keep_line_ends: bool = False  # a CR or LF alone goes out as it is; else each line ends in CRLF (RFC 5321 §2.3.8)

    @property
    def login(self) -> LoginRecord | None:
        """Who logs in, and what is known of the secret; None where nobody does."""
        return LoginRecord(user=self.user, password=self.password, token=self.token) if self.user else None

    @property
    def wants_several(self) -> bool:
        """Whether a session with each of several addresses is wanted, instead of with the first that answers."""
        return self.all_addresses or self.all_mx

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
    def message_given(self) -> MessageRecord | None:
        """The message that is judged, whether it is sent or not."""
        return self.message_to_send or self.message_to_judge

    @property
    def ends_after(self) -> Phase | None:
        """The stage at which the session is told to end, in whichever way; None for the last."""
        return self.quit_after or self.drop_after or self.drop_after_send

    @property
    def max_recipients(self) -> int:
        """How many forward-paths are polite for a probe that sends nothing: with the null reverse-path two, else five."""
        return 5 if self.reverse_path.value else 2


class Credentials:
    """A user name and its secret. Not a Struct: it must never reach an encoder, and its repr hides the secret.

    `is_token`: the secret is an access token, for a mechanism that takes one (XOAUTH2, OAUTHBEARER).
    Raises ValueError for a user name that no mechanism can carry.
    """

    __slots__ = ("_secret", "is_token", "user")

    def __init__(self, user: str, secret: str, *, is_token: bool = False) -> None:
        # RFC 4616 §2: UTF-8 without NUL.
        if "\0" in user or any("\ud800" <= character <= "\udfff" for character in user):
            raise ValueError(say("the user name {user} cannot be sent: expected UTF-8 without NUL", user=repr(user)))
        self.user = user
        self.is_token = is_token
        self._secret = secret

    def reveal(self) -> str:
        """The secret, for the mechanism's computation only."""
        return self._secret

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, secret=<hidden>)"

    def __reduce__(self) -> str:
        raise TypeError("credentials must not be copied or pickled")
