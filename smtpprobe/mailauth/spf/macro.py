"""Macro strings of SPF: parsed once, expanded for one evaluation (RFC 7208 §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from smtpprobe.model.texts.cached import cached_in_language
from smtpprobe.model.texts.language import say

TERM_LETTERS = "slodipvh"
EXPLANATION_LETTERS = TERM_LETTERS + "crt"
MAX_NAME = 253  # octets of a domain name in presentation form
MAX_LABEL = 63

_MACRO = re.compile(r"%(?:\{([A-Za-z])([0-9]*)([rR]?)([.\-+,/_=]*)\}|([%_\-]))")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LETTER_DIGIT_HYPHEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
_LITERALS = {"%": "%", "_": " ", "-": "%20"}
# Undecodable octets reach us as text, written \xNN by the lookup.
_RAW_OCTET = re.compile(r"\\x[89a-f][0-9a-f]")


class TermFault(StrEnum):
    """Which syntax error a term has, as far as something hangs on it."""

    SYNTAX = "syntax"
    REPEATED = "repeated"  # a second redirect= or exp= (RFC 7208 §6)
    LEADING_ZERO = "leading-zero"  # in a prefix length or an IPv4 address (RFC 7208 §5.6, §12)
    NOT_QUALIFIED = "not-qualified"  # the domain is a single label (RFC 7208 §7.1)


class MacroSyntaxError(ValueError):
    """A macro string or domain-spec that the grammar does not allow; the message says why."""

    def __init__(self, message: str, fault: TermFault = TermFault.SYNTAX) -> None:
        super().__init__(message)
        self.fault = fault


class Macro(msgspec.Struct, frozen=True, kw_only=True):
    """One `%{…}`. `keep` is the number of right-hand parts, 0 for all; `delimiters` empty without transformation."""

    letter: str
    escaped: bool = False  # written as an upper-case letter: URL escaping
    keep: int = 0
    reverse: bool = False
    delimiters: str = ""

    def expand(self, value: str) -> str:
        """The value split, reversed, cut and joined by dots as the macro says (RFC 7208 §7.3)."""
        if self.delimiters:
            first = self.delimiters[0]
            for other in self.delimiters[1:]:
                value = value.replace(other, first)
            parts = value.split(first)
            if self.reverse:
                parts.reverse()
            value = ".".join(parts[-self.keep :] if self.keep else parts)
        return _url_escaped(value) if self.escaped else value


class MacroString(msgspec.Struct, frozen=True):
    """A parsed macro string. `literal` is the whole text where it holds no letter macro; `letters` are those of its macros."""

    parts: tuple[str | Macro, ...]
    literal: str | None
    letters: frozenset[str]

    def expand(self, values: Mapping[str, str]) -> str:
        """The text with each macro replaced; `values` by lower-case letter."""
        if self.literal is not None:
            return self.literal
        return "".join([part if isinstance(part, str) else part.expand(values[part.letter]) for part in self.parts])


def parse_macro_string(text: str, letters: str = TERM_LETTERS, *, spaces: bool = False) -> MacroString:
    """The macro string; `spaces` for an explain-string. Raises MacroSyntaxError."""
    if _RAW_OCTET.search(text):
        raise MacroSyntaxError(say("contains octets outside US-ASCII"))
    parts: list[str | Macro] = []
    end = 0
    for found in _MACRO.finditer(text):
        _literal(text[end : found.start()], parts, spaces)
        parts.append(_macro(found, letters))
        end = found.end()
    _literal(text[end:], parts, spaces)
    used = frozenset([part.letter for part in parts if isinstance(part, Macro)])
    literal = None if used else "".join([part for part in parts if isinstance(part, str)])
    return MacroString(tuple(parts), literal, used)


def parse_domain_spec(text: str) -> MacroString:
    """The domain-spec of a term. Raises MacroSyntaxError."""
    if not text:
        raise MacroSyntaxError(say("the domain is empty"))
    parsed = parse_macro_string(text)
    # RFC 7208 §7.1: a domain-spec ends in a macro-expand, or in a dot and a toplabel.
    last = max((found.end() for found in _MACRO.finditer(text)), default=0)
    tail = text[last:]
    if tail:
        _, dot, label = tail.removesuffix(".").rpartition(".")
        if not dot:
            raise MacroSyntaxError(
                say("{text} is not a fully qualified domain name", text=text), TermFault.NOT_QUALIFIED
            )
        if not is_toplabel(label):
            raise MacroSyntaxError(say("{text} does not end in a top-level domain", text=text))
    return parsed


def is_toplabel(label: str) -> bool:
    """Whether the label can be a top-level domain: letters, digits, inner hyphens, not all digits (RFC 7208 §7.1)."""
    return bool(
        label
        and _LETTER_DIGIT_HYPHEN.issuperset(label)
        and label[0] != "-"
        and label[-1] != "-"
        and not label.isdigit()
    )


def target_name(expanded: str) -> str:
    """The expanded domain-spec as a name to look up: lower case, no trailing dot, cut on the left to 253 octets."""
    name = expanded.removesuffix(".").lower()
    # RFC 7208 §7.3: labels are removed from the left until the name fits.
    if len(name) > MAX_NAME:
        cut = name.find(".", len(name) - MAX_NAME - 1)
        name = name[cut + 1 :] if cut >= 0 else name
    return name


def can_be_asked(name: str) -> bool:
    """Whether the name can stand in a DNS question: no label empty or longer than 63 octets, 253 in all."""
    try:
        octets = name.encode()
    except UnicodeEncodeError:
        return False
    return len(octets) <= MAX_NAME and all(0 < len(label) <= MAX_LABEL for label in octets.split(b"."))


@cached_in_language(maxsize=2048)
def domain_problem(domain: str) -> str | None:
    """Why check_host() has nothing to look up for the domain (RFC 7208 §4.3), None for a proper multi-label name."""
    if not domain:
        return say("there is no domain")
    if domain.startswith("["):
        return say("{domain} is an address literal, not a domain", domain=domain)
    if len(domain) > MAX_NAME:
        return say(
            "the domain is {count} octets long, at most {max_name} are allowed", count=len(domain), max_name=MAX_NAME
        )
    labels = domain.split(".")
    if "" in labels:
        return say("{domain} has an empty label", domain=domain)
    if any(len(label) > MAX_LABEL for label in labels):
        return say("{domain} has a label longer than {max_label} octets", domain=domain, max_label=MAX_LABEL)
    if len(labels) == 1:
        return say("{domain} is a single label, not a fully qualified domain name", domain=domain)
    if not (domain.isascii() and domain.isprintable()) or " " in domain or not is_toplabel(labels[-1]):
        return say("{domain} is not a domain name", domain=domain)
    return None


def _macro(found: re.Match[str], letters: str) -> str | Macro:
    letter, digits, reverse, delimiters, special = found.groups()
    if special:
        return _LITERALS[special]
    lower = letter.lower()
    if lower not in letters:
        if lower in EXPLANATION_LETTERS:
            raise MacroSyntaxError(say("the macro letter {letter} is allowed in explanations only", letter=letter))
        raise MacroSyntaxError(say("{letter} is not a macro letter", letter=letter))
    # RFC 7208 §7.3: at least 127 must be possible; more parts than a name has labels make no difference to it.
    keep = int(digits[-6:]) if digits and len(digits.lstrip("0")) <= 6 else (999_999 if digits else 0)
    if digits and not keep:
        raise MacroSyntaxError(say("{group}: the number of parts must not be 0", group=found.group()))
    transformed = bool(digits or reverse or delimiters)
    return Macro(
        letter=lower,
        escaped=letter != lower,
        keep=keep,
        reverse=bool(reverse),
        delimiters=delimiters or ("." if transformed else ""),
    )


def _literal(text: str, parts: list[str | Macro], spaces: bool) -> None:
    if not text:
        return
    if "%" in text:
        at = text.index("%")
        raise MacroSyntaxError(say("{text} is not a macro", text=text[at : at + 8]))
    # RFC 7208 §7.1: macro-literal is visible US-ASCII, explain-string adds the space.
    if not text.isascii():
        raise MacroSyntaxError(say("contains octets outside US-ASCII"))
    if not text.isprintable() or (" " in text and not spaces):
        raise MacroSyntaxError(say("contains a control character"))
    parts.append(text)


def _url_escaped(value: str) -> str:
    """The value with everything but RFC 3986's unreserved characters percent-encoded."""
    return "".join(
        [
            char if char in _UNRESERVED else "".join([f"%{octet:02X}" for octet in char.encode("utf-8", "replace")])
            for char in value
        ]
    )
