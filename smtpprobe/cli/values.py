"""What options and arguments may hold: each is read where it is given, so that a wrong one is named with its option."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from smtpprobe.catalogue.language import language
from smtpprobe.cli import option_names, reading, writing
from smtpprobe.model import limits, names
from smtpprobe.model.texts.language import mark, say
from smtpprobe.pipeline.request import values as rules

_HEADER_FIELD = re.compile(rb"(?:From [^\n]*\n)?[\x21-\x39\x3b-\x7e]+[ \t]*:")


if TYPE_CHECKING:
    from smtpprobe.model.transcript import Phase

    Base = click.ParamType[Any]
    Choice = click.Choice[str]
else:
    Base, Choice = click.ParamType, click.Choice  # generic only from click 8.4 on


class Value(Base):
    """A value that a function reads; the function raises ValueError or OSError for what it cannot.

    `of_file`: it is a file's path, and the function opens it. `has_blanks`: there may be blanks in it. `is_whole`: it
    is a whole number.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[str], Any],
        *,
        of_file: bool = False,
        has_blanks: bool = False,
        is_whole: bool = False,
    ) -> None:
        self.name = name
        self.is_whole = is_whole
        self.of_file = of_file
        self.has_blanks = has_blanks or of_file
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except UnicodeEncodeError:
            raise click.BadParameter(say("it is not UTF-8: expected text"), param=param, ctx=ctx) from None
        except ValueError as error:
            raise click.BadParameter(str(error), param=param, ctx=ctx) from None
        except OSError as error:
            raise click.BadParameter(f"{value!r}: {error.strerror or error}", param=param, ctx=ctx) from None


class Words(Choice):
    """One of some words, in any case of letters; `answers` has what is said to other words that people try."""

    def __init__(self, words: Sequence[str], answers: Mapping[str, str] | None = None) -> None:
        super().__init__(words, case_sensitive=False)
        self._answers = answers or {}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        answer = self._answers.get(value.lower()) or self._answers.get(value[:1]) if isinstance(value, str) else None
        if answer:
            self.fail(say(answer), param, ctx)
        return super().convert(value, param, ctx)


def known_phase(text: str) -> Phase | None:
    """The phase of that name, or of another name that it has; None for any other word."""
    from smtpprobe.pipeline.reference import named

    return named.known_phase(text)


def seconds(text: str) -> float:
    """A positive number of seconds, less than a day."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not rules.is_duration(number):
        raise ValueError(
            say("{text} is not a time: expected seconds above 0 and below 86400, for example 10", text=repr(text))
        )
    return number


def instant(text: str) -> datetime:
    """A time with its zone; UTC where none is given."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(say("{text} is not a time: expected 2026-11-22T12:00:00Z", text=repr(text))) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def zone(text: str) -> str:
    """A DNSBL zone. Raises ValueError for `all`, which is none."""
    try:
        return rules.zone(text)
    except ValueError as error:
        raise ValueError(
            say("{error} (`all` goes with --dnsbl)", error=error) if text == "all" else str(error)
        ) from None


def reverse_path(text: str) -> str:
    """The mailbox; the empty string for `<>`."""
    if text.strip() == "<>":
        return ""
    try:
        return names.mailbox(text)
    except ValueError as error:
        words = say("{error}, or <> for the null reverse-path", error=error)
        # What is said here goes into a command; a server may have been told anything.
        raise ValueError(say("{words} (spf --mail-from takes what a server was told)", words=words)) from None


def port(text: str) -> int:
    """The port of a host that stands before it."""
    from smtpprobe.model.request import STAGES
    from smtpprobe.model.target import port_number

    try:
        return port_number(text)
    except ValueError as error:
        if known_phase(text) not in STAGES:
            raise
        raise ValueError(
            say("{text} is not a port (--quit-after {other_text})", text=repr(text), other_text=text.lower())
        ) from error


