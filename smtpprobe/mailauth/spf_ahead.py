"""What SPF asks ahead of its turn, so that one level's lookups overlap; and the client that they are about."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from smtpprobe.mailauth.spf_macro import can_be_asked, target_name
from smtpprobe.mailauth.spf_record import Record, Term, is_spf_record, parse_record
from smtpprobe.model.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.names import reverse_name

LOOKUP_LIMIT = 10
MX_LIMIT = 10
PTR_LIMIT = 10


class Client:
    """The SMTP client's address as the mechanisms compare it (RFC 7208 §5)."""

    __slots__ = ("address_type", "ip", "is_ip4", "network_name", "value")

    def __init__(self, ip: str) -> None:
        address = ipaddress.ip_address(ip)
        self.ip = ip
        self.value = int(address)
        self.is_ip4 = address.version == 4
        self.network_name = "ip4" if self.is_ip4 else "ip6"
        self.address_type = "A" if self.is_ip4 else "AAAA"

    @property
    def dotted(self) -> str:
        """What %{i} says: the address, or the nibbles of an IPv6 address between dots (RFC 7208 §7.3)."""
        return self.ip if self.is_ip4 else ".".join(f"{self.value:032X}")

    def decides(self, term: Term) -> bool | None:
        """Whether a mechanism without lookups matches; None for the others."""
        if term.name == self.network_name:
            return self.value >> term.shift == term.network
        if term.name == "all":
            return True
        return False if term.name in ("ip4", "ip6") else None

    def is_among(self, addresses: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> bool:
        """Whether one of the addresses is the client's, in the leading bits that count."""
        shift = 32 - prefix4 if self.is_ip4 else 128 - prefix6
        value = self.value >> shift
        for text in addresses:
            address = _address_value(text)
            if address is not None and address >> shift == value:
                return True
        return False


class Ahead:
    """Starts lookups of one evaluation; nothing more once it is `over`. `values` are those of the macros."""

    def __init__(self, resolver: Resolver, client: Client, values: dict[str, str]) -> None:
        self._resolver = resolver
        self._client = client
        self._values = values
        self._started: set[Question] = set()
        self._addresses: set[Question] = set()
        self.over = False

    def record(self, record: Record, domain: str, *, used: int = 0, first_is_next: bool = False) -> None:
        """Start the lookups of a record's terms, up to the first that is known to match, never past the limit.

        `used` is the running count; with `first_is_next` the first one is left out, since it is asked at once anyway.
        """
        if record.querying <= first_is_next:
            return
        left = LOOKUP_LIMIT - max(used, len(self._started))
        for term in record.directives if record.redirect is None else (*record.directives, record.redirect):
            matched = self._client.decides(term)
            if matched or left <= 0:
                return
            if matched is not None:
                continue
            question = self._question(term, domain)
            if question is not None and question not in self._started:
                left -= 1
                self._started.add(question)
                if not first_is_next:
                    self._resolver.ahead(self._follow(term, question))
            first_is_next = False

    def addresses(self, names: Iterable[str]) -> None:
        """Start the address lookups of MX hosts or PTR names."""
        for name in names:
            question = Question(name, self._client.address_type)
            if question not in self._addresses and can_be_asked(name):
                self._addresses.add(question)
                self._resolver.ahead(self._resolver.lookup(question))

    def _question(self, term: Term, domain: str) -> Question | None:
        """The first question of a term; None where it needs %{p} first or cannot be asked."""
        if term.name == "ptr":
            return Question(reverse_name(self._client.ip), "PTR")
        if term.name_literal is not None:
            name, askable = term.name_literal, term.askable
        elif term.target is None:
            name, askable = domain.lower(), True
        elif term.target.validates:
            return None
        else:
            self._values["d"] = domain
            name = target_name(term.target.expand(self._values))
            askable = can_be_asked(name)
        return Question(name, _TYPES.get(term.name, self._client.address_type)) if askable else None

    async def _follow(self, term: Term, question: Question) -> None:
        """Ask, and what follows from the answer: the terms of a record, the addresses of MX hosts and PTR names."""
        found = await self._resolver.lookup(question)
        if self.over or found.failed:
            return
        if term.name == "mx":
            self.addresses(mx_hosts(found)[:MX_LIMIT])
        elif term.name == "ptr":
            self.addresses(ptr_names(found))
        elif term.name in ("include", "redirect"):
            records = [text for text in found.records if is_spf_record(text)]
            if len(records) == 1 and parse_record(records[0]).faulty is None:
                self.record(parse_record(records[0]), question.name)


def mx_hosts(found: DnsLookup) -> list[str]:
    """The MX hosts in order of preference; a null MX (RFC 7505) is none."""
    pairs = []
    for text in found.records:
        preference, _, name = text.partition(" ")
        name = name.strip().removesuffix(".").lower()
        if name and preference.isascii() and preference.isdigit():
            pairs.append((int(preference[:6]), name))
    return [name for _, name in sorted(pairs, key=lambda pair: pair[0])]


def ptr_names(found: DnsLookup) -> list[str]:
    """The first ten names, all others are ignored (RFC 7208 §4.6.4)."""
    return [name.removesuffix(".").lower() for name in found.records[:PTR_LIMIT]]


@lru_cache(maxsize=4096)
def _address_value(text: str) -> int | None:
    try:
        return int(ipaddress.ip_address(text))
    except ValueError:
        return None


_TYPES = {"include": "TXT", "redirect": "TXT", "mx": "MX", "exists": "A"}
