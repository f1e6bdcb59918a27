"""What the server offers for logging in, and how the attempt went (RFC 4954)."""

from __future__ import annotations

import re

from smtpprobe.catalogue.causes import Bearing
from smtpprobe.catalogue.providers import host_provider, passwords_until
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
from smtpprobe.checks.login import SPECS, login_findings
from smtpprobe.model.evidence import SessionEvidence
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Exchange, Phase, Transcript
from smtpprobe.wire.ehlo import ehlo_was_not_sent, extensions
from smtpprobe.wire.sasl.steps import accepted_unproved

IN_CLEAR = FindingSpec(
    id="auth-offered-in-clear",
    severity=Severity.WARNING,
    title=mark("AUTH is offered before TLS with a mechanism that sends the password readable"),
    why=mark("A client that accepts the offer shows the password to everyone on the path."),
    fix=mark("Offer AUTH only after TLS (Postfix: smtpd_tls_auth_only = yes; Dovecot: auth_allow_cleartext = no)."),
    references=("RFC 4954 §4", "RFC 8314 §3.3"),
)
REFUSED = FindingSpec(
    id="auth-refused",
    severity=Severity.ERROR,
    title=mark("The server refused the credentials"),
    why=mark("Exactly one attempt was made, with one mechanism; trying again may lock the account."),
    fix=mark("Check user name, password and whether this way of logging in is allowed for the account."),
    references=("RFC 4954 §6",),
)
NOT_OFFERED = FindingSpec(
    id="auth-not-offered",
    severity=Severity.NOTICE,
    title=mark("AUTH is not offered"),
    why=mark(
        "Credentials cannot be used here: this is a server for incoming mail, or it offers AUTH on "
        "another port or only over TLS."
    ),
    fix=mark("For submission use port 465 or 587; with STARTTLS the offer often appears only after the handshake."),
    references=("RFC 4954 §3", "RFC 6409 §4.3"),
)
OLD_FORM = FindingSpec(
    id="auth-old-form",
    severity=Severity.INFO,
    title=mark("AUTH is announced in the form AUTH= as well"),
    why=mark("The form was never standard; some very old clients know no other."),
    fix=mark("Leave it out unless such clients are still in use."),
    references=("RFC 4954 §3",),
)

UNPROVED = FindingSpec(
    id="auth-server-unproved",
    severity=Severity.WARNING,
    title=mark("The server accepted the login without proving that it knows the password"),
    why=mark(
        "SCRAM, and DIGEST-MD5 too, ends with the server's own signature; without it any server could have said yes, "
        "and a client that insists on the proof cannot log in here."
    ),
    fix=mark("Update the server's SASL library, so that the signature is sent before the login is accepted."),
    references=("RFC 5802 §3", "RFC 5802 §9", "RFC 2831 §2.1.3"),
)

PASSWORDS_END = FindingSpec(
    id="auth-password-ends",
    severity=Severity.WARNING,
    title=mark("The login by password works, and the provider ends such logins"),
    why=mark(
        "Exchange Online ends basic authentication for SMTP: it is off by default in existing tenants after the day that is "
        "named, and new tenants do not have it. Until it ends for good an administrator can switch it on again."
    ),
    fix=mark("Change to OAuth (XOAUTH2, with the scope SMTP.Send) or to another relay before that day."),
    references=("RFC 7628",),
)

