"""The facts of a login: what user name and secret show by themselves. With `facts.FACTS` they are the whole vocabulary."""

from __future__ import annotations

from collections.abc import Mapping

OF_THE_LOGIN: Mapping[str, str] = {
    "password_not_ascii": "the password has characters outside ASCII",
    "password_blank": "the password begins or ends with a blank",
    "password_variable": "the password has the form of a variable, $NAME",
    "password_quoted": "the password is in quotation marks",
    "password_in_groups": "the password is in four groups of four letters, as app passwords are shown",
    "password_is_token": "the password has the form of an access token",
    "user_blank": "the user name has a blank or a line break at an end",
    "user_not_ascii": "the user name has characters outside ASCII",
    "login_unfilled": "the user name or the secret is empty, or a placeholder that was never filled in",
    "token_form": "the token has something around it, or is not whole",
    "token_kind": "what was given for an access token is something else",
    "token_expired": "the token has expired",
    "token_not_yet": "the token is not valid yet",
    "token_elsewhere": "the token was made by or for another service",
    "token_scope": "the token does not allow sending mail over SMTP",
    "token_other_user": "the token names another user",
    "token_fault": "one of the things that speak against the token itself",
    "token_wants": "the scope that a token for this server is asked for with",
}
