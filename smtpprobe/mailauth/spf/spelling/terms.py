"""One term that is written wrongly, as it was meant; nothing where that is not certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from smtpprobe.mailauth.spf.macro import TERM_LETTERS
from smtpprobe.mailauth.spf.record import MECHANISMS, MISSPELT, parse_term
from smtpprobe.mailauth.spf.spelling.networks import networks
from smtpprobe.model.names import a_labels

MODIFIERS = frozenset(("redirect", "exp"))
STRICTNESS = "+?~-"  # the qualifiers, each stricter than the one before it
_NAMES = tuple(sorted(MECHANISMS | MODIFIERS))
_GUESSED = ("include", "exists", "redirect")  # long enough for a slip of the finger to be recognized
_MAX_TERM = 512  # characters; what is longer was hardly meant as one term
_DEPTH = 40  # terms that are run together
_QUALIFIERS = re.compile(r"[+\-~?]*")
_NO_QUALIFIERS = "=!*.:&@#$^_\\/"
_AFTER = " ,;.|\\&"
_ALL = re.compile(r"a+l+|a[l1]{2}|al[1l]+|all\W.*|alls|any", re.IGNORECASE)
_ALL_QUALIFIED_BEHIND = re.compile(r"([+\-~?]*)all[:=]?([\-~?])", re.IGNORECASE)
_RESULTS = {
    "fail": "-", "hardfail": "-", "reject": "-", "deny": "-", "softfail": "~", "quarantine": "~", "neutral": "?",
}  # fmt: skip
_ALL_IN_WORDS = re.compile(rf"([+\-~?]?)(?:all[:=_\-]?)?({'|'.join(_RESULTS)})", re.IGNORECASE)
_WITH_VALUE = re.compile(r"\W\w")
_UNCERTAIN_BEFORE_ALL = re.compile(r"[=_.*]+(?=all\Z)", re.IGNORECASE)
_NEXT_TERM = re.compile(
    r"(?<=[^+\-?~])[+\-?~]?(?:include[:=]|exists[:=]|ip[46][:=]|redirect=|exp=)|[+\-?~]{1,2}all\.?\Z", re.IGNORECASE
)
_DOTTED = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IP4 = rf"{_DOTTED}(?:/[0-9]{{1,2}})?"
_ADDRESS_AND_MORE = re.compile(rf"([+\-~?]?(?:ip4?:)?{_IP4})([+~?\-]?[A-Za-z].*)", re.IGNORECASE)
_NAME_AND_VALUE = re.compile(r"([A-Za-z][A-Za-z0-9]*)(\s*[:=][:=\s;]*|\Z)(.*)")
_WITH_LENGTHS = re.compile(r"(?:/{1,2}[0-9]{1,3}){1,3}\Z")
_GLUED = re.compile(r"(include|redirect|ipv?[46]|ip)[.,;|>\-]*(?=[_A-Za-z0-9%])(.*)", re.IGNORECASE)
_SWAPPED = re.compile(r"(a|mx)((?:/[0-9]{1,3})?(?://[0-9]{1,3})?):(.+)", re.IGNORECASE)
_COLON_FOR_SLASH = re.compile(r"(a|mx):(?:([^:/.]+(?:\.[^:/.]+)+):)?([0-9]{1,5})", re.IGNORECASE)
_LENGTHS = re.compile(r"((?:a|mx)(?::[^/]+)?)/{1,2}([0-9]{1,2})/{1,3}([0-9]{1,3})/*", re.IGNORECASE)
_ADDRESS_AND_ALL = re.compile(r"(?:a|mx)(?::[^/]+)?/{1,2}all", re.IGNORECASE)
_LENGTHS_EXCHANGED = re.compile(r"((?:a|mx)(?::[^/]+)?)//([0-9]{1,3})/([0-9]{1,2})", re.IGNORECASE)
_NETMASK = re.compile(rf"((?:a|mx)(?::[^/]+)?)/({_DOTTED})", re.IGNORECASE)
# Other names that people give the mechanism of an address.
_OF_ADDRESS = re.compile(r"ip.{0,8}|i[p46]{1,2}|pi[46]|p[46]|addr(?:ess)?|net(?:work)?|cidr", re.IGNORECASE)
_SCHEME = re.compile(r"\A(?:(?:https?|smtps?|mailto|spf|dns):(?P<host>//)?|//)", re.IGNORECASE)
_PORT = re.compile(r":0{0,3}([1-9][0-9]{0,4})\Z")
_PORT_IN_BRACKETS = re.compile(r"\(:?([0-9]{1,5})\)\Z")
_HIGHEST_PORT = 65535
_SMTP = 25  # a port as well as a prefix length
_BRACKETS = re.compile(r"[<(\[]([^<>()\[\]{}]*)[>)\]]")
_NAME = re.compile(r"[a-z0-9_.%\-]*")
_HOST = re.compile(r"(?=.{4,253}\Z)[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*\.[A-Za-z][A-Za-z0-9\-]*[A-Za-z0-9]\.?")
_WITHOUT_IP4, _MAPPED = 32, 0xFFFF  # an IPv6 address without its last bits, where an IPv4 address is in them
# Mechanisms that SPF does not have, and the one that does what they say.
_INVENTED = {"host": "a", "hostname": "a", "server": "a", "txt": "include", "spf": "include"}
_BEFORE_AT = re.compile(r"\A[^@%{}]*@(?=[^@]+\Z)")
_MACRO = re.compile(
    r"%%|%_|%-|%\{[^{}]*\}|[%$]?[{(\[](?P<in>[A-Za-z][0-9]*r?[.\-+,/_=]*)[})\]]|%(?P<bare>[A-Za-z])(?![A-Za-z0-9])"
    r"|%\{(?P<open>[A-Za-z][0-9]*r?)(?=[.\-_/]|\Z)|%"
)


def is_right(text: str) -> bool:
    """Whether a term is valid, and no mechanism or modifier that was written so that it has no effect."""
    term = parse_term(text)
    if term.problem is not None or " " in text:
        return False
    # The grammar allows any visible character in a domain, DNS has no host of such a name.
    if term.name_literal is not None and (not _NAME.fullmatch(term.name_literal) or ".." in term.name_literal):
        return False
    # A client of ::ffff:0:0/96 counts as one of IPv4 (RFC 7208 §5): such a network matches nobody.
    if term.name == "ip6" and term.shift <= _WITHOUT_IP4 and term.network << term.shift >> _WITHOUT_IP4 == _MAPPED:
        return False
    return bool(term.qualifier) or term.name in MODIFIERS or _mechanism_meant(term.name) is None


def run_together(text: str) -> int | None:
    """Where a second term begins inside a term, because the blank between them is missing; None where none does."""
    found = _NEXT_TERM.search(text[:_MAX_TERM], 1)
    if found is None or not (re.search("[:/=.]", text[: found.start()]) or found.group().lower().endswith("all")):
        return None
    before, second = text[: found.start()].lower(), found.group().lower()
    # In include:include: the name is written twice, in --all the qualifier: no blank is missing.
    return None if before.endswith(second) or not before.strip("+-~?") else found.start()


@lru_cache(maxsize=512)
def meant(text: str, *, mildly: bool = False) -> tuple[str, ...]:
    """The terms that were meant by one, itself where nothing is wrong with it; none where that is not certain.

    Of two different qualifiers nobody knows which was meant: the one that does less harm, or `mildly` the other. That
    is the stricter, so that nobody passes by a guess, and the milder of all, so that nobody is refused by one.
    """
    return _meant(text, _DEPTH, mildly) if len(text) <= _MAX_TERM or is_right(text) else ()


def closed(term: str) -> str:
    """The term; an all that lets everybody pass as ~all, since no such record is proposed to anybody."""
    return "~all" if term.lower() in ("all", "+all") else term


def is_host(text: str) -> bool:
    """Whether the text can be the name of a host."""
    return _HOST.fullmatch(text) is not None


def without_port(text: str) -> str:
    """The text without the number of a port at its end."""
    return _PORT.sub("", text)


def known_name(text: str) -> str | None:
    """The mechanism or modifier that a name stands for, itself or misspelt; None for any other name."""
    name = text.lower()
    return name if name in _NAMES else MISSPELT.get(name) or _one_slip_away(name)


def _meant(text: str, depth: int, mildly: bool) -> tuple[str, ...]:
    second = run_together(text) if depth else None
    if second is not None:
        return _both(text[:second], text[second:], depth, mildly)
    if is_right(text):
        return (text,)
    together = _ADDRESS_AND_MORE.fullmatch(text) if depth else None
    if together is not None:
        both = _both(together.group(1), together.group(2), depth, mildly)
        if both:
            return both
    return next((guess for guess in _guesses(text, mildly) if guess and all(map(is_right, guess))), ())


def _both(first: str, second: str, depth: int, mildly: bool) -> tuple[str, ...]:
    before, behind = _meant(first, depth - 1, mildly), _meant(second, depth - 1, mildly)
    if not (before and behind):
        return ()
    return before if before == behind else before + behind


def _guesses(text: str, mildly: bool) -> Iterator[tuple[str, ...]]:
    """What may have been meant, the likeliest first; each is right only if it is valid."""
    text = _without_half_brackets(text.strip(_AFTER)).strip(_AFTER)
    behind = _ALL_QUALIFIED_BEHIND.fullmatch(text)
    if behind:
        yield (f"{_qualifier_of_all(behind.group(1) + behind.group(2), mildly)}all",)
        return
    in_words = _ALL_IN_WORDS.fullmatch(text)
    if in_words:
        yield (f"{_qualifier_of_all(in_words.group(1) + _RESULTS[in_words.group(2).lower()], mildly)}all",)
        return
    marks = _QUALIFIERS.match(text)
    qualifier = marks.group() if marks else ""
    bare = text[len(qualifier) :].lstrip(_NO_QUALIFIERS)
    if _ALL.fullmatch(bare):
        # In place of the qualifier stands a key beside that of - or ~.
        is_uncertain = _UNCERTAIN_BEFORE_ALL.match(text)
        if not qualifier and _WITH_VALUE.search(bare):
            return
        yield (f"{_qualifier_of_all('~-' if is_uncertain else qualifier, mildly)}all",)
        return
    qualifier = _one_qualifier(qualifier, mildly)
    yield (qualifier + bare,)
    found = _NAME_AND_VALUE.fullmatch(bare)
    name = known_name(found.group(1)) if found else None
    # First, since a:2001:db8::1 is an IPv6 address as a whole, too.
    if found and name is not None:
        if name == "ip6":
            # Its own colons first: ip6:::ffff:192.0.2.1.
            yield _networks(qualifier, bare[len(found.group(1)) :].lstrip()[1:])
        yield from _named(qualifier, name, found.group(3))
    yield _networks(qualifier, bare)
    swapped = _SWAPPED.fullmatch(bare)
    if swapped:
        yield (f"{qualifier}{swapped.group(1)}:{swapped.group(3)}{swapped.group(2)}",)
    if _ADDRESS_AND_ALL.fullmatch(bare):
        yield (qualifier + bare.partition("/")[0],)
    yield from _with_lengths(qualifier, bare, mildly)
    yield (re.sub(r"/0+(?=[0-9])", "/", qualifier + bare).rstrip("/"),)
    if found and name is None and found.group(2) and _OF_ADDRESS.fullmatch(found.group(1)):
        yield _networks(qualifier, found.group(3))
    if found and ":" in found.group(2) and found.group(1).lower() in _INVENTED:
        yield _networks(qualifier, found.group(3))
        yield from _named(qualifier, _INVENTED[found.group(1).lower()], found.group(3))
    glued = _GLUED.fullmatch(bare)
    if glued and name is None:
        yield from _named(qualifier, known_name(glued.group(1)) or "", glued.group(2))


def _without_half_brackets(text: str) -> str:
    """The text without brackets around it, and without one at its edge whose other half stands elsewhere."""
    for opening, closing in ("()", "[]", "<>"):
        if text.count(opening) != text.count(closing) or (text[:1] == opening and text[-1:] == closing):
            text = text.removeprefix(opening).removesuffix(closing)
    return text


def _one_qualifier(written: str, mildly: bool) -> str:
    """The strictest of the qualifiers, or the mildest; a qualifier is written only where one was."""
    return (min if mildly else max)(written, key=STRICTNESS.index, default="")


def _qualifier_of_all(written: str, mildly: bool) -> str:
    """The mildest of the qualifiers that fails, or the other one; of several, + is none that is proposed."""
    if len(set(written)) <= 1:
        return written[:1]
    strictness = sorted({"~" if each == "+" else each for each in written}, key=STRICTNESS.index)
    first = next((each for each in strictness if each in "-~"), strictness[0])
    return next((each for each in reversed(strictness) if each != first), first) if mildly else first


def _with_lengths(qualifier: str, bare: str, mildly: bool) -> Iterator[tuple[str, ...]]:
    """`a` and `mx` with their prefix lengths as RFC 7208 §5.3 has them: /24, //64 or /24//64."""
    colon = _COLON_FOR_SLASH.fullmatch(bare)
    if colon and int(colon.group(3)) <= _HIGHEST_PORT:
        name, host, number = colon.groups()
        yield (f"{qualifier}{name}{f':{host}' if host else ''}{_length(number, mildly)}",)
    exchanged = _LENGTHS_EXCHANGED.fullmatch(bare)
    if exchanged:
        yield (f"{qualifier}{exchanged.group(1)}/{exchanged.group(3)}//{exchanged.group(2)}",)
    lengths = _LENGTHS.fullmatch(bare)
    if lengths:
        yield ("{}{}/{}//{}".format(qualifier, *lengths.groups()),)
    mask = _NETMASK.fullmatch(bare)
    for term in networks(f"0.0.0.0/{mask.group(2)}") if mask else ():
        yield (f"{qualifier}{mask.group(1) if mask else ''}/{term.partition('/')[2]}",)


