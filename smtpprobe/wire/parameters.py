"""The parameters of MAIL and RCPT: how each is written, and which extension it belongs to (RFC 5321 §4.1.1.11)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from smtpprobe.model.texts.language import say

# Parameters to the EHLO keyword of their extension. One that does not stand here may belong to any.
EXTENSIONS: Mapping[str, str] = {
    "AUTH": "AUTH",  # RFC 4954 §5
    "BODY": "8BITMIME",  # RFC 6152 §3; BINARYMIME is one of its own (RFC 3030 §3)
    "BY": "DELIVERBY",  # RFC 2852 §4
    "CONNEG": "CONNEG",  # RFC 4141 §4
    "CONPERM": "CONPERM",
    "ENVID": "DSN",  # RFC 3461 §4
    "HOLDFOR": "FUTURERELEASE",  # RFC 4865 §3
    "HOLDUNTIL": "FUTURERELEASE",
    "MT-PRIORITY": "MT-PRIORITY",  # RFC 6710 §5
    "MTRK": "MTRK",  # RFC 3885 §4
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
    "REQUIRETLS": "REQUIRETLS",  # RFC 8689 §2
    "RET": "DSN",
    "RRVS": "RRVS",  # RFC 7293 §4
    "SIZE": "SIZE",  # RFC 1870 §4
    "SMTPUTF8": "SMTPUTF8",  # RFC 6531 §3.4
    "SOLICIT": "NO-SOLICITING",  # RFC 3865 §2
    "SUBMITTER": "SUBMITTER",  # RFC 4405 §3
    "TRANSID": "CHECKPOINT",  # RFC 1845 §4
    "XVERP": "XVERP",  # Postfix's VERP_README
}
OUTCOMES = ("SUCCESS", "FAILURE", "DELAY")
_NEVER = "NEVER"
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\Z")  # RFC 5321 §4.1.2
_VALUE = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]*\Z")
_SIZE = re.compile(r"[0-9]{1,20}\Z")  # RFC 1870 §4
_INTERVAL = re.compile(r"[1-9][0-9]{0,8}\Z")  # RFC 4865 §3
_PRINTABLE = re.compile(r"[\x20-\x7e]+\Z")
_PRIORITY = re.compile(r"(?:-?[1-9]|0)\Z")  # RFC 6710 §5
_ADDRESS_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")  # RFC 3461 §4.2: an atom
_XTEXT_SPECIAL = re.compile(r"[^\x21-\x2a\x2c-\x3c\x3e-\x7e]")
_UTF8_SPECIAL = re.compile(r"[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]")
_ENVID_MAX, _ORCPT_MAX = 100, 500  # characters (RFC 3461 §4.4, §4.2)


def xtext(text: str) -> str:
    """The ASCII text with `+`, `=` and what is not printable as `+` and two hex digits (RFC 3461 §4)."""
    return _XTEXT_SPECIAL.sub(lambda found: f"+{ord(found[0]):02X}", text)


def keyword(parameter: str) -> str:
    """The parameter's keyword in upper case."""
    return parameter.partition("=")[0].upper()


def extension(parameter: str) -> str | None:
    """The EHLO keyword without which the parameter is not sent; None for one that is not known here."""
    if parameter.upper() == "BODY=BINARYMIME":
        return "BINARYMIME"
    return EXTENSIONS.get(keyword(parameter))


def not_offered(parameters: Iterable[str], offered: Collection[str]) -> tuple[str, str] | None:
    """The first parameter whose extension the server does not offer, with that extension; None if there is none."""
    wanted = ((each, extension(each)) for each in parameters)
    return next(((each, name) for each, name in wanted if name is not None and name not in offered), None)


def raw(text: str) -> str:
    """A parameter as it is sent, `KEYWORD` or `KEYWORD=VALUE`; its value may be any, for servers are tested with wrong ones.

    Raises ValueError for what is no parameter at all, or more than one.
    """
    name, _, value = text.partition("=")
    if not _KEYWORD.match(name) or not _VALUE.match(value):
        raise ValueError(
            say("{text} is not a parameter: expected KEYWORD or KEYWORD=VALUE without blanks", text=repr(text))
        )
    return text


def size(text: str) -> str:
    """SIZE with a number of octets."""
    if not _SIZE.match(text):
        raise ValueError(say("{text} is not a size: expected a number of octets, such as 10485760", text=repr(text)))
    return f"SIZE={text}"


def envid(text: str) -> str:
    """ENVID, by which a delivery report is told from others; the text is encoded."""
    encoded = xtext(text)
    # RFC 3461 §4.4: printable ASCII before it is encoded, and at most 100 characters after.
    if not _PRINTABLE.match(text) or len(encoded) > _ENVID_MAX:
        raise ValueError(
            say(
                "{text} is not an envelope identifier: expected printable ASCII, at most {most} characters once encoded",
                text=repr(text),
                most=_ENVID_MAX,
            )
        )
    return f"ENVID={encoded}"


def notify(text: str) -> str:
    """NOTIFY with the outcomes that are reported."""
    words = [each.strip().upper() for each in text.split(",")]
    known = words == [_NEVER] or (set(words) <= set(OUTCOMES) and len(set(words)) == len(words))
    if not known:
        raise ValueError(
            say(
                "{text}: expected never, or one or more of success, failure and delay (success,failure)",
                text=repr(text),
            )
        )
    return f"NOTIFY={','.join(words)}"


def orcpt(text: str) -> str:
    """ORCPT with an address, or with `TYPE;ADDRESS`; the address, which is encoded, is one of mail without a type."""
    kind, semicolon, address = text.partition(";")
    if not semicolon:
        kind, address = "rfc822" if text.isascii() else "utf-8", text
    is_utf8 = kind.lower() == "utf-8"
    # RFC 6533 §3: the form in ASCII, which servers without SMTPUTF8 take as well.
    encoded = _UTF8_SPECIAL.sub(lambda found: f"\\x{{{ord(found[0]):02X}}}", address) if is_utf8 else xtext(address)
    is_text = _VALUE.match(address.replace(" ", "")) if is_utf8 else _PRINTABLE.match(address)
    if not _ADDRESS_TYPE.match(kind) or not address or not is_text or len(kind) + 1 + len(encoded) > _ORCPT_MAX:
        raise ValueError(
            say(
                "{text} is not an original recipient: expected bob@example.com or rfc822;bob@example.com, "
                "at most {most} characters once encoded",
                text=repr(text),
                most=_ORCPT_MAX,
            )
        )
    return f"ORCPT={kind};{encoded}"


def priority(text: str) -> str:
    """MT-PRIORITY with a number."""
    if not _PRIORITY.match(text):
        raise ValueError(say("{text} is not a priority: expected -9 to 9", text=repr(text)))
    return f"MT-PRIORITY={text}"


def hold_for(text: str) -> str:
    """HOLDFOR with a number of seconds."""
    if not _INTERVAL.match(text):
        raise ValueError(say("{text} is not a time to hold: expected seconds, 1 to 999999999", text=repr(text)))
    return f"HOLDFOR={text}"


def hold_until(moment: datetime) -> str:
    """HOLDUNTIL with a time, in UTC and whole seconds (RFC 3339)."""
    return f"HOLDUNTIL={moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
