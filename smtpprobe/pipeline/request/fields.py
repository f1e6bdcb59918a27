"""Each field of a request: its type, and what its value may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from smtpprobe.model import names
from smtpprobe.model.login.secret import PasswordRecord, TokenRecord
from smtpprobe.model.quoting import quoted
from smtpprobe.model.request import (
    STAGES,
    STAGES_SENT,
    AddressFamily,
    ChannelBinding,
    Diagnose,
    Field,
    MessageRecord,
    Protocol,
    ProxyVersion,
    Request,
    RequestError,
    Target,
    TlsOptions,
    TlsPolicy,
    TlsVersion,
)
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Word
from smtpprobe.pipeline.request import values

Read = Callable[[Any], Any]
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def with_checked_fields(request: Request) -> Request:
    """The request with each value as it is used: words of our own as such, addresses in their shortest form.

    Raises RequestError that names the first wrong field, its value and what was expected.
    """
    if not isinstance(request, Request):
        raise RequestError(
            mark("{shown} is not a request: expected Request(parse_target('mail.example.com'))"), shown=_shown(request)
        )
    return _checked(request, _OF_REQUEST, "")


def _checked(struct: _Struct, rules: Mapping[str, Read], prefix: str) -> _Struct:
    changed: dict[str, Any] = {}
    for name, read in rules.items():
        value = getattr(struct, name)
        try:
            found = read(value)
        except RequestError:
            raise
        except ValueError as error:
            raise RequestError("{field}: {error}", field=Field(f"{prefix}{name}"), error=error) from None
        if found is not value:
            changed[name] = found
    return msgspec.structs.replace(struct, **changed) if changed else struct


def _shown(value: object) -> str:
    """The value as a message quotes it, bounded."""
    if value is None or isinstance(value, str | bytes | int | float | tuple | list | datetime):
        return quoted(str(value), 60) if isinstance(value, str) else repr(value)[:60]
    return say("a value of type {name}", name=type(value).__name__)


def _a(kind: type | tuple[type, ...], expected: str, read: Read | None = None) -> Read:
    """Reads a value of the type; a bool is no number."""

    def reading(value: object) -> Any:
        is_stray_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or is_stray_bool:
            raise ValueError(say("{shown} instead of {expected}", shown=_shown(value), expected=say(expected)))
        return value if read is None else read(value)

    return reading


def _text(read: Read | None = None) -> Read:
    return _a(str, mark("a text"), read)


def _or_none(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _each(read: Read, what: str) -> Read:
    """Reads a tuple or a list of values, into a tuple."""

    def reading(given: object) -> Any:
        if not isinstance(given, tuple | list):
            raise ValueError(say("{shown} instead of a tuple of {what}", shown=_shown(given), what=say(what)))
        found = tuple(map(read, given))
        return given if isinstance(given, tuple) and all(map(_is, found, given)) else found

    return reading


def _is(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def _word(kind: type[Word], among: tuple[Word, ...] | None = None) -> Read:
    """Reads one of the words, or its text."""
    known = among or tuple(word for word in kind if word.value != "unknown")

    def reading(value: object) -> Any:
        word = kind(value) if isinstance(value, str) else None
        if word not in known:
            raise ValueError(
                say("{shown} is not known here: expected one of {known}", shown=_shown(value), known=", ".join(known))
            )
        return value if isinstance(value, kind) else word

    return reading


def _moment(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(
            say("{isoformat} has no time zone: expected one, such as datetime.UTC", isoformat=value.isoformat())
        )
    return value


def _days(value: tuple[object, ...]) -> Any:
    if len(value) != 2 or not all(isinstance(each, int) and not isinstance(each, bool) for each in value):
        raise ValueError(say("{shown} instead of two whole numbers of days", shown=_shown(value)))
    values.expiry_days((int(str(value[0])), int(str(value[1]))))
    return value if isinstance(value, tuple) else tuple(value)


def _port(value: int) -> int:
    if not 0 < value < 65536:
        raise ValueError(say("{value} is not a port: expected 1 to 65535", value=value))
    return value


def _host(text: str) -> str:
    return text if names.is_ip_address(text) else values.domain(text)


def _password(value: object) -> PasswordRecord:
    if not isinstance(value, PasswordRecord):
        # What it is instead is not shown: it may be the password.
        raise ValueError(
            say("a value of another type instead of a PasswordRecord: the password belongs in Credentials")
        )
    return value


def _token(value: object) -> TokenRecord:
    if not isinstance(value, TokenRecord):
        # What it is instead is not shown: it may be the token.
        raise ValueError(say("a value of another type instead of a TokenRecord: the token belongs in Credentials"))
    return value


_BOOL = _a(bool, mark("True or False"))
_PATH = _text()

_OF_TARGET: Mapping[str, Read] = {
    "given": _text(),
    "host": _text(_host),
    "port": _or_none(_a(int, mark("a port"), _port)),
    "protocol": _word(Protocol),
    "literal": _BOOL,
    "implicit_tls": _BOOL,
    "socket": _or_none(_PATH),
    "mailbox": _or_none(_text(values.forward_path)),
}
_OF_TLS: Mapping[str, Read] = {
    "policy": _word(TlsPolicy),
    "verify": _or_none(_BOOL),
    "ca_file": _or_none(_PATH),
    "name": _or_none(_text(values.address_or_domain)),
    "sni": _or_none(_text(values.address_or_domain)),
    "client_cert": _or_none(_PATH),
    "client_key": _or_none(_PATH),
    "min_version": _or_none(_word(TlsVersion)),
    "max_version": _or_none(_word(TlsVersion)),
    "ciphers": _or_none(_text(values.ciphers)),
    "alpn": _each(_text(values.alpn), mark("protocol names")),
    "expiry_days": _a((tuple, list), mark("two whole numbers of days"), _days),
}


def _target(value: object) -> Target:
    if not isinstance(value, Target):
        raise ValueError(
            say(
                "{shown} instead of a Target: expected parse_target('mail.example.com'), for example",
                shown=_shown(value),
            )
        )
    return _checked(value, _OF_TARGET, "target.")


def _tls(value: object) -> TlsOptions:
    if not isinstance(value, TlsOptions):
        raise ValueError(say("{shown} instead of TlsOptions(…)", shown=_shown(value)))
    return _checked(value, _OF_TLS, "tls.")


_OF_REQUEST: Mapping[str, Read] = {
    "target": _target,
    "helo": _or_none(_text(values.spoken_name)),
    "mail_from": _or_none(_text(values.reverse_path)),
    "rcpt_to": _each(_text(values.forward_path), mark("mailboxes")),
    "user": _or_none(_text(values.user)),
    "password": _or_none(_password),
    "token": _or_none(_token),
    "mech": _or_none(_text(values.mechanism)),
    "channel_binding": _or_none(_word(ChannelBinding)),
    "tls": _tls,
    "try_all": _BOOL,
    "insecure_auth": _BOOL,
    "send_anyway": _BOOL,
    "quit_after": _or_none(_word(Phase, STAGES)),
    "drop_after": _or_none(_word(Phase, STAGES)),
    "drop_after_send": _or_none(_word(Phase, STAGES_SENT)),
    "mail_parameters": _each(_text(values.parameter), mark("parameters")),
    "rcpt_parameters": _each(_text(values.parameter), mark("parameters")),
    "questions": _each(_text(values.question), mark("commands")),
    "pipeline": _BOOL,
    "client_ip": _or_none(_text(names.ip_address)),
    "source_ip": _or_none(_text(names.ip_address)),
    "source_port": _or_none(_a(int, mark("a port"), _port)),
    "family": _or_none(_word(AddressFamily)),
    "via": _or_none(_text(values.via)),
    "all_addresses": _BOOL,
    "all_mx": _BOOL,
    "proxy": _or_none(_word(ProxyVersion)),
    "proxy_source": _or_none(_text(values.proxy_source)),
    "xclient": _or_none(_text(values.xclient)),
    "xforward": _or_none(_text(values.xforward)),
    "force": _BOOL,
    "dkim_selectors": _each(_text(values.selector), mark("selectors")),
    "dnsbl_zones": _each(_text(values.zone_or_all), mark("zones")),
    "only_dnsbl": _each(_text(values.zone), mark("zones")),
    "diagnose": _word(Diagnose),
    "resolver": _or_none(_text(values.name_server)),
    "timeout_s": _or_none(_a((int, float), mark("a number of seconds"), values.seconds)),
    "deadline_s": _or_none(_a((int, float), mark("a number of seconds"), values.seconds)),
    "evaluation_time": _or_none(_a(datetime, "a datetime", _moment)),
    "message_to_judge": _or_none(_a(MessageRecord, "a MessageRecord")),
    "message_to_send": _or_none(_a(MessageRecord, "a MessageRecord")),
    "bdat": _BOOL,
    "chunk_octets": _or_none(_a(int, mark("a number of octets"), values.octets)),
    "keep_line_ends": _BOOL,
}
