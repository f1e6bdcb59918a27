"""What happened on one connection, exchange by exchange."""

from __future__ import annotations

import msgspec

from smtpprobe.model.clock import Time
from smtpprobe.model.reply import Annotation, Reply
from smtpprobe.model.session.tls import Certificate as Certificate
from smtpprobe.model.session.tls import TlsFault as TlsFault
from smtpprobe.model.session.tls import TlsSession as TlsSession
from smtpprobe.model.words import Word


class Phase(Word):
    """The stage of a session at which an exchange took place, or an outcome was decided."""

    DNS = "dns"
    CONNECT = "connect"
    PROXY = "proxy"
    GREETING = "greeting"
    EHLO = "ehlo"
    XCLIENT = "xclient"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    XFORWARD = "xforward"
    NOOP = "noop"
    HELP = "help"
    VRFY = "vrfy"
    EXPN = "expn"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    RSET = "rset"
    QUIT = "quit"
    UNKNOWN = "unknown"


_OF_MESSAGE = (Phase.DATA, Phase.MESSAGE)
# What is asked between the login and the transaction because the user wants to see the answer: a refusal decides nothing.
ASKED = (Phase.NOOP, Phase.HELP, Phase.VRFY, Phase.EXPN)


class Side(Word):
    """Which part the system has whose words an input holds."""

    SENDING = "sending"  # a mail server that delivers: another server refused, or was not reached
    RECEIVING = "receiving"  # a server that refused a client of its own
    UNKNOWN = "unknown"


class Breakage(Word):
    """How an exchange ended without a complete reply."""

    CLOSED_BY_PEER = "closed-by-peer"
    TIMED_OUT = "timed-out"
    RESET = "reset"
    TLS_FAILED = "tls-failed"
    NOT_SMTP = "not-smtp"  # octets that can be no reply: garbage, or another protocol
    TOO_MUCH = "too-much"  # a reply of more than 1 MiB
    DEADLINE = "deadline"  # the session's own deadline passed
    INTERRUPTED = "interrupted"  # the user stopped us
    REFUSED = "connection-refused"
    UNREACHABLE = "unreachable"
    LOCAL = "local-error"  # our side could not: source address, certificate file
    UNKNOWN = "unknown"


class Status(Word):
    """How a session, or the whole run, ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    AUTH_REFUSED = "auth-refused"
    NO_SESSION = "no-session"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A command and its reply. Times are seconds from the start of the connection.

    `sent` is the command as it may be shown, secrets replaced; None for the greeting and the handshake.
    `partial` holds octets that came without making a complete reply, `unsolicited_before` those that had come when the
    command was sent, or the handshake begun, and answered nothing; the transcript's `unsolicited`, or `injected`, has
    them too. `tls_fault` says why TLS failed, in the handshake or, told only then, after it (RFC 8446 §4.4.2.4).
    """

    index: int
    phase: Phase
    sent: str | None
    reply: Reply | None = None
    annotation: Annotation | None = None
    sent_s: float | None = None
    first_octet_s: float | None = None
    last_octet_s: float | None = None
    over_tls: bool = False
    tls: TlsSession | None = None
    breakage: Breakage | None = None
    tls_fault: TlsFault | None = None
    detail: str | None = None  # the breakage in the system's words
    partial: bytes = b""
    unsolicited_before: bytes = b""
    unsent: bool = False  # it broke off before all that was sent had left this system

    @property
    def is_helo(self) -> bool:
        """Whether the command is HELO, whose reply lists no extensions (RFC 5321 §4.1.1.1)."""
        return self.phase is Phase.EHLO and (self.sent or "").startswith("HELO")

    @property
    def cancels_login(self) -> bool:
        """Whether the command is the `*` that ends an AUTH (RFC 4954 §4): the 501 to it judges no credentials."""
        return self.phase is Phase.AUTH and self.sent == "*"


