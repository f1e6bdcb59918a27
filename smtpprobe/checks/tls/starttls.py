"""STARTTLS and the certificate, as the session itself saw them (RFC 3207, RFC 8314)."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.checks.base import (
    HELO_ALONE,
    NO_SESSION,
    Check,
    CheckInput,
    CheckResult,
    FindingSpec,
    Skip,
    not_applicable,
)
from smtpprobe.checks.tls import hello_again
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.evidence.session import YesNo
from smtpprobe.model.ports import is_submission
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.transcript import Exchange, Phase, TlsFault, TlsSession, Transcript
from smtpprobe.wire.dialogue.other_host import other_host
from smtpprobe.wire.ehlo import ehlo_was_not_sent, extensions, masked

MIN_DH_BITS = 2048

NOT_OFFERED = FindingSpec(
    id="starttls-not-offered",
    severity=Severity.WARNING,
    title=mark("The server does not offer STARTTLS"),
    why=mark(
        "Mail to this server crosses the network unencrypted, and senders that insist on TLS cannot deliver at all."
    ),
    fix=mark(
        "Configure a certificate and switch STARTTLS on; if a firewall inspects SMTP, make it pass STARTTLS through."
    ),
    references=("RFC 3207 §4", "RFC 8314 §3.3"),
)
REFUSED = FindingSpec(
    id="starttls-refused",
    severity=Severity.WARNING,
    title=mark("The server offers STARTTLS and then refuses it"),
    why=mark(
        "A 454 or 5yz to STARTTLS means that the server cannot do TLS just now, often because it cannot read its key."
    ),
    fix=mark("Look in the server's log for the reason why the certificate or key cannot be loaded."),
    references=("RFC 3207 §4",),
)
INJECTED = FindingSpec(
    id="starttls-injected-reply",
    severity=Severity.ERROR,
    title=mark("Plaintext data followed the STARTTLS reply"),
    why=mark(
        "Whoever can insert plaintext there can make a client that does not discard it read forged "
        "replies as if they had come over TLS. Here it was kept apart and not taken for a reply."
    ),
    fix=mark(
        "If the server sent them, its STARTTLS is broken: update it. If it did not, something between you and it did."
    ),
    references=("RFC 3207 §4.2", "RFC 3207 §6"),
)
HANDSHAKE_FAILED = FindingSpec(
    id="tls-handshake-failed",
    severity=Severity.CRITICAL,
    title=mark("The TLS handshake failed"),
    why=mark("No session can be held over TLS with this server as it is; senders that may do so retry without TLS."),
    fix=mark(
        "The error says which side: a missing key or an old protocol has to be fixed on the server, "
        "an unknown issuer may be solved by trusting its certificate here."
    ),
    needs=("tls.ca_file",),
    references=("RFC 3207 §4.1", "RFC 8446 §6"),
)
UNVERIFIED = FindingSpec(
    id="certificate-unverified",
    severity=Severity.NOTICE,
    severity_otherwise=mark("error on a submission port (465, 587), with a login, or if the certificate has to verify"),
    title=mark("The server's certificate does not verify"),
    why=mark(
        "On port 25 nothing binds the name unless DANE or MTA-STS does, so most senders go on; a "
        "submission client must not."
    ),
    fix=mark(
        "Install a certificate for the name that clients use, with its intermediate certificates, and renew it in time."
    ),
    references=("RFC 3207 §4.1", "RFC 8314 §5.3", "RFC 9525 §6.3"),
)
OLD_VERSION = FindingSpec(
    id="tls-version-old",
    severity=Severity.WARNING,
    title=mark("The server negotiated a TLS version that should no longer be used"),
    why=mark("TLS 1.0 and 1.1 are deprecated; clients that keep to that cannot connect."),
    fix=mark("Enable TLS 1.2 and 1.3 on the server."),
    references=("RFC 8996 §3", "RFC 8314 §4.1"),
)
EXPIRES_SOON = FindingSpec(
    id="certificate-expires-soon",
    severity=Severity.WARNING,
    severity_otherwise=mark("error if few days are left: fewer than 7, or the second number given"),
    title=mark("The server's certificate expires soon"),
    why=mark(
        "After its last day clients that verify certificates break off, and submission stops for everybody at once."
    ),
    fix=mark(
        "Renew it now, and see why it was not renewed by itself; reload the mail server, which goes "
        "on with the old one until then."
    ),
    references=("RFC 5280 §4.1.2.5",),
)
OTHER_HOST = FindingSpec(
    id="server-is-another-host",
    severity=Severity.NOTICE,
    severity_otherwise=mark("error on a submission port (465, 587) or with a login"),
    title=mark("The server calls itself by another name throughout"),
    why=mark(
        "Greeting, EHLO and certificate agree on a name that was not asked for. Either that is the "
        "host behind the name, or something on the way answers in the server's place: a hoster's "
        "firewall, or a virus scanner."
    ),
    fix=mark(
        "If it is the right host, use the name that the certificate carries. Otherwise ask the "
        "network's owner why outgoing SMTP is redirected, and send no password over it."
    ),
    needs=("tls.name",),
    names_subject=True,
    references=("RFC 9525 §6.3", "RFC 8314 §5.3"),
)
DH_SMALL = FindingSpec(
    id="tls-dh-too-small",
    severity=Severity.WARNING,
    title=mark("The server's Diffie-Hellman parameters are too small"),
    why=mark(
        "A prime of less than 2048 bits can be broken with much effort, and current clients end the "
        "handshake because of it."
    ),
    fix=mark("Use ECDHE alone, or parameters of 2048 bits or more (a group of RFC 7919)."),
    references=("RFC 9325 §4.4", "RFC 7919 §1"),
)
OLD_RENEGOTIATION = FindingSpec(
    id="tls-renegotiation-old",
    severity=Severity.WARNING,
    title=mark("The server does not know secure renegotiation"),
    why=mark(
        "Without it somebody on the path can insert octets before a client's. Clients with OpenSSL 3 do not connect."
    ),
    fix=mark("Update the server's TLS library, or the middlebox that answers in its place."),
    references=("RFC 5746 §1", "RFC 9325 §3.5"),
)
CLIENT_CERTIFICATE = FindingSpec(
    id="tls-client-certificate-asked",
    severity=Severity.INFO,
    title=mark("The server asks for a client certificate"),
    why=mark("Most servers that ask go on without one; some clients stop to ask their user."),
    fix=mark("Nothing, if it is meant. Otherwise do not ask (Postfix: smtpd_tls_ask_ccert = no)."),
    needs=("tls.client_cert",),
    references=("RFC 8446 §4.3.2",),
)

_ASKED = {
    None: mark("a client certificate was requested"),
    True: mark("a client certificate was requested, and ours was sent"),
    False: mark("a client certificate was requested; none was sent"),
}


def _handshake(transcript: Transcript) -> Exchange | None:
    return next((each for each in transcript.exchanges if each.phase is Phase.TLS), None)


def _offered(transcript: Transcript) -> bool | None:
    """Whether the first reply to EHLO, or to HELO after EHLO was refused, offers STARTTLS; None where there was none."""
    if ehlo_was_not_sent(transcript.exchanges):
        return None
    for exchange in transcript.exchanges:
        if exchange.phase is Phase.EHLO and exchange.reply and exchange.reply.digit == 2:
            return "STARTTLS" in extensions(exchange.reply.lines)
    return None


def _why_not_offered(transcript: Transcript) -> str:
    if any(each.is_helo for each in transcript.exchanges):
        return say("EHLO is refused, and HELO offers no extensions")
    hello = next(x.reply for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and x.reply.digit == 2)
    if (mask := masked(extensions(hello.lines))) is not None:
        return say("STARTTLS is not among the extensions; a firewall may have masked it as {mask}", mask=mask)
    return say("STARTTLS is not among the extensions")


def _skip(check_input: CheckInput) -> Skip | None:
    transcript = check_input.session.transcript
    if transcript is None:
        return NO_SESSION
    if _offered(transcript) is None and _handshake(transcript) is None:
        if ehlo_was_not_sent(transcript.exchanges):
            return HELO_ALONE
        return not_applicable(say("the session ended before EHLO was answered"))
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
        findings.append(NOT_OFFERED(subject, _why_not_offered(transcript)))
    if refusal is not None and refusal.reply is not None:
        findings.append(
            REFUSED(subject, say("STARTTLS was answered with {code}", code=refusal.reply.code), exchange=refusal.index)
        )
    if transcript.injected:
        count = len(transcript.injected)
        message = say_counted(
            "{count} octet of plaintext came between the STARTTLS reply and the handshake",
            "{count} octets of plaintext came between the STARTTLS reply and the handshake",
            count,
        )
        findings.append(INJECTED(subject, message, exchange=handshake.index if handshake else None))
    if handshake is not None and handshake.tls is None:
        message = say("the handshake failed: {detail}", detail=handshake.detail or say("no reason given"))
        findings.append(HANDSHAKE_FAILED(subject, message, exchange=handshake.index))
    elif handshake is not None and handshake.tls is not None:
        facts |= _facts(handshake.tls)
        is_submission = _is_submission(transcript, check_input.session.user)
        findings += _of_certificate(handshake.tls, handshake.index, is_submission=is_submission)
        findings += _expiring(handshake.tls, handshake.index, check_input)
        findings += _of_handshake(handshake.tls, handshake.index)
        if (other := _other_host(transcript, handshake.tls)) is not None:
            message = say(
                "greeting, EHLO and certificate name {other}, not {name}", other=other, name=handshake.tls.name
            )
            severity = Severity.ERROR if is_submission else None
            findings.append(OTHER_HOST(handshake.tls.name, message, exchange=handshake.index, severity=severity))
    findings += hello_again.compared(transcript)
    return SessionEvidence(tuple(exchanges), facts), tuple(findings)


def _facts(tls: TlsSession) -> dict[str, str]:
    facts: dict[str, str] = {"verified": YesNo.YES if tls.verified else YesNo.NO, "name": tls.name}
    if tls.version:
        facts["version"] = tls.version
    if tls.cipher:
        facts["cipher"] = tls.cipher
    if tls.group:
        facts["key-exchange"] = tls.group
    if tls.chain:
        facts["expires"] = tls.chain[0].not_after.date().isoformat()
        facts["issuer"] = tls.chain[0].issuer
    return facts


def _of_certificate(tls: TlsSession, exchange: int, *, is_submission: bool) -> list[Finding]:
    # Nothing binds the name where mail is exchanged, without DANE or MTA-STS; for submission it must verify (RFC 8314 §5.3).
    severity = Severity.ERROR if is_submission or tls.enforced else Severity.NOTICE
    return [UNVERIFIED(tls.name, problem, exchange=exchange, severity=severity) for problem in tls.problems]


def _expiring(tls: TlsSession, exchange: int, check_input: CheckInput) -> list[Finding]:
    """The first end on the way to what is trusted, if it is near; one that has come is a fault of the certificate."""
    if not tls.chain or TlsFault.EXPIRED in tls.faults:
        return []
    warning, error = check_input.options.expiry_days
    first = min(tls.line, key=lambda each: each.not_after)
    left = first.left(check_input.services.now)
    if not 0 <= left < max(warning, error):
        return []
    message = say(
        "{subject} expires on {not_after}, {in_days}",
        subject=first.subject or say("the certificate"),
        not_after=format(first.not_after, "%Y-%m-%d"),
        in_days=_in_days(left),
    )
    return [EXPIRES_SOON(tls.name, message, exchange=exchange, severity=Severity.ERROR if left < error else None)]


def _in_days(left: int) -> str:
    return say_counted("tomorrow", "in {count} days", left) if left else say("today")


def _of_handshake(tls: TlsSession, exchange: int) -> Iterator[Finding]:
    if tls.version in ("SSLv3", "TLSv1", "TLSv1.1"):
        yield OLD_VERSION(tls.name, say("{version} was negotiated", version=tls.version), exchange=exchange)
    if tls.dh_bits is not None and tls.dh_bits < MIN_DH_BITS:
        yield DH_SMALL(tls.name, say("the prime has {dh_bits} bits", dh_bits=tls.dh_bits), exchange=exchange)
    if tls.secure_renegotiation is False:
        yield OLD_RENEGOTIATION(tls.name, say("the server did not answer renegotiation_info"), exchange=exchange)
    if tls.client_certificate_asked:
        yield CLIENT_CERTIFICATE(tls.name, say(_ASKED[tls.client_certificate_shown]), exchange=exchange)


def _other_host(transcript: Transcript, tls: TlsSession) -> str | None:
    """The host that the server says it is, in clear and by its certificate, where it is not the one asked for."""
    greeting = next((each.reply for each in transcript.exchanges if each.phase is Phase.GREETING), None)
    # The last one that was willing, as the session itself took it: after the handshake it is said again.
    replies = [each.reply for each in transcript.exchanges if each.phase is Phase.EHLO and each.reply is not None]
    ehlo = next((each for each in reversed(replies) if each.digit == 2), None)
    return other_host(greeting, ehlo, tls)


def _is_submission(transcript: Transcript, user: str | None) -> bool:
    # RFC 8314 §3: TLS from the first octet is for submission, whatever the port.
    implicit = bool(transcript.exchanges) and transcript.exchanges[0].phase is Phase.TLS
    return bool(user) or implicit or is_submission(transcript.port)


CHECK = Check(
    name="starttls",
    about=mark("whether TLS was offered, was established and proves the server's name"),
    findings=(
        NOT_OFFERED,
        REFUSED,
        INJECTED,
        HANDSHAKE_FAILED,
        UNVERIFIED,
        EXPIRES_SOON,
        OTHER_HOST,
        OLD_VERSION,
        DH_SMALL,
        OLD_RENEGOTIATION,
        CLIENT_CERTIFICATE,
        *hello_again.FINDINGS,
    ),
    skip=_skip,
    run=_run,
    bears_on=Bearing(
        causes=frozenset({"tls-required", "tls-failed", "auth-required", "auth-failed", "auth-method-blocked"})
    ),
)
