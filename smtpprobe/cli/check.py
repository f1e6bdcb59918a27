"""`smtpprobe check TARGET`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import exit_codes
from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.output import Output, emit_report, live_page, output_options
from smtpprobe.cli.session_options import (
    client,
    credentials,
    lookups,
    message,
    network,
    parameters,
    questions,
    session,
    tls,
    transaction,
    whole,
)
from smtpprobe.model.texts.language import say
from smtpprobe.render.formats import Takes

_BEFORE_THE_TRANSACTION = session.STAGE_NAMES[: session.STAGE_NAMES.index("mail")]
_GROUPS = (transaction, parameters, questions, network, client, credentials, tls, session, message, lookups)


@click.command("check", epilog=exit_codes.HELP)
@whole.target
@click.option("--host", "host", is_flag=True, help="Take TARGET as the host itself, never its domain's MX.")
@transaction.options
@network.options
@client.options
@credentials.options
@tls.options
@session.options
@parameters.options
@questions.options
@message.options
@lookups.options
@whole.fail_on
@assume_options
@output_options(Takes.REPORT)
def command(output: Output, **options: Any) -> int:
    """Run one SMTP session with TARGET and report it: stages, annotated transcript, and why it was refused.

    TARGET is HOST (its MX is looked up), HOST:PORT or HOST PORT, [v6]:PORT, smtp://…, smtps://…, lmtp://…, a unix
    socket's path, or user@domain. No message is sent without --send.
    """
    whole.with_its_port(options)
    credentials.complete(options)
    _of_the_directory(options)
    credentials.need_a_user(options)
    options["message"] = message.octets(options)
    request = whole.request(options, _GROUPS)
    from smtpprobe.cli.running import probe_to_end

    (request, given), live = credentials.found(options, request), live_page(output)
    if output.verbosity > 0:
        credentials.tell_doubts(request)
    zones = assumption(options["assume"], options["assume_zone"])
    report, assumed = probe_to_end(request, given, options["message"], zones, live)
    return emit_report(output, report, assumed, options["fail_on"], live)


def _of_the_directory(options: dict[str, Any]) -> None:
    """Keep a project's file to an envelope that nobody gave and that is used without a login and without a message."""
    from smtpprobe.cli import config
    from smtpprobe.model.target import parse_target

    context = click.get_current_context()
    ends_after = options["quit_after"] or options["drop_after"] or options["drop_after_send"]
    if options["send"]:
        why = say("a message is sent only by and to somebody who was named")
    elif options["user"] is not None and ends_after not in _BEFORE_THE_TRANSACTION:
        why = say("with a login the mail transaction is in the user's name")
    else:
        why = None
    if why is not None:
        from smtpprobe.cli.directory_options import CLOSED_WITH

        for name in CLOSED_WITH:
            parameter = name.replace("-", "_")
            config.refuse_if_of_directory(context, parameter, why)
    if parse_target(options["target"]).mailbox is not None and config.is_of_directory(context, "rcpt_to"):
        options["rcpt_to"] = ()  # TARGET is the forward-path, and what was typed goes before files