def _named(qualifier: str, name: str, value: str) -> Iterator[tuple[str, ...]]:
    """What may have been meant by a known name and what is behind it."""
    if name in ("ip4", "ip6"):
        yield _networks(qualifier, value)
    value = value.strip(_AFTER + "<>\"'")
    again = _NAME_AND_VALUE.fullmatch(value)
    if again and again.group(2) and known_name(again.group(1)) == name:
        value = again.group(3)
    value = _BRACKETS.sub(r"\1", _PORT_IN_BRACKETS.sub(r":\1", _without_scheme(value))).lstrip("@").rstrip("/:")
    value = _BEFORE_AT.sub("", re.sub(r"\.{2,}", ".", value))
    if name in ("ip4", "ip6"):
        yield _networks(qualifier, value.lstrip("+~?"))
        # A name where an address belongs.
        for host in (value, without_port(value)):
            if is_host(host):
                yield (f"{qualifier}a:{host}",)
        return
    if name in ("a", "mx", "include"):
        yield _networks(qualifier, value)
    if not value:
        yield (qualifier + name,)
    hosts = value.split(":")
    if name not in MODIFIERS and len(hosts) > 1 and all(map(is_host, hosts)):
        yield tuple(f"{qualifier}{name}:{host}" for host in hosts)
    if name in ("include", "exists", "redirect"):
        value = _WITH_LENGTHS.sub("", value)
    for spec in (
        *_at_port(name, value),
        value,
        _macros(value),
        re.sub(r"/0+(?=[0-9])", "/", value),
        _in_a_labels(value),
    ):
        yield (f"{name}={spec}" if name in MODIFIERS else f"{qualifier}{name}:{spec}",)


