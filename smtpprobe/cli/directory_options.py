"""What a configuration file found in the working directory may set, and why it may not set the rest.

A directory may be somebody else's: a clone, an unpacked archive, a shared folder. Open is what can neither send a
secret, touch a file, ask for more than the command asks, nor turn a failing check into a pass. An option that stands
in neither table is closed. A name is an option's, or `COMMAND OPTION` where it is something else there.
"""

from __future__ import annotations

from collections.abc import Mapping

OPEN: Mapping[str, str] = {
    "checks": "more of the same report",
    "deadline": "a session may end sooner, which is never a pass; not later",
    "dkim-selector": "more keys are looked up, of the domain that was asked about",
    "dnsbl": "more zones are asked, and can only add a listing",
    "format": "the same report in another form",
    "helo": "a name of the client's that anyone may say; no secret depends on it",
    "lang": "the same report in another language",
    "mail-from": "the reverse-path of a session without a login, in which no message is sent",
    "no-color": "the same report without colour",
    "quiet": "less of the same report; the exit code stays",
    "rcpt-to": "the forward-path of a session without a login, unless TARGET is one itself; no message is sent",
    "selector": "more keys are looked up, of the domain that was asked about",
    "timeout": "an answer may be waited for less long, though never below a second; not longer",
    "verbose": "more of the same report, secrets always replaced",
}

CLOSED: Mapping[str, str] = {
    "all-nameservers": "it asks name servers that the resolver in use would not ask",
    "assume": "it replaces DNS and can turn a failing check into a pass",
    "assume-zone": "it reads a file, and can turn a failing check into a pass",
    "at": "at another time an expired signature passes",
    "cert-days": "it decides when a certificate counts as one that expires soon",
    "ca-file": "it decides whose certificate is trusted",
    "check": "it sends queries to the network about what should be explained offline",
    "client-cert": "it reads a file and reveals an identity",
    "client-ip": "it decides which address is judged",
    "client-key": "it reads a file that contains a secret",
    "diagnose": "it can switch the checks off, or send queries that nobody asked for",
    "dkim-pass": "it says that a check passed",
    "fail-on": "it decides which findings are a failure",
    "force": "it lifts a limit that keeps a probe polite",
    "host": "it decides which server is connected to",
    "insecure-auth": "it sends credentials over a channel that is not verified",
    "ip": "it decides which address is judged",
    "jsonl": "it reads a file",
    "list": "it does something other than the command that was typed",
    "mech": "it decides how a password is sent",
    "message": "it reads a file, whose header goes into the report",
    "min-key-bits": "it decides which keys are too short",
    "no-tls-verify": "it decides whose certificate is trusted",
    "only-dnsbl": "it decides which lists are not asked",
    "output": "it writes a file",
    "password-command": "it runs a program",
    "password-file": "it reads a file and sends what is in it",
    "phase": "it decides what a reply is taken for",
    "protocol": "it decides what is spoken, and with it whether TLS is possible",
    "provider": "it decides what a reply is taken for",
    "quit-after": "it ends a session before the refusal that should be seen",
    "resolver": "it decides who answers for DNS",
    "sni": "it decides for which name a server shows a certificate",
    "source-ip": "it decides which network the connection comes from",
    "spf helo": "it decides which domain is judged",
    "spf mail-from": "it decides which domain is judged",
    "spf-pass": "it says that a check passed",
    "tls": "it can switch TLS off",
    "tls-name": "it decides whose certificate gets a password",
    "tls-verify": "it decides whose certificate is trusted",
    "user": "it logs in although nobody asked to",
}

# The open options that are closed in one case, and that case.
CLOSED_WITH: Mapping[str, str] = {
    "mail-from": "with a login",
    "rcpt-to": "with a login, or with an address as TARGET",
}

# The most that an open option takes from a directory, in seconds: what holds without it (None in model/request.py).
MAX_S: Mapping[str, float] = {"check deadline": 300, "deadline": 30, "timeout": 60}
# Below, DNS answers come too late; what was not answered adds no finding, so that a failing check could pass.
MIN_S = 1.0
MAX_ENTRIES = 16  # of a list: each entry is a question to somebody's server

_UNDECIDED = "nobody has decided that it is harmless there"


def why_closed(command: str, option: str) -> str | None:
    """Why a directory cannot set this option of the command; None where it can."""
    for name in (f"{command} {option}", option):
        if name in CLOSED:
            return CLOSED[name]
        if name in OPEN:
            return None
    return _UNDECIDED


def why_refused(command: str, option: str, value: object) -> str | None:
    """Why a directory cannot set the option to this value, in no case; None if it can."""
    return why_closed(command, option) or why_beyond(command, option, value)


def commands_apart() -> tuple[str, ...]:
    """The commands in which an option means something else than in others."""
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in CLOSED if " " in name))


def why_beyond(command: str, option: str, value: object) -> str | None:
    """Why a directory cannot set an open option to this value; None where it can, or the value is of a wrong type."""
    if isinstance(value, list) and len(value) > MAX_ENTRIES:
        return f"it may hold {MAX_ENTRIES} entries there, not {len(value)}"
    most = MAX_S.get(f"{command} {option}", MAX_S.get(option))
    if most is None:
        return None
    try:
        number = float(str(value))
    except ValueError:
        return None
    if MIN_S <= number <= most:
        return None
    return f"it may be {MIN_S:g} to {most:g} seconds there, to shorten a wait and not to lengthen it"
