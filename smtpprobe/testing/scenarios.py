"""The demo's scenarios: what its server says, what its DNS holds, and what the probe must find.

The server hears its client from 127.0.0.1. Its replies name 198.51.100.7 instead, as they would if the client stood
behind NAT: that is the address that the DNS of every scenario is about. Where the reply names none, the probe is given
it with `client_ip`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpprobe.model.report import Confidence
from smtpprobe.model.texts.language import mark
from smtpprobe.model.transcript import Phase, Status
from smtpprobe.testing.certificates import CertificateKind

HOST = "mx.example.com"
CLIENT_IP = "198.51.100.7"
DNSBL = "zen.dnsbl.example"

_ZONE = f"""
example.com.                     MX   10 {HOST}.
{HOST}.                  A    127.0.0.1
example.org.                     MX   10 client.example.org.
client.example.org.              A    {CLIENT_IP}
client.example.org.              TXT  "v=spf1 a -all"
7.100.51.198.in-addr.arpa.       PTR  client.example.org.
_dmarc.example.org.              TXT  "v=DMARC1; p=reject; adkim=r; aspf=r"
{DNSBL}.               NS   ns.dnsbl.example.
2.0.0.127.{DNSBL}.     A    127.0.0.2
2.0.0.127.{DNSBL}.     TXT  "Test point, RFC 5782"
"""
_SPF = f"""
example.org.                     TXT  "v=spf1 ip4:{CLIENT_IP} -all"
"""
_LISTED = f"""
7.100.51.198.{DNSBL}.  A    127.0.0.11
7.100.51.198.{DNSBL}.  TXT  "End-user range: use your provider's server, https://dnsbl.example/?ip={CLIENT_IP}"
"""
_OTHER_SPF = """
example.org.                     TXT  "v=spf1 ip4:203.0.113.25 -all"
"""
_MAILER = f"""
mailer.example.net.              MX   10 client.example.org.
mailer.example.net.              TXT  "v=spf1 ip4:{CLIENT_IP} -all"
"""
_UNSIGNED = b"""From: Alice <alice@example.org>\r
To: Bob <bob@example.com>\r
Subject: Minutes\r
Date: Mon, 02 Mar 2026 09:00:00 +0000\r
Message-ID: <minutes@mailer.example.net>\r
\r
Attached nowhere.\r
"""


@dataclass(kw_only=True, frozen=True)
class Expected:
    """How the report of a scenario comes out; `cause` and `confidence` are those of the first cause."""

    status: Status
    phase: Phase | None = None
    reply_code: int | None = None
    cause: str | None = None
    confidence: Confidence | None = None


@dataclass(kw_only=True, frozen=True)
class Scenario:
    """One demo. `refusals` are the server's negative replies by the phase in which it gives them.

    `zone` is master-file text; the rest are the options of the probe. `message` is aligned, never sent.
    """

    name: str
    about: str
    expected: Expected
    refusals: dict[Phase, str] = field(default_factory=dict)
    zone: str = _ZONE + _SPF
    mail_from: str = "alice@example.org"
    rcpt_to: str = "bob@example.com"
    helo: str = "client.example.org"
    client_ip: str | None = CLIENT_IP
    user: str | None = None
    password: str | None = None
    tls_verify: bool | None = None
    certificate: CertificateKind = CertificateKind.VALID
    message: bytes | None = None


_ALL = (
    Scenario(
        name="blocklisted",
        about=mark("554 at RCPT: the client's address is on a DNS blocklist"),
        expected=Expected(
            status=Status.REFUSED,
            phase=Phase.RCPT,
            reply_code=554,
            cause="ip-blocklisted",
            confidence=Confidence.CONFIRMED,
        ),
        refusals={
            Phase.RCPT: f"554 5.7.1 Service unavailable; Client host [{CLIENT_IP}] blocked using {DNSBL}; "
            f"End-user range: use your provider's server, https://dnsbl.example/?ip={CLIENT_IP}"
        },
        client_ip=None,  # the reply names it
        zone=_ZONE + _SPF + _LISTED,
    ),
    Scenario(
        name="accepted",
        about=mark("everything is right: the recipient is accepted"),
        expected=Expected(status=Status.ACCEPTED),
        client_ip=CLIENT_IP,
    ),
    Scenario(
        name="bad-password",
        about=mark("535 at AUTH: the password is wrong"),
        expected=Expected(
            status=Status.AUTH_REFUSED,
            phase=Phase.AUTH,
            reply_code=535,
            cause="auth-failed",
            confidence=Confidence.STATED,
        ),
        refusals={Phase.AUTH: "535 5.7.8 Error: authentication failed"},
        client_ip=CLIENT_IP,
        user="alice@example.org",
        password="an-old-password",  # noqa: S106 (refused whatever it is)
    ),
    Scenario(
        name="spf-fail",
        about=mark("550 at RCPT: the sender's SPF record does not name the client's address"),
        expected=Expected(
            status=Status.REFUSED,
            phase=Phase.RCPT,
            reply_code=550,
            cause="email-auth-failed",
            confidence=Confidence.CONFIRMED,
        ),
        refusals={
            Phase.RCPT: "550 5.7.23 <bob@example.com>: Recipient address rejected: Message rejected due to: "
            f"SPF fail - not authorized. [{CLIENT_IP}] may not send for example.org"
        },
        client_ip=None,  # the reply names it
        zone=_ZONE + _OTHER_SPF,
    ),
    Scenario(
        name="dmarc-misaligned",
        about=mark("550: SPF passes for another domain than the author's, and DMARC says reject"),
        expected=Expected(
            status=Status.REFUSED,
            phase=Phase.RCPT,
            reply_code=550,
            cause="email-auth-failed",
            confidence=Confidence.CONFIRMED,
        ),
        # At RCPT, because a session sends no message unless asked to.
        refusals={
            Phase.RCPT: "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC "
            f"policy; client [{CLIENT_IP}]"
        },
        client_ip=None,  # the reply names it
        zone=_ZONE + _OTHER_SPF + _MAILER,
        mail_from="bounces@mailer.example.net",
        message=_UNSIGNED,
    ),
    Scenario(
        name="greylisted",
        about=mark("450 at RCPT: come again in five minutes"),
        expected=Expected(
            status=Status.DEFERRED, phase=Phase.RCPT, reply_code=450, cause="greylisted", confidence=Confidence.STATED
        ),
        refusals={
            Phase.RCPT: "450 4.2.0 <bob@example.com>: Recipient address rejected: "
            "Greylisted, please try again in 300 seconds"
        },
        client_ip=CLIENT_IP,
    ),
    Scenario(
        name="unknown-recipient",
        about=mark("550 at RCPT: there is no such mailbox"),
        expected=Expected(
            status=Status.REFUSED,
            phase=Phase.RCPT,
            reply_code=550,
            cause="recipient-unknown",
            confidence=Confidence.STATED,
        ),
        refusals={
            Phase.RCPT: "550 5.1.1 <nobody@example.com>: Recipient address rejected: "
            "User unknown in virtual mailbox table"
        },
        rcpt_to="nobody@example.com",
        client_ip=CLIENT_IP,
    ),
    Scenario(
        name="broken-tls",
        about=mark("no session: the certificate expired a year ago, and it must verify"),
        expected=Expected(
            status=Status.NO_SESSION,
            phase=Phase.TLS,
            reply_code=None,
            cause="tls-failed",
            confidence=Confidence.CONFIRMED,
        ),
        tls_verify=True,
        certificate=CertificateKind.EXPIRED,
    ),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
DEFAULT = _ALL[0].name
