"""`smtpprobe check TARGET`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import exit_codes, values
from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.output import Output, emit_report, live_page, output_options
from smtpprobe.cli.session_options import (
    client,
    credentials,
    lookups,
    message,
    named,
    parameters,
    questions,
    session,
    tls,
    transaction,
)
from smtpprobe.model.request import Protocol, Request, RequestError
from smtpprobe.model.texts.language import say
from smtpprobe.model.words import Severity
from smtpprobe.render.formats import Takes

_BEFORE_THE_TRANSACTION = session.STAGE_NAMES[: session.STAGE_NAMES.index("mail")]
_SEVERITIES = tuple(severity.value for severity in Severity if severity is not Severity.UNKNOWN)


@click.command("check", epilog=exit_codes.HELP)
@click.argument("target", type=values.TARGET, metavar="TARGET")
@click.argument("port", type=values.PORT, metavar="[PORT]", required=False)
@click.option("--host", "host", is_flag=True, help="Take TARGET as the host itself, never its domain's MX.")
@transaction.options
@parameters.options
@questions.options
@client.options
@credentials.options
@tls.options
@session.options
@message.options
@lookups.options
@click.option(
    "--fail-on",
    type=click.Choice([exit_codes.NEVER, exit_codes.ON_INCOMPLETE, *_SEVERITIES]),
    default=exit_codes.NEVER,
    show_default=True,
    metavar="LEVEL",
    help=f"Exit 1 for a finding this severe or worse: {', '.join(_SEVERITIES)}; or `incomplete`: 6 for a check that did "
    "not finish.",
)
@assume_options
@output_options(Takes.REPORT)
def command(output: Output, **options: Any) -> int:
    """Run one SMTP session with TARGET and report it: stages, annotated transcript, and why it was refused.

    TARGET is HOST (its MX is looked up), HOST:PORT or HOST PORT, [v6]:PORT, smtp://…, smtps://…, lmtp://…, a unix
    socket's path, or user@domain. No message is sent.
    """
    if options["port"] is not None:
        from smtpprobe.model.target import with_port

        options["target"] = with_port(options["target"], options["port"])
    _of_the_directory(options)
    request = build(options)
    from smtpprobe.cli.running import probe_to_end

    (request, given), live = credentials.found(options, request), live_page(output)
    zones = assumption(options["assume"], options["assume_zone"])
    report, assumed = probe_to_end(request, given, options["message"], zones, live)
    return emit_report(output, report, assumed, options["fail_on"], live)


def build(options: dict[str, Any]) -> Request:
    """The request that the options stand for. Raises ValueError where two do not fit."""
    import msgspec

    from smtpprobe.model.target import parse_target
    from smtpprobe.pipeline.request.check import checked

    target = parse_target(options["target"], literal=options["host"])
    if options["protocol"]:
        target = msgspec.structs.replace(target, protocol=Protocol(options["protocol"]))
    credentials.need_a_user(options)
    groups = (transaction, parameters, questions, client, credentials, tls, session, message, lookups)
    request = Request(
        target=target, **{name: value for group in groups for name, value in group.fields(options).items()}
    )
    try:
        return checked(request)
    except RequestError as error:
        raise ValueError(error.named(_name_of_field)) from None


def _of_the_directory(options: dict[str, Any]) -> None:
    """Keep a project's file to an envelope that nobody gave and that is used without a login."""
    from smtpprobe.cli import config
    from smtpprobe.model.target import parse_target

    context = click.get_current_context()
    ends_after = options["quit_after"] or options["drop_after"] or options["drop_after_send"]
    if options["user"] is not None and ends_after not in _BEFORE_THE_TRANSACTION:
        from smtpprobe.cli.directory_options import CLOSED_WITH

        for name in CLOSED_WITH:
            parameter = name.replace("-", "_")
            config.refuse_if_of_directory(
                context, parameter, say("with a login the mail transaction is in the user's name")
            )
    if parse_target(options["target"]).mailbox is not None and config.is_of_directory(context, "rcpt_to"):
        options["rcpt_to"] = ()  # TARGET is the forward-path, and what was typed goes before files


# The parameters of click that have another name than the request's field.
_PARAMETERS = {"dkim_selectors": "dkim_selector", "dnsbl_zones": "dnsbl", "timeout_s": "timeout", "deadline_s": "deadline",
               "tls.expiry_days": "cert_days", "tls.name": "tls_name"}  # fmt: skip


def _name_of_field(field: str) -> str:
    """A field of the request as whoever set it knows it; of several options that it comes from, the first that is given."""
    if several := {**parameters.OPTIONS, **questions.OPTIONS}.get(field):
        given = click.get_current_context().params
        return named(next((each for each in several if given.get(each)), several[0]))
    return named(_PARAMETERS.get(field, field.removeprefix("tls.")))
