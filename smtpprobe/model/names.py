"""Domains, mailboxes and addresses as a caller may write them, checked where the value is made.

Domains inside the program are lower-case A-labels without a trailing dot (RFC 5890 §2.3.2.1).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache

from smtpprobe.model.texts.language import mark, say

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_U_LABEL = re.compile(r"(?=[^\W_]*[^\x00-\x7f])[\w-]{1,63}\Z")
# RFC 6761 §6.3, §6.4, RFC 6762 §3, RFC 7686 §2, RFC 8375 §4; the others are what sites use, and no registry delegates.
_LOCAL = (
    "local",
    "localdomain",
    "localhost",
    "lan",
    "internal",
    "home.arpa",
    "intranet",
    "corp",
    "home",
    "invalid",
    "onion",
)
DOCUMENTATION = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)  # RFC 5737, RFC 3849, RFC 9637
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_IPV4_AT_THE_END = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
_NUMBERS = re.compile(r"(\d+)")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215
_DOT_STRING = re.compile(r"[^\x00-\x20\x7f()<>\[\]:;@\\,\"\ud800-\udfff]+\Z")
_QUOTED_STRING = re.compile(r'"(?:[^"\\\x00-\x1f\x7f\ud800-\udfff]|\\[\x20-\x7e])*"\Z')


def a_label(label: str) -> str:
    """The A-label of one label: NFC, lower case, Punycode where it is not ASCII (RFC 5891 §5).

    A label with octets that are not UTF-8 (surrogates) stays as it is, and so is no A-label.
    """
    label = unicodedata.normalize("NFC", label).lower()
    if label.isascii() or any("\ud800" <= character <= "\udfff" for character in label):
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def a_labels(name: str) -> str:
    """The name as it is compared and asked of DNS: lower-case A-labels without trailing dot. Never raises."""
    try:
        return ".".join(a_label(label) for label in name.strip().rstrip(".").split("."))
    except UnicodeError:
        return name.lower()


def is_domain(name: str) -> bool:
    """Whether the text can be asked of DNS: labels of letters, digits, hyphens and underscores, or U-labels."""
    return 0 < len(name) <= 253 and _are_labels(name)


@lru_cache(maxsize=256)
def _are_labels(name: str) -> bool:
    return all(_LABEL.match(label) or _U_LABEL.match(label) for label in name.split("."))


def is_at_or_below(name: str, domain: str) -> bool:
    """Whether a name is the domain or lies below it; both in lower case and without trailing dot."""
    return name == domain or name.endswith(f".{domain}")


def by_number(name: str) -> list[tuple[int, str]]:
    """What names are sorted by so that h2 comes before h10."""
    return [(int(part) if part.isdecimal() else 0, part) for part in _NUMBERS.split(name)]


def is_local_name(name: str) -> bool:
    """Whether a name of several labels, in lower case, is one that only a local network can know."""
    return "." in name and any(is_at_or_below(name, suffix) for suffix in _LOCAL)


def wildcard_matches(pattern: str, host: str) -> bool:
    """Whether a host name, or a wildcard for one whole left-most label, stands for the host (RFC 9525 §6.3)."""
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if pattern.startswith("*."):
        label, dot, rest = host.partition(".")
        return bool(label and dot) and rest == pattern[2:]
    return bool(pattern) and pattern == host


def domain(text: str) -> str:
    """The domain as lower-case A-labels without a trailing dot.

    Raises ValueError where a label is empty, longer than 63 octets, or holds what no host name may
    (underscores pass: `_dmarc.example.org` is a domain), or the whole is longer than 253 octets.
    """
    stripped = re.sub(r"[.。．｡]\Z", "", text.strip())
    labels = [a_label(label) for label in re.split(r"[.。．｡]", stripped)]
    for label in labels:
        if not _LABEL.match(label):
            raise ValueError(
                say(
                    "{text} is not a domain name: the label {label} is not letters, digits and hyphens (1 to 63)",
                    text=repr(text),
                    label=repr(label),
                )
            )
    name = ".".join(labels)
    if len(name) > 253:
        raise ValueError(
            say(
                "{text} is not a domain name: {count} octets, at most 253 are allowed", text=repr(text), count=len(name)
            )
        )
    return name


def ip_address(text: str) -> str:
    """The address in its shortest form. Raises ValueError. IPv4-mapped IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise ValueError(
            say("{text} is not a valid IP address: expected 192.0.2.1 or 2001:db8::1", text=repr(text))
        ) from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address)


