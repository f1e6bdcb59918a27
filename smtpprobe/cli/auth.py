"""`smtpprobe auth TARGET`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import exit_codes
from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.output import Output, emit_report, live_page, note, output_options
from smtpprobe.cli.session_options import client, credentials, lookups, network, session, tls, whole
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase
from smtpprobe.render.formats import Takes

_GROUPS = (network, client, credentials, tls, lookups)


@click.command("auth", epilog=exit_codes.HELP)
@whole.target
@credentials.options
@click.option(
    "--try-all",
    is_flag=True,
    help="After a refusal try each other mechanism, until one is accepted; stops at a limit or a lock-out, and may cause one.",
)
@network.options
@client.options
@tls.options
@lookups.options
@session.limits
@whole.fail_on
@assume_options
@output_options(Takes.REPORT)
def command(output: Output, **options: Any) -> int:
    """Test a user name and password, or token, at TARGET: one attempt with one mechanism, and no mail.

    TARGET is HOST (port 465, else 587), HOST:PORT or HOST PORT, [v6]:PORT, smtp://… or smtps://….
    """
    whole.with_its_port(options)
    credentials.complete(options)
    if options["user"] is None:
        raise ValueError(say("auth needs --user NAME: whom to log in as"))
    fields = {"try_all": options["try_all"], "timeout_s": options["timeout"], "deadline_s": options["deadline"]}
    request = whole.request(options, _GROUPS, quit_after=Phase.AUTH, **fields)
    if options["try_all"]:
        note(say("--try-all makes several attempts, and failed logins may lock the account"))
    from smtpprobe.cli.running import probe_to_end

    (request, given), live = credentials.found(options, request), live_page(output)
    if output.verbosity > 0:
        credentials.tell_doubts(request)
    zones = assumption(options["assume"], options["assume_zone"])
    report, assumed = probe_to_end(request, given, None, zones, live)
    return emit_report(output, report, assumed, options["fail_on"], live)
