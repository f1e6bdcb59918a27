"""What is unwise in the text of an SPF record, found without asking DNS."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from smtpprobe.mailauth.characters import QUOTES
from smtpprobe.mailauth.spf.macro import TermFault
from smtpprobe.mailauth.spf.of_domain import chosen_by_sender
from smtpprobe.mailauth.spf.record import MECHANISMS, QUERYING, Record, Term, is_spf_record, parse_record
from smtpprobe.mailauth.spf.spelling.foreign import foreign
from smtpprobe.mailauth.spf.spelling.terms import run_together
from smtpprobe.mailauth.spf.spelling.version import look_alike
from smtpprobe.mailauth.spf.spelling.words import meant_by
from smtpprobe.model.evidence.spf import SpfLint
from smtpprobe.model.names import is_documentation, is_local_name
from smtpprobe.model.quoting import cut
from smtpprobe.model.texts.language import mark, say, say_counted

MAX_RECORD = 450  # octets; RFC 7208 §3.4 recommends less
MAX_ANSWER = 512  # octets of a DNS message over UDP without EDNS
WIDE4, WIDE6 = 16, 32  # prefix lengths below which a network is called wide: ours, no standard's
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")  # RFC 4291 §2.5.5.2
# Macros that whoever sends fills in (RFC 7208 §7.2).
_OF_SENDER = {
    "h": mark("{text} asks for a name that the client chooses with its HELO name: anybody can pass"),
    "l": mark("{text} asks for a name that the sender chooses with the local part: anybody can pass"),
    "p": mark("{text} asks for a name that the client chooses with its PTR record: anybody can pass"),
}
REPORT_MODIFIERS = frozenset(("ra", "rp", "rr"))  # RFC 6652 §3


def lint_texts(domain: str, texts: Sequence[str]) -> Iterator[SpfLint]:
    """What is to say about all TXT records of a domain."""
    for text in texts:
        found = look_alike(text)
        if found is not None:
            yield SpfLint(id=found[0], domain=domain, message=found[1], term=cut(text, 80), position=0)
        elif is_spf_record(text) and not text.startswith("v=spf1"):
            message = say("{text} is not lower case; some receivers look for v=spf1 as it stands", text=text[:6])
            yield SpfLint(id="spf-version-case", domain=domain, message=message, term=text[:6], position=0)
    if any(is_spf_record(text) for text in texts):
        size = answer_octets(domain, texts)
        if size > MAX_ANSWER:
            message = say("all TXT records together answer in {size} octets; more than 512 need EDNS or TCP", size=size)
            yield SpfLint(id="spf-answer-large", domain=domain, message=message)


def exceptions(before: Sequence[Term], *names: str) -> str:
    """What is said behind it that every address passes, where earlier terms decide otherwise for some.

    `names` are the mechanisms of the address families in question.
    """
    others = {"ip4", "ip6"} - set(names)
    excepted = any(term.qualifier in ("-", "~", "?") and term.name not in others for term in before)
    return say(" unless an earlier term decides") if excepted else ""


def answer_octets(domain: str, texts: Sequence[str]) -> int:
    """The octets of the DNS message that answers with these TXT records (RFC 1035 §4.1), without EDNS."""
    lengths = [octets(text) for text in texts]
    return 12 + len(domain) + 6 + sum(12 + length + max(1, -(-length // 255)) for length in lengths)


def octets(text: str) -> int:
    """The length of a TXT record's text as it is sent."""
    return len(text.encode("utf-8", "surrogatepass"))


