"""Whom to log in as, and where the password comes from."""

from __future__ import annotations

from typing import Any

import click

from smtpprobe.cli import values
from smtpprobe.cli.session_options import adds, named
from smtpprobe.model.request import ChannelBinding, Credentials, Request
from smtpprobe.model.texts.language import say

options = adds(
    click.option(
        "--user",
        metavar="NAME",
        help="Log in as; the password comes from SMTPPROBE_PASSWORD, a file, a command or a prompt.",
    ),
    click.option("--password-file", metavar="FILE", help="Read the password from the file's first line."),
    click.option("--password-command", metavar="CMD", help="Read the password from what a command prints."),
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
)


def fields(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request that they stand for."""
    return {
        **{name: given[name] for name in ("user", "mech", "insecure_auth")},
        "channel_binding": ChannelBinding(given["channel_binding"]) if given["channel_binding"] else None,
    }


def need_a_user(given: dict[str, Any]) -> None:
    """Raises ValueError where a password is given for nobody."""
    for name in ("password_file", "password_command"):
        if given[name] is not None and given["user"] is None:
            raise ValueError(say("{named} needs --user: there is no user to log in", named=named(name)))


def found(given: dict[str, Any], request: Request) -> tuple[Request, Credentials | None]:
    """The credentials, and the request with what may be said of the password."""
    if not request.user:
        return request, None
    import msgspec

    from smtpprobe.cli import password

    context = click.get_current_context()
    source = password.strongest(context, given["password_file"], given["password_command"])
    secret = password.find(request.user, *source)
    return msgspec.structs.replace(request, password=password.record(secret, *source)), Credentials(
        request.user, secret
    )
