"""A code by the name that .NET's libraries have for it, in a line of its own: `StatusCode: MailboxBusy (450)`."""

from __future__ import annotations

import re

from smtpprobe.intake.quotation import Quoted

# SmtpStatusCode of System.Net.Mail and of MailKit, those that refuse something.
_CODES = {
    "ServiceNotAvailable": "421",
    "PasswordTransitionNeeded": "432",
    "MailboxBusy": "450",
    "ErrorInProcessing": "451",
    "LocalErrorInProcessing": "451",
    "InsufficientStorage": "452",
    "ClientNotPermitted": "454",
    "TemporaryAuthenticationFailure": "454",
    "CommandUnrecognized": "500",
    "SyntaxError": "501",
    "CommandNotImplemented": "502",
    "BadCommandSequence": "503",
    "CommandParameterNotImplemented": "504",
    "MustIssueStartTlsFirst": "530",
    "AuthenticationRequired": "530",
    "AuthenticationMechanismTooWeak": "534",
    "AuthenticationInvalidCredentials": "535",
    "EncryptionRequiredForAuthenticationMechanism": "538",
    "MailboxUnavailable": "550",
    "UserNotLocalTryAlternatePath": "551",
    "UserNotLocalWillForward": "551",
    "ExceededStorageAllocation": "552",
    "MailboxNameNotAllowed": "553",
    "TransactionFailed": "554",
}
_STATUS = re.compile(
    r"[^\w\n]{0,12}(?:\w{1,40}\.){0,3}(?:Smtp)?Status ?Code['\"]?\s?[:=]\s?['\"]?(?:SmtpStatusCode\.)?"
    r"(?:(?P<name>[A-Z][A-Za-z]{8,50})(?:\s?[(=:]\s?(?P<code>[45]\d\d)\)?)?"
    r"|(?P<number>[45]\d\d) ?\((?P<named>[A-Z][A-Za-z]{8,50})\))"
    r"['\"]?[,;.]?\s*\Z",
    re.ASCII,
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_REACH = 15  # lines that may be between the reply and its status


def status_in(words: str) -> Quoted | None:
    """The code that a line names and holds nothing else, with its name in words; None for any other line."""
    found = _STATUS.match(words)
    if found is None:
        return None
    name = found["name"] or found["named"]
    if name not in _CODES:
        return None
    code = found["code"] or found["number"] or _CODES[name]
    return Quoted(reply=f"{code} {_HUMP.sub(' ', name).lower().capitalize()}", start=found.start(), is_status=True)


def belongs(status: str, reply: str, lines_between: int) -> bool:
    """Whether a status and a reply near it are the same refusal: the code is the same, or the reply has none of its own."""
    own = reply[:3] if reply[:3].isdigit() else None
    return abs(lines_between) <= _REACH and (own == status[:3] if own else reply[:1] == status[:1])