def lint_record(domain: str, text: str) -> Iterator[SpfLint]:
    """What is unwise in the domain's own record."""
    record = parse_record(text)
    at = positions(text)
    if octets(text) > MAX_RECORD:
        message = say(
            "the record has {octets} octets; RFC 7208 recommends less than {max_record}",
            octets=octets(text),
            max_record=MAX_RECORD,
        )
        yield SpfLint(id="spf-record-long", domain=domain, message=message)
    yield from lint_endings(domain, record)
    before: list[Term] = []
    seen: set[str] = set()
    everything: dict[str, Term] = {}
    others = list(foreign(text))
    for other in others:
        message = f"{cut(other.text, 60)}: {other.said(domain)}"
        yield SpfLint(id="spf-modifier-unknown", domain=domain, message=message, term=other.text, position=other.start)
    for term, behind in zip_longest(record.terms, record.terms[1:]):
        if any(other.has(text, at[term.position]) for other in others):
            continue
        # 192.0.2.0/2 4: what is read as the length is a part of it.
        is_cut = behind is not None and behind.text.isdigit() and "/" in term.text
        for name, message in () if is_cut else _lint_term(term):
            but = exceptions(before, term.name) if name == "spf-network-everything" else ""
            yield SpfLint(id=name, domain=domain, message=message + but, term=term.text, position=at[term.position])
        before.append(term)
        if term.problem is not None or not term.qualifier:
            continue
        key = term.text.lower().removeprefix("+")
        if key in seen and term.name not in ("all", "include"):
            yield SpfLint(
                id="spf-term-repeated",
                domain=domain,
                message=say("{text} is there twice", text=term.text),
                term=term.text,
                position=at[term.position],
            )
        seen.add(key)
        wider = next((everything[family] for family in _families(term) if family in everything), None)
        if wider is not None:
            # One address of its name is enough, and without lookups nobody knows whether there is one.
            by_name = mark(
                "{text} follows {other_text}, which matches every address of a family in which its name has one"
            )
            outright = mark("{text} follows {other_text}, which matches every address of its family")
            message = say(by_name if wider.name in ("a", "mx") else outright, text=term.text, other_text=wider.text)
            yield SpfLint(
                id="spf-after-everything", domain=domain, message=message, term=term.text, position=at[term.position]
            )
            everything.pop(_families(wider)[0])
        if _matches_everything(term):
            everything[_families(term)[0]] = term


def lint_of_another(domain: str, text: str) -> Iterator[SpfLint]:
    """What keeps senders out, or lets anybody in, in the record of another domain that is included."""
    record = parse_record(text)
    at = positions(text)
    yield from (each for each in lint_endings(domain, record) if each.id in ("spf-after-all", "spf-redirect-ignored"))
    for term in record.terms:
        if term.problem is None:
            for name, message in lint_macros(term):
                if name == "spf-open-by-macro":
                    yield SpfLint(id=name, domain=domain, message=message, term=term.text, position=at[term.position])


def lint_included(domain: str, text: str) -> Iterator[SpfLint]:
    """What has no effect in a record because it is included by another."""
    at = positions(text)
    for term in parse_record(text).terms:
        # RFC 6652 §3: ra=, rp= and rr= in an included record must be ignored.
        if not term.qualifier and term.name in REPORT_MODIFIERS:
            message = say("{text} has no effect in a record that is included", text=term.text)
            yield SpfLint(
                id="spf-report-modifier-included",
                domain=domain,
                message=message,
                term=term.text,
                position=at[term.position],
            )


def positions(text: str) -> list[int]:
    """Where each term of a record begins, in characters."""
    return [found.start() + 6 for found in re.finditer("[^ ]+", text[6:])]


