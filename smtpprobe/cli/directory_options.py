"""What a configuration file found in the working directory may set, and why it may not set the rest.

A directory may be somebody else's: a clone, an unpacked archive, a shared folder. Open is what can neither send a
secret, touch a file, ask for more than the command asks, nor turn a failing check into a pass. An option that stands
in neither table is closed. A name is an option's, or `COMMAND OPTION` where it is something else there.
"""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.model.texts.language import mark, say

OPEN: Mapping[str, str] = {
    "checks": mark("more of the same report"),
    "deadline": mark("a session may end sooner, which is never a pass; not later"),
    "dkim-selector": mark("more keys are looked up, of the domain that was asked about"),
    "dnsbl": mark("more zones are asked, and can only add a listing"),
    "flatten": mark("more of the same report"),
    "format": mark("the same report in another form"),
    "helo": mark("a name of the client's that anyone may say; no secret depends on it"),
    "lang": mark("the same report in another language"),
    "mail-from": mark("the reverse-path of a session without a login, in which no message is sent"),
    "no-color": mark("the same report without colour"),
    "no-pipeline": mark("the same commands, with more waiting between them"),
    "pipeline": mark("the same commands, with less waiting between them, if the server offers it"),
    "quiet": mark("less of the same report; the exit code stays"),
    "rcpt-to": mark("the forward-path of a session without a login, unless TARGET is one itself; no message is sent"),
    "selector": mark("more keys are looked up, of the domain that was asked about"),
    "timeout": mark("an answer may be waited for less long, though never below a second; not longer"),
    "verbose": mark("more of the same report, secrets always replaced"),
}

CLOSED: Mapping[str, str] = {
    "all-addresses": mark("it connects to servers that nobody asked about"),
    "all-mx": mark("it connects to servers that nobody asked about"),
    "all-nameservers": mark("it asks name servers that the resolver in use would not ask"),
    "alpn": mark("it says something of the client to the server"),
    "attach": mark("it reads a file and sends what is in it"),
    "bdat": mark("it decides how a message is sent"),
    "body": mark("it may read a file and send what is in it"),
    "assume": mark("it replaces DNS and can turn a failing check into a pass"),
    "assume-zone": mark("it reads a file, and can turn a failing check into a pass"),
    "at": mark("at another time an expired signature passes"),
    "body-type": mark("it changes what a command asks for, and with it the answer"),
    "ca-file": mark("it decides whose certificate is trusted"),
    "cert-days": mark("it decides when a certificate counts as one that expires soon"),
    "channel-binding": mark("it decides how a login is bound to TLS"),
    "chunk-size": mark("it decides how a message is sent"),
    "check": mark("it sends queries to the network about what should be explained offline"),
    "ciphers": mark("it can weaken TLS, or break it"),
    "client-cert": mark("it reads a file and reveals an identity"),
    "client-ip": mark("it decides which address is judged"),
    "client-key": mark("it reads a file that contains a secret"),
    "diagnose": mark("it can switch the checks off, or send queries that nobody asked for"),
    "dkim-sign": mark("it reads a file that contains a secret"),
    "eicar": mark("it decides what a message contains"),
    "gtube": mark("it decides what a message contains"),
    "header": mark("it decides what a message contains"),
    "keep-line-ends": mark("it decides how a message is sent"),
    "message-size": mark("it decides what a message contains"),
    "send": mark("it sends a message although nobody asked to"),
    "dkim-pass": mark("it says that a check passed"),
    "drop-after": mark("it ends a session before the refusal that should be seen"),
    "drop-after-send": mark("it ends a session before the refusal that should be seen"),
    "envid": mark("it changes what a command asks for, and with it the answer"),
    "expn": mark("it looks up names that nobody asked about"),
    "fail-on": mark("it decides which findings are a failure"),
    "follow": mark("it reads a file, and does not end by itself"),
    "force": mark("it lifts a limit that keeps a probe polite"),
    "hold-for": mark("it changes what a command asks for, and with it the answer"),
    "hold-until": mark("it changes what a command asks for, and with it the answer"),
    "host": mark("it decides which server is connected to"),
    "try-all": mark("it makes several attempts to log in, and failed ones may lock the account"),
    "insecure-auth": mark("it sends credentials over a channel that is not verified"),
    "ip": mark("it decides which address is judged"),
    "ipv4": mark("it decides which addresses are not called"),
    "ipv6": mark("it decides which addresses are not called"),
    "jsonl": mark("it reads a file"),
    "keyring": mark("it reads a password, and sends it"),
    "list": mark("it does something other than the command that was typed"),
    "mail-param": mark("it changes what a command asks for, and with it the answer"),
    "mech": mark("it decides how a password is sent"),
    "message": mark("it reads a file, whose header goes into the report"),
    "min-key-bits": mark("it decides which keys are too short"),
    "mt-priority": mark("it changes what a command asks for, and with it the answer"),
    "netrc": mark("it reads a file and sends what is in it"),
    "netrc-file": mark("it reads a file and sends what is in it"),
    "no-tls-verify": mark("it decides whose certificate is trusted"),
    "noop": mark("it sends a command that nobody asked for"),
    "notify": mark("it changes what a command asks for, and with it the answer"),
    "only-dnsbl": mark("it decides which lists are not asked"),
    "orcpt": mark("it changes what a command asks for, and with it the answer"),
    "output": mark("it writes a file"),
    "password-command": mark("it runs a program"),
    "password-file": mark("it reads a file and sends what is in it"),
    "phase": mark("it decides what a reply is taken for"),
    "protocol": mark("it decides what is spoken, and with it whether TLS is possible"),
    "provider": mark("it decides what a reply is taken for"),
    "proxy": mark("it decides what is sent before the session"),
    "proxy-source": mark("it decides which address is judged"),
    "quit-after": mark("it ends a session before the refusal that should be seen"),
    "rcpt-param": mark("it changes what a command asks for, and with it the answer"),
    "requiretls": mark("it changes what a command asks for, and with it the answer"),
    "resolver": mark("it decides who answers for DNS"),
    "ret": mark("it changes what a command asks for, and with it the answer"),
    "send-anyway": mark("it spends an attempt that is surely in vain, which may lock the account"),
    "since": mark("it decides which refusals are counted"),
    "size": mark("it changes what a command asks for, and with it the answer"),
    "smtp-help": mark("it sends a command that nobody asked for"),
    "smtputf8": mark("it changes what a command asks for, and with it the answer"),
    "sni": mark("it decides for which name a server shows a certificate"),
    "source-ip": mark("it decides which network the connection comes from"),
    "source-port": mark("it decides which port the connection comes from"),
    "spf helo": mark("it decides which domain is judged"),
    "spf mail-from": mark("it decides which domain is judged"),
    "spf-pass": mark("it says that a check passed"),
    "tls": mark("it can switch TLS off"),
    "tls-max": mark("it can weaken TLS, or break it"),
    "tls-min": mark("it can weaken TLS, or break it"),
    "tls-name": mark("it decides whose certificate gets a password"),
    "tls-verify": mark("it decides whose certificate is trusted"),
    "token-command": mark("it runs a program"),
    "user": mark("it logs in although nobody asked to"),
    "via": mark("it decides who sees the session"),
    "vrfy": mark("it looks up names that nobody asked about"),
    "xclient": mark("it decides which address is judged"),
    "xforward": mark("it writes another client into a server's log"),
}

