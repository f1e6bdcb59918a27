"""A record's words as the terms that were meant: blanks, separators and quotation marks put right across words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from smtpprobe.mailauth.characters import latin, replaced
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.mailauth.spf.spelling.networks import networks
from smtpprobe.mailauth.spf.spelling.qualifiers import Inside, to_be_asked
from smtpprobe.mailauth.spf.spelling.terms import closed, is_host, is_right, known_name, meant, without_port

_PORT_DIGITS = 5
_MAX_PARTS = 50  # terms that one word is taken apart into
_SEPARATORS = re.compile(r"%\{[^{}]*\}|([,;|&]+)")
# A line end or a tab that was typed as a program's source has it.
_WRITTEN_LINE_END = re.compile(r"(?:\\[nrt]){1,8}+(?=[+\-~?]|(?:ip[46]|include|exists|redirect|exp|all|mx|ptr|a)\b|\Z)")
_OCTETS_IN_A_LIST = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{1,3}){3}(?![0-9.,])")
_ALONE_NOTHING = ".,\\()[]"
_TO = frozenset(("-", "to"))
_FIRST_OF_RANGE = re.compile(r"[+\-~?]?(?:ip[v46]{0,2}[:=])?[0-9A-Fa-f.:]{3,45}", re.IGNORECASE)
_FILLERS = frozenset(("and", "or", "txt"))
_VERSION = re.compile(r"v\s*(?:[=:]\s*)?spf\s*-?1[.,;:]*", re.IGNORECASE)
_QUALIFIER = re.compile(r"[+\-~?]+")
_QUALIFIER_BEHIND = re.compile(r"(?<=[A-Za-z0-9])[\-~?]\Z")
_CUT_LENGTH = re.compile(r"/[0-9]{1,2}\Z")
_CUT_NAME = re.compile(r":[^.:/]+\.\Z")  # the first label alone: a name that a blank divides
_LENGTH_AFTER_BAR = re.compile(r"(?<=[0-9])\|(?=(?:2[4-9]|3[0-2])(?![0-9.]))")
_PORT = re.compile(r":[0-9]{1,5}")
_PREFIX = re.compile(r"/{1,2}[0-9]{1,3}(?://[0-9]{1,3})?")
_NAME = re.compile(r"[+\-~?]*([A-Za-z][A-Za-z0-9]*)([:=]*)")
# a, mx and ptr are terms by themselves: what follows them need not be theirs.
_ALONE = frozenset(("all", "a", "mx", "ptr"))


class Reading(msgspec.Struct, frozen=True):
    """What is written, and the terms that were meant; none where that is not certain, or nothing was.

    `otherwise` are the terms that may as well have been meant, with the other of two qualifiers.
    """

    written: str
    meant: tuple[str, ...]
    otherwise: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether something else was meant than what is written."""
        return (self.written,) != self.meant


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the words from `first` to `last`; `listed`: a comma or the like stands before it."""

    text: str
    first: int
    last: int
    listed: bool = False


# Which terms the name of a host can have been meant for that stands alone, the stricter first; and a term that has a
# qualifier inside, where that is a slip. Both in lower case.
Alone = Mapping[str, Sequence[str]]


def respelled(words: Sequence[str], alone: Alone = MappingProxyType({})) -> tuple[Reading, ...]:
    """The words in order, each with the terms that it, or several together, were meant to be.

    `alone` has what only a lookup can tell.
    """
    parts = _pieces(words)
    readings: list[Reading] = []
    end = 0
    for group in _by_words(parts):
        first, last = group[0].first, group[-1].last
        readings += [Reading(word, ()) for word in words[end:first]]
        readings.append(_reading(words[first : last + 1], group, alone))
        end = last + 1
    readings += [Reading(word, ()) for word in words[end:]]
    return tuple(readings)


def hosts_alone(words: Sequence[str]) -> tuple[str, ...]:
    """The names of hosts that stand where a term belongs, in lower case."""
    names = [_host_alone(part.text)[1] for part in _pieces(words) if not meant(part.text)]
    return tuple(dict.fromkeys(name for name in names if name))


def qualified_inside(words: Sequence[str]) -> dict[str, Inside]:
    """The terms that have a qualifier inside, in lower case, with what may have been meant."""
    found = {part.text.lower(): to_be_asked(part.text) for part in _pieces(words)}
    return {text: inside for text, inside in found.items() if inside is not None}


def _pieces(words: Sequence[str]) -> list[_Part]:
    return _inherited(_joined(_with_ranges(list(_parts(words)))))


def _host_alone(text: str) -> tuple[str, str]:
    """The qualifier, and the name of a host where the rest is one."""
    text = text.strip(_ALONE_NOTHING + ";:")
    found = _QUALIFIER.match(text)
    name = text[found.end() :] if found else text
    return (found.group()[:1] if found else ""), (name.lower() if is_host(name) and "." in name else "")


def meant_by(word: str) -> str:
    """The terms that one word was meant to be, with blanks between them; empty where that is not certain."""
    return " ".join([closed(term) for reading in respelled([word]) for term in reading.meant])


def is_version(word: str) -> bool:
    """Whether the word is v=spf1 or a misspelling of it."""
    return _VERSION.fullmatch(in_ascii(word).strip(" ()[]")) is not None


def is_blank(word: str) -> bool:
    """Whether the word has nothing but separators, quotation marks and characters that cannot be seen."""
    text = replaced(word).strip(" ,;|&.()[]")
    return not text or text.lower() in _FILLERS


def _reading(written: Sequence[str], group: Sequence[_Part], alone: Alone) -> Reading:
    terms = [_meant(part.text, alone) for part in group]
    if len(written) == 1 and not all(terms) and parse_term(written[0]).problem is None:
        return Reading(written[0], (written[0],))
    if not all(terms):
        return Reading(" ".join(written), ())
    made = tuple(term for each in terms for term in each)
    mildly = tuple(term for part in group for term in _meant(part.text, alone, mildly=True))
    return Reading(" ".join(written), made, mildly if mildly != made else ())


def _meant(text: str, alone: Alone, *, mildly: bool = False) -> tuple[str, ...]:
    """The terms that were meant by a piece, of two possible ones the stricter, or `mildly` the other."""
    names = _with_mechanism(text, alone)
    return tuple(alone.get(text.lower(), ())) or meant(text, mildly=mildly) or (names[-1:] if mildly else names[:1])


def _with_mechanism(text: str, alone: Alone) -> tuple[str, ...]:
    """The terms that the name of a host can have been meant for, the stricter first."""
    qualifier, name = _host_alone(text)
    return tuple(f"{qualifier}{term}" for term in alone.get(name, ()))


def _parts(words: Sequence[str]) -> Iterator[_Part]:
    """The words in pieces, as blanks that are none and separators divide them; a right word is one piece."""
    listed = False
    for at, word in enumerate(words):
        right = is_right(word)
        text = (
            word
            if right
            else _SEPARATORS.sub(
                _as_comma, _OCTETS_IN_A_LIST.sub(_with_dots, _LENGTH_AFTER_BAR.sub("/", in_ascii(word)))
            )
        )
        for piece in [word] if right else text.split(maxsplit=2 * _MAX_PARTS):
            if piece.strip(_ALONE_NOTHING):
                yield _Part(text=piece, first=at, last=at, listed=listed)
            listed = piece == ","


def in_ascii(word: str) -> str:
    """The word in US-ASCII as it was meant, as far as that is certain."""
    return _WRITTEN_LINE_END.sub(" ", latin(replaced(word), lambda name: known_name(name) is not None))


def _with_dots(found: re.Match[str]) -> str:
    return found.group().replace(",", ".")


def _as_comma(found: re.Match[str]) -> str:
    """A separator as a word of its own; a macro, whose delimiters look like one, as it is."""
    return " , " if found.group(1) else found.group()


def _with_ranges(parts: Sequence[_Part]) -> list[_Part]:
    """The pieces, two addresses with a hyphen between them as the range that they are."""
    made: list[_Part] = []
    for part in parts:
        if len(made) > 1 and made[-1].text in _TO and _FIRST_OF_RANGE.fullmatch(made[-2].text) and networks(part.text):
            first = made[-2]
            made[-2:] = [
                _Part(text=f"{first.text}-{part.text}", first=first.first, last=part.last, listed=first.listed)
            ]
        else:
            made.append(part)
    return made


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """The pieces, those joined that a blank divides wrongly."""
    made: list[_Part] = []
    for part in parts:
        before = made[-1] if made else None
        if before is not None and part.text.lower() == "all" and _QUALIFIER_BEHIND.search(before.text):
            # mx- all
            cut = before.text
            made[-1] = _Part(text=cut[:-1], first=before.first, last=before.last, listed=before.listed)
            made.append(_Part(text=cut[-1] + part.text, first=before.last, last=part.last))
        elif before is not None and part.listed and part.text.isdigit() and _is_at_port(before.text):
            made[-1] = _Part(text=before.text, first=before.first, last=part.last, listed=before.listed)
        elif before is not None and _belongs(before.text, part):
            made[-1] = _Part(
                text=_together(before.text, part.text), first=before.first, last=part.last, listed=before.listed
            )
        else:
            made.append(part)
    return made


def _belongs(before: str, part: _Part) -> bool:
    """Whether a piece belongs to the one before it."""
    text = part.text
    found = _NAME.fullmatch(before)
    name = known_name(found.group(1)) if found else None
    if found is not None and name is not None and name != "all":
        if text[0] in ":=":
            return not found.group(2)
        if found.group(2) and text.lower().startswith(f"{name}:"):
            return True
        if found.group(2) or name not in _ALONE:
            # A name may have its qualifier before it: include: ~a.example
            return bool(networks(text)) or "%{" in text or is_host(text.lstrip("+-~?") if found.group(2) else text)
    if part.listed:
        return False
    if _QUALIFIER.fullmatch(before):
        return _NAME.match(text) is not None or bool(networks(text))
    if _PREFIX.fullmatch(text):
        return ":" in before or name in ("a", "mx")
    if _PORT.fullmatch(text):
        return "." in before and ":" in before and before[-1].isalnum()
    if text[0] == "." and len(text) > 1:
        return ":" in before and before[-1].isalnum()
    if _CUT_NAME.search(before):
        return "." in text and is_host(text)
    if text.isdigit() and _CUT_LENGTH.search(before):
        return is_right(before + text)
    return before.endswith("/") and text.isdigit()


def _together(before: str, text: str) -> str:
    found = _NAME.fullmatch(before)
    missing = found is not None and not found.group(2) and not text.startswith(("/", ":", "=")) and bool(found.group(1))
    return f"{before}:{text}" if missing else before + text


def _inherited(parts: Iterable[_Part]) -> list[_Part]:
    """The pieces, in a list of names each with the mechanism that the first has."""
    made: list[_Part] = []
    name = ""
    for part in parts:
        if part.listed and name and is_host(without_port(part.text)):
            part = _Part(text=name + part.text, first=part.first, last=part.last, listed=True)
        else:
            head, colon, _ = part.text.partition(":")
            name = head + colon if colon and known_name(head.lstrip("+-~?")) in ("a", "mx", "include") else ""
        made.append(part)
    return made


def _by_words(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """The pieces in groups, each of what comes from the same words."""
    group: list[_Part] = []
    for part in parts:
        if group and part.first > group[-1].last:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _is_at_port(text: str) -> bool:
    """Whether a host or an address with a port is at the end of it."""
    before, _, port = text.rpartition(":")
    return port.isdigit() and len(port) <= _PORT_DIGITS and "." in before.rpartition(":")[2]