def _without_scheme(value: str) -> str:
    """The value without the beginning of a URL, and without the path of one."""
    found = _SCHEME.match(value)
    if found is None:
        return value
    rest = value[found.end() :]
    return rest.partition("/")[0] if found.group("host") else rest


def _at_port(name: str, value: str) -> tuple[str, ...]:
    """The name of a host that has a port behind it; behind that of `a` and `mx` it may be a prefix length."""
    found = _PORT.search(value)
    host = without_port(value)
    bare = _WITH_LENGTHS.sub("", host)
    if found is None or int(found.group(1)) > _HIGHEST_PORT or not (is_host(bare) or "%{" in bare):
        return ()
    is_length = name in ("a", "mx") and bare == host and _length(found.group(1), mildly=True)
    return () if is_length else (host,)


def _length(number: str, mildly: bool) -> str:
    """The prefix length that the number behind `a` and `mx` is, empty where it is that of a port.

    Up to 32 it is a length, but for the port that every mail server has; from 33 to 128 one of IPv6 at most: then it is
    one only `mildly`, since without it fewer pass.
    """
    value = int(number)
    if value > 128 or (not mildly and (value == _SMTP or value > 32)):
        return ""
    return f"/{value}" if value <= 32 else f"//{value}"


def _networks(qualifier: str, text: str) -> tuple[str, ...]:
    return tuple(qualifier + term for term in networks(text, passes=qualifier in ("", "+")))