# The open options that are closed in one case, and that case.
CLOSED_WITH: Mapping[str, str] = {
    "mail-from": mark("with a login, or with a message to send"),
    "rcpt-to": mark("with a login, with a message to send, or with an address as TARGET"),
}

# The most that an open option takes from a directory, in seconds: what holds without it (None in model/request.py).
MAX_S: Mapping[str, float] = {"check deadline": 300, "deadline": 30, "timeout": 60}
# Below, DNS answers come too late; what was not answered adds no finding, so that a failing check could pass.
MIN_S = 1.0
MAX_ENTRIES = 16  # of a list: each entry is a question to somebody's server

_UNDECIDED = mark("nobody has decided that it is harmless there")


def why_closed(command: str, option: str) -> str | None:
    """Why a directory cannot set this option of the command; None where it can."""
    for name in (f"{command} {option}", option):
        if name in CLOSED:
            return say(CLOSED[name])
        if name in OPEN:
            return None
    return say(_UNDECIDED)


def why_refused(command: str, option: str, value: object) -> str | None:
    """Why a directory cannot set the option to this value, in no case; None if it can."""
    return why_closed(command, option) or why_beyond(command, option, value)


def commands_apart() -> tuple[str, ...]:
    """The commands in which an option means something else than in others."""
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in CLOSED if " " in name))


def why_beyond(command: str, option: str, value: object) -> str | None:
    """Why a directory cannot set an open option to this value; None where it can, or the value is of a wrong type."""
    if isinstance(value, list) and len(value) > MAX_ENTRIES:
        return say("it may hold {max_entries} entries there, not {count}", max_entries=MAX_ENTRIES, count=len(value))
    most = MAX_S.get(f"{command} {option}", MAX_S.get(option))
    if most is None:
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    if MIN_S <= number <= most:
        return None
    return say(
        "it may be {min_s} to {most} seconds there, to shorten a wait and not to lengthen it",
        min_s=format(MIN_S, "g"),
        most=format(most, "g"),
    )
