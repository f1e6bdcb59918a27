"""SPF records as terms (RFC 7208 §4.5, §4.6.1, §12). Parsing never raises: what is wrong stands beside the term."""

from __future__ import annotations

import ipaddress
import re

import msgspec

from smtpprobe.mailauth.characters import odd_characters, visible_part
from smtpprobe.mailauth.spf.macro import (
    MacroString,
    MacroSyntaxError,
    TermFault,
    can_be_asked,
    parse_domain_spec,
    parse_macro_string,
    target_name,
)
from smtpprobe.model.texts.cached import cached_in_language
from smtpprobe.model.texts.language import say

MECHANISMS = frozenset(("all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"))
# RFC 7208 §4.6.4: the terms that cause DNS queries.
QUERYING = frozenset(("include", "a", "mx", "ptr", "exists", "redirect"))
_SHOWN = 80  # characters of a term in the problem of its record

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.\-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([+\-?~]?)([^:/]*)(.*)", re.DOTALL)
_DUAL_CIDR = re.compile(r"(?::(.*?))?(?:/([0-9]{1,4}))?(?://([0-9]{1,4}))?", re.DOTALL)
_QNUM = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP4 = re.compile(rf"{_QNUM}(?:\.{_QNUM}){{3}}")
_IP4_LIKE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]+)?")
# Names of mechanisms as they are often written, and what is meant by them.
MISSPELT = {
    "ipv4": "ip4", "ip": "ip4", "ipv6": "ip6", "inc": "include", "incl": "include", "included": "include",
    "includes": "include", "exist": "exists",
}  # fmt: skip


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """One term as written in `text`. `qualifier` is empty for a modifier; `name` is lower case.

    `target` is the parsed domain-spec, `name_literal` the name it always gives (None where macros decide);
    `network` and `shift` serve ip4 and ip6: the address shifted right equals the network.
    """

    text: str
    position: int
    name: str
    qualifier: str = ""
    target: MacroString | None = None
    name_literal: str | None = None
    askable: bool = True  # whether name_literal can stand in a DNS question
    prefix4: int = 32
    prefix6: int = 128
    network: int = 0
    shift: int = 0
    problem: str | None = None
    fault: TermFault | None = None  # beside `problem`

    @property
    def letters(self) -> frozenset[str]:
        """The letters of its macros."""
        return frozenset() if self.target is None else self.target.letters


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record in terms. `faulty` is the first with a syntax error; then nothing may be evaluated (RFC 7208 §4.6).

    `directives` end with the first "all"; `querying` counts those of them, and redirect=, that cause lookups.
    """

    text: str
    terms: tuple[Term, ...]
    directives: tuple[Term, ...]
    redirect: Term | None  # the one that has an effect
    ignored_redirect: Term | None  # RFC 7208 §6.1: an "all" anywhere makes redirect= ignored
    explanation: Term | None
    querying: int
    faulty: Term | None = None

    @property
    def problem(self) -> str | None:
        """The first syntax error in words, None where there is none."""
        if self.faulty is None:
            return None
        return f"{visible_part(self.faulty.text, _SHOWN, controls=False)}: {self.faulty.problem}"

    @property
    def errors(self) -> tuple[Term, ...]:
        """Every term with a syntax error."""
        return tuple(term for term in self.terms if term.problem is not None)


def is_spf_record(text: str) -> bool:
    """Whether a TXT record begins with the version section (RFC 7208 §4.5)."""
    return text[:6].lower() == "v=spf1" and (len(text) == 6 or text[6] == " ")


@cached_in_language(maxsize=512)
def parse_record(text: str) -> Record:
    """The terms of a record that begins with `v=spf1`."""
    # RFC 7208 §4.6.1: terms are separated by spaces, one or more, and by nothing else.
    words = [word for word in text[6:].split(" ") if word]
    terms = _without_repeats([parse_term(word, position) for position, word in enumerate(words)])
    directives = tuple(term for term in terms if term.qualifier)
    until_all: list[Term] = []
    for term in directives:
        until_all.append(term)
        if term.name == "all":
            break
    redirect = next((term for term in terms if term.name == "redirect" and not term.qualifier), None)
    has_all = any(term.name == "all" for term in directives)
    effective = None if has_all else redirect
    return Record(
        text=text,
        terms=tuple(terms),
        directives=tuple(until_all),
        redirect=effective,
        ignored_redirect=redirect if has_all else None,
        explanation=next((term for term in terms if term.name == "exp" and not term.qualifier), None),
        querying=sum(term.name in QUERYING for term in until_all) + (effective is not None),
        faulty=next((term for term in terms if term.problem is not None), None),
    )


def parse_term(text: str, position: int = 0) -> Term:
    """One term; a term that the grammar does not know carries its problem in words."""
    found = _MODIFIER.fullmatch(text)
    if found:
        return _modifier(text, position, found.group(1).lower(), found.group(2))
    found = _DIRECTIVE.fullmatch(text)
    assert found is not None
    qualifier, name, rest = found.groups()
    name = name.lower()
    try:
        _only_ascii(text)
        if name not in MECHANISMS:
            raise MacroSyntaxError(_unknown(text, name, rest))
        return _mechanism(text, position, qualifier or "+", name, rest)
    except MacroSyntaxError as error:
        return Term(
            text=text, position=position, name=name, qualifier=qualifier or "+", problem=str(error), fault=error.fault
        )


def _only_ascii(text: str) -> None:
    """Raises MacroSyntaxError that names each character which no term may have (RFC 7208 §12)."""
    odd = odd_characters(text)
    if odd is not None:
        raise MacroSyntaxError(say("contains {odd}", odd=odd))


def _without_repeats(terms: list[Term]) -> list[Term]:
    """The terms, a second redirect= or exp= marked as an error (RFC 7208 §6)."""
    seen: set[str] = set()
    for index, term in enumerate(terms):
        if not term.qualifier and term.name in ("redirect", "exp"):
            if term.name in seen and term.problem is None:
                terms[index] = msgspec.structs.replace(
                    term, problem=say("{name}= appears more than once", name=term.name), fault=TermFault.REPEATED
                )
            seen.add(term.name)
    return terms


def _modifier(text: str, position: int, name: str, value: str) -> Term:
    try:
        _only_ascii(text)
        if name in ("redirect", "exp"):
            return _targeted(Term(text=text, position=position, name=name), value)
        return Term(text=text, position=position, name=name, target=parse_macro_string(value))
    except MacroSyntaxError as error:
        return Term(text=text, position=position, name=name, problem=str(error), fault=error.fault)


def _mechanism(text: str, position: int, qualifier: str, name: str, rest: str) -> Term:
    term = Term(text=text, position=position, name=name, qualifier=qualifier)
    if name == "all":
        if rest:
            raise MacroSyntaxError(say("all takes no argument"))
        return term
    if name in ("ip4", "ip6"):
        return _network(term, rest)
    if name in ("a", "mx"):
        return _address_mechanism(term, rest)
    if name == "ptr" and not rest:
        return term
    if not rest.startswith(":"):
        raise MacroSyntaxError(
            say("{name} takes a domain after ':'", name=name) + (say(", and no prefix length") if rest else "")
        )
    return _targeted(term, rest[1:])


def _targeted(term: Term, domain_spec: str) -> Term:
    """The term with its domain-spec parsed."""
    parsed = parse_domain_spec(domain_spec)
    if parsed.literal is None:
        return msgspec.structs.replace(term, target=parsed)
    name = target_name(parsed.literal)
    return msgspec.structs.replace(term, target=parsed, name_literal=name, askable=can_be_asked(name))


def _address_mechanism(term: Term, rest: str) -> Term:
    """`a` and `mx`: an optional domain, an optional dual-cidr-length (RFC 7208 §5.3, §5.4)."""
    found = _DUAL_CIDR.fullmatch(rest)
    if found is None:
        raise MacroSyntaxError(say("{rest} is not a prefix length: expected /N, //N or /N//N", rest=rest))
    domain_spec, prefix4, prefix6 = found.groups()
    term = msgspec.structs.replace(
        term,
        prefix4=32 if prefix4 is None else _prefix(prefix4, 32),
        prefix6=128 if prefix6 is None else _prefix(prefix6, 128),
    )
    if domain_spec is None:
        return term
    if _IP4_LIKE.fullmatch(domain_spec):
        raise MacroSyntaxError(say("an IPv4 address is written ip4:{domain_spec}", domain_spec=domain_spec))
    return _targeted(term, domain_spec)


def _network(term: Term, rest: str) -> Term:
    """`ip4` and `ip6` (RFC 7208 §5.6)."""
    if not rest.startswith(":") or rest == ":":
        raise MacroSyntaxError(say("{name} takes an address after ':'", name=term.name))
    address, slash, prefix = rest[1:].partition("/")
    width = 32 if term.name == "ip4" else 128
    value = _ip4_value(address) if width == 32 else _ip6_value(address)
    shift = width - _prefix(prefix, width) if slash else 0
    return msgspec.structs.replace(term, network=value >> shift, shift=shift)


def _ip4_value(address: str) -> int:
    if not _IP4.fullmatch(address):
        zero = next((each for each in address.split(".") if len(each) > 1 and each[0] == "0"), None)
        if zero is not None and _IP4_LIKE.fullmatch(address):
            text = say("{address} is not an IPv4 address: {octet} has a leading zero", address=address, octet=zero)
            raise MacroSyntaxError(text, TermFault.LEADING_ZERO)
        raise MacroSyntaxError(say("{address} is not an IPv4 address", address=address))
    return int(ipaddress.IPv4Address(address))


def _ip6_value(address: str) -> int:
    try:
        # A zone index is Python's addition, not RFC 4291 §2.2's.
        if "%" in address:
            raise ValueError(address)
        return int(ipaddress.IPv6Address(address))
    except ValueError:
        raise MacroSyntaxError(say("{address} is not an IPv6 address", address=address)) from None


def _prefix(digits: str, limit: int) -> int:
    # RFC 7208 §5.6: 0, or digits without a leading zero, up to 32 or 128.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        raise MacroSyntaxError(say("/{digits} is not a prefix length", digits=digits))
    if len(digits) > 1 and digits[0] == "0":
        raise MacroSyntaxError(
            say("the prefix length /{digits} has a leading zero", digits=digits), TermFault.LEADING_ZERO
        )
    if int(digits) > limit:
        raise MacroSyntaxError(say("the prefix length /{digits} is more than {limit}", digits=digits, limit=limit))
    return int(digits)


def _unknown(text: str, name: str, rest: str) -> str:
    """Why a word is no term, with the likely intention where it is a known mistake."""
    bare = text.lstrip("+-?~")
    if _IP4_LIKE.fullmatch(bare):
        return say("an address is written ip4:{bare}", bare=bare)
    if name in ("redirect", "exp"):
        if ":" in text:
            return say("{name} is a modifier: it takes '=', not ':'", name=name)
        return say("{name} is a modifier: it is written {name}=, then a name, without blanks", name=name)
    if name in MISSPELT:
        return say("unknown mechanism; did you mean {misspelt}?", misspelt=MISSPELT[name])
    if text.endswith(",") or text.endswith(";"):
        return say("unknown mechanism; terms are separated by spaces alone")
    if "=" in text and not rest:
        return say("neither a mechanism nor a modifier: its name must begin with a letter")
    return say("unknown mechanism")
