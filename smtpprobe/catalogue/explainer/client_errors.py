"""What programs that send mail say where no reply tells what went wrong: their fixed words, each with its cause."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load
from smtpprobe.catalogue.causes import settings
from smtpprobe.model.names import is_domain, is_ip_address
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase, Side

LIMIT = 1 << 16  # characters of a text that are searched
_YES = "yes"
# Whom the certificate should have been for, in the words of Python, Java, Go, curl, PHP, Nodemailer and s-nail.
_NAMES = re.compile(
    r"(?:not valid for '|dns name matching |, not |target host ?name '|expected cn=[`']|host: |does not match: )"
    r"([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)"
)
_ANY_NAME = mark("the name that the client asks for")
# Which names it has instead, in the words of PHP, Go, Nodemailer and curl.
_CARRIED = re.compile(
    r"(?:\bpeer certificate cn=[`'\"]|\bcertificate is valid for |\baltnames: |\bcertificate subject name ')"
    r"(?P<names>(?:dns:)?\*?[a-z0-9.-]{1,253}(?:, (?:dns:)?\*?[a-z0-9.-]{1,253}){0,20})"
)
_WILDCARD = "*."


class ClientError(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of error: the words by which it is known, its cause, what it may be instead, what its remedies depend on.

    `begins`: the words begin a line; behind others they add nothing.
    """

    id: str
    cause: str
    words: tuple[str, ...]
    phase: Phase | None = None
    known: tuple[str, ...] = ()
    begins: bool = False
    alternatives: tuple[str, ...] = msgspec.field(default=(), name="or")


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    reviewed: str
    error: tuple[ClientError, ...]


@lru_cache(maxsize=1)
def client_errors() -> tuple[ClientError, ...]:
    """Every kind, the special ones before the general."""
    return msgspec.convert(load.table("client_errors"), _Table).error


def client_error(text: str) -> ClientError | None:
    """The kind of error that the text tells of, None where none is known."""
    lowered = _searched(text)
    return next((each for each in client_errors() if _tells_of(lowered, each)), None)


def _tells_of(searched: str, error: ClientError) -> bool:
    """Whether words of the error are in the text, in the place that they have to have."""
    if not error.begins:
        return any(_has(searched, words) for words in error.words)
    begun = [words for words in error.words if words.partition("*")[0] in searched]
    lines = searched.split("\n") if begun else []
    return any(_has(f"{line.lstrip()}\n", words) for words in begun for line in lines if _starts(line, words))


def _starts(line: str, words: str) -> bool:
    return line.lstrip().startswith(words.partition("*")[0])


def _has(searched: str, words: str) -> bool:
    """Whether the words are in the text; those on both sides of `*` in one line."""
    first, star, second = words.partition("*")
    at = searched.find(first)
    while star and at >= 0:
        end = searched.find("\n", at)
        if searched.find(second, at + len(first), end) >= 0:
            return True
        at = searched.find(first, max(end, at + 1))
    return at >= 0


def _searched(text: str) -> str:
    """The text as the table's words are written, each line between a blank and a line end: `EOF` may be all of one."""
    return f" {text[:LIMIT].lower()}\n".replace("\r\n", "\n")


def conditions(kind: str | None, text: str) -> dict[str, str]:
    """What remedies may depend on, of a text of this kind; nothing where it is of none."""
    found = next((each for each in client_errors() if each.id == kind), None)
    if found is None:
        return {}
    known = dict.fromkeys(found.known, _YES)
    if "tls_wanted_name" in known:
        named = _NAMES.search(text[:LIMIT].lower())
        known["tls_wanted_name"] = named[1] if named else say(_ANY_NAME)
    if "tls_other_name" in known:
        known |= _carried(text)
    if "client_port" in known:
        port = (server_named(text) or "").rpartition(":")[2]
        known |= {"client_port": port if port.isdigit() else "", "client_port_25": _YES if port == "25" else ""}
    return {name: value for name, value in known.items() if value}


def _carried(text: str) -> dict[str, str]:
    """What is told of the names that a certificate has in place of the one that was wanted."""
    found = _CARRIED.search(text[:LIMIT].lower())
    names = [each.removeprefix("dns:").rstrip(".") for each in found["names"].split(", ")] if found else []
    hosts = [each for each in names if "." in each and is_domain(each)]
    if hosts:
        return {"tls_carried": hosts[0]}
    wild = next((each for each in names if each.startswith(_WILDCARD) and is_domain(each[2:])), None)
    return {"tls_pattern": wild} if wild else {"tls_names_untold": _YES}


