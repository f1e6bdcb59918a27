"""Options that people type out of habit, from swaks and other clients, and what they are called here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from smtpprobe.model.texts.language import mark, say

# Their options, and the whole of what is typed here in their place.
OURS: Mapping[str, str] = {
    "--to": "--rcpt-to",
    "-t": "--rcpt-to",
    "--recipient": "--rcpt-to",
    "--rcpt": "--rcpt-to",
    "--mail-rcpt": "--rcpt-to",
    "--cc": "--rcpt-to ADDR --header 'Cc: ADDR'",
    "--bcc": "--rcpt-to",
    "--from": "--mail-from",
    "-f": "--mail-from",
    "--sender": "--mail-from",
    "--h": "--helo",
    "--ehlo": "--helo",
    "--lhlo": "--helo",
    "--auth-user": "--user",
    "--au": "--user",
    "-au": "--user",
    "--username": "--user",
    "--login": "--user",
    "--auth-mechanism": "--mech",
    "--mechanism": "--mech",
    "-tls": "--tls require",
    "--starttls": "--tls require",
    "--tls-optional": "--tls auto",
    "-tlso": "--tls auto",
    "--tls-optional-strict": "--tls auto",
    "-tlsos": "--tls auto",
    "--tls-on-connect": "--tls implicit",
    "-tlsc": "--tls implicit",
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
    "--tls-verify-ca": "--tls-verify",
    "--tls-verify-host": "--tls-verify",
    "--tls-verify-target": "--tls-name",
    "--tls-target": "--tls-name",
    "--servername": "--sni",
    "--insecure": "--no-tls-verify",
    "-k": "--no-tls-verify",
    "--q": "--quit-after",
    "--quit": "--quit-after",
    "--drop": "--drop-after",
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
    "--proxy-source-port": "--proxy-source IP:PORT",
    "--4": "--ipv4",
    "--6": "--ipv6",
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
    "-S": "--quiet",
    "--hide-all": "--quiet",
    "-ha": "--quiet",
    "--color": "--no-color",
    "--data": "--send --message",
    "-d": "--send --message",
    "-g": "--send --message -",
    "--add-header": "--header",
    "-ah": "--header",
    "--dkim-key": "--dkim-sign",
    "--dns": "--resolver",
    "--nameserver": "--resolver",
    "--json": "--format json",
    "--out": "--output",
    "--output-file": "--output",
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
_INSTEAD: Mapping[str, tuple[str, ...]] = {
    mark("no session is held with a program: give TARGET as HOST:PORT or as a unix socket's path"): ("--pipe",),
    mark("give --mail-from ADDR; without it --user, if that is an address, else the null reverse-path"): (
        "--force-getpwuid",
    ),
    mark("PRDR never became a standard; over LMTP (--protocol lmtp) each recipient has a reply of its own"): ("--prdr",),
    mark("put the chain into the file of --client-cert, after the certificate"): ("--tls-chain",),
    mark("the certificates are in the report: --format json, chain"): ("--tls-get-peer-cert", "--tls-get-peer-chain"),
    mark("give --user NAME, and --mech NAME for one particular mechanism"): ("--auth", "-a"),
    mark("a login that is asked for with --user is made, or the session ends; leave --user out to go on without one"): (
        "--auth-optional", "-ao", "--auth-optional-strict", "-aos",
    ),
    mark("give --mech a mechanism's registered name, such as NTLM for SPA and MSN"): ("--auth-map", "-am"),
    mark("a realm is taken from the server's challenge, and the domain of NTLM is part of --user, as DOMAIN\\NAME"): (
        "--auth-extra", "-ae",
    ),
    mark("challenges are shown decoded, and what the client answers is secret and never shown"): (
        "--auth-plaintext", "-apt",
    ),
    mark("passwords and tokens are never shown"): ("--auth-hide-password", "-ahp"),
    mark("a prompt for a password never shows what is typed"): ("--protect-prompt", "-pp"),
    mark("--xclient is sent, or the session ends"): ("--xclient-optional", "--xclient-optional-strict"),
    mark("all attributes go into one XCLIENT: --xclient 'ADDR=192.0.2.1 NAME=client.example.org'"): ("--xclient-delim",),
    mark("XCLIENT is sent after STARTTLS, or without it with --tls off"): ("--xclient-before-starttls",),
    mark("attributes are sent whether or not the server lists them; XCLIENT itself has to be offered"): (
        "--xclient-no-verify",
    ),
    mark("the PROXY header says TCP over IPv4 or IPv6, as the addresses are"): ("--proxy-family", "--proxy-protocol"),
    mark("the PROXY header always speaks for a client; version 2's LOCAL is not sent"): ("--proxy-command",),
    mark("the PROXY header names the address and port that are connected to"): ("--proxy-dest", "--proxy-dest-port"),
    mark("what is set is in the report: --format json, request"): (
        "--dump", "--dump-as-body", "-dab", "--dump-as-body-shows-password", "-dabsp",
    ),
    mark("the test message is made when it is sent; give one of your own with --message FILE"): ("--dump-mail",),
    mark("--body is the text; a message with several comes from --message FILE"): ("--attach-body",),
    mark("the name and the media type of an attachment follow from the file's name"): ("--attach-type", "--attach-name"),
    mark("a message given with --message is sent as it is, with CRLF at the end of each line (--keep-line-ends)"): (
        "--no-data-fixup", "-ndf",
    ),
    mark("a mailbox's From_ line is not part of the message and never sent"): ("--no-strip-from", "-nsf"),
    mark("a message is shown by its length alone"): ("--suppress-data", "-n"),
    mark("each line has its time, in milliseconds since the connection was begun"): ("--show-time-lapse", "-stl"),
    mark("--format json has commands and replies without any marks"): (
        "--no-info-hints", "-nih", "--no-send-hints", "-nsh", "--no-receive-hints", "-nrh", "--no-hints", "-nth",
    ),
    mark("--format json has each reply's octets, raw"): ("--show-raw-text", "-raw"),
    mark("write a report with --output FILE, and redirect what is printed"): (
        "--output-file-stdout", "--output-file-stderr",
    ),
    mark("--quiet prints the answer alone, and --format json has everything by field"): (
        "--hide-receive", "-hr", "--hide-send", "-hs", "--hide-informational", "-hi",
    ),
    mark("--via needs the extra `proxy`, NTLM `ntlm`, GSSAPI `kerberos`; smtpprobe check --help lists all options"): (
        "--support",
    ),
    mark("smtpprobe --version has it"): ("--version",),
    mark(
        "write the port into TARGET, as HOST:PORT; a password comes from SMTPPROBE_PASSWORD, "
        "--password-file or --password-command, since others can read a command line"
    ): ("-p",),
}  # fmt: skip
INSTEAD: Mapping[str, str] = {name: text for text, names in _INSTEAD.items() for name in names}
# What other programs say for a value, and the beginning of an option that stands where the value should.
_TLS_VALUE = mark("--tls takes a value: auto, require, off or implicit (--tls require)")
OF_TLS: Mapping[str, str] = {"-": _TLS_VALUE}
WITHOUT_VALUE: Mapping[str, str] = {"--tls": _TLS_VALUE}
OF_PROTOCOL: Mapping[str, str] = {
    "esmtps": mark("ESMTPS is --protocol esmtp with --tls require here"),
    "esmtpa": mark("ESMTPA is --protocol esmtp with --user NAME here"),
    "esmtpsa": mark("ESMTPSA is --protocol esmtp with --tls require and --user NAME here"),
    "lmtps": mark("LMTPS is --protocol lmtp with --tls require here"),
    "lmtpa": mark("LMTPA is --protocol lmtp with --user NAME here"),
    "lmtpsa": mark("LMTPSA is --protocol lmtp with --tls require and --user NAME here"),
    "ssmtp": mark("SSMTP is --protocol esmtp with --tls implicit here"),
    "ssmtpa": mark("SSMTPA is --protocol esmtp with --tls implicit and --user NAME here"),
    "smtps": mark("SMTPS is --protocol esmtp with --tls implicit here"),
}
_AFTER_EHLO = mark("this is ehlo here, and after the EHLO that follows STARTTLS it is tls")
OF_STAGE: Mapping[str, str] = {
    "banner": mark("BANNER is greeting here"),
    **dict.fromkeys(("helo", "lhlo", "first-helo", "first-ehlo", "first-lhlo"), _AFTER_EHLO),
    "from": mark("FROM is mail here"),
    "to": mark("TO is rcpt here"),
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
        "--ap",
        "-ap",
        "--oauth2-bearer",
    }
)

_SESSION_OPTION = "--tls"  # a command that has it holds sessions: the others have no TARGET, and send nothing
# swaks' --h-Subject TEXT and --header-Subject TEXT: a field of the header by its name.
_OF_HEADER = re.compile(r"--?h(?:eader)?-([!-9;-~]+):?\Z")


def answer(option: str, arguments: Sequence[str], known: Collection[str]) -> str | None:
    """One line that answers an option that does not exist; None where nothing better than its name is known.

    `known` are the command's options. Values are not repeated: there may be a password among them.
    """
    typed = _as_typed(option, arguments, known)
    name = _listed(typed)
    if name in OF_PASSWORD:
        return say(
            "{typed} does not exist, since others can read a command line: set SMTPPROBE_PASSWORD, or "
            "give --password-file or --password-command",
            typed=typed,
        )
    ours = _ours(typed, name)
    if ours is not None:
        return say("{typed} is {ours} here", typed=typed, ours=ours) if ours.partition(" ")[0] in known else None
    if _SESSION_OPTION not in known:
        return None
    if name in IN_TARGET:
        return say(
            "{typed} does not exist: it belongs in TARGET, as {in_target}", typed=typed, in_target=IN_TARGET[name]
        )
    if name in INSTEAD:
        return say("{typed} does not exist: {instead}", typed=typed, instead=say(INSTEAD[name]))
    return None


def _ours(typed: str, name: str) -> str | None:
    if (field := _OF_HEADER.match(typed)) is not None:
        return f"--header '{field[1]}: …'"
    # Elsewhere one hyphen does where two are needed here: -header.
    is_long = len(typed) > 2 and not typed.startswith("--") and not _is_listed(name)
    return f"-{typed}" if is_long else OURS.get(name)


def _listed(typed: str) -> str:
    """The option as it is in the tables: swaks takes every name with one hyphen and with two."""
    other = typed[1:] if typed.startswith("--") else f"-{typed}"
    return typed if _is_listed(typed) or not _is_listed(other) else other


def _is_listed(name: str) -> bool:
    return any(name in table for table in (OURS, IN_TARGET, INSTEAD, OF_PASSWORD))


def _as_typed(option: str, arguments: Sequence[str], known: Collection[str]) -> str:
    """The option as it is on the command line: of `-au` the parser names `-a`, and of `-hr`, behind our own -h, `-r`."""
    if len(option) != 2:
        return option
    for each in arguments:
        name = each.partition("=")[0]
        letters = name[1:] if name.startswith("-") and not name.startswith("--") else ""
        unknown = next((letter for letter in letters if f"-{letter}" not in known), None)
        if unknown == option[1]:
            is_name = _is_listed(_listed(name)) or f"-{name}" in known or _OF_HEADER.match(name)
            return name if is_name else option
    return option
