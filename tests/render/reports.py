"""Reports with fixed texts and times, so that what is tested is their shape on the page and not the catalogue's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from smtpprobe.model.evidence import DnsblEvidence, IprevEvidence, SessionEvidence
from smtpprobe.model.evidence.dnsbl import DnsblStatus, DnsblZone
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.reply import Annotation, AnnotationLine, MatchStep, Reply
from smtpprobe.model.report import (
    Because,
    BecauseKind,
    Cause,
    CheckRun,
    Completed,
    Confidence,
    Failed,
    Finding,
    Report,
    Severity,
    Skipped,
    TargetRecord,
    Tool,
    Unchecked,
    Verdict,
)
from smtpprobe.model.request import Assumed, Envelope, Protocol, Request, Target
from smtpprobe.model.transcript import (
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
    AnnotationLine(index=0, keyword=None, meaning="The server calls itself mx.example.com."),
    AnnotationLine(
        index=1,
        keyword="SIZE",
        meaning="How large a message may be. Here: up to 33.6 MB (33554432 octets).",
        brief="Up to 33.6 MB (33554432 octets)",
    ),
    AnnotationLine(
        index=2,
        keyword="AUTH",
        meaning="One may log in by: PLAIN: in clear, only for use over TLS; LOGIN: likewise, in two steps.",
        brief="One may log in by",
    ),
    AnnotationLine(
        index=3,
        keyword="XCLIENT",
        meaning="A proxy may say whom it speaks for. Here: NAME ADDR.",
        brief="A proxy may say whom it speaks for.",
    ),
    AnnotationLine(
        index=4, keyword="STARTTLS", meaning="The session may be encrypted from here on with the command STARTTLS."
    ),
)
CERTIFICATE = Certificate(
    subject="CN=mx.example.com",
    issuer="CN=Example CA",
    names=(HOST,),
    not_before=NOW,
    not_after=NOW,
    serial="1",
    key="RSA 2048",
    signature="sha256",
    sha256="00",
    spki_sha256="00",
    self_signed=False,
)
TLS = TlsSession(
    version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    bits=256,
    name=HOST,
    sni=HOST,
    chain=(CERTIFICATE,),
    verified=False,
    problems=("it has expired",),
)


def reply(code: int, *lines: str, enhanced: str | None = None) -> Reply:
    last = len(lines) - 1
    raw = "".join(f"{code}{' ' if number == last else '-'}{line}\r\n" for number, line in enumerate(lines))
    return Reply(code=code, enhanced=enhanced, lines=lines, raw=raw.encode("utf-8", "surrogateescape"))


def annotation(title: str, *lines: AnnotationLine) -> Annotation:
    return Annotation(
        title=title,
        meaning=f"{title}, at length",
        fix=("do this",),
        matched=MatchStep.CODE_PHASE,
        references=("RFC 5321 §4.2.3",),
        lines=lines,
    )


def exchanges(*last: Exchange) -> tuple[Exchange, ...]:
    """A session up to MAIL, then what is given."""
    hello = annotation("The extensions", *EHLO_MEANINGS)
    made = (
        Exchange(
            index=0,
            phase=Phase.GREETING,
            sent=None,
            reply=reply(220, "mx.example.com ESMTP"),
            annotation=annotation("Ready"),
            last_octet_s=0.0241,
        ),
        Exchange(
            index=1,
            phase=Phase.EHLO,
            sent="EHLO client.example.org",
            reply=reply(250, *EHLO),
            annotation=hello,
            sent_s=0.0242,
            last_octet_s=0.0489,
        ),
        Exchange(
            index=2,
            phase=Phase.STARTTLS,
            sent="STARTTLS",
            reply=reply(220, "Go"),
            annotation=annotation("Shake"),
            sent_s=0.05,
            last_octet_s=0.06,
        ),
        Exchange(index=3, phase=Phase.TLS, sent=None, sent_s=0.06, last_octet_s=0.12, over_tls=True, tls=TLS),
        Exchange(
            index=4,
            phase=Phase.EHLO,
            sent="EHLO client.example.org",
            reply=reply(250, *EHLO[:-1]),
            annotation=hello,
            sent_s=0.121,
            last_octet_s=0.145,
            over_tls=True,
        ),
        Exchange(
            index=5,
            phase=Phase.MAIL,
            sent="MAIL FROM:<alice@example.org>",
            reply=reply(250, "2.1.0 Ok", enhanced="2.1.0"),
            annotation=annotation("Taken"),
            sent_s=0.146,
            last_octet_s=0.17,
            over_tls=True,
        ),
    )
    return made + last


REFUSED_RCPT = Exchange(
    index=6,
    phase=Phase.RCPT,
    sent="RCPT TO:<bob@example.com>",
    reply=reply(554, f"5.7.1 {LISTING}", enhanced="5.7.1"),
    annotation=annotation("By policy"),
    sent_s=0.171,
    last_octet_s=1234.5,
    over_tls=True,
)
ACCEPTED_RCPT = Exchange(
    index=6,
    phase=Phase.RCPT,
    sent="RCPT TO:<bob@example.com>",
    reply=reply(250, "2.1.5 Ok", enhanced="2.1.5"),
    annotation=annotation("Valid"),
    sent_s=0.171,
    last_octet_s=0.2,
    over_tls=True,
)
LOST = Exchange(
    index=6,
    phase=Phase.RCPT,
    sent="RCPT TO:<bob@example.com>",
    sent_s=0.171,
    first_octet_s=0.2,
    last_octet_s=0.2,
    over_tls=True,
    breakage=Breakage.CLOSED_BY_PEER,
    partial=b"250-half a \x1b[1mrep",
)


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
        address=SERVER,
        port=25,
        started_at=NOW,
        complete=True,
        exchanges=tuple(held),
        local_address="192.0.2.77",
        outcome=outcome,
        recipients=recipients,
        identity=Identity(
            client_ip=CLIENT, client_ip_source=IpSource.REPLY, helo="client.example.org", warnings=(WARNING,)
        ),
        server=Server("postfix", None),
    )
    envelope = Envelope(
        Assumed("client.example.org", assumed=assumed),
        Assumed("alice@example.org", assumed=assumed),
        (Assumed("bob@example.com"),),
    )
    return Report(
        schema_version="1.0",
        tool=Tool("smtpprobe", "0"),
        started_at=NOW,
        complete=True,
        target=TargetRecord(given=HOST, host=HOST, port=25, protocol=Protocol.ESMTP),
        envelope=envelope,
        outcome=outcome,
        transcripts=(transcript,),
        checks=runs,
        request=Request(target=Target(given=HOST, host=HOST)),
        lookups=(),
        verdicts=verdicts,
    )


def zone(name: str, status: DnsblStatus, **more: object) -> DnsblZone:
    known = {"zone": name, "name": name, "kind": "block", "tier": 1, "subject": CLIENT, "status": status}
    return DnsblZone(**(known | more))  # type: ignore[arg-type]


LISTED = zone("zen.example", DnsblStatus.LISTED, codes=("127.0.0.2",), meanings=("spam source",))
RUNS: tuple[CheckRun, ...] = (
    Completed(
        check="dnsbl",
        evidence=DnsblEvidence(
            (
                LISTED,
                zone("bl.example", DnsblStatus.NOT_LISTED),
                zone("dead.example", DnsblStatus.NO_ANSWER, reason="timed out"),
            ),
            (),
        ),
        findings=(
            Finding(
                id="dnsbl-listed",
                severity=Severity.ERROR,
                subject=CLIENT,
                message=f"{CLIENT} is listed by zen.example: spam source",
                zone="zen.example",
                names_subject=True,
            ),
        ),
        transcript=0,
    ),
    Completed(
        check="iprev",
        evidence=IprevEvidence(
            client_ip=CLIENT,
            result=AuthResult.PASS,
            names=("client.example.org",),
            confirmed=("client.example.org",),
            problem=None,
            generic=False,
            helo=None,
            lookups=(),
        ),
        findings=(Finding(id="iprev-seen", severity=Severity.INFO, subject=CLIENT, message="only worth knowing"),),
        transcript=0,
    ),
    Completed(
        check="starttls",
        evidence=SessionEvidence((2, 3), {"offered": "yes", "verified": "no", "name": HOST}),
        findings=(),
        transcript=0,
    ),
    Failed(check="dmarc", reason="internal error in checks/dmarc/check.py, line 1; please report it", transcript=0),
    Skipped(check="dkim", reason="no domain is known", transcript=0),
    Skipped(check="spf", reason="no domain is known", transcript=0),
)
CAUSE = Cause(
    id="ip-blocklisted",
    title="The sending IP address is on a blocklist",
    confidence=Confidence.CONFIRMED,
    because=(Because(kind=BecauseKind.EVIDENCE, text=f"zen.example lists {CLIENT} (127.0.0.2): spam source"),),
    remedies=(
        Remedy(actor=Actor.YOU, action=f"Send from another address than {CLIENT}."),
        Remedy(
            actor=Actor.YOUR_MAIL_ADMIN,
            action="Ask for removal: https://lists.example/remove",
            verify="ask zen.example again",
        ),
    ),
    retry="No, until the address is off the list.",
    checks=(0,),
)
OTHER = Cause(id="site-policy", title="The site's own policy", confidence=Confidence.POSSIBLE, because=(), remedies=())


def refused() -> Report:
    verdict = Verdict(
        transcript=0,
        exchange=6,
        summary="listed",
        causes=(CAUSE, OTHER),
        cleared=("SPF passes",),
        unknown=(
            Unchecked(subject="dkim", reason="no domain is known", run=len(RUNS) - 2),
            Unchecked(subject="dead.example", reason="no answer"),
        ),
        relevant=(0, 1, 3, 4, 5),
    )
    outcome = Outcome(
        status=Status.REFUSED,
        phase=Phase.RCPT,
        reply_code=554,
        enhanced="5.7.1",
        reason=f"554 5.7.1 {LISTING}",
        exit_code=1,
    )
    recipients = (Recipient("bob@example.com", RecipientStatus.REFUSED, 6),)
    return report(outcome, exchanges(REFUSED_RCPT), runs=RUNS, verdicts=(verdict,), recipients=recipients)


def accepted() -> Report:
    recipients = (Recipient("bob@example.com", RecipientStatus.ACCEPTED, 6),)
    return report(Outcome(status=Status.ACCEPTED), exchanges(ACCEPTED_RCPT), recipients=recipients, assumed=True)


def lost() -> Report:
    outcome = Outcome(
        status=Status.NO_SESSION, phase=Phase.RCPT, reason="the server closed the connection", exit_code=4
    )
    return report(outcome, exchanges(LOST))


def not_connected() -> Report:
    return report(
        Outcome(
            status=Status.NO_SESSION,
            phase=Phase.CONNECT,
            reason=f"no connection to {SERVER} port 25: refused",
            exit_code=4,
        )
    )
