"""Reports with fixed texts and times, so that what is tested is their shape on the page and not the catalogue's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence, SessionEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.reply import Reply
from smtpprobe.model.report import (
    Cause,
    CheckRun,
    Completed,
    Confidence,
    Failed,
    Finding,
    Remedy,
    Report,
    Severity,
    Skipped,
    TargetRecord,
    Tool,
    Verdict,
)
from smtpprobe.model.request import Assumed, Envelope, Request, Target
from smtpprobe.model.transcript import (
    Annotation,
    AnnotationLine,
    Breakage,
    Certificate,
    Exchange,
    Identity,
    IpSource,
    Outcome,
    Phase,
    Recipient,
    RecipientStatus,
    Server,
    Status,
    TlsSession,
    Transcript,
)
from smtpprobe.model.words import AuthResult

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CLIENT, SERVER, HOST = "198.51.100.7", "203.0.113.9", "mx.example.com"
LISTING = f"Client host [{CLIENT}] blocked using zen.example; https://lists.example/?ip={CLIENT}"
WARNING = "the socket says 192.0.2.77, the reply says 198.51.100.7"
EHLO = ("mx.example.com", "SIZE 33554432", "AUTH PLAIN LOGIN", "XCLIENT NAME ADDR", "STARTTLS")
EHLO_MEANINGS = (
    AnnotationLine(0, None, "The server calls itself mx.example.com."),
    AnnotationLine(1, "SIZE", "How large a message may be. Here: up to 33.6 MB (33554432 octets)."),
    AnnotationLine(
        2, "AUTH", "One may log in by: PLAIN: in clear, only for use over TLS; LOGIN: likewise, in two steps."
    ),
    AnnotationLine(3, "XCLIENT", "A proxy may say whom it speaks for. Here: NAME ADDR."),
    AnnotationLine(4, "STARTTLS", "The session may be encrypted from here on with the command STARTTLS."),
)
CERTIFICATE = Certificate(
    "CN=mx.example.com", "CN=Example CA", (HOST,), NOW, NOW, "1", "RSA 2048", "sha256", "00", "00", False
)  # fmt: skip
TLS = TlsSession("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, HOST, HOST, (CERTIFICATE,), False, ("it has expired",))


def reply(code: int, *lines: str, enhanced: str | None = None) -> Reply:
    last = len(lines) - 1
    raw = "".join(f"{code}{' ' if number == last else '-'}{line}\r\n" for number, line in enumerate(lines))
    return Reply(code, enhanced, lines, raw.encode("utf-8", "surrogateescape"))


def annotation(title: str, *lines: AnnotationLine) -> Annotation:
    return Annotation(title, f"{title}, at length", ("do this",), "code+phase", ("RFC 5321 §4.2.3",), lines)


def exchanges(*last: Exchange) -> tuple[Exchange, ...]:
    """A session up to MAIL, then what is given."""
    hello = annotation("The extensions", *EHLO_MEANINGS)
    made = (
        Exchange(0, Phase.GREETING, None, reply(220, "mx.example.com ESMTP"), annotation("Ready"), last_octet_s=0.0241),
        Exchange(1, Phase.EHLO, "EHLO client.example.org", reply(250, *EHLO), hello, sent_s=0.0242, last_octet_s=0.0489),
        Exchange(2, Phase.STARTTLS, "STARTTLS", reply(220, "Go"), annotation("Shake"), sent_s=0.05, last_octet_s=0.06),
        Exchange(3, Phase.TLS, None, sent_s=0.06, last_octet_s=0.12, over_tls=True, tls=TLS),
        Exchange(
            4, Phase.EHLO, "EHLO client.example.org", reply(250, *EHLO[:-1]), hello, sent_s=0.121, last_octet_s=0.145,
            over_tls=True,
        ),
        Exchange(
            5, Phase.MAIL, "MAIL FROM:<alice@example.org>", reply(250, "2.1.0 Ok", enhanced="2.1.0"), annotation("Taken"),
            sent_s=0.146, last_octet_s=0.17, over_tls=True,
        ),
    )  # fmt: skip
    return made + last


REFUSED_RCPT = Exchange(
    6, Phase.RCPT, "RCPT TO:<bob@example.com>", reply(554, f"5.7.1 {LISTING}", enhanced="5.7.1"), annotation("By policy"),
    sent_s=0.171, last_octet_s=1234.5, over_tls=True,
)  # fmt: skip
ACCEPTED_RCPT = Exchange(
    6, Phase.RCPT, "RCPT TO:<bob@example.com>", reply(250, "2.1.5 Ok", enhanced="2.1.5"), annotation("Valid"),
    sent_s=0.171, last_octet_s=0.2, over_tls=True,
)  # fmt: skip
LOST = Exchange(
    6, Phase.RCPT, "RCPT TO:<bob@example.com>", sent_s=0.171, first_octet_s=0.2, last_octet_s=0.2, over_tls=True,
    breakage=Breakage.CLOSED_BY_PEER, partial=b"250-half a \x1b[1mrep",
)  # fmt: skip


def report(
    outcome: Outcome,
    held: Sequence[Exchange] = (),
    *,
    runs: tuple[CheckRun, ...] = (),
    verdicts: tuple[Verdict, ...] = (),
    recipients: tuple[Recipient, ...] = (),
    assumed: bool = False,
) -> Report:
    transcript = Transcript(
        SERVER, 25, NOW, True, tuple(held), local_address="192.0.2.77", outcome=outcome, recipients=recipients,
        identity=Identity(CLIENT, IpSource.REPLY, "client.example.org", (WARNING,)),
        server=Server("postfix", None),
    )  # fmt: skip
    envelope = Envelope(
        Assumed("client.example.org", assumed=assumed), Assumed("alice@example.org", assumed=assumed),
        (Assumed("bob@example.com"),),
    )  # fmt: skip
    return Report(
        "1.0", Tool("smtpprobe", "0"), NOW, True, TargetRecord(HOST, HOST, 25, "esmtp"), envelope, outcome, (transcript,), runs,
        Request(Target(HOST, HOST)), (), verdicts,
    )  # fmt: skip


def zone(name: str, status: DnsblStatus, **more: object) -> DnsblZone:
    known = {"zone": name, "name": name, "kind": "block", "tier": 1, "subject": CLIENT, "status": status}
    return DnsblZone(**(known | more))  # type: ignore[arg-type]


LISTED = zone("zen.example", DnsblStatus.LISTED, codes=("127.0.0.2",), meanings=("spam source",))
RUNS: tuple[CheckRun, ...] = (
    Completed(
        "dnsbl",
        DnsblEvidence(
            (LISTED, zone("bl.example", DnsblStatus.NOT_LISTED), zone("dead.example", DnsblStatus.NO_ANSWER, reason="timed out")),
            (),
        ),
        (Finding("dnsbl-listed", Severity.ERROR, CLIENT, f"{CLIENT} is listed by zen.example: spam source"),),
        0,
    ),
    Completed(
        "iprev",
        IprevEvidence(CLIENT, AuthResult.PASS, ("client.example.org",), ("client.example.org",), None, False, None, ()),
        (Finding("iprev-seen", Severity.INFO, CLIENT, "only worth knowing"),),
        0,
    ),
    Completed("starttls", SessionEvidence((2, 3), {"offered": "yes", "verified": "no", "name": HOST}), (), 0),
    Failed("dmarc", "a bug of ours: KeyError: 'x'", 0),
    Skipped("dkim", "no domain is known", 0),
    Skipped("spf", "no domain is known", 0),
)  # fmt: skip
CAUSE = Cause(
    "ip-blocklisted", "The sending IP address is on a block list", Confidence.CONFIRMED,
    (f"zen.example lists {CLIENT} (127.0.0.2): spam source",),
    (Remedy("you", f"Send from another address than {CLIENT}."),
     Remedy("your-mail-admin", "Ask for removal: https://lists.example/remove", "ask zen.example again")),
    "No, until the address is off the list.",
)  # fmt: skip
OTHER = Cause("site-policy", "The site's own policy", Confidence.POSSIBLE, (), ())


def refused() -> Report:
    verdict = Verdict(
        0, 6, "listed", (CAUSE, OTHER), ("SPF passes",), ("dkim: no domain is known", "dead.example: no answer")
    )
    outcome = Outcome(Status.REFUSED, Phase.RCPT, 554, "5.7.1", f"554 5.7.1 {LISTING}", 1)
    recipients = (Recipient("bob@example.com", RecipientStatus.REFUSED, 6),)
    return report(outcome, exchanges(REFUSED_RCPT), runs=RUNS, verdicts=(verdict,), recipients=recipients)


def accepted() -> Report:
    recipients = (Recipient("bob@example.com", RecipientStatus.ACCEPTED, 6),)
    return report(Outcome(Status.ACCEPTED), exchanges(ACCEPTED_RCPT), recipients=recipients, assumed=True)


def lost() -> Report:
    outcome = Outcome(Status.NO_SESSION, Phase.RCPT, reason="the server closed the connection", exit_code=4)
    return report(outcome, exchanges(LOST))


def not_connected() -> Report:
    return report(
        Outcome(Status.NO_SESSION, Phase.CONNECT, reason=f"no connection to {SERVER} port 25: refused", exit_code=4)
    )
