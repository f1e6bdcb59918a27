"""`smtpprobe check TARGET`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli.output import Output, emit, output_options
from smtpprobe.model import names
from smtpprobe.model.report import Completed, Failed, Report, Severity, Skipped
from smtpprobe.model.request import Diagnose, MessageRecord, Protocol, Request, TlsOptions, TlsPolicy
from smtpprobe.model.transcript import Phase

_STAGES = ("connect", "greeting", "ehlo", "starttls", "tls", "auth", "mail", "rcpt")
_SEVERITIES = tuple(severity.value for severity in Severity if severity is not Severity.UNKNOWN)


class Seconds(click.ParamType[float]):
    """A positive number of seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < 86400:
            raise click.BadParameter(f"{value!r} is no time: expected seconds, for example 10", ctx, param)
        return seconds


@click.command("check")
@click.argument("target", metavar="TARGET")
@click.option("--host", "host", is_flag=True, help="Take TARGET as the host itself, never its domain's MX.")
@click.option("--mail-from", metavar="ADDR", help="Reverse-path; <> for the null one.")
@click.option("--rcpt-to", metavar="ADDR", multiple=True, help="Forward-path; repeatable.")
@click.option("--helo", metavar="NAME", help="HELO name; by default this host's, else an address literal.")
@click.option(
    "--user",
    metavar="NAME",
    help="Log in as; the password comes from SMTPPROBE_PASSWORD, a file, a command or a prompt.",
)
@click.option("--password-file", metavar="FILE", help="Read the password from the file's first line.")
@click.option("--password-command", metavar="CMD", help="Read the password from what a command prints.")
@click.option("--mech", metavar="NAME", help="SASL mechanism; one attempt is made, with one.")
@click.option("--insecure-auth", is_flag=True, help="Send credentials over a clear or unverified channel too.")
@click.option("--tls", "policy", type=click.Choice([p.value for p in TlsPolicy]), default="auto", show_default=True)
@click.option(
    "--tls-verify/--no-tls-verify",
    "verify",
    default=None,
    help="End the session where the certificate does not verify.",
)
@click.option("--ca-file", metavar="FILE", help="Trust these certificates instead of the system's.")
@click.option("--tls-name", metavar="NAME", help="The name that the certificate must carry; the host by default.")
@click.option("--sni", metavar="NAME", help="The name to ask the server for; --tls-name by default.")
@click.option("--client-cert", metavar="FILE")
@click.option("--client-key", metavar="FILE")
@click.option("--protocol", type=click.Choice([p.value for p in Protocol]), help="lmtp says LHLO, smtp HELO.")
@click.option("--quit-after", type=click.Choice(_STAGES), help="Stop politely there.")
@click.option("--client-ip", metavar="IP", help="The address that the server sees, when it cannot be found out (NAT).")
@click.option("--source-ip", metavar="IP", help="Connect from this address.")
@click.option(
    "--message", metavar="FILE", help="Verify this message's DKIM signatures and align its author domain; not sent."
)
@click.option("--dkim-selector", metavar="S", multiple=True, help="Look up this selector's key; repeatable.")
@click.option("--resolver", metavar="IP[:PORT]", envvar="SMTPPROBE_RESOLVER", help="Ask this name server.")
@click.option("--dnsbl", metavar="ZONE", multiple=True, help="Ask this zone too; repeatable; `all` for every tier.")
@click.option("--only-dnsbl", metavar="ZONE", multiple=True, help="Ask these zones and no others.")
@click.option(
    "--diagnose",
    type=click.Choice([d.value for d in Diagnose]),
    default="auto",
    show_default=True,
    help="auto: after a refusal.",
)
@click.option(
    "--timeout", type=Seconds(), help="Seconds without progress on one reply (60); per DNS question at most 5."
)
@click.option("--deadline", type=Seconds(), help="Seconds for the whole session (300).")
@click.option("--force", is_flag=True, help="More than the polite number of RCPT.")
@click.option(
    "--fail-on",
    type=click.Choice(["never", "incomplete", *_SEVERITIES]),
    default="never",
    show_default=True,
    help="Exit 1 for a finding this severe; `incomplete`: 6 for a check that did not finish.",
)
@output_options("text", "json")
def command(output: Output, **options: Any) -> int:
    """Hold one SMTP session with TARGET and report it: stages, annotated transcript, and why it was refused.

    TARGET is HOST (its MX is looked up), HOST:PORT, [v6]:PORT, smtp://…, smtps://…, lmtp://…, a unix socket's path, or
    user@domain. No message is sent.
    """
    request, message = build(options)
    from smtpprobe.cli.running import probe_to_end

    credentials = _credentials(options, request)
    report = probe_to_end(request, credentials, message)

    def render(form: str, style: dict[str, Any]) -> str:
        if form == "json":
            from smtpprobe.render import as_json

            return as_json.render(report)
        from smtpprobe.render import as_text

        return as_text.render(report, verbosity=output.verbosity, **style)

    emit(output, render)
    return exit_code(report, options["fail_on"])


