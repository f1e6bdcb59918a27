"""What speaks against user name and secret by themselves, as facts that remedies are chosen by."""

from __future__ import annotations

from datetime import datetime

from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.login.judge import doubts
from smtpprobe.model.login.doubt import DoubtKind
from smtpprobe.model.login.secret import LoginRecord

_FACTS = {
    "login_unfilled": (DoubtKind.USER_UNFILLED, DoubtKind.PASSWORD_EMPTY, DoubtKind.PASSWORD_UNFILLED, DoubtKind.TOKEN_UNFILLED),
    "user_blank": (DoubtKind.USER_BLANK,),
    "user_not_ascii": (DoubtKind.USER_NOT_ASCII,),
    "password_not_ascii": (DoubtKind.PASSWORD_NOT_ASCII,),
    "password_blank": (DoubtKind.PASSWORD_BLANK, DoubtKind.PASSWORD_LINE_BREAK),
    "password_variable": (DoubtKind.PASSWORD_VARIABLE,),
    "password_quoted": (DoubtKind.PASSWORD_QUOTED,),
    "password_in_groups": (DoubtKind.PASSWORD_IN_GROUPS,),
    "password_is_token": (DoubtKind.PASSWORD_IS_TOKEN,),
    "token_form": (DoubtKind.TOKEN_FORM,),
    "token_kind": (DoubtKind.TOKEN_KIND,),
    "token_expired": (DoubtKind.TOKEN_EXPIRED,),
    "token_not_yet": (DoubtKind.TOKEN_NOT_YET,),
    "token_elsewhere": (DoubtKind.TOKEN_ISSUER, DoubtKind.TOKEN_AUDIENCE),
    "token_scope": (DoubtKind.TOKEN_SCOPE,),
    "token_other_user": (DoubtKind.TOKEN_USER,),
}  # fmt: skip


def of_login(login: LoginRecord | None, host: str | None, at: datetime) -> dict[str, str | None]:
    """The facts, and the scope that a token should be asked for with."""
    found = doubts(login, host, at)
    kinds = {each.kind for each in found}
    known: dict[str, str | None] = {name: YES if kinds & set(of) else None for name, of in _FACTS.items()}
    known["token_wants"] = next((each.wants for each in found if each.wants), None)
    known["token_fault"] = YES if any(known[name] for name in _FAULTS) else None
    return known


_FAULTS = (
    "token_form",
    "token_kind",
    "token_expired",
    "token_not_yet",
    "token_elsewhere",
    "token_scope",
    "login_unfilled",
)