def is_ip_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address without brackets."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def address_literal(ip: str) -> str:
    """The address literal for an IP address: `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3)."""
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def literal_address(text: str) -> str | None:
    """The IP address inside an address literal, None where the text is none (RFC 5321 §4.1.3)."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    inner = text[1:-1]
    if inner[:5].lower() == "ipv6:":
        inner = inner[5:]
    return ip_address(inner) if is_ip_address(inner) else None


def mailbox(text: str) -> str:
    """The mailbox as it goes into a path, its domain as A-labels (RFC 5321 §4.1.2).

    A local part alone is let through: a server's answer to it is worth seeing.
    Raises ValueError for what could end the command early or is not a mailbox in any reading.
    """
    given = text.strip()
    if given.startswith("<") and given.endswith(">"):
        given = given[1:-1]
    local, at, host = given.rpartition("@")
    if not at:
        local, host = given, ""
    if not (_DOT_STRING.match(local) or _QUOTED_STRING.match(local)):
        if given.startswith("@") and ":" in given:
            # RFC 5321 §3.6.1: servers have to take it, clients should not send it.
            words = mark("{text} has a source route, which is no longer sent: expected user@example.com")
        elif at and not local:
            words = mark("{text} is not a mailbox: there is nothing before the @; expected user@example.com")
        else:
            words = mark("{text} is not a mailbox: expected user@example.com")
        raise ValueError(say(words, text=repr(text)))
    if not at:
        return local
    if literal_address(host):
        return f"{local}@{host}"
    if not all(host.removesuffix(".").split(".")):
        empty = mark("{text} is not a mailbox: a label of its domain is empty; expected user@example.com")
        nothing = mark("{text} is not a mailbox: there is nothing after the @; expected user@example.com")
        raise ValueError(say(empty if host else nothing, text=repr(text)))
    try:
        return f"{local}@{domain(host)}"
    except ValueError as error:
        raise ValueError(
            say("{text} is not a mailbox: expected user@example.com ({error})", text=repr(text), error=error)
        ) from None


def domain_of(mailbox_text: str) -> str | None:
    """The domain of a mailbox, as A-labels; None for the null reverse-path, a bare local part or an address literal."""
    _, at, host = mailbox_text.rpartition("@")
    return a_labels(host) if at and host and not host.startswith("[") else None


def is_global(ip: str) -> bool:
    """Whether the address is globally reachable (RFC 6890): loopback, private, CGNAT, reserved and multicast ones are not.

    An IPv6 address that carries an IPv4 address leads where that one does. False for a text that is no address, as a
    saved report may have it.
    """
    if not is_ip_address(ip):
        return False
    address = _carried(ipaddress.ip_address(ip))
    if isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64):
        return False
    return address.is_global and not address.is_multicast


def _carried(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 address, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    # RFC 4291 §2.5.5.2 (mapped), RFC 3056 §2 (6to4).
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    # RFC 4291 §2.5.5.1 (compatible), RFC 6052 §2.1 (NAT64).
    if any(address in network for network in _IPV4_AT_THE_END):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_documentation(address: _Address) -> bool:
    """Whether the address is reserved for documentation."""
    return any(address in network for network in DOCUMENTATION if network.version == address.version)


@lru_cache(maxsize=1024)
def is_local_address(ip: str) -> bool:
    """Whether only who is near can be at the address, or see it: it is not global, and none of those for documentation."""
    return is_ip_address(ip) and not is_global(ip) and not is_documentation(ipaddress.ip_address(ip))


def reversed_labels(ip: str) -> str:
    """The address reversed for a query: `1.2.0.192`, nibbles for IPv6 (RFC 5782 §2.1, §2.4)."""
    return reverse_name(ip).rsplit(".", 2)[0]


def reverse_name(ip: str) -> str:
    """The name whose PTR records name the address (RFC 1035 §3.5, RFC 3596 §2.5)."""
    return ipaddress.ip_address(ip.partition("%")[0]).reverse_pointer
