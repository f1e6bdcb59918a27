"""STARTTLS and the certificate, as the session itself saw them (RFC 3207, RFC 8314)."""

from __future__ import annotations

from smtpprobe.checks.base import NO_SESSION, Check, CheckInput, CheckResult, FindingSpec, Skip, Trigger, not_applicable
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.evidence.session import YesNo
from smtpprobe.model.ports import is_submission
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.transcript import Exchange, Phase, TlsSession, Transcript
from smtpprobe.wire.ehlo import extensions

NOT_OFFERED = FindingSpec(
    id="starttls-not-offered",
    severity=Severity.WARNING,
    title="The server does not offer STARTTLS",
    why="Mail to this server crosses the network in clear, and senders that insist on TLS cannot deliver at all.",
    fix="Configure a certificate and switch STARTTLS on; where a firewall inspects SMTP, make it pass STARTTLS through.",
    references=("RFC 3207 §4", "RFC 8314 §3.3"),
)
REFUSED = FindingSpec(
    id="starttls-refused",
    severity=Severity.WARNING,
    title="The server offers STARTTLS and then refuses it",
    why="A 454 or 5yz to STARTTLS means that the server cannot do TLS just now, often for want of a readable key.",
    fix="Look into the server's log for why the certificate or key cannot be loaded.",
    references=("RFC 3207 §4",),
)
INJECTED = FindingSpec(
    id="starttls-injected-reply",
    severity=Severity.ERROR,
    title="Octets in clear stood behind the reply to STARTTLS",
    why="Whoever can write there in clear can make a client that does not discard them read forged replies as if they "
    "had come over TLS. The octets were kept apart and answered nothing.",
    fix="If the server sent them, its STARTTLS is broken: update it. If it did not, something between you and it did.",
    references=("RFC 3207 §4.2", "RFC 3207 §6"),
)
HANDSHAKE_FAILED = FindingSpec(
    id="tls-handshake-failed",
    severity=Severity.CRITICAL,
    title="The TLS handshake failed",
    why="No session can be held over TLS with this server as it is; senders that may do so retry in clear.",
    fix="The failure's words tell which side: a missing key or an old protocol is the server's to mend, an unknown issuer "
    "may be solved by trusting its certificate here.",
    needs=("tls.ca_file",),
    references=("RFC 3207 §4.1", "RFC 8446 §6"),
)
UNVERIFIED = FindingSpec(
    id="certificate-unverified",
    severity=Severity.NOTICE,
    title="The server's certificate does not verify",
    why="On port 25 nothing binds the name unless DANE or MTA-STS does, so most senders go on; a submission client must not.",
    fix="Install a certificate for the name that clients use, with its intermediate certificates, and renew it in time.",
    references=("RFC 3207 §4.1", "RFC 8314 §5.3", "RFC 9525 §6.3"),
)
OLD_VERSION = FindingSpec(
    id="tls-version-old",
    severity=Severity.WARNING,
    title="The server negotiated a TLS version that is no longer to be used",
    why="TLS 1.0 and 1.1 are deprecated; clients that keep to that cannot connect.",
    fix="Enable TLS 1.2 and 1.3 on the server.",
    references=("RFC 8996 §3", "RFC 8314 §4.1"),
)


def _handshake(transcript: Transcript) -> Exchange | None:
    return next((each for each in transcript.exchanges if each.phase is Phase.TLS), None)


def _offered(transcript: Transcript) -> bool | None:
    """Whether the first reply to EHLO offers STARTTLS; None where there was none."""
    for exchange in transcript.exchanges:
        if exchange.phase is Phase.EHLO and exchange.reply and exchange.reply.digit == 2:
            return "STARTTLS" in extensions(exchange.reply.lines)
    return None


def _skip(check_input: CheckInput) -> Skip | None:
    transcript = check_input.session.transcript
    if transcript is None:
        return NO_SESSION
    if _offered(transcript) is None and _handshake(transcript) is None:
        return not_applicable("the session ended before EHLO was answered")
    return None


async def _run(check_input: CheckInput) -> CheckResult:
    transcript = check_input.session.transcript
    assert transcript is not None
    findings: list[Finding] = []
    handshake, offered = _handshake(transcript), _offered(transcript)
    subject = transcript.address
    exchanges = [each.index for each in transcript.exchanges if each.phase in (Phase.STARTTLS, Phase.TLS)]
    facts: dict[str, str] = {"offered": {True: YesNo.YES, False: YesNo.NO, None: YesNo.UNKNOWN}[offered]}
    refusal = next(
        (x for x in transcript.exchanges if x.phase is Phase.STARTTLS and x.reply and x.reply.code != 220), None
    )
    if offered is False and handshake is None:
        findings.append(NOT_OFFERED(subject, "STARTTLS is not among the extensions"))
    if refusal is not None and refusal.reply is not None:
        findings.append(REFUSED(subject, f"STARTTLS was answered with {refusal.reply.code}", exchange=refusal.index))
    if transcript.injected:
        count = len(transcript.injected)
        message = f"{count} octets in clear stood between the reply to STARTTLS and the handshake"
        findings.append(INJECTED(subject, message, exchange=handshake.index if handshake else None))
    if handshake is not None and handshake.tls is None:
        message = f"the handshake failed: {handshake.detail or 'no reason given'}"
        findings.append(HANDSHAKE_FAILED(subject, message, exchange=handshake.index))
    elif handshake is not None and handshake.tls is not None:
        facts |= _facts(handshake.tls)
        findings += _judge(
            handshake.tls, handshake.index, is_submission=_is_submission(transcript, check_input.session.user)
        )
    return SessionEvidence(tuple(exchanges), facts), tuple(findings)


def _facts(tls: TlsSession) -> dict[str, str]:
    facts: dict[str, str] = {"verified": YesNo.YES if tls.verified else YesNo.NO, "name": tls.name}
    if tls.version:
        facts["version"] = tls.version
    if tls.cipher:
        facts["cipher"] = tls.cipher
    if tls.chain:
        facts["expires"] = tls.chain[0].not_after.date().isoformat()
        facts["issuer"] = tls.chain[0].issuer
    return facts


def _judge(tls: TlsSession, exchange: int, *, is_submission: bool) -> list[Finding]:
    findings = []
    if not tls.verified:
        # Nothing binds the name where mail is exchanged, without DANE or MTA-STS; for submission it must verify (RFC 8314 §5.3).
        severity = Severity.ERROR if is_submission else Severity.NOTICE
        findings += [UNVERIFIED(tls.name, problem, exchange=exchange, severity=severity) for problem in tls.problems]
    if tls.version in ("SSLv3", "TLSv1", "TLSv1.1"):
        findings.append(OLD_VERSION(tls.name, f"{tls.version} was negotiated", exchange=exchange))
    return findings


def _is_submission(transcript: Transcript, user: str | None) -> bool:
    return bool(user) or is_submission(transcript.port)


CHECK = Check(
    name="starttls",
    about="whether TLS was offered, came about and proves the server's name",
    trigger=Trigger.ALWAYS,
    needs_dns=False,
    findings=(NOT_OFFERED, REFUSED, INJECTED, HANDSHAKE_FAILED, UNVERIFIED, OLD_VERSION),
    skip=_skip,
    run=_run,
)
