"""What each line of an EHLO or LHLO reply offers (RFC 5321 §4.1.1.1, RFC 2033 §4.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from smtpprobe.catalogue.load import table
from smtpprobe.model.quoting import printable
from smtpprobe.model.reply import AnnotationLine
from smtpprobe.model.texts.language import say, say_counted

_MASKED = re.compile(r"X{4,}[A-Z]?\Z")
_NUMBER = re.compile(r"[0-9]{1,20}\Z")
_MAX_WORDS = 64
_ASIDE = re.compile(r" \([^()]+\)\.?\Z")  # what a sentence adds in brackets at its end


class _Told(NamedTuple):
    """What a keyword's parameters say, as a sentence; `brief` alone, where they are all that matters."""

    text: str
    brief: str | None = None


def extension_lines(lines: Sequence[str], *, over_tls: bool = False) -> tuple[AnnotationLine, ...]:
    """What the greeting line and each extension line of a positive reply mean, in order."""
    annotated = [_line(0, None, _greeting(lines[0]))] if lines else []
    annotated += [_extension(index, line, over_tls) for index, line in enumerate(lines) if index]
    return tuple(annotated)


def mechanism_line(name: str) -> str:
    """What is known of a SASL mechanism, in a line: how it proves who you are, and whether the password is readable."""
    entry = table("sasl_mechanisms").get(name.upper())
    if entry is None:
        return say("{name}: a mechanism that is not registered", name=printable(name))
    meaning = say(entry["meaning"])
    return f"{name.upper()}: {meaning}"


def _greeting(line: str) -> str:
    # RFC 5321 §4.1.1.1: the first line is the server's domain, then free text.
    name, _, text = line.strip().partition(" ")
    if not name:
        return say("The server does not say its name.")
    if text.strip():
        return say(
            "The server calls itself {name} and adds: {text}", name=printable(name), text=printable(text.strip())
        )
    return say("The server calls itself {name}.", name=printable(name))


def _extension(index: int, line: str, over_tls: bool) -> AnnotationLine:
    words = line.split()[:_MAX_WORDS]
    if not words:
        return _line(index, None, say("An empty line: it offers nothing."))
    keyword, arguments = words[0].upper(), words[1:]
    # The form before RFC 2554: AUTH=LOGIN PLAIN.
    if keyword.startswith("AUTH="):
        general, told = _meaning("AUTH="), _auth([words[0][5:], *arguments])
        return _line(index, "AUTH=", f"{general} {told.text}", general.removesuffix(":"))
    entry = table("ehlo_keywords").get(keyword)
    if entry is None:
        return _line(index, printable(keyword), _unknown(keyword))
    general, special = _meaning(keyword), _ARGUMENTS.get(keyword)
    told = special(arguments) if special else _Told("")
    if keyword == "STARTTLS" and over_tls:
        # RFC 3207 §4.2: a server must not offer it once TLS is active.
        told = _Told(say("The session is encrypted already, so it should not be offered here."))
    meaning = f"{general} {told.text}".strip()
    if special is _auth:
        return _line(index, keyword, meaning, general.removesuffix(":"))
    if told.brief == " ".join(arguments):
        return _line(index, keyword, meaning, _ASIDE.sub("", general))
    return _line(index, keyword, meaning, told.brief and told.brief[:1].upper() + told.brief[1:])


def _line(index: int, keyword: str | None, meaning: str, brief: str | None = None) -> AnnotationLine:
    return AnnotationLine(index=index, keyword=keyword, meaning=meaning, brief=brief or _ASIDE.sub("", meaning))


def _meaning(keyword: str) -> str:
    return say(table("ehlo_keywords")[keyword]["meaning"])


def _unknown(keyword: str) -> str:
    if _MASKED.match(keyword):
        guess = say(" STARTTLS has this length.") if len(keyword) == 8 else ""
        return say(
            "Overwritten on the way: a firewall that inspects SMTP (Cisco PIX or ASA) puts letters X "
            "over keywords that it wants nobody to use.{guess} Switch that inspection off.",
            guess=guess,
        )
    # RFC 5321 §4.1.5: names that begin with X are private.
    if keyword.startswith("X"):
        return say("A private extension: it means something only to clients that were made for this server.")
    return say("Not a registered keyword: this server's own, or newer than this catalogue; a client passes over it.")


def _here(brief: str) -> _Told:
    return _Told(say("Here: {brief}.", brief=brief), brief)


def _size(arguments: list[str]) -> _Told:
    # RFC 1870 §3: absent or zero is no stated limit.
    if not arguments:
        return _Told(say("It does not say how large."))
    if not _NUMBER.match(arguments[0]):
        return _Told(say("Its value is not a number: {arguments}", arguments=printable(arguments[0])))
    octets = int(arguments[0])
    if not octets:
        return _Told(say("Zero: no fixed limit is stated."))
    return _here(say("messages up to {amount} ({octets} octets)", amount=_amount(octets), octets=octets))


def _amount(octets: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= size:
            return (
                f"{octets / size:.1f} {unit}".replace(".0 ", " ")
                if octets < 10**18
                else say("more than any disk holds")
            )
    return say_counted("{count} octet", "{count} octets", octets)


def _auth(arguments: list[str]) -> _Told:
    mechanisms = [argument for argument in arguments if argument]
    if not mechanisms:
        return _Told(say("No mechanism is named."))
    return _Told("; ".join(mechanism_line(name) for name in mechanisms) + ".")


def _limits(arguments: list[str]) -> _Told:
    names = {
        "MAILMAX": say("transactions in a session"),
        "RCPTMAX": say("recipients in a transaction"),
        "RCPTDOMAINMAX": say("recipient domains in a transaction"),
    }
    told = []
    for argument in arguments:
        name, _, value = argument.upper().partition("=")
        told.append(
            f"{printable(value)} {names[name]}" if name in names and _NUMBER.match(value) else printable(argument)
        )
    return _here(", ".join(told)) if told else _Told("")


def _deliver_by(arguments: list[str]) -> _Told:
    # RFC 2852 §3: the smallest by-time that the server takes, in seconds.
    if arguments and _NUMBER.match(arguments[0]):
        return _Told(say("At the shortest {arguments} seconds.", arguments=int(arguments[0])))
    return _Told("")


def _future_release(arguments: list[str]) -> _Told:
    # RFC 4865 §4: the longest interval in seconds, then the latest date.
    if arguments and _NUMBER.match(arguments[0]):
        until = say(", {arguments} at the latest", arguments=printable(arguments[1])) if len(arguments) > 1 else ""
        return _Told(say("Up to {arguments} seconds ahead{until}.", arguments=int(arguments[0]), until=until))
    return _Told("")


def _named(arguments: list[str]) -> _Told:
    return _here(printable(" ".join(arguments))) if arguments else _Told("")


_ARGUMENTS = {
    "SIZE": _size,
    "AUTH": _auth,
    "LIMITS": _limits,
    "DELIVERBY": _deliver_by,
    "FUTURERELEASE": _future_release,
    "BURL": _named,
    "MT-PRIORITY": _named,
    "NO-SOLICITING": _named,
    "X-EXPS": _auth,
    "XCLIENT": _named,
    "XFORWARD": _named,
    "XVERP": _named,
}
