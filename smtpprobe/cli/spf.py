"""`smtpprobe spf DOMAIN`."""

from __future__ import annotations

from typing import Unpack

import click

from smtpprobe.checks.base import CheckOptions, SessionView
from smtpprobe.cli import told, values
from smtpprobe.cli.config import origin_of
from smtpprobe.cli.output import Output, output_options
from smtpprobe.cli.single_check import SingleCheckOptions, envelope, run_single_check, single_check_options
from smtpprobe.model.texts.language import say
from smtpprobe.render.formats import Takes


@click.command("spf")
@click.argument("domain", type=told.DOMAIN, metavar="DOMAIN")
@click.option(
    "--ip",
    type=values.IP,
    metavar="IP",
    help="The address that sends; without it the record, its includes and what they cost.",
)
@click.option(
    "--mail-from",
    type=told.REVERSE_PATH,
    metavar="ADDR",
    help="Reverse-path; postmaster@DOMAIN by default, <> for the null one.",
)
@click.option("--helo", type=told.HELO, metavar="NAME", help="HELO name; DOMAIN by default.")
@click.option("--flatten", is_flag=True, help="Show the record with networks instead of names as well, and its upkeep.")
@single_check_options
@output_options(Takes.CHECK_REPORT)
def command(
    output: Output,
    domain: str,
    ip: str | None,
    mail_from: str | None,
    helo: str | None,
    flatten: bool,
    **options: Unpack[SingleCheckOptions],
) -> int:
    """Evaluate SPF (RFC 7208) for DOMAIN and the address that sends: both identities, with the trace.

    Given a mailbox in place of DOMAIN, its domain is meant, and the mailbox is the reverse-path.

    Without an address: the record, what it includes as a tree, how many of the ten lookups and two void lookups each
    part costs, what in it is dead, and a shorter record that lets the same addresses pass.
    The exit code is 0 if the record can be evaluated, 1 for permerror, 6 for temperror.
    """
    from smtpprobe.checks.spf import CHECK, OF_RECORD

    domain, mailbox = _parts(domain)
    if ip is None:
        _refuse_a_sender(mail_from, helo)
        chosen = CheckOptions(domains=(domain,), flatten=flatten)
        return run_single_check(OF_RECORD, SessionView(envelope=envelope(mailbox, None)), chosen, options, output)
    if flatten and origin_of(click.get_current_context(), "flatten") is None:
        raise click.UsageError(say("--flatten is about a record by itself: leave out --ip"))
    if mailbox is not None:
        _refuse_another_path(mailbox, mail_from)
        mail_from = mailbox
    mail_from = f"postmaster@{domain}" if mail_from is None else mail_from
    helo = domain if helo is None else helo
    session = SessionView(envelope=envelope(mail_from, helo), client_ip=ip)
    return run_single_check(CHECK, session, CheckOptions(domains=(domain,)), options, output)


def _parts(given: str) -> tuple[str, str | None]:
    """The domain that is meant, and the mailbox that was given in its place, if one was."""
    path = told.reverse_path(given) if "@" in given else ""
    host = path.rpartition("@")[2]
    return (host, path) if host else (given, None)


def _refuse_another_path(mailbox: str, mail_from: str | None) -> None:
    """Raises UsageError where the command line names another one."""
    if mail_from is not None and origin_of(click.get_current_context(), "mail_from") is None:
        text = say("{mailbox} is a reverse-path itself: leave out --mail-from, or give a domain", mailbox=mailbox)
        raise click.UsageError(text)


def _refuse_a_sender(mail_from: str | None, helo: str | None) -> None:
    """Raises UsageError where the command line names one; what is set for every command is passed over."""
    context = click.get_current_context()
    for name, value in (("mail_from", mail_from), ("helo", helo)):
        if value is not None and origin_of(context, name) is None:
            raise click.UsageError(
                say("--{name} needs --ip: a record by itself has no sender", name=name.replace("_", "-"))
            )
