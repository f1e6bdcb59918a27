"""`smtpprobe check TARGET`."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import exit_codes, foreign_options, values
from smtpprobe.cli.assume import assume_options, assumption
from smtpprobe.cli.output import Output, emit_report, live_page, output_options
from smtpprobe.model.request import (
    STAGES,
    Credentials,
    Diagnose,
    MessageRecord,
    Protocol,
    ProxyVersion,
    Request,
    RequestError,
    TlsOptions,
    TlsPolicy,
)
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Severity
from smtpprobe.render.formats import Takes

_STAGES = tuple(stage.value for stage in STAGES)
_BEFORE_THE_TRANSACTION = _STAGES[: _STAGES.index("mail")]
_SEVERITIES = tuple(severity.value for severity in Severity if severity is not Severity.UNKNOWN)


@click.command("check", epilog=exit_codes.HELP)
@click.argument("target", type=values.TARGET, metavar="TARGET")
@click.argument("port", type=values.PORT, metavar="[PORT]", required=False)
@click.option("--host", "host", is_flag=True, help="Take TARGET as the host itself, never its domain's MX.")
@click.option(
    "--mail-from",
    type=values.REVERSE_PATH,
    metavar="ADDR",
    help="Reverse-path; <> for the null one.  [default: --user if it is an address, else <>]",
)
@click.option(
    "--rcpt-to",
    type=values.FORWARD_PATH,
    metavar="ADDR",
    multiple=True,
    help="Forward-path; repeatable.  [default: TARGET if it is an address, else postmaster@ its MX domain]",
)
@click.option(
    "--helo",
    type=values.SPOKEN_NAME,
    metavar="NAME",
    help="HELO name, sent as given; by default this host's, else an address literal.",
)
@click.option(
    "--user",
    metavar="NAME",
    help="Log in as; the password comes from SMTPPROBE_PASSWORD, a file, a command or a prompt.",
)
@click.option("--password-file", metavar="FILE", help="Read the password from the file's first line.")
@click.option("--password-command", metavar="CMD", help="Read the password from what a command prints.")
@click.option("--mech", type=values.MECHANISM, metavar="NAME", help="SASL mechanism; one attempt is made, with one.")
@click.option(
    "--insecure-auth", is_flag=True, help="Send credentials over an unencrypted or unverified connection, too."
)
@click.option(
    "--tls",
    "policy",
    type=values.Words([p.value for p in TlsPolicy if p is not TlsPolicy.UNKNOWN], foreign_options.OF_TLS),
    default="auto",
    show_default=True,
    help="auto: STARTTLS if offered, require with a login; implicit: from the first octet, as on port 465.",
)
@click.option(
    "--tls-verify/--no-tls-verify",
    "verify",
    default=None,
    help="End the session if the certificate does not verify.  [default: only with --user]",
)
@click.option("--ca-file", type=values.FILE, metavar="FILE", help="Trust these certificates instead of the system's.")
@click.option(
    "--tls-name",
    type=values.ADDRESS_OR_DOMAIN,
    metavar="NAME",
    help="The name that the certificate must carry; the host by default.",
)
@click.option(
    "--sni",
    type=values.ADDRESS_OR_DOMAIN,
    metavar="NAME",
    help="The name to ask the server for; --tls-name by default.",
)
@click.option(
    "--client-cert", type=values.FILE, metavar="FILE", help="Show this certificate (PEM) if the server asks for one."
)
@click.option(
    "--client-key", type=values.FILE, metavar="FILE", help="Its private key, if --client-cert does not contain it."
)
@click.option(
    "--cert-days",
    type=values.CERT_DAYS,
    metavar="DAYS[,DAYS]",
    default="21,7",
    show_default=True,
    help="A certificate that expires within so many days is a warning, or an error.",
)
@click.option(
    "--protocol",
    type=values.Words([p.value for p in Protocol if p is not Protocol.UNKNOWN], foreign_options.OF_PROTOCOL),
    help="smtp says HELO, lmtp LHLO.  [default: esmtp]",
)
@click.option(
    "--quit-after",
    type=values.Words(_STAGES),
    metavar="STAGE",
    help=f"Stop politely there: {', '.join(_STAGES[:-1])} or {_STAGES[-1]}.",
)
@click.option(
    "--pipeline/--no-pipeline",
    "pipeline",
    default=True,
    help="Send MAIL, RCPT, RSET and QUIT together if the server offers PIPELINING, or wait for each reply.  "
    "[default: together]",
)
@click.option(
    "--client-ip",
    type=values.IP,
    metavar="IP",
    help="The address that the server sees, when it cannot be found out (NAT).",
)
@click.option("--source-ip", type=values.IP, metavar="IP", help="Connect from this address.")
@click.option(
    "--proxy",
    type=values.Words([each.value for each in ProxyVersion if each is not ProxyVersion.UNKNOWN]),
    metavar="VERSION",
    help="Begin with a header of the PROXY protocol, v1 or v2, for a server that expects a proxy.",
)
@click.option(
    "--proxy-source",
    type=values.PROXY_SOURCE,
    metavar="IP[:PORT]",
    help="The client that the PROXY header names.  [default: this end of the connection]",
)
@click.option(
    "--xclient",
    type=values.XCLIENT,
    metavar="ATTRIBUTES",
    help="Have a server that trusts you take you for another client: 'ADDR=192.0.2.1 NAME=[UNAVAILABLE]'.",
)
@click.option(
    "--message",
    type=values.MESSAGE,
    metavar="FILE",
    help="Verify this message's DKIM signatures and align its author domain; not sent.",
)
@click.option(
    "--dkim-selector", type=values.SELECTOR, metavar="S", multiple=True, help="Look up this selector's key; repeatable."
)
@click.option(
    "--resolver",
    type=values.NAME_SERVER,
    metavar="IP[:PORT]",
    help="Ask this name server (or SMTPPROBE_RESOLVER).  [default: the system's]",
)
@click.option(
    "--dnsbl",
    type=values.ZONE_OR_ALL,
    metavar="ZONE",
    multiple=True,
    help="Ask this zone too; repeatable; `all` for every tier.",
)
@click.option("--only-dnsbl", type=values.ZONE, metavar="ZONE", multiple=True, help="Ask these zones and no others.")
@click.option(
    "--diagnose",
    type=click.Choice([d.value for d in Diagnose if d is not Diagnose.UNKNOWN]),
    default="auto",
    show_default=True,
    help="When DNSBL, SPF, DKIM, DMARC and iprev are looked up; auto: after a refusal.",
)
@click.option(
    "--timeout", type=values.SECONDS, help="Without progress on one reply; per DNS query at most 5.  [default: 60]"
)
@click.option("--deadline", type=values.SECONDS, help="For the whole session.  [default: 300]")
@click.option("--force", is_flag=True, help="More than the polite number of RCPT.")
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
    request, message = build(options)
    from smtpprobe.cli.running import probe_to_end

    (request, credentials), live = _with_credentials(options, request), live_page(output)
    zones = assumption(options["assume"], options["assume_zone"])
    report, assumed = probe_to_end(request, credentials, message, zones, live)
    return emit_report(output, report, assumed, options["fail_on"], live)


def build(options: dict[str, Any]) -> tuple[Request, bytes | None]:
    """The request that the options stand for, and the message's octets. Raises ValueError where two do not fit."""
    import msgspec

    from smtpprobe.model.target import parse_target
    from smtpprobe.pipeline.request.check import checked

    target = parse_target(options["target"], literal=options["host"])
    if options["protocol"]:
        target = msgspec.structs.replace(target, protocol=Protocol(options["protocol"]))
    _need_a_user(options)
    message: bytes | None = options["message"]
    request = Request(
        target=target,
        helo=options["helo"],
        mail_from=options["mail_from"],
        rcpt_to=options["rcpt_to"],
        user=options["user"],
        mech=options["mech"],
        tls=TlsOptions(
            policy=TlsPolicy(options["policy"]),
            verify=options["verify"],
            ca_file=options["ca_file"],
            name=options["tls_name"],
            sni=options["sni"],
            client_cert=options["client_cert"],
            client_key=options["client_key"],
            expiry_days=options["cert_days"],
        ),
        insecure_auth=options["insecure_auth"],
        quit_after=Phase(options["quit_after"]) if options["quit_after"] else None,
        pipeline=options["pipeline"],
        client_ip=options["client_ip"],
        source_ip=options["source_ip"],
        proxy=ProxyVersion(options["proxy"]) if options["proxy"] else None,
        proxy_source=options["proxy_source"],
        xclient=options["xclient"],
        force=options["force"],
        dkim_selectors=options["dkim_selector"],
        dnsbl_zones=options["dnsbl"],
        only_dnsbl=options["only_dnsbl"],
        diagnose=Diagnose(options["diagnose"]),
        resolver=options["resolver"],
        timeout_s=options["timeout"],
        deadline_s=options["deadline"],
        message=_record(message) if message is not None else None,
    )
    try:
        return checked(request), message
    except RequestError as error:
        raise ValueError(error.named(_name_of_field)) from None


