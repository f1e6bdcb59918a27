"""Whom to log in as, and where the password comes from."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds, named
from smtpprobe.model.request import ChannelBinding, Credentials, Request
from smtpprobe.model.texts.language import mark, say

options = adds(
    click.option(
        "--user",
        metavar="NAME",
        help="Log in as; the password comes from SMTPPROBE_PASSWORD, a file, a command or a prompt.",
    ),
    click.option("--password-file", metavar="FILE", help="Read the password from the file's first line."),
    click.option("--password-command", metavar="CMD", help="Read the password from what a command prints."),
    click.option(
        "--token-command",
        metavar="CMD",
        help="Log in with the access token that a command prints, by XOAUTH2 or OAUTHBEARER.",
    ),
    click.option(
        "--netrc",
        is_flag=True,
        help="Read the password, and the user if none is given, from ~/.netrc: `machine TARGET`.",
    ),
    click.option("--netrc-file", metavar="FILE", help="As --netrc, from this file."),
    click.option(
        "--keyring",
        metavar="SERVICE",
        help="Read the password that the system's keyring has for this service and --user (smtpprobe[keyring]).",
    ),
    click.option(
        "--mech", type=values.MECHANISM, metavar="NAME", help="SASL mechanism; one attempt is made, with one."
    ),
    click.option(
        "--channel-binding",
        type=click.Choice([each.value for each in ChannelBinding if each is not ChannelBinding.UNKNOWN]),
        help="What a -PLUS mechanism is bound to; as it stands tls-unique, over TLS 1.3 tls-exporter.",
    ),
    click.option(
        "--insecure-auth", is_flag=True, help="Send credentials over an unencrypted or unverified connection, too."
    ),
    click.option(
        "--send-anyway",
        is_flag=True,
        help="Send credentials that surely cannot work, too: an expired token, or a variable that nothing replaced.",
    ),
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        **{name: given[name] for name in ("user", "mech", "insecure_auth", "send_anyway")},
        "channel_binding": ChannelBinding(given["channel_binding"]) if given["channel_binding"] else None,
    }


def complete(given: dict[str, Any]) -> None:
    """The file that --netrc means, and the user whom it names where no other is given."""
    if given["netrc"] and given["netrc_file"] is None:
        from smtpprobe.cli.netrc_file import home_file

        given["netrc_file"] = home_file()
    if given["netrc_file"] is not None and given["user"] is None:
        from smtpprobe.cli.netrc_file import entry_of

        host = _host(given)
        user = entry_of(given["netrc_file"], host).user
        if not user:
            words = mark("{path}: the entry 'machine {host}' has no login")
            raise ValueError(say(words, path=repr(given["netrc_file"]), host=host))
        given["user"] = user


def _host(given: dict[str, Any]) -> str:
    from smtpprobe.model.target import parse_target

    return parse_target(given["target"], literal=given.get("host", False)).host


def need_a_user(given: dict[str, Any]) -> None:
    """Raises ValueError where a password is given for nobody."""
    for name in ("password_file", "password_command", "token_command", "keyring"):
        if given[name] is not None and given["user"] is None:
            raise ValueError(say("{named} needs --user: there is no user to log in", named=named(name)))


def found(given: dict[str, Any], request: Request) -> tuple[Request, Credentials | None]:
    """The credentials, and the request with what may be said of the secret."""
    if not request.user:
        return request, None
    from smtpprobe.cli import password
    from smtpprobe.pipeline.request.secret import with_told

    sources = password.strongest(click.get_current_context(), given)
    secret = password.find(request.user, sources, host=request.target.host, may_be_empty=request.send_anyway)
    credentials = Credentials(request.user, secret, is_token="token_command" in sources)
    return with_told(request, credentials, password.source_of(sources)), credentials


def tell_doubts(request: Request) -> None:
    """Say what speaks against the credentials, before they are used."""
    from smtpprobe.catalogue.login.judge import doubts
    from smtpprobe.cli.output import note
    from smtpprobe.model.clock import SYSTEM_CLOCK

    for each in doubts(request.login, request.target.host, SYSTEM_CLOCK.now()):
        note(each.text)