def lint_endings(domain: str, record: Record) -> Iterator[SpfLint]:
    """How the record ends: its all terms, what stands after them, redirect=."""
    at = positions(record.text)
    alls = [term for term in record.terms if term.qualifier and term.name == "all" and term.problem is None]
    if not alls and record.redirect is None and record.faulty is None:
        yield SpfLint(
            id="spf-all-missing",
            domain=domain,
            message=say("there is no all and no redirect=: unknown addresses are neutral"),
        )
    if not alls:
        return
    first = alls[0]
    if first.qualifier == "+":
        message = say("{text} lets every address pass", text=first.text) + exceptions(
            record.directives[:-1], "ip4", "ip6"
        )
        yield SpfLint(id="spf-all-pass", domain=domain, message=message, term=first.text, position=at[first.position])
    if first.qualifier == "?":
        message = say("{text} says nothing about unknown addresses", text=first.text)
        yield SpfLint(
            id="spf-all-neutral", domain=domain, message=message, term=first.text, position=at[first.position]
        )
    for second in alls[1:2]:
        message = say("{text} has no effect: {first} comes before it", text=second.text, first=first.text)
        yield SpfLint(
            id="spf-all-repeated", domain=domain, message=message, term=second.text, position=at[second.position]
        )
    after = [term for term in record.terms if term.qualifier and term.position > first.position and term not in alls]
    if after:
        if len(after) == 1:
            message = say("{text} after {all}: never evaluated", text=after[0].text, all=first.text)
        else:
            message = say_counted(
                "{text} and {count} more term after {all}: never evaluated",
                "{text} and {count} more terms after {all}: never evaluated",
                len(after) - 1,
                text=after[0].text,
                all=first.text,
            )
        yield SpfLint(
            id="spf-after-all", domain=domain, message=message, term=after[0].text, position=at[after[0].position]
        )
    if record.ignored_redirect is not None:
        term = record.ignored_redirect
        message = say("{text} is ignored because the record has {all}", text=term.text, all=first.text)
        yield SpfLint(
            id="spf-redirect-ignored", domain=domain, message=message, term=term.text, position=at[term.position]
        )
    if len(record.terms) == 1 and first.qualifier == "-":
        yield SpfLint(
            id="spf-parked", domain=domain, message=say("the record permits no address: the domain sends no mail")
        )


def _lint_term(term: Term) -> Iterator[tuple[str, str]]:
    second = run_together(term.text)
    apart = "" if second is None else meant_by(term.text) or f"{term.text[:second]} {term.text[second:]}"
    # Something else than a blank may be wrong there.
    if " " in apart:
        yield "spf-terms-run-together", say("a blank is missing in {terms}", terms=apart)
    elif any(quote in term.text for quote in QUOTES if quote != "'"):
        yield (
            "spf-quoted",
            say("{text} contains quotation marks: they belong around the strings, not in them", text=term.text),
        )
    elif "\\" in term.text:
        backslash = say("{text} contains a backslash, which escapes nothing there", text=term.text)
        yield "spf-quoted", backslash
    if term.problem is not None:
        yield from _lint_fault(term)
    else:
        yield from lint_macros(term)
        yield from _lint_of_kind(term)
    if term.name_literal is not None and is_local_name(term.name_literal):
        yield "spf-target-local", say("{text} names a host that only a local network knows", text=term.text)


def _lint_of_kind(term: Term) -> Iterator[tuple[str, str]]:
    if not term.qualifier:
        yield from _lint_modifier(term)
    elif term.name == "ptr":
        yield "spf-ptr-used", say("{text} is slow and unreliable and should not be published", text=term.text)
    elif term.name in ("ip4", "ip6"):
        yield from _lint_network(term)


def _lint_fault(term: Term) -> Iterator[tuple[str, str]]:
    """Known mistakes behind a syntax error, with what is to be written instead."""
    address = term.text.partition(":")[2].partition("/")[0]
    right = meant_by(term.text)
    if term.fault is TermFault.LEADING_ZERO:
        yield "spf-leading-zero", _write(say("{text} has a leading zero", text=term.text), right)
    if term.name == "ip4" and ":" in address and _is_address(address, 6):
        yield "spf-wrong-family", _write(say("{text} contains an IPv6 address", text=term.text), right)
    if term.name == "ip6" and _is_address(address, 4):
        yield "spf-wrong-family", _write(say("{text} contains an IPv4 address", text=term.text), right)
    if term.fault is TermFault.NOT_QUALIFIED:
        yield "spf-not-fqdn", say("{text} does not name a fully qualified domain", text=term.text)


