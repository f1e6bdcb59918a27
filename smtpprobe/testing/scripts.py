"""Ready scripts for a ScriptedServer: a server that accepts, one that refuses at a command, one that greylists.

After a refusal they expect RSET and QUIT, as smtplib and aiosmtplib send them; after one to DATA, or as the greeting, what
smtplib does: QUIT, and no more.
"""

from __future__ import annotations

_GREETING = "220 mx.example.com ESMTP"
_DEFERRED = "450 4.2.0 Greylisted, try again later"
_BYE = ("C: QUIT", "S: 221 2.0.0 Bye")
_RESET = ("C: RSET", "S: 250 2.0.0 Ok")


def accept() -> str:
    """The script of one message with one recipient that is accepted, whoever they are."""
    return _script()


def refuse(
    *,
    greeting: str | None = None,
    mail: str | None = None,
    rcpt: str | None = None,
    data: str | None = None,
    message: str | None = None,
) -> str:
    """The script of a session in which one command, or the final dot (`message`), is answered with this reply.

    `refuse(rcpt="550 5.1.1 no such user")`, for example. Raises ValueError unless exactly one reply is given, and for one
    that is not a negative reply on one line.
    """
    given = {"greeting": greeting, "mail": mail, "rcpt": rcpt, "data": data, "message": message}
    replies = {name: reply for name, reply in given.items() if reply is not None}
    if len(replies) != 1:
        raise ValueError(f"{len(replies)} replies: expected one of {', '.join(given)}")
    (name, reply), *_ = replies.items()
    if reply[:1] not in ("4", "5") or not reply[:3].isdecimal() or not reply.isprintable():
        raise ValueError(f"{name}: {reply!r} is not a negative reply: expected for example '550 5.1.1 no such user'")
    return _script(name, reply)


def greylist(reply: str = _DEFERRED) -> tuple[str, str]:
    """The scripts of two sessions: RCPT is deferred in the first, and in the second the message is accepted."""
    return refuse(rcpt=reply), accept()


def _script(refused: str | None = None, reply: str = "") -> str:
    if refused == "greeting":
        return f"S: {reply}"
    lines = [f"S: {_GREETING}", "C: EHLO *", "S: 250 mx.example.com"]
    for name, sent, accepted in (
        ("mail", "C: MAIL FROM:*", "250 2.1.0 Ok"),
        ("rcpt", "C: RCPT TO:*", "250 2.1.5 Ok"),
        ("data", "C: DATA", "354 go ahead"),
        ("message", "MESSAGE", "250 2.0.0 queued"),
    ):
        lines += [sent, f"S: {reply if name == refused else accepted}"]
        if name == refused:
            lines += [*(_RESET if name != "data" else ()), *_BYE]
            return "\n".join(lines)
    return "\n".join((*lines, *_BYE))