def _of_the_directory(options: dict[str, Any]) -> None:
    """Keep a project's file to an envelope that nobody gave and that is used without a login."""
    from smtpprobe.cli import config
    from smtpprobe.model.target import parse_target

    context = click.get_current_context()
    if options["user"] is not None and options["quit_after"] not in _BEFORE_THE_TRANSACTION:
        from smtpprobe.cli.directory_options import CLOSED_WITH

        for name in CLOSED_WITH:
            parameter = name.replace("-", "_")
            config.refuse_if_of_directory(
                context, parameter, say("with a login the mail transaction is in the user's name")
            )
    if parse_target(options["target"]).mailbox is not None and config.is_of_directory(context, "rcpt_to"):
        options["rcpt_to"] = ()  # TARGET is the forward-path, and what was typed goes before files


def _record(message: bytes) -> MessageRecord:
    """What a report keeps of a message: its header and a hash of its body."""
    import hashlib

    from smtpprobe.mailauth.dmarc.author_domain import author_domains

    header, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    domains = author_domains(message)
    digest = hashlib.sha256(body.replace(b"\n", b"\r\n")).hexdigest()
    text = header.decode("utf-8", "backslashreplace")
    return MessageRecord(
        header=text, octets=len(message), body_sha256=digest, author_domain=domains[0] if len(domains) == 1 else None
    )


