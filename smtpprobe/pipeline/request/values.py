"""What a value of a request may hold: each function gives the value as it is used, or raises ValueError with its words."""

from __future__ import annotations

from smtpprobe.model import names
from smtpprobe.model.texts.language import say


def domain(text: str) -> str:
    """The domain as `names.domain` gives it, without what would be a mistyped address."""
    if not text.strip(" ."):
        raise ValueError(say("{text} is not a domain name: expected for example example.com", text=repr(text)))
    name = names.domain(text)
    # RFC 3696 §2: a top-level domain is never all digits.
    if name.rpartition(".")[2].isdecimal():
        raise ValueError(
            say("{text} is neither a domain name nor an IP address: expected example.com or 192.0.2.1", text=repr(text))
        )
    return name


def address_or_domain(text: str) -> str:
    """An IP address or a domain."""
    return names.ip_address(text) if names.is_ip_address(text.strip()) else domain(text)


def zone_or_all(text: str) -> str:
    """A DNSBL zone, or the word `all`."""
    return text if text == "all" else _zone(text)


def zone(text: str) -> str:
    """A DNSBL zone; `all` is none."""
    if text == "all":
        raise ValueError(say("'all' is not a zone: expected for example zen.spamhaus.org"))
    return _zone(text)


def _zone(text: str) -> str:
    try:
        return domain(text)
    except ValueError:
        from smtpprobe.catalogue import zones

        known = zones.zone(text)
        if not known.keyed:
            raise
        # A customer's key is not shown, not even in what is mistyped around it.
        raise ValueError(
            say("{zone} is not a domain name: expected KEY.zen.dq.spamhaus.net, for example", zone=repr(known.zone))
        ) from None


def spoken_name(text: str) -> str:
    """The HELO name as it is sent, whether it is a name or not; what would end the command is refused."""
    from smtpprobe.wire.command import greet

    try:
        greet("EHLO", text)
    except UnicodeEncodeError:
        raise ValueError(say("the name is not UTF-8: expected text, which is sent as given")) from None
    return text


def proxy_source(text: str) -> str:
    """The client that a PROXY header names, as it was written."""
    from smtpprobe.wire.dialogue.proxy import client

    client(text)
    return text


def via(text: str) -> str:
    """The URL of a proxy, as it was written."""
    from smtpprobe.net.dialling.via import split_via

    split_via(text)
    return text


def xclient(text: str) -> str:
    """Attributes of XCLIENT as they are sent."""
    from smtpprobe.wire.xclient import attributes

    return attributes(text)


def xforward(text: str) -> str:
    """Attributes of XFORWARD as they are sent."""
    from smtpprobe.wire.xclient import XFORWARD, attributes

    return attributes(text, XFORWARD)


def parameter(text: str) -> str:
    """A parameter of MAIL or RCPT as it is sent."""
    from smtpprobe.wire.parameters import raw

    return raw(text)


def question(text: str) -> str:
    """A command that is sent before MAIL because its answer is wanted, its verb in upper case."""
    from smtpprobe.model.transcript import ASKED
    from smtpprobe.wire.command import command

    verb, _, argument = text.strip().partition(" ")
    verb, argument = verb.upper(), argument.strip()
    if verb.lower() not in ASKED:
        raise ValueError(
            say(
                "{text} is not a question: expected one of {known}, with its argument",
                text=repr(text),
                known=", ".join(each.upper() for each in ASKED),
            )
        )
    if verb in ("VRFY", "EXPN") and not argument:
        # RFC 5321 §4.1.1.6, §4.1.1.7
        raise ValueError(say("{verb} needs an argument: whom or what it asks about", verb=verb))
    asked = f"{verb} {argument}".strip()
    command(asked)
    return asked


def ciphers(text: str) -> str:
    """A list of ciphers in OpenSSL's form; whether it knows them is another question."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError(say("{text} is not a list of ciphers: expected ECDHE+AESGCM, for example", text=repr(text)))
    return text


def alpn(text: str) -> str:
    """The name of an application protocol (RFC 7301 §3.1)."""
    if not 0 < len(text) < 256 or not text.isascii() or not text.isprintable():
        raise ValueError(say("{text} is not a protocol's name: expected 1 to 255 characters of ASCII", text=repr(text)))
    return text


def name_server(text: str) -> str:
    """The name server as it was written."""
    from smtpprobe.net.dns.client import split_server

    split_server(text)
    return text


def mechanism(text: str) -> str:
    """A SASL mechanism that can be used."""
    from smtpprobe.wire.sasl import MECHANISMS

    if text.upper() not in MECHANISMS:
        raise ValueError(
            say(
                "{text} is not a mechanism that can be used: expected one of {mechanisms}",
                text=repr(text),
                mechanisms=", ".join(MECHANISMS),
            )
        )
    return text


def selector(text: str) -> str:
    """A DKIM selector: one label or several (RFC 6376 §3.1)."""
    try:
        return names.domain(text)
    except ValueError:
        raise ValueError(
            say("{text} is not a selector: expected letters, digits and hyphens, for example s1", text=repr(text))
        ) from None


def user(text: str) -> str:
    """A user name, as credentials hold it."""
    from smtpprobe.model.request import Credentials

    if not text:
        raise ValueError(say("'' names nobody: expected a user name"))
    return Credentials(text, "").user


def forward_path(text: str) -> str:
    """The mailbox as it is sent, without brackets and blanks around it."""
    from smtpprobe.wire.command import rcpt

    if text != text.strip():
        raise ValueError(
            say("{text} is not a mailbox: it begins or ends with a blank or a control character", text=repr(text))
        )
    names.mailbox(text)
    rcpt(text)
    return text


def reverse_path(text: str) -> str:
    """The mailbox as it is sent; the empty string is the null reverse-path."""
    try:
        return forward_path(text) if text else text
    except ValueError as error:
        raise ValueError(say("{error}, or '' for the null reverse-path", error=error)) from None


def is_duration(number: float) -> bool:
    """Whether so many seconds can be waited for: more than none, and less than a day."""
    return 0 < number < 86400


def seconds(number: float) -> float:
    """A duration."""
    if not is_duration(number):
        raise ValueError(
            say("{number} is not a time: expected seconds above 0 and below 86400, for example 10", number=repr(number))
        )
    return number


def octets(number: int) -> int:
    """A number of octets that is more than none."""
    if number < 1:
        raise ValueError(say("{number} is not a number of octets: expected 1 or more", number=number))
    return number


def expiry_days(days: tuple[int, int]) -> tuple[int, int]:
    """The days before a certificate's end that are a warning, and those that are an error."""
    warning, error = days
    if error > warning:
        raise ValueError(
            say(
                "'{warning},{error}': the second number is the sooner one: expected at most {warning}",
                warning=warning,
                error=error,
            )
        )
    if error < 0:
        raise ValueError(
            say("'{warning},{error}': expected numbers of days, such as 21,7", warning=warning, error=error)
        )
    return days
