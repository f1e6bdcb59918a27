"""From the options to a whole request; the target, and what makes a run that went well fail."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import click

from smtpprobe.cli import exit_codes, values
from smtpprobe.cli.session_options import adds, named, parameters, questions
from smtpprobe.model.request import Protocol, Request, RequestError
from smtpprobe.model.words import Severity

_SEVERITIES = tuple(severity.value for severity in Severity if severity is not Severity.UNKNOWN)

target = adds(
    click.argument("target", type=values.TARGET, metavar="TARGET"),
    click.argument("port", type=values.PORT, metavar="[PORT]", required=False),
)
fail_on = adds(
    click.option(
        "--fail-on",
        type=click.Choice([exit_codes.NEVER, exit_codes.ON_INCOMPLETE, *_SEVERITIES]),
        default=exit_codes.NEVER,
        show_default=True,
        metavar="LEVEL",
        help=f"Exit 1 for a finding this severe or worse: {', '.join(_SEVERITIES)}; or `incomplete`: 6 for a check that did "
        "not finish.",
    )
)


def with_its_port(given: dict[str, Any]) -> None:
    """Put PORT behind TARGET, as if it had been given so."""
    if given["port"] is not None:
        from smtpprobe.model.target import with_port

        given["target"] = with_port(given["target"], given["port"])


def request(given: dict[str, Any], groups: Sequence[ModuleType], **fields: Any) -> Request:
    """The request that the options of these groups stand for. Raises ValueError where two do not fit."""
    import msgspec

    from smtpprobe.model.target import parse_target
    from smtpprobe.pipeline.request.check import checked

    target = parse_target(given["target"], literal=given.get("host", False))
    if given.get("protocol"):
        target = msgspec.structs.replace(target, protocol=Protocol(given["protocol"]))
    of_groups = {name: value for group in groups for name, value in group.fields(given).items()}
    try:
        return checked(Request(target=target, **of_groups, **fields))
    except RequestError as error:
        raise ValueError(error.named(_name_of_field)) from None


# The parameters of click that have another name than the request's field.
_PARAMETERS = {"dkim_selectors": "dkim_selector", "dnsbl_zones": "dnsbl", "timeout_s": "timeout", "deadline_s": "deadline",
               "tls.expiry_days": "cert_days", "tls.name": "tls_name", "chunk_octets": "chunk_size",
               "message_to_judge": "message", "message_to_send": "send"}  # fmt: skip
# The fields that several options make up together.
_SEVERAL = {**parameters.OPTIONS, **questions.OPTIONS, "family": ("ipv4", "ipv6")}


def _name_of_field(field: str) -> str:
    """A field of the request as whoever set it knows it; of several options that it comes from, the first that is given."""
    if several := _SEVERAL.get(field):
        given = click.get_current_context().params
        return named(next((each for each in several if given.get(each)), several[0]))
    return named(_PARAMETERS.get(field, field.removeprefix("tls.")))