def _named(parameter: str) -> str:
    """The option as whoever set it knows it: the variable, the file's key, or its name."""
    from smtpprobe.cli.config import origin_of

    context = click.get_current_context()
    origin = origin_of(context, parameter)
    option = next(each for each in context.command.params if each.name == parameter)
    return option.opts[0] if origin is None else origin.in_a_sentence


# The parameters of click that have another name than the request's field.
_PARAMETERS = {"dkim_selectors": "dkim_selector", "dnsbl_zones": "dnsbl", "timeout_s": "timeout", "deadline_s": "deadline",
               "tls.expiry_days": "cert_days", "tls.name": "tls_name"}  # fmt: skip


def _name_of_field(field: str) -> str:
    """A field of the request as whoever set it knows it."""
    return _named(_PARAMETERS.get(field, field.removeprefix("tls.")))


def _need_a_user(options: dict[str, Any]) -> None:
    """Raises ValueError where a password is given for nobody."""
    for name in ("password_file", "password_command"):
        if options[name] is not None and options["user"] is None:
            raise ValueError(say("{named} needs --user: there is no user to log in", named=_named(name)))


def _with_credentials(options: dict[str, Any], request: Request) -> tuple[Request, Credentials | None]:
    """The credentials, and the request with what may be said of the password."""
    if not request.user:
        return request, None
    import msgspec

    from smtpprobe.cli import password

    context = click.get_current_context()
    given = password.strongest(context, options["password_file"], options["password_command"])
    secret = password.find(request.user, *given)
    return msgspec.structs.replace(request, password=password.record(secret, *given)), Credentials(request.user, secret)