def build(options: dict[str, Any]) -> tuple[Request, bytes | None]:
    """The request that the options stand for, and the message's octets. Raises ValueError naming the value."""
    import msgspec

    from smtpprobe.model.target import parse
    from smtpprobe.net.resolver import split_server

    target = parse(options["target"], literal=options["host"])
    if options["protocol"]:
        target = msgspec.structs.replace(target, protocol=Protocol(options["protocol"]))
    if options["resolver"]:
        split_server(options["resolver"])
    mail_from = options["mail_from"]
    if mail_from is not None:
        mail_from = "" if mail_from.strip() in ("", "<>") else names.mailbox(mail_from)
    recipients = tuple(names.mailbox(each) for each in options["rcpt_to"])
    limit = 2 if mail_from == "" else 5
    if len(recipients) > limit and not options["force"]:
        raise ValueError(
            f"{len(recipients)} forward-paths: at most {limit} are polite for a probe (--force tries them all)"
        )
    message = _read(options["message"]) if options["message"] else None
    request = Request(
        target=target,
        helo=_helo(options["helo"]),
        mail_from=mail_from,
        rcpt_to=recipients,
        user=options["user"],
        mech=options["mech"],
        tls=TlsOptions(
            TlsPolicy(options["policy"]), options["verify"], _file(options["ca_file"]), _name(options["tls_name"]),
            _name(options["sni"]), _file(options["client_cert"]), _file(options["client_key"]),
        ),
        insecure_auth=options["insecure_auth"],
        quit_after=Phase(options["quit_after"]) if options["quit_after"] else None,
        client_ip=names.ip_address(options["client_ip"]) if options["client_ip"] else None,
        source_ip=names.ip_address(options["source_ip"]) if options["source_ip"] else None,
        force=options["force"],
        dkim_selectors=options["dkim_selector"],
        dnsbl_zones=tuple(each if each == "all" else names.domain(each) for each in options["dnsbl"]),
        only_dnsbl=tuple(names.domain(each) for each in options["only_dnsbl"]),
        diagnose=Diagnose(options["diagnose"]),
        resolver=options["resolver"],
        timeout_s=options["timeout"],
        deadline_s=options["deadline"],
        message=_record(message) if message is not None else None,
    )  # fmt: skip
    _mech(request)
    _usable_files(request.tls)
    return request, message


def _usable_files(options: TlsOptions) -> None:
    """Raises ValueError where a certificate or key file cannot be used: found out before anybody is called."""
    if not (options.ca_file or options.client_cert):
        return
    from smtpprobe.net.tls import context

    try:
        context(False, options.ca_file, options.client_cert, options.client_key)
    except OSError as error:
        files = ", ".join(repr(path) for path in (options.ca_file, options.client_cert, options.client_key) if path)
        raise ValueError(f"{files}: no usable certificate or key in PEM form ({error.strerror or error})") from None


def _record(message: bytes) -> MessageRecord:
    """What a report keeps of a message: its header and a hash of its body."""
    import hashlib

    from smtpprobe.mailauth.author_domain import author_domains

    header, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    domains = author_domains(message)
    digest = hashlib.sha256(body.replace(b"\n", b"\r\n")).hexdigest()
    text = header.decode("utf-8", "backslashreplace")
    return MessageRecord(text, len(message), digest, domains[0] if len(domains) == 1 else None)


def _mech(request: Request) -> None:
    from smtpprobe.wire.sasl import MECHANISMS

    if request.mech and request.mech.upper() not in MECHANISMS:
        raise ValueError(f"{request.mech!r} is no mechanism that can be used: expected one of {', '.join(MECHANISMS)}")
    if request.mech and not request.user:
        raise ValueError("--mech needs --user: there is nobody to log in")


def _helo(text: str | None) -> str | None:
    if text is None:
        return None
    if names.literal_address(text):
        return text
    if text.startswith("["):
        raise ValueError(f"{text!r} is no address literal: expected [192.0.2.1] or [IPv6:2001:db8::1]")
    return names.domain(text)


def _name(text: str | None) -> str | None:
    if text is None:
        return None
    return names.ip_address(text) if names.is_ip_address(text) else names.domain(text)


def _file(path: str | None) -> str | None:
    if path is not None:
        _read(path)
    return path


def _read(path: str) -> bytes:
    from pathlib import Path

    return Path(path).read_bytes()


def _credentials(options: dict[str, Any], request: Request) -> Any:
    if not request.user:
        return None
    from smtpprobe.cli.password import find
    from smtpprobe.model.request import Credentials

    return Credentials(request.user, find(request.user, options["password_file"], options["password_command"]))


def exit_code(report: Report, fail_on: str) -> int:
    """The outcome's code, and what --fail-on adds where nothing worse holds."""
    code = report.outcome.exit_code
    if fail_on == "never":
        return code
    if fail_on == "incomplete":
        unfinished = any(isinstance(run, Failed) for run in report.checks) or any(
            isinstance(run, Skipped) and run.reason != "nothing was refused" for run in report.checks
        )
        return 6 if code == 0 and unfinished else code
    threshold = Severity(fail_on).rank
    severe = any(
        f.severity.rank >= threshold for run in report.checks if isinstance(run, Completed) for f in run.findings
    )
    return 1 if severe and code in (0, 3) else code