def _in_a_labels(name: str) -> str:
    """A name with its U-labels as A-labels (RFC 5890 §2.3.2.1)."""
    return name if name.isascii() else a_labels(name)


def _macros(text: str) -> str:
    """The text with its macros in their proper form; a percent sign that begins none is doubled (RFC 7208 §7.1)."""
    return _MACRO.sub(_macro, text)


def _macro(found: re.Match[str]) -> str:
    whole, inner = found.group(), found.group("in") or found.group("bare") or found.group("open")
    if inner and inner[0].lower() in TERM_LETTERS:
        return f"%{{{inner}}}"
    if whole == "%":
        return "%%"
    return whole


def _mechanism_meant(name: str) -> str | None:
    """What was meant by the name of a modifier that has no effect: a mechanism, or redirect."""
    known = known_name(name)
    return known if known in MECHANISMS or (known == "redirect" and name != known) else None


def _one_slip_away(name: str) -> str | None:
    """The long name that this one is but for one letter missing, added, changed, or two exchanged."""
    near = [each for each in _GUESSED if _is_one_slip(name, each)]
    return near[0] if len(near) == 1 else None


def _is_one_slip(text: str, name: str) -> bool:
    if abs(len(text) - len(name)) > 1 or text == name:
        return False
    start = next(
        (at for at, (one, two) in enumerate(zip(text, name, strict=False)) if one != two), min(len(text), len(name))
    )
    one, two = text[start:], name[start:]
    return one[1:] == two or one == two[1:] or one[1:] == two[1:] or (one[1:2] + one[:1] + one[2:] == two)
