"""What is said of user name, password and token before and beside a login: the findings of what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from smtpprobe.catalogue.login.judge import doubts
from smtpprobe.checks.base import FindingSpec
from smtpprobe.model.login.doubt import DoubtKind
from smtpprobe.model.login.secret import LoginRecord
from smtpprobe.model.report import Finding, Severity
from smtpprobe.model.texts.language import mark

_NOT_SENT = mark("It surely cannot work: then it is not sent, and no attempt is spent, unless that is asked for.")
_OTHERWISE = mark("warning if it may work")

UNFILLED = FindingSpec(
    id="auth-not-filled-in",
    severity=Severity.ERROR,
    title=mark("The user name or the secret was never filled in"),
    why=_NOT_SENT,
    fix=mark(
        "See why nothing replaced the variable: a secret that this repository or branch does not have, single quotes, "
        "a file that no shell reads, a value copied from a masked log."
    ),
    needs=("send_anyway",),
)
USER = FindingSpec(
    id="auth-user-suspicious",
    severity=Severity.NOTICE,
    title=mark("The user name looks as if it were mistyped"),
    why=mark("It may be right; if the login is refused, this is the first thing to look at."),
    fix=mark("Give the name as the provider shows it, which is the whole address with most."),
    references=("RFC 4616 §2",),
)
PASSWORD = FindingSpec(
    id="auth-password-suspicious",
    severity=Severity.NOTICE,
    title=mark("The password looks as if something had happened to it on its way"),
    why=mark("It may be right; if the login is refused, this is the first thing to look at."),
    fix=mark("See how it reaches the program: what was copied with it, and what a shell or a file made of it."),
    references=("RFC 4616 §2",),
)
EXPIRED = FindingSpec(
    id="auth-token-expired",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("The access token has expired"),
    why=_NOT_SENT,
    fix=mark("Get a new one with the refresh token, or by the program that got this one: most live for about an hour."),
    references=("RFC 7519 §4.1.4",),
    needs=("send_anyway",),
)
NOT_YET = FindingSpec(
    id="auth-token-not-yet-valid",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("The access token is not valid yet"),
    why=_NOT_SENT,
    fix=mark("Compare this computer's clock with a right one."),
    references=("RFC 7519 §4.1.5",),
    needs=("send_anyway",),
)
ELSEWHERE = FindingSpec(
    id="auth-token-for-another-service",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("The access token was made by or for another service"),
    why=_NOT_SENT,
    fix=mark("Ask for a token with the scope for SMTP alone: a token is for one service."),
    references=("RFC 7519 §4.1.3",),
    needs=("send_anyway",),
)
SCOPE = FindingSpec(
    id="auth-token-without-scope",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("The access token does not allow sending mail over SMTP"),
    why=_NOT_SENT,
    fix=mark("Ask for a token with the scope for SMTP, and have the application's permission for it granted."),
    references=("RFC 6749 §3.3",),
    needs=("send_anyway",),
)
KIND = FindingSpec(
    id="auth-no-access-token",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("What was given for an access token is something else"),
    why=_NOT_SENT,
    fix=mark("Get an access token with it at the provider's token endpoint, and give that."),
    references=("RFC 6749 §1.4", "RFC 6749 §1.5"),
    needs=("send_anyway",),
)
FORM = FindingSpec(
    id="auth-token-malformed",
    severity=Severity.ERROR,
    severity_otherwise=_OTHERWISE,
    title=mark("The access token is not given alone, or not whole"),
    why=_NOT_SENT,
    fix=mark("Give the value of access_token alone, without the word Bearer, quotation marks or line breaks."),
    references=("RFC 6750 §2.1", "RFC 7628 §3.1"),
    needs=("send_anyway",),
)
OTHER_USER = FindingSpec(
    id="auth-token-for-another-user",
    severity=Severity.WARNING,
    title=mark("The access token is another user's"),
    why=mark("That works only if the token's user may send from this mailbox, a shared one for example."),
    fix=mark("Sign in as the user who logs in, or give the token's user as the user name."),
    references=("RFC 7628 §3.1",),
)
UNREADABLE = FindingSpec(
    id="auth-token-unreadable",
    severity=Severity.INFO,
    title=mark("The access token cannot be read"),
    why=mark("What it allows, for whom and until when is known to the provider alone, so that nothing was judged."),
    fix=mark("Nothing. If it is refused, ask the provider's token introspection or tokeninfo page about it."),
    references=("RFC 6749 §1.4", "RFC 7662 §2"),
)

SPECS = (UNFILLED, USER, PASSWORD, EXPIRED, NOT_YET, ELSEWHERE, SCOPE, KIND, FORM, OTHER_USER, UNREADABLE)

_OF_KIND: Mapping[DoubtKind, FindingSpec] = {
    DoubtKind.USER_UNFILLED: UNFILLED,
    DoubtKind.USER_BLANK: USER,
    DoubtKind.USER_NOT_ASCII: USER,
    DoubtKind.USER_WITHOUT_DOMAIN: USER,
    DoubtKind.PASSWORD_EMPTY: UNFILLED,
    DoubtKind.PASSWORD_UNFILLED: UNFILLED,
    DoubtKind.PASSWORD_LINE_BREAK: PASSWORD,
    DoubtKind.PASSWORD_BLANK: PASSWORD,
    DoubtKind.PASSWORD_NOT_ASCII: PASSWORD,
    DoubtKind.PASSWORD_IN_GROUPS: PASSWORD,
    DoubtKind.PASSWORD_QUOTED: PASSWORD,
    DoubtKind.PASSWORD_VARIABLE: PASSWORD,
    DoubtKind.PASSWORD_IS_TOKEN: PASSWORD,
    DoubtKind.TOKEN_UNFILLED: UNFILLED,
    DoubtKind.TOKEN_FORM: FORM,
    DoubtKind.TOKEN_KIND: KIND,
    DoubtKind.TOKEN_EXPIRED: EXPIRED,
    DoubtKind.TOKEN_NOT_YET: NOT_YET,
    DoubtKind.TOKEN_ISSUER: ELSEWHERE,
    DoubtKind.TOKEN_AUDIENCE: ELSEWHERE,
    DoubtKind.TOKEN_SCOPE: SCOPE,
    DoubtKind.TOKEN_USER: OTHER_USER,
    DoubtKind.TOKEN_UNREADABLE: UNREADABLE,
}


def login_findings(login: LoginRecord, host: str | None, at: datetime, *, accepted: bool) -> tuple[Finding, ...]:
    """What speaks against the login, as findings. `accepted`: the server took it, so that they were wrong."""
    found = []
    for each in doubts(login, host, at):
        spec = _OF_KIND[each.kind]
        if accepted and spec.severity is not Severity.INFO:
            continue
        severity = Severity.WARNING if spec.severity is Severity.ERROR and not each.sure else None
        found.append(spec(login.user, each.text, severity=severity, needs="send_anyway" if each.sure else None))
    return tuple(found)
