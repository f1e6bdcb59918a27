"""The parameters of MAIL and RCPT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds

_OF_MAIL = ("size", "body_type", "smtputf8", "ret", "envid", "requiretls", "mt_priority", "hold_for", "hold_until")
_OF_RCPT = ("notify", "orcpt")
# The options that a field of the request comes from.
OPTIONS = {"mail_parameters": (*_OF_MAIL, "mail_param"), "rcpt_parameters": (*_OF_RCPT, "rcpt_param")}
_KEYWORDS = {"body_type": "BODY", "ret": "RET"}


def _written_by(name: str) -> Callable[[str], str]:
    """The function of that name in `wire.parameters`, whose patterns few runs need."""

    def read(text: str) -> str:
        from smtpprobe.wire import parameters as wire

        written: str = getattr(wire, name)(text)
        return written

    return read


options = adds(
    click.option(
        "--size",
        type=values.Value("number", _written_by("size"), is_whole=True),
        metavar="N",
        help="MAIL's SIZE: the octets that the message is said to have.",
    ),
    click.option(
        "--body-type",
        type=values.Words(("7bit", "8bitmime", "binarymime")),
        help="MAIL's BODY: what octets the message is made of.",
    ),
    click.option("--smtputf8", is_flag=True, help="MAIL's SMTPUTF8; sent by itself if an address is not ASCII."),
    click.option("--requiretls", is_flag=True, help="MAIL's REQUIRETLS: deliver over verified TLS or not at all."),
    click.option(
        "--ret",
        type=values.Words(("full", "hdrs")),
        help="MAIL's RET: how much of the message a delivery report returns.",
    ),
    click.option(
        "--envid",
        type=values.Value("text", _written_by("envid"), has_blanks=True),
        metavar="TEXT",
        help="MAIL's ENVID: what delivery reports name the message by.",
    ),
    click.option(
        "--mt-priority",
        type=values.Value("number", _written_by("priority"), is_whole=True),
        metavar="N",
        help="MAIL's MT-PRIORITY, -9 to 9.",
    ),
    click.option(
        "--hold-for",
        type=values.Value("number", _written_by("hold_for"), is_whole=True),
        metavar="SECONDS",
        help="MAIL's HOLDFOR: release the message so much later.",
    ),
    click.option("--hold-until", type=values.INSTANT, metavar="TIME", help="MAIL's HOLDUNTIL: release it then."),
    click.option(
        "--mail-param",
        type=values.PARAMETER,
        metavar="KEY[=VALUE]",
        multiple=True,
        help="Any parameter of MAIL, sent as given; repeatable.",
    ),
    click.option(
        "--notify",
        type=values.Value("outcomes", _written_by("notify")),
        metavar="OUTCOMES",
        help="RCPT's NOTIFY: never, or some of success,failure,delay.",
    ),
    click.option(
        "--orcpt",
        type=values.Value("recipient", _written_by("orcpt")),
        metavar="ADDR",
        help="RCPT's ORCPT: the recipient as the sender had it.",
    ),
    click.option(
        "--rcpt-param",
        type=values.PARAMETER,
        metavar="KEY[=VALUE]",
        multiple=True,
        help="Any parameter of RCPT, sent as given; repeatable.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        "mail_parameters": (*_written(given, _OF_MAIL), *given["mail_param"]),
        "rcpt_parameters": (*_written(given, _OF_RCPT), *given["rcpt_param"]),
    }


def _written(given: dict[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_parameter(name, given[name]) for name in names if given[name])


def _parameter(name: str, value: Any) -> str:
    """The parameter as it is sent; most options have been read into it already."""
    if name in _KEYWORDS:
        return f"{_KEYWORDS[name]}={value.upper()}"
    if name == "hold_until":
        from smtpprobe.wire import parameters as wire

        return wire.hold_until(value)
    return name.upper() if value is True else str(value)