def target(text: str) -> str:
    """The target as it was written, after it has been read once."""
    from smtpprobe.model.target import TargetError, parse_target, shown

    try:
        host = parse_target(text).host
    except TargetError as error:
        raise ValueError(f"{error}{option_names.named(error.needs)}") from None
    try:
        if not names.is_ip_address(host):
            rules.domain(host)
    except ValueError as error:
        raise ValueError(str(error) if host == text else f"{shown(text)!r}: {error}") from None
    return text


def certificate_file(path: str) -> str:
    """The path of a file that can be read, as often as it takes, and is no larger than certificates are."""
    return reading.check_size(path, limits.CERTIFICATES)


def message(path: str) -> bytes:
    """The octets of a message file (RFC 5322 §2.1: a header first); `-` is standard input."""
    from smtpprobe.mailauth.dkim.message import split

    octets = reading.read(path, limits.MESSAGE)
    if not _HEADER_FIELD.match(octets):
        raise ValueError(
            say("{path} is not a message: expected a header field (Name: value) on its first line", path=repr(path))
        )
    if not split(octets).is_whole:
        raise ValueError(
            say(
                "the header of {path} has more than {max_fields} fields, or is larger than {in_words}: "
                "expected {expected}",
                path=repr(path),
                max_fields=format(limits.MAX_FIELDS, ","),
                in_words=limits.in_words(limits.MAX_HEADER),
                expected=say(limits.MESSAGE.expected),
            )
        )
    return octets


def destination(text: str, default: str, formats: tuple[str, ...]) -> tuple[str, str]:
    """Format and path of `FORMAT:FILE` or `FILE`. Raises ValueError where nothing can be written there."""
    form, colon, path = text.partition(":")
    if not colon or form not in formats:
        if colon and re.fullmatch(r"[a-z][a-z0-9-]+", form):
            raise ValueError(
                say(
                    "{text}: {form} is not a format: expected {formats} before the colon",
                    text=repr(text),
                    form=repr(form),
                    formats=say(" or ").join(formats),
                )
            )
        suffix = os.path.splitext(text)[1].removeprefix(".")
        form, path = ("text" if suffix == "txt" else suffix if suffix in formats else default), text
    if not path or path == "-" or os.path.isdir(path):
        raise ValueError(say("{text} names no file: expected [FORMAT:]FILE", text=repr(text)))
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise ValueError(say("{text}: the directory {folder} does not exist", text=repr(text), folder=repr(folder)))
    writing.check(path)
    return form, path


def cert_days(text: str) -> tuple[int, int]:
    """The days before a certificate's end that are a warning, and those that are an error; 0 where only one is given."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isascii() and part.strip().isdigit() and len(part) < 6 for part in parts):
        raise ValueError(say("{text}: expected one or two numbers of days, such as 21,7", text=repr(text)))
    return rules.expiry_days((int(parts[0]), int(parts[1]) if len(parts) == 2 else 0))


LANGUAGE = Value("language", language)
TARGET = Value("target", target)
IP = Value("ip", names.ip_address)
DOMAIN = Value("domain", rules.domain)
ADDRESS_OR_DOMAIN = Value(mark("ip or domain"), rules.address_or_domain)
ZONE = Value("zone", zone)
ZONE_OR_ALL = Value("zone", rules.zone_or_all)
REVERSE_PATH = Value("mailbox", reverse_path)
FORWARD_PATH = Value("mailbox", names.mailbox)
SPOKEN_NAME = Value("name", rules.spoken_name)
PORT = Value("port", port)
NAME_SERVER = Value("server", rules.name_server)
CIPHERS = Value("ciphers", rules.ciphers)
ALPN = Value("protocol", rules.alpn)
VIA = Value("proxy", rules.via)
PROXY_SOURCE = Value("address", rules.proxy_source)
XCLIENT = Value("attributes", rules.xclient)
PARAMETER = Value("parameter", rules.parameter)
XFORWARD = Value("attributes", rules.xforward)
MECHANISM = Value("mechanism", rules.mechanism)
SELECTOR = Value("selector", rules.selector)
FILE = Value("file", certificate_file, of_file=True)
MESSAGE = Value("message", message, of_file=True)
SECONDS = Value("seconds", seconds)
INSTANT = Value("time", instant)
CERT_DAYS = Value("days", cert_days)
