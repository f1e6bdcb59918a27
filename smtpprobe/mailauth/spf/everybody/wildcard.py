"""Names with a macro for which a wildcard answers, whoever the client is: strangers tell, from whom no mail comes."""

from __future__ import annotations

from collections.abc import Mapping

from smtpprobe.mailauth.dns.rewriting import rewriting
from smtpprobe.mailauth.spf.client import Client, macro_values
from smtpprobe.mailauth.spf.macro import can_be_asked, target_name
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.model.dns.lookup import DnsLookup, Question, Resolver

# No mail comes from them (RFC 1112 §4, RFC 1122 §3.2.1.3; RFC 6666, RFC 4291 §2.5.3): a list that has both has everybody.
_STRANGERS4 = ("240.0.0.1", "0.0.0.1")
_STRANGERS6 = ("100::1", "::2")


def strangers(*, is_ip4: bool) -> tuple[str, str]:
    """Two addresses of the family that nobody sends from."""
    return _STRANGERS4 if is_ip4 else _STRANGERS6


def stranger_at(domain: str) -> str:
    """A mailbox of the domain that no record names."""
    return f"no-such-mailbox@{domain}"


def stranger_host(domain: str) -> str:
    """A HELO name that no record names."""
    return f"no-such-host.{domain}"


async def for_every_client(
    resolver: Resolver, term: Term, domain: str, values: Mapping[str, str], *, is_ip4: bool
) -> tuple[DnsLookup, ...]:
    """The answers that show that an exists term of the domain's record matches every client; empty where it does not.

    `values` are those of the macros by letter that are known. An address that the resolver gives any name proves nothing.
    """
    if term.target is None or "p" in term.letters:
        return ()
    found = []
    for ip in strangers(is_ip4=is_ip4):
        owner = values.get("o", domain)
        theirs = macro_values(Client(ip), stranger_at(owner), stranger_host(owner))
        name = target_name(term.target.expand({**theirs, **values, "d": domain}))
        if not can_be_asked(name):
            return ()
        # RFC 7208 §5.7: an A lookup, whatever the client's address is.
        found.append(await resolver.lookup(Question(name, "A")))
        if not found[-1].records:
            return ()
    asked = await rewriting(resolver)
    return () if any(asked.made_up(each.records) for each in found) else tuple(found)