_OF_CLIENTS = ("client", "client_general")
_SUBMISSION = (":465", ":587", ":2525")
_MAIL_PORTS = frozenset({"25", "26", "465", "587", "2525"})
_LOOPBACK = re.compile(r"(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?\Z")
_SOCKET = ("[private/", "[public/", "[/")


def of_side(side: Side | None, server: str | None, known: dict[str, str]) -> dict[str, str]:
    """The conditions on whose words they are: of a server that delivers, or refused somebody, no advice for clients holds."""
    if side is None:
        return known
    found = {name: value for name, value in known.items() if name not in _OF_CLIENTS}
    found["delivery" if side is Side.SENDING else "receiving"] = _YES
    if side is Side.SENDING and server is not None and server.endswith(_SUBMISSION):
        found["to_submission"] = _YES
    if side is Side.SENDING and server is not None and _is_own(server):
        found["own_next"] = server
    return found


def _is_own(server: str) -> bool:
    """Whether a server that mail is handed to belongs to whoever hands it: no MX record leads to a loopback address or port."""
    port = server.rpartition(":")[2]
    return _LOOPBACK.match(server) is not None or (port.isdigit() and port not in _MAIL_PORTS)


def is_socket(peer: str | None) -> bool:
    """Whether a peer is a program of the same machine behind a socket, as Postfix writes it: `host[private/dovecot-lmtp]`."""
    return peer is not None and any(each in peer for each in _SOCKET)


def of_program(side: Side | None, program: str | None, *, own: bool, queued: bool | None) -> dict[str, str]:
    """The conditions on the mail server that wrote a log or a report, and its own names for settings.

    `own`: the server that delivers says so itself. `queued`: whether the message still waits in its queue, None: unknown.
    """
    known = dict(settings(program)) if side is not None and program is not None else {}
    if side is Side.SENDING:
        if own:
            known["own_words"] = _YES
        if queued is False:
            known["given_up"] = _YES
    return known


_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,10})\.?|localhost|(?:\d{1,3}\.){3}\d{1,3})"
_BRACKETED = r"\[(?:[0-9A-Fa-f:.]{2,45}|(?:\d{1,3}\.){3}\d{1,3})\]"
# Where programs name the server that they wanted, the surest first. A host before a port is not the path of a URL, nor a
# version; one without a port is named in words that are about it.
_SERVERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"host, port: (?P<host>{_HOST}), (?P<port>\d{{1,5}})\b",
        rf"(?:smtp host|server|connect to|connecting to)[: ]{{1,3}}['\"`(]{{0,2}}(?P<host>{_HOST})['\"`)]{{0,2}}"
        r"(?:,| on)? port:? (?P<port>\d{1,5})\b",
        rf"(?:\bconnect\(2\) for|\bmailserver at) \"(?P<host>{_HOST})\" port (?P<port>\d{{1,5}})\b",
        rf"\.connect(?:async)? ?\(\"(?P<host>{_HOST})\", (?P<port>\d{{1,5}})\b",
        rf"\bsmtp(?:_ssl)?\(\s?['\"](?P<host>{_HOST})['\"], ?(?:port=)?(?P<port>\d{{1,5}})\b",
        rf"(?:smtps?|ssl|tls|tcp)://(?P<host>{_HOST}|{_BRACKETED})(?::(?P<port>\d{{1,5}}))?(?![\w@])",
        rf"(?<![\w.@/-])(?P<host>{_HOST})(?:\[[0-9a-fA-F:.]{{2,45}}\])?:(?P<port>\d{{1,5}})(?!\w|:\d|\.\d)",
        rf"(?<![\w])(?P<host>{_BRACKETED}):(?P<port>\d{{1,5}})(?!\w)",
        rf"\(['\"](?P<host>{_HOST})['\"], (?P<port>\d{{1,5}})\)",
        rf"(?:\bto|\bhost) ['\"`(]?(?P<host>{_HOST})['\"`)]?(?: \([0-9.:a-f]{{3,45}}\))? port (?P<port>\d{{1,5}})\b",
        rf"\bserver=(?P<host>{_HOST}) [^\n]{{0,120}}\bport=(?P<port>\d{{1,5}})\b",
        rf"host: ?['\"](?P<host>{_HOST})['\"],?\s{{1,9}}port: ?(?P<port>\d{{1,5}})",
        r"(?:getaddrinfo (?:for |enotfound |eai_again )?|enotfound |eai_again |lookup |resolve host(?:name)?:? "
        r"|unknown smtp host: |unknownhostexception: |cannot locate host |hostname:? |not valid for |dns name matching "
        rf"|valid for {_HOST}, not |target host ?name |host: |smtp host:? |server:? |connect to |name:? )['\"`(]{{0,2}}"
        rf"(?P<host>{_HOST})(?![\w-]|\.\w|:\w)",
    )
)
_FILES = re.compile(
    r"\.(?:py|js|mjs|ts|java|rb|php|go|rs|pl|pm|cs|c|cc|log|so|html?|json|toml|ya?ml|conf|local\.lan)\.?\Z", re.I
)
_IMPLICIT = frozenset({"465"})
_DNS = "53"  # Go names the name server that it asked
_LONGEST_PEER = 600
_NO_NAMES = frozenset({"unknown", "none", "local"})  # what Postfix writes of an address without a name, or of no host


