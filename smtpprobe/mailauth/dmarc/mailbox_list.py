"""The mailboxes of an address field as receivers read them, and where it breaks the grammar (RFC 5322 §3.4, RFC 6854)."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from enum import Enum, auto

import msgspec

from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say

MAX_OCTETS = 65536  # of a field's value that are read
_BLANKS = " \t\r\n"
_SPECIALS = re.compile(r'[()<>\[\]:;,\\"\x00-\x20\x7f]')
_CONTROL = re.compile(r"[\x00-\x08\n-\x1f\x7f]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,80}\?[bqBQ]\?[^?\s]{0,2000}\?=")


_ENTITIES = re.compile(r"&lt;[^<>&;]{1,320}&gt;", re.IGNORECASE)
# RFC 5322 §4.4: obs-local-part and obs-domain.
_OBSOLETE = re.compile(r"[ \t\r\n][.@]|[.@][ \t\r\n]")
_AROUND_DOTS = mark("blanks or comments are around the dots or the @ of the address, as only obsolete syntax has them")
# RFC 5322 §4.4: the obsolete syntax has empty elements.
_EMPTY = mark("a comma is beside no address")


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """One element of the list. `domain` is what stands after the last @, as written; None if there is no @.

    `text` is the element without comments; `hidden` is text with an @ in a place where no address is read: a quoted
    string, a comment or an encoded word.
    """

    text: str
    domain: str | None
    local: str = ""
    hidden: str | None = None


class MailboxList(msgspec.Struct, frozen=True, kw_only=True):
    """What a field's value holds, in order. `groups` are the names of its groups, `faults` say what is malformed."""

    mailboxes: tuple[Mailbox, ...] = ()
    groups: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class _Place(Enum):
    OUTSIDE = auto()
    QUOTES = auto()
    COMMENT = auto()
    ANGLE = auto()
    LITERAL = auto()


class _Element:
    """What has been read of one element of the list."""

    def __init__(self) -> None:
        self.bare: list[str] = []
        self.angles: list[str] = []
        self.quotes: list[str] = []
        self.comments: list[str] = []
        self.after: list[str] = []  # what follows the angle brackets

    @property
    def is_blank(self) -> bool:
        return not (self.angles or self.quotes or "".join(self.bare).strip(_BLANKS))