def _write(problem: str, right: str) -> str:
    return say("{problem}: write {right}", problem=problem, right=right) if right else problem


def _lint_modifier(term: Term) -> Iterator[tuple[str, str]]:
    right = meant_by(term.text)
    instead = say(": {right} is meant", right=right) if right not in ("", term.text) else ""
    if is_version(term):
        yield (
            "spf-version-repeated",
            say("{text} inside the record begins a second one in the same text", text=term.text),
        )
    elif term.name in MECHANISMS:
        yield "spf-mechanism-as-modifier", say("{text} has no effect", text=term.text) + instead
    elif term.name not in ("redirect", "exp") and term.name not in REPORT_MODIFIERS:
        yield "spf-modifier-unknown", say("{text} is not a known modifier and has no effect", text=term.text) + instead


def _lint_network(term: Term) -> Iterator[tuple[str, str]]:
    width = 32 if term.name == "ip4" else 128
    prefix = width - term.shift
    value = term.network << term.shift
    network = ipaddress.IPv4Network((value, prefix)) if width == 32 else ipaddress.IPv6Network((value, prefix))
    if prefix == 0:
        if term.qualifier == "+":
            yield "spf-network-everything", say("{text} lets every address of its family pass", text=term.text)
        return
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        right = f"ip4:{ipaddress.IPv4Address(value & 0xFFFFFFFF)}" + (f"/{prefix - 96}" if prefix < 128 else "")
        never = say("{text} never matches: only ip4 terms match IPv4 clients", text=term.text)
        yield "spf-ip4-mapped", _write(never, term.qualifier.replace("+", "") + right)
        return
    # A network around a private one has public addresses too.
    if (not network.is_global or network.is_multicast) and not is_documentation(network.network_address):
        yield (
            "spf-private-address",
            say("{text} is not reachable from the Internet: it never matches there", text=term.text),
        )
    elif term.qualifier == "+" and prefix < (WIDE4 if width == 32 else WIDE6):
        yield "spf-network-wide", say("{text} lets 2^{shift} addresses pass", text=term.text, shift=term.shift)
    written = term.text.partition(":")[2].partition("/")[0]
    if term.shift and int(ipaddress.ip_address(written)) != value:
        yield (
            "spf-host-bits",
            say(
                "{text} has bits set after the prefix: {network} is meant, or one address",
                text=term.text,
                network=network,
            ),
        )


def lint_macros(term: Term) -> Iterator[tuple[str, str]]:
    """What is unwise in the name that a term leads to."""
    parts = term.target.parts if term.target is not None else ()
    last = parts[-1] if parts else ""
    letter = chosen_by_sender(term)
    if letter is not None:
        yield "spf-open-by-macro", say(_OF_SENDER[letter], text=term.text)
    if "p" in term.letters:
        yield "spf-macro-p", say("{text} needs the client's PTR records, as ptr does", text=term.text)
    if isinstance(last, str) and last.endswith(".") and term.name in QUERYING:
        right = term.text.replace(last, last.removesuffix("."), 1) if len(parts) == 1 else ""
        yield "spf-target-final-dot", _write(say("{text} has a final dot", text=term.text), right)


def is_version(term: Term) -> bool:
    """Whether the term is the version of a second record in the same text."""
    return not term.qualifier and term.text.lower() == "v=spf1"


def _matches_everything(term: Term) -> bool:
    if term.name in ("ip4", "ip6"):
        return term.shift == (32 if term.name == "ip4" else 128)
    return term.name in ("a", "mx") and term.prefix4 == 0


def _families(term: Term) -> tuple[str, ...]:
    """The address families that the term can match, by the mechanism of that family; none for all."""
    return {"ip4": ("ip4",), "ip6": ("ip6",), "all": ()}.get(term.name, ("ip4", "ip6"))


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False
