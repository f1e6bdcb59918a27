"""What SPF asks ahead of its turn, so that one level's lookups overlap."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.mailauth.dns.mx_set import mx_set
from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.mailauth.spf.client import Client
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_MX_HOSTS, MAX_PTR_NAMES
from smtpprobe.mailauth.spf.macro import can_be_asked, target_name
from smtpprobe.mailauth.spf.record import Record, Term, is_spf_record, parse_record
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver
from smtpprobe.model.names import by_number, reverse_name


class Ahead:
    """Starts lookups of one evaluation; nothing more once it is `over`. `values` are those of the macros.

    `doubting`: with the first address, whether the resolver makes addresses up is asked, too.
    """

    def __init__(self, resolver: Resolver, client: Client, values: dict[str, str], *, doubting: bool = False) -> None:
        self._resolver = resolver
        self._client = client
        self._values = values
        self._started: set[Question] = set()
        self._addresses: set[Question] = set()
        self._doubting = doubting
        self.over = False

    def doubt(self) -> None:
        """Ask for a name that cannot exist, the first time; it flies beside the lookups that it throws doubt on."""
        if self._doubting:
            self._doubting = False
            self._resolver.ahead(rewriting(self._resolver))

    def record(self, record: Record, domain: str, *, used: int = 0, first_is_next: bool = False) -> None:
        """Start the lookups of a record's terms, up to the first that is known to match, never past the limit.

        `used` is the running count; with `first_is_next` the first one is left out, since it is asked at once anyway.
        """
        if record.querying <= first_is_next:
            return
        left = MAX_LOOKUPS - max(used, len(self._started))
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
                if question.type in ADDRESS_TYPES:
                    self.doubt()
                if not first_is_next:
                    self._resolver.ahead(self._follow(term, question))
            first_is_next = False

    def addresses(self, names: Iterable[str]) -> None:
        """Start the address lookups of MX hosts or PTR names."""
        for name in names:
            question = Question(name, self._client.address_type)
            if question not in self._addresses and can_be_asked(name):
                self._addresses.add(question)
                self.doubt()
                self._resolver.ahead(self._resolver.lookup(question))

    def _question(self, term: Term, domain: str) -> Question | None:
        """The first question of a term; None where it needs %{p} first, the client is not known, or it cannot be asked."""
        if not self._client.can_follow(term):
            return None
        if term.name == "ptr":
            return Question(reverse_name(self._client.ip), "PTR")
        if term.name_literal is not None:
            name, askable = term.name_literal, term.askable
        elif term.target is None:
            name, askable = domain.lower(), True
        elif "p" in term.letters:
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
            self.addresses(mx_hosts(found)[:MAX_MX_HOSTS])
        elif term.name == "ptr":
            self.addresses(names if len(names := ptr_names(found)) <= MAX_PTR_NAMES else ())
        elif term.name in ("include", "redirect"):
            records = [text for text in found.records if is_spf_record(text)]
            if len(records) == 1 and parse_record(records[0]).faulty is None:
                self.record(parse_record(records[0]), question.name)


def mx_hosts(found: DnsLookup) -> list[str]:
    """The MX hosts in order of preference; a null MX (RFC 7505) is none."""
    return list(mx_set(found).names)


def ptr_names(found: DnsLookup) -> list[str]:
    """The names of a PTR answer, each once and in an order that the answer's does not change."""
    return sorted({name.removesuffix(".").lower() for name in found.records}, key=by_number)


ADDRESS_TYPES = ("A", "AAAA")
_TYPES = {"include": "TXT", "redirect": "TXT", "mx": "MX", "exists": "A"}
