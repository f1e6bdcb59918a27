"""Options that people type out of habit, from swaks and other clients, and what they are called here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from smtpprobe.model.texts.language import mark, say

# Their options, and the whole of what is typed here in their place.
OURS: Mapping[str, str] = {
    "--to": "--rcpt-to",
    "-t": "--rcpt-to",
    "--recipient": "--rcpt-to",
    "--rcpt": "--rcpt-to",
    "--mail-rcpt": "--rcpt-to",
    "--from": "--mail-from",
    "-f": "--mail-from",
    "--sender": "--mail-from",
    "--ehlo": "--helo",
    "--lhlo": "--helo",
    "--auth-user": "--user",
    "--au": "--user",
    "-au": "--user",
    "--username": "--user",
    "--login": "--user",
    "--auth-mechanism": "--mech",
    "--mechanism": "--mech",
    "-am": "--mech",
    "--auth-optional": "--user",
    "-ao": "--user",
    "-tls": "--tls require",
    "--starttls": "--tls require",
    "--tls-optional": "--tls auto",
    "-tlso": "--tls auto",
    "--tls-on-connect": "--tls implicit",
    "-tlsc": "--tls implicit",
    "--tlsc": "--tls implicit",
    "--ssl": "--tls implicit",
    "--no-tls": "--tls off",
    "--ssl-reqd": "--tls require",
    "--tls-ca-path": "--ca-file",
    "--cacert": "--ca-file",
    "--capath": "--ca-file",
    "--cafile": "--ca-file",
    "--tls-cert": "--client-cert",
    "--cert": "--client-cert",
    "--tls-key": "--client-key",
    "--key": "--client-key",
    "--tls-sni": "--sni",
    "--servername": "--sni",
    "--insecure": "--no-tls-verify",
    "-k": "--no-tls-verify",
    "--quit": "--quit-after",
    "-da": "--drop-after",
    "-das": "--drop-after-send",
    "--dsn-notify": "--notify",
    "--dsn-return": "--ret",
    "--send-help": "--smtp-help",
    "--lmtp": "--protocol lmtp",
    "--login-options": "--mech",
    "--connect-timeout": "--timeout",
    "--max-time": "--deadline",
    "--xclient-addr": "--xclient ADDR=IP",
    "--xclient-name": "--xclient NAME=HOST",
    "--xclient-port": "--xclient PORT=PORT",
    "--xclient-proto": "--xclient PROTO=ESMTP",
    "--xclient-helo": "--xclient HELO=NAME",
    "--xclient-login": "--xclient LOGIN=USER",
    "--xclient-reverse-name": "--xclient REVERSE_NAME=HOST",
    "--xclient-destaddr": "--xclient DESTADDR=IP",
    "--xclient-destport": "--xclient DESTPORT=PORT",
    "--proxy-version": "--proxy",
    "--local-interface": "--source-ip",
    "-li": "--source-ip",
    "--interface": "--source-ip",
    "--bind": "--source-ip",
    "--local-port": "--source-port",
    "--lport": "--source-port",
    "-lp": "--source-port",
    "--socks5": "--via socks5://HOST:PORT",
    "--socks5-hostname": "--via socks5://HOST:PORT",
    "--tls-protocol": "--tls-min 1.2 --tls-max 1.2",
    "-tlsp": "--tls-min 1.2 --tls-max 1.2",
    "--tlsv1.2": "--tls-min 1.2",
    "--tlsv1.3": "--tls-min 1.3",
    "--tls-cipher": "--ciphers",
    "--cipher": "--ciphers",
    "--silent": "--quiet",
    "--hide-all": "--quiet",
    "-ha": "--quiet",
    "--color": "--no-color",
    "--data": "--send --message",
    "-d": "--send --message",
    "--add-header": "--header",
    "-ah": "--header",
    "--attach-body": "--attach",
    "--dkim-key": "--dkim-sign",
    "--dns": "--resolver",
    "--nameserver": "--resolver",
    "--json": "--format json",
    "--out": "--output",
    "-o": "--output",
}
# Their options whose value belongs in TARGET here, and how it is written.
IN_TARGET: Mapping[str, str] = {
    "--server": "HOST",
    "-s": "HOST",
    "--copy-routing": "DOMAIN",
    "-cr": "DOMAIN",
    "--port": "HOST:PORT",
    "--socket": "/path/of/the/socket",
    "--url": "smtps://HOST",
    "--mail-server": "HOST",
}
# What is not there, and what is there instead.
INSTEAD: Mapping[str, str] = {
    "--xclient-optional": mark("--xclient is sent, or the session ends"),
    "--suppress-data": mark("a message is shown by its length alone"),
    "--support": mark(
        "only --via needs something to be installed, the extra `proxy`; smtpprobe check --help lists all options"
    ),
    "--pipe": mark("no session is held with a program: give TARGET as HOST:PORT or as a unix socket's path"),
    "--auth": mark("give --user NAME, and --mech NAME for one particular mechanism"),
    "-a": mark("give --user NAME, and --mech NAME for one particular mechanism"),
    "-p": mark(
        "write the port into TARGET, as HOST:PORT; a password comes from SMTPPROBE_PASSWORD, "
        "--password-file or --password-command, since others can read a command line"
    ),
}
# What other programs say for a value, and the beginning of an option that stands where the value should.
_TLS_VALUE = mark("--tls takes a value: auto, require, off or implicit (--tls require)")
OF_TLS: Mapping[str, str] = {"-": _TLS_VALUE}
WITHOUT_VALUE: Mapping[str, str] = {"--tls": _TLS_VALUE}
OF_PROTOCOL: Mapping[str, str] = {
    "esmtps": mark("ESMTPS is --protocol esmtp with --tls require here"),
    "esmtpa": mark("ESMTPA is --protocol esmtp with --user NAME here"),
    "esmtpsa": mark("ESMTPSA is --protocol esmtp with --tls require and --user NAME here"),
    "ssmtp": mark("SSMTP is --protocol esmtp with --tls implicit here"),
    "ssmtpa": mark("SSMTPA is --protocol esmtp with --tls implicit and --user NAME here"),
    "smtps": mark("SMTPS is --protocol esmtp with --tls implicit here"),
}
# Spellings under which a password is tried on a command line, where other users of the machine can read it.
OF_PASSWORD = frozenset(
    {
        "--password",
        "--passwd",
        "--pass",
        "--pw",
        "--auth-password",
        "--auth-pass",
        "--auth-plaintext",
        "--ap",
        "-ap",
        "-apt",
        "--oauth2-bearer",
    }
)


def answer(option: str, arguments: Sequence[str], known: Collection[str]) -> str | None:
    """One line that answers an option that does not exist; None where nothing better than its name is known.

    `known` are the command's options. Values are not repeated: there may be a password among them.
    """
    typed = _as_typed(option, arguments)
    if typed in OF_PASSWORD:
        return say(
            "{typed} does not exist, since others can read a command line: set SMTPPROBE_PASSWORD, or "
            "give --password-file or --password-command",
            typed=typed,
        )
    if typed in IN_TARGET:
        return say(
            "{typed} does not exist: it belongs in TARGET, as {in_target}", typed=typed, in_target=IN_TARGET[typed]
        )
    if typed in INSTEAD:
        return say("{typed} does not exist: {instead}", typed=typed, instead=say(INSTEAD[typed]))
    ours = OURS.get(typed)
    return (
        say("{typed} is {ours} here", typed=typed, ours=ours)
        if ours is not None and ours.partition(" ")[0] in known
        else None
    )


def _as_typed(option: str, arguments: Sequence[str]) -> str:
    """The option as it stands on the command line: of `-au` the parser names only the first letter."""
    if option.startswith("--"):
        return option
    tables = (OURS, IN_TARGET, INSTEAD, OF_PASSWORD)
    typed = (each.partition("=")[0] for each in arguments if each.startswith(option))
    return next((each for each in typed if any(each in table for table in tables)), option)