_SCRAM_ERROR = re.compile(r"ZT[0-3]")  # "e=" in base64
_READABLE = {"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"}
_OF_PASSWORDS = {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM"}


def _skip(check_input: CheckInput) -> Skip | None:
    transcript = check_input.session.transcript
    if transcript is None:
        return NO_SESSION
    if ehlo_was_not_sent(transcript.exchanges) and not check_input.session.user:
        return HELO_ALONE
    if not _hellos(transcript):
        return not_applicable(say("the session ended before EHLO was answered"))
    return None


def _hellos(transcript: Transcript) -> list[Exchange]:
    return [x for x in transcript.exchanges if x.phase is Phase.EHLO and x.reply and x.reply.digit == 2]


async def _run(check_input: CheckInput) -> CheckResult:
    transcript, user = check_input.session.transcript, check_input.session.user
    assert transcript is not None
    findings: list[Finding] = []
    login = check_input.session.login
    if login is not None:
        findings += login_findings(login, transcript.host, transcript.started_at, accepted=_has_logged_in(transcript))
    subject, facts = transcript.address, {}
    hellos = _hellos(transcript)
    offered: tuple[str, ...] = ()
    attempts = [x for x in transcript.exchanges if x.phase is Phase.AUTH]
    for hello in hellos:
        assert hello.reply is not None
        offered = extensions(hello.reply.lines).get("AUTH", ())
        facts["offered-over-tls" if hello.over_tls else "offered-in-clear"] = " ".join(offered) or "none"
        readable = [name for name in offered if name in _READABLE]
        if readable and not hello.over_tls and not _is_private(transcript.address):
            message = say("AUTH {readable} is offered without TLS", readable=" ".join(readable))
            findings.append(IN_CLEAR(subject, message, exchange=hello.index))
        if any(line.upper().startswith("AUTH=") for line in hello.reply.lines):
            findings.append(OLD_FORM(subject, say("the old form AUTH= is announced"), exchange=hello.index))
    came_to_auth = transcript.outcome is not None and transcript.outcome.phase is Phase.AUTH
    if user and came_to_auth and not attempts and not offered:
        findings.append(
            NOT_OFFERED(subject, say("no AUTH is offered at the point at which the credentials would be used"))
        )
    if attempts:
        facts["attempts"] = str(sum(1 for x in attempts if (x.sent or "").startswith("AUTH ")))
        last = attempts[-1]
        if last.reply and last.reply.is_negative and not last.cancels_login:
            message = say(
                "AUTH was answered with {code} {enhanced}", code=last.reply.code, enhanced=last.reply.enhanced or ""
            ).rstrip()
            findings.append(REFUSED(user or subject, message, exchange=last.index))
        if _by_password(attempts) and (until := passwords_until(_provider(transcript))) is not None:
            message = say("this login by password is off by default after {day}", day=until)
            findings.append(PASSWORDS_END(user or subject, message, exchange=last.index))
        is_unjudged = accepted_unproved(attempts)
        if is_unjudged or _unproved(attempts):
            unjudged = mark("the login was accepted before the password, or a proof of it, was sent")
            message = say(unjudged if is_unjudged else mark("the login was accepted without the server's signature"))
            findings.append(UNPROVED(subject, message, exchange=last.index))
    return SessionEvidence(tuple(x.index for x in (*hellos, *attempts)), facts), tuple(findings)


def _has_logged_in(transcript: Transcript) -> bool:
    return any(x.phase is Phase.AUTH and x.reply is not None and x.reply.digit == 2 for x in transcript.exchanges)


def _by_password(attempts: list[Exchange]) -> bool:
    """Whether a password was accepted; a token has mechanisms of its own."""
    accepted = attempts[-1].reply is not None and attempts[-1].reply.digit == 2
    return accepted and (attempts[0].sent or "").partition(" ")[2].partition(" ")[0] in _OF_PASSWORDS


def _provider(transcript: Transcript) -> str | None:
    """Who runs the server: by its own words, else by the name that it was asked for in the handshake."""
    if transcript.server is not None and transcript.server.provider is not None:
        return transcript.server.provider
    return host_provider(next((x.tls.name for x in transcript.exchanges if x.tls is not None), None))


def _unproved(attempts: list[Exchange]) -> bool:
    """Whether SCRAM or DIGEST-MD5 was accepted without its second challenge, which holds the server's signature.

    In SCRAM an error may stand in its place (RFC 5802 §5.1).
    """
    if attempts[-1].reply is None or attempts[-1].reply.digit != 2:
        return False
    challenges = [
        each.reply.lines[0] for each in attempts if each.reply and each.reply.code == 334 and each.reply.lines
    ]
    is_error = bool(challenges) and _SCRAM_ERROR.match(challenges[-1]) is not None
    return (attempts[0].sent or "").startswith(("AUTH SCRAM-", "AUTH DIGEST-MD5")) and (len(challenges) < 2 or is_error)


def _is_private(address: str) -> bool:
    return address.startswith("/")


CHECK = Check(
    name="auth",
    about=mark(
        "which mechanisms are offered, in which EHLO reply, what user name and secret look like, and how the one attempt went"
    ),
    findings=(IN_CLEAR, REFUSED, NOT_OFFERED, OLD_FORM, UNPROVED, PASSWORDS_END, *SPECS),
    skip=_skip,
    run=_run,
    bears_on=Bearing(causes=frozenset({"auth-required", "auth-failed", "auth-method-blocked"})),
)