class OutcomeFault(Word):
    """What kept a session from coming about, where neither phase, code nor breakage tells."""

    NAME_UNKNOWN = "name-unknown"  # the target's name does not exist
    NO_ADDRESS = "no-address"  # the target's name exists and leads to none
    OTHER_FAMILY = "other-family"  # the target has addresses, none of the kind that is wanted
    NULL_MX = "null-mx"  # the target's domain takes no mail (RFC 7505)
    MX_WITHOUT_ADDRESS = "mx-without-address"  # the target's MX records lead to none
    LOOKUP_FAILED = "lookup-failed"  # DNS did not answer where the target is
    PORT_25_BLOCKED = "port-25-blocked"  # probably: the network that we are in blocks it
    NOT_OFFERED = "not-offered"  # the server lacks an extension that the session needs
    OUT_OF_STEP = "out-of-step"  # the replies do not fit the commands that were sent together (RFC 2920)
    OTHER_PROTOCOL = "other-protocol"  # by its own words the server is one of another protocol, whose replies are alike
    UNVERIFIED = "unverified"  # the server's certificate; the handshake's `tls_fault` says why
    INJECTED = "injected"  # octets in clear before the handshake, which then failed, or before a login (RFC 3207 §4.2)
    OTHER_HOST = "other-host"  # than the one asked for, by all that it says of itself
    CREDENTIALS_NOT_SENT = "credentials-not-sent"  # held back: no AUTH, no safe channel, no mechanism that fits
    CREDENTIALS_UNFIT = "credentials-unfit"  # held back: user name or secret surely cannot work
    LOGIN_CANCELLED = "login-cancelled"  # by us, before the credentials were judged (RFC 4954 §4)
    DEADLINE = "deadline"  # the session's own deadline passed
    MAYBE_DELIVERED = "maybe-delivered"  # the message was sent whole, and no reply to it came
    NO_ROUTE = "no-route"  # from this host to addresses of that kind: says nothing of the server
    STAGE_NOT_REACHED = "stage-not-reached"  # the one after which the session was to end
    INTERNAL_ERROR = "internal-error"  # we are wrong
    UNKNOWN = "unknown"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it came out, and the exchange that decided it. Phase and code are None when accepted.

    `needs` names the request's field that may settle it (`tls.policy`). `exit_code` is the process's. `exit_reason` says
    in a few identifiers what it rests on, None for 0 and where no process ended with it.
    """

    status: Status
    phase: Phase | None = None
    reply_code: int | None = None
    enhanced: str | None = None
    reason: str | None = None
    fault: OutcomeFault | None = None
    needs: str | None = None
    exit_code: int = 0
    exit_reason: str | None = None


class IpSource(Word):
    """Where the client IP was learnt."""

    OPTION = "option"
    XCLIENT = "xclient"
    PROXY = "proxy"
    REPLY = "reply"
    EHLO = "ehlo"
    SOCKET = "socket"
    UNKNOWN = "unknown"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who the server thinks we are, None where it cannot be known. `needs`: the field that `warnings` say is missing."""

    client_ip: str | None
    client_ip_source: IpSource
    helo: str | None
    warnings: tuple[str, ...] = ()
    needs: str | None = None


class Server(msgspec.Struct, frozen=True):
    """What the server looks like, as far as its words tell."""

    software: str | None = None
    provider: str | None = None


class RecipientStatus(Word):
    """What became of one forward-path."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    NOT_TRIED = "not-tried"
    UNCONFIRMED = "unconfirmed"  # it was accepted and the message sent, and no reply to that came
    UNKNOWN = "unknown"


class Recipient(msgspec.Struct, frozen=True):
    """One forward-path and what became of it; `exchange` the index of the deciding exchange."""

    forward_path: str
    status: RecipientStatus
    exchange: int | None = None


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: its exchanges, what nobody asked for, and what differs per address.

    `host` is the name that led to the address, and `preference` that of the MX record that names it: None where no MX
    record did. `breakage` says how no connection came about, or how it was lost; None where the session came to its end.
    `failed_s`: the seconds after which no connection had come about; None where one did.
    """

    address: str
    port: int | None
    started_at: Time
    complete: bool
    exchanges: tuple[Exchange, ...]
    local_address: str | None = None
    via: str | None = None  # the proxy that made the connection; the address at our end of it is then not known
    unsolicited: bytes = b""  # octets that answered nothing
    injected: bytes = b""  # octets between the reply to STARTTLS and the handshake (RFC 3207 §4.2)
    outcome: Outcome | None = None
    identity: Identity | None = None
    server: Server = Server()
    recipients: tuple[Recipient, ...] = ()
    extensions: tuple[str, ...] = ()  # the last EHLO reply's lines after the first
    host: str | None = None
    preference: int | None = None
    breakage: Breakage | None = None
    failed_s: float | None = None

    @property
    def peer(self) -> str:
        """Who was called, as it is said: `mx.example.com [192.0.2.1]:25`; a unix socket by its path."""
        if self.port is None:
            return self.address
        name = "" if self.host in (None, self.address) else f"{self.host} "
        return f"{name}[{self.address}]:{self.port}"

    @property
    def is_unconnected(self) -> bool:
        """Whether no connection came about, for another reason than a fault of ours."""
        ended = self.outcome or Outcome(status=Status.UNKNOWN)
        is_ours = ended.fault is OutcomeFault.INTERNAL_ERROR
        return (ended.status, ended.phase) == (Status.NO_SESSION, Phase.CONNECT) and not is_ours

    @property
    def last(self) -> Exchange | None:
        """The last exchange that something came of: the first that broke off, before others on their way."""
        return next((x for x in self.exchanges if x.breakage is not None), (self.exchanges or (None,))[-1])

    @property
    def negative(self) -> tuple[Exchange, ...]:
        """Exchanges whose reply is 4yz or 5yz.

        Of a RCPT behind a refused MAIL, or out of step, it tells nothing; nor of DATA and what follows it where no
        recipient was accepted: that only follows from their refusals. Nor does that to a question of the user's (`ASKED`),
        unless it is the server's goodbye.
        """
        in_step = self.outcome is None or self.outcome.fault is not OutcomeFault.OUT_OF_STEP
        found, has_begun, has_recipient, is_first = [], True, True, True
        for each in self.exchanges:
            took = each.reply is not None and each.reply.digit == 2
            if each.phase is Phase.MAIL:
                has_begun = has_recipient = in_step and took
                is_first = True
            elif each.phase is Phase.RCPT:
                has_recipient, is_first = took or (has_recipient and not is_first), False
            tells = has_begun if each.phase is Phase.RCPT else has_recipient if each.phase in _OF_MESSAGE else True
            asked = each.phase in ASKED and each.reply is not None and each.reply.code != 421
            if each.reply and each.reply.is_negative and tells and not asked:
                found.append(each)
        return tuple(found)