def server_named(text: str) -> str | None:
    """The server that a client's error names, as `host:port` or as the host alone; None where it names none."""
    for pattern in _SERVERS:
        for found in pattern.finditer(text[:LIMIT]):
            host, port = found["host"].rstrip(".").lower(), found.groupdict().get("port")
            if _FILES.search(host) or not _is_host(host) or port == _DNS:
                continue
            if port is None or 0 < int(port) < 65536:
                return f"{host}:{int(port)}" if port else host
    return None


def _is_host(name: str) -> bool:
    """Whether it may be a server's: a name or an address, not a version or the name of a class."""
    labels = name.strip("[]").split(".")
    if all(each.isdigit() for each in labels):
        return len(labels) == 4 and all(int(each) < 256 for each in labels)
    return (
        ":" in name
        or len(labels) == 1
        or (len(labels[-1]) > 1 and labels[-1].isalpha())
        or labels[-1].startswith("xn--")
    )


# A peer as logs and errors write it: `name:port`, `name[address]:port`, `(HELO name) [address]`, `address (name)`.
_PEER = re.compile(
    r"(?:[a-z]{2,5}://)?(?P<name>[^\s\[\]():]{1,255})?\s?(?:\([^()]{0,255}\)\s?)?(?:\[(?P<address>[^\[\]\s]{2,60})\])?"
    r"(?::(?P<port>\d{1,5}))?"
)


def check_command(*servers: str | None, by_mx: bool = False) -> str:
    """The probe that shows what a client's error tells of, to be copied, for the first of the servers that is one.

    HOST where none of them is a domain name or an IP address, PORT where it has no port. `by_mx`: a server without
    a port is a domain, whose MX hosts are the ones.
    """
    host, number = next(filter(None, map(_host_and_port, servers)), ("HOST", ""))
    if by_mx and not number and host != "HOST":
        return f"smtpprobe check {shlex.quote(host)}"
    port = number or "PORT"
    scheme = "smtps://" if port in _IMPLICIT else ""
    return f"smtpprobe check {shlex.quote(f'{scheme}{host}:{port}')}"


def _host_and_port(server: str | None) -> tuple[str, str] | None:
    """The host as a target has it, with its port or an empty text; None for what is no host that can be looked up.

    Whoever speaks to a server may have its log say what he likes: nothing else than a host gets into a command.
    """
    if not server or len(server) > _LONGEST_PEER:
        return None
    words = server.strip()
    named = {"address": words, "name": "", "port": ""} if _is_address(words) else _PEER.fullmatch(words)
    if named is None:
        return None
    port, name = int(named["port"] or 0), (named["name"] or "").rstrip(".").lower()
    address = (named["address"] or "").lower().removeprefix("ipv6:")
    if is_domain(name) and not name.rpartition(".")[2].isdigit() and name not in _NO_NAMES:
        host = name
    elif _is_address(address or name):
        host = f"[{address or name}]" if ":" in (address or name) else address or name
    else:
        return None
    return host, str(port) if 0 < port < 65536 else ""


def _is_address(text: str) -> bool:
    """Whether it is an IP address without a zone, which may have any words for its name."""
    return "%" not in text and is_ip_address(text)


def line_of(text: str, error: ClientError) -> int:
    """The number of the last line that has the error's words, from 1: a traceback tells the first cause last or first."""
    lines = text[:LIMIT].splitlines()
    found = (number for number, line in enumerate(lines, 1) if _tells_of(_searched(line), error))
    return max(found, default=1)