class _Reader:
    """One pass over the characters; every character is looked at once."""

    def __init__(self) -> None:
        self.mailboxes: list[Mailbox] = []
        self.groups: list[str] = []
        self.faults: list[str] = []
        self._element = _Element()
        self._held: list[str] = []  # of the quoted string, comment or angle brackets that are open
        self._outer = _Place.OUTSIDE  # where the quoted string, literal or comment began
        self._place = _Place.OUTSIDE
        self._depth = 0
        self._in_group = False
        self._escaped = False
        self._is_after_comma = False
        self._is_after_group = False

    def read(self, text: str) -> MailboxList:
        control = _CONTROL.search(text[:MAX_OCTETS])
        if control:
            self._fault(say("it contains the control character U+{number:04X}", number=ord(control.group())))
        if "\ufffd" in text[:MAX_OCTETS]:
            self._fault(say("it contains octets that are not UTF-8"))
        for char in text[:MAX_OCTETS]:
            self._take(char)
        self._end()
        return MailboxList(mailboxes=tuple(self.mailboxes), groups=tuple(self.groups), faults=tuple(self.faults))

    def _take(self, char: str) -> None:
        if self._place is _Place.QUOTES:
            self._in_quotes(char)
        elif self._place is _Place.COMMENT:
            self._in_comment(char)
        elif self._place is _Place.LITERAL:
            self._add(char)
            if char == "]":
                self._place = self._outer
        elif char == '"':
            self._enter(_Place.QUOTES)
        elif char == "(":
            self._depth = 1
            self._enter(_Place.COMMENT)
        elif char == "[":
            self._enter(_Place.LITERAL)
            self._add(char)
        elif self._place is _Place.ANGLE:
            self._in_angle(char)
        else:
            self._outside(char)

    def _fault(self, text: str) -> None:
        if text not in self.faults:
            self.faults.append(text)

    def _enter(self, place: _Place) -> None:
        self._outer, self._place = self._place, place
        if place is not _Place.LITERAL:
            self._held = []

    def _add(self, char: str) -> None:
        outside = self._place is _Place.OUTSIDE or (self._place is not _Place.ANGLE and self._outer is _Place.OUTSIDE)
        if not outside:
            self._element.angles[-1] += char
        elif self._element.angles:
            self._element.after.append(char)
        else:
            self._element.bare.append(char)

    def _in_quotes(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
            self._held.append(char)
        elif char == "\\":
            self._escaped = True
        elif char == '"':
            text = "".join(self._held)
            if self._outer is _Place.ANGLE:
                self._place = self._outer
                self._element.angles[-1] += f'"{_plain(text)}"'
            else:
                self._place = self._outer
                self._element.quotes.append(text)
                self._element.bare.append('""')
        else:
            self._held.append(char)

    def _in_comment(self, char: str) -> None:
        self._held.append(char)
        if self._escaped:
            self._escaped = False
        elif char == "\\":
            self._escaped = True
        elif char == "(":
            self._depth += 1
        elif char == ")":
            self._depth -= 1
            if not self._depth:
                self._element.comments.append("".join(self._held[:-1]))
                self._place = self._outer
                self._add(" ")  # RFC 5322 §3.2.2: a comment is no more than a blank

    def _in_angle(self, char: str) -> None:
        if char == ">":
            self._place = _Place.OUTSIDE
        elif char == "<":
            self._fault(say("one angle bracket is inside another"))
        else:
            self._element.angles[-1] += char

    def _outside(self, char: str) -> None:
        if char == "<":
            self._element.angles.append("")
            self._place = _Place.ANGLE
        elif char == ",":
            # RFC 5322 §3.4: a group, whose end is its semicolon, is one element of the list.
            if self._element.is_blank and not self._element.comments and not self._is_after_group:
                self._fault(say(_EMPTY))
            self._finish()
            self._is_after_comma = True
        elif char == ";":
            if not self._in_group:
                self._fault(say("a semicolon separates addresses instead of a comma"))
            was_group = self._in_group
            self._finish()
            self._in_group, self._is_after_group = False, was_group
        elif char == ":":
            self._group()
        elif char in ">)]":
            self._fault(say("{char} has no counterpart", char=repr(char)))
        elif char == "\\":
            self._fault(say("a backslash is outside quotation marks"))
        else:
            self._add(char)

    def _group(self) -> None:
        name = "".join(self._element.bare).strip(_BLANKS)
        if name.lower() == "mailto":
            self._fault(say("'mailto:' is before the address, as in a link"))
        elif self._element.angles or "@" in name:
            self._fault(say("a colon is outside quotes"))
        else:
            if self._in_group:
                self._fault(say("a group is inside another"))
            self._in_group = True
            self.groups.append(self._element.quotes[0] if name == '""' else name)
        self._element = _Element()

    def _end(self) -> None:
        text = "".join(self._held)
        if self._place is _Place.QUOTES:
            self._fault(say("a quotation mark is not closed"))
            self._element.quotes.append(text)
        elif self._place is _Place.COMMENT:
            self._fault(say("a comment is not closed"))
            self._element.comments.append(text)
        elif self._place is not _Place.OUTSIDE:
            self._fault(
                say("an angle bracket is not closed") if self._element.angles else say("a bracket is not closed")
            )
        if self._is_after_comma and self._element.is_blank and not self._element.comments:
            self._fault(say(_EMPTY))
        self._finish()
        if self._in_group:
            self._fault(say("a group is not closed by a semicolon"))

    def _finish(self) -> None:
        element, self._element = self._element, _Element()
        self._is_after_comma = self._is_after_group = False
        if element.is_blank and not element.comments:
            return
        bare = _tight("".join(element.bare))
        if len(element.angles) > 1:
            self._fault(say("there are several addresses in angle brackets without a comma between them"))
        if "".join(element.after).strip(_BLANKS):
            self._fault(say("text follows the address in angle brackets"))
        if element.angles:
            if "[" in bare:
                self._fault(say("a bracket is in the name before the address, outside quotation marks"))
            if "@" in bare:
                self._fault(say("the name before the address contains an @ outside quotation marks"))
            self._obsolete(element.angles[0])
            address = self._route(_tight(element.angles[0]))
        else:
            self._obsolete("".join(element.bare))
            address = bare.replace('""', f'"{_plain(element.quotes[0])}"', 1) if element.quotes else bare
        self.mailboxes.append(self._mailbox(address, element))

    def _obsolete(self, written: str) -> None:
        """Blanks, folds and comments around the dots or the @ of an address, which are read and not to be sent."""
        if _OBSOLETE.search(written.strip(_BLANKS)):
            self._fault(say(_AROUND_DOTS))

    def _route(self, address: str) -> str:
        # RFC 5322 §4.4: an obsolete route, <@a,@b:c@d>, is to be ignored.
        if not (address.startswith("@") and ":" in address):
            return address
        self._fault(say("an obsolete route is before the address, in its angle brackets"))
        return address.partition(":")[2]

    def _mailbox(self, address: str, element: _Element) -> Mailbox:
        local, at, domain = address.rpartition("@")
        if not at or not domain:
            shown = address or "".join(element.quotes[:1]) or "".join(element.comments[:1])
            return Mailbox(text=shown, domain=domain if at else None, local=local, hidden=_hidden(element))
        if not domain.startswith("[") and _SPECIALS.search(domain):
            self._fault(say("blanks or other characters are inside the domain {domain}", domain=quoted(domain)))
        if not local.startswith('"'):
            self._local_faults(local)
        return Mailbox(text=address, domain=domain, local=local, hidden=_hidden(element))

    def _local_faults(self, local: str) -> None:
        if not local:
            self._fault(say("nothing is before the @"))
        elif "@" in local:
            self._fault(say("the address contains more than one @"))
        elif " " in local or "\t" in local:
            self._fault(
                say(
                    "{rpartition} is before the address without angle brackets",
                    rpartition=quoted(local.rpartition(" ")[0] or local),
                )
            )
        elif _SPECIALS.search(local):
            self._fault(say("the local part {local} contains characters that it may not", local=quoted(local)))
        elif local.startswith(".") or local.endswith(".") or ".." in local:
            self._fault(say("the local part {local} has a dot too many", local=quoted(local)))


def _tight(address: str) -> str:
    """The address with single blanks, and none around its dots and its @, where obsolete syntax has them (§4.4)."""
    text = " ".join(word for word in re.split(r"[ \t\r\n]", address) if word)
    for blank, sign in ((" .", "."), (". ", "."), (" @", "@"), ("@ ", "@")):
        text = text.replace(blank, sign)
    return text


def _plain(text: str) -> str:
    """A quoted string's text without what would be read as the end of the local part."""
    return text.replace("@", "_").replace('"', "_")


def _hidden(element: _Element) -> str | None:
    """What has an @ in a quoted string, a comment or an encoded word of an element."""
    for text in (*element.quotes, *element.comments):
        if "@" in text:
            return text
    for text in ("".join(element.bare), *element.angles[:1]):
        for word in _ENCODED_WORD.findall(text)[:20]:
            decoded = _decoded(word)
            if "@" in decoded:
                return decoded
    return None


def _decoded(word: str) -> str:
    try:
        ((part, charset),) = decode_header(word)
        return part if isinstance(part, str) else part.decode(charset or "latin-1", "replace")
    except (HeaderParseError, ValueError, LookupError):
        return ""


def read_mailboxes(text: str) -> MailboxList:
    """The mailboxes in an unfolded field value. Never raises; the work grows with the length alone."""
    if _ENTITIES.search(text[:MAX_OCTETS]):
        said = say("it contains HTML entities, such as &lt; instead of an angle bracket")
        return MailboxList(mailboxes=(Mailbox(text=text[:MAX_OCTETS], domain=None),), faults=(said,))
    return _Reader().read(text)
