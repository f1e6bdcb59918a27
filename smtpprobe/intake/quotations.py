"""Quoted replies made whole over several lines, and each told once however often one error repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from smtpprobe.intake import blocks as reading
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, domain_of, phase_of, text, without_command
from smtpprobe.intake.near import Mailboxes
from smtpprobe.intake.pasted.phpmailer import goes_on
from smtpprobe.intake.quotation import Quoted, is_piece, joined
from smtpprobe.intake.quoted import in_two_lines, may_be_below, of_mail, quoted_in, time_of
from smtpprobe.intake.stages import is_below, stage_of
from smtpprobe.intake.statuses import belongs
from smtpprobe.model.transcript import Phase

_BEGUN = re.compile(r"[45]\d\d-[^\n]*\Z")
_CODED = re.compile(r"(?:\S{1,60}: )?[^\w\n]{0,12}([45]\d\d)[ -]")
_MAX_CONTEXT = 1 << 16  # characters of a text that tell whether it is about mail
_MAX_KNOWN = 50  # replies of one error that are compared
# What begins a line below a reply without being more of it: a stack frame, a field, a note of the program.
_OWN_LINE = re.compile(
    r"\s*(?:at |in |from |File \"|#\d|-{2,}|\w{1,30}\s?[:=]|\w+(?:\.\w+){2,}|[\[{}\]]|\^|Caused by|\.\.\. \d+ more|\+ )",
    re.ASCII,
)
_AGAIN = re.compile(r"During handling of|direct cause of|Caused by|nested exception|\[cause\]|rejectedErrors: \[|--->")
_SAME = re.compile(r"\A\d{3}[ -]+(?:#?\d\.\d\.\d{1,3}\s)?| ?(?:\.\.\.|…)\Z")
_MAYBE = re.compile(r"(?<![\w.])[45]\d\d(?![\w.])|response was", re.ASCII)
_ELIDED = re.compile(r"(?:\.\.\.|…)\Z")
_KEY = re.compile(r"['\"]([^'\"@\s]{1,255}@[^'\"@\s]{1,255})['\"]: \(\Z")

# PHPMailer's debugging: the session, and its own errors, which repeat what the server said.
_DEBUG = re.compile(
    r".{0,60}?(?:(?P<sent>CLIENT -> SERVER)|(?P<received>SERVER -> CLIENT)|SMTP ERROR): ?(?P<said>.*)", re.DOTALL
)
STAGE = re.compile(rb"CLIENT -> SERVER: |SERVER -> CLIENT: 354")  # what tells the stage of the replies below it
_COMMAND = re.compile(r"(?:EHLO|HELO|AUTH|STARTTLS|MAIL FROM|RCPT TO|DATA|RSET|QUIT)\b")
_GO_ON = "354"
# Each is tried in turn with the same login, which failed once.
_AUTHENTICATOR = re.compile(r"Authenticator \"?[\w-]{1,30}\"? returned [^\n]{0,100}\Z")
_OF_LOGIN = ("535", "534", "530", "454")
_BEFORE_RCPT = (Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH, Phase.MAIL)
# RFC 4954 §6 has the codes of a login.
_OF_SENDER = re.compile(
    r"\A53[0458]\b|sendasdenied|\bsend as\b|\b(?:sender|mail from|from address|return[- ]path|reverse-path)\b",
    re.IGNORECASE | re.ASCII,
)


class Quotations:
    """The replies that lines quote, each once.

    Lines right below a reply that goes on (`550-…`) and continue it belong to it, as do the other halves of wrapped ones.
    A reply that the same error quotes again in other words is no other refusal: in the message, its JSON and its stack.
    """

    def __init__(self, *, is_of_mail: bool = False) -> None:
        self._is_of_mail = is_of_mail  # a text without dates is one whole
        self._held: Found | None = None
        self._wraps = False
        self._before = ""  # the line before, whose end may be quoted below it
        self._known: list[str] = []
        self._places: set[str] = set()
        self._told: Found | None = None  # the reply before, to which a status below it may belong
        self._status: Found | None = None  # one that is above its reply, if it has any
        self._pieces: tuple[int, str, str | None] | None = None  # of a string that goes on in the next line
        self._debugged: Phase | None = None  # the stage of a session as PHPMailer's debugging tells it

    @property
    def open(self) -> bool:
        """Whether a reply goes on."""
        return self._held is not None or self._status is not None or self._pieces is not None

    def heard(self, number: int, words: str, when: str | None) -> Iterator[Found]:
        """The refusals that are complete with this line."""
        if self._pieces is not None:
            begun, above, since = self._pieces
            self._pieces = None
            whole = joined(above, words) if len(above) < MAX_REPLY else None
            if whole is None:
                yield from self._whole(begun, above, since)
            else:
                number, words, when = begun, whole, since
        if is_piece(words):
            self._pieces = number, words, when
        else:
            yield from self._whole(number, words, when)

    def _whole(self, number: int, words: str, when: str | None) -> Iterator[Found]:
        debug = _DEBUG.match(words) if "SMTP ERROR: " in words or " -> " in words[:80] else None
        if debug is not None and debug["sent"]:
            self._sent(debug["said"])
        elif debug is not None and debug["received"]:
            self._debugged = Phase.MESSAGE if debug["said"].startswith(_GO_ON) else self._debugged
        is_repeated = debug is not None and not (debug["sent"] or debug["received"])
        if (when is not None and not is_repeated) or words.startswith("{"):
            self._known, self._places, self._before, self._told = [], set(), "", None
        elif _AGAIN.search(words):
            self._places = set()
        quoted = self._quoted(words, when)
        if quoted and quoted[0].is_status:
            yield from self._heard_status(number, quoted[0].reply, when)
            return
        held = self._held
        if held is not None:
            more = quoted[0].reply if quoted else ""
            if _BEGUN.search(held.reply):
                if not quoted and re.match(rf"\W{{0,12}}{held.reply[:3]}[ -]", words):
                    more = words.strip()
                if more[:3] == held.reply[:3] and len(held.reply) + len(more) < MAX_REPLY:
                    self._held = msgspec.structs.replace(held, reply=f"{held.reply}\n{more.strip()}")
                    if not _BEGUN.search(more):
                        yield from self.ended()
                    return
            elif self._wraps and not quoted and when is None and _goes_on(held.reply, words):
                reply = f"{held.reply} {words.strip()}"[:MAX_REPLY]
                self._held = msgspec.structs.replace(held, reply=reply)
                return
            yield from self.ended()
        mailboxes = Mailboxes(words) if quoted and when is None else None
        for each in quoted:
            if self._status is None or not belongs(self._status.reply, each.reply, number - (self._status.line or 0)):
                yield from self.ended()
            if self._is_known(each, words):
                continue
            stop = each.start + len(each.reply) + 80
            phase = phase_of(each.command) or each.phase or self._stage(words, each)
            if phase is None and debug is not None and debug["received"]:
                phase = self._debugged
            # Before RCPT, and in words about the sender, a mailbox is not the recipient's.
            may_be_to = phase not in _BEFORE_RCPT and _OF_SENDER.search(each.reply) is None
            to = None
            if mailboxes is not None and may_be_to:
                key = _KEY.search(words, max(0, each.start - 330), each.start)
                to = key[1] if key else mailboxes.first(max(0, each.start - 300), stop)
            self._held = Found(
                reply=self._with_status(each.reply, number),
                phase=phase,
                when=when,
                line=number,
                recipient=to,
                recipient_domain=domain_of(to),
            )
            self._wraps = each.is_open and when is None
            if not (_BEGUN.search(each.reply) or self._wraps):
                yield from self.ended()
        self._before = goes_on(self._before, words) if when is None and not quoted else ""

    def ended(self) -> Iterator[Found]:
        """The reply that still goes on where the text ends, and a status of which there is no more."""
        if self._pieces is not None:
            (number, words, when), self._pieces = self._pieces, None
            yield from self._whole(number, words, when)
        if self._status is not None:
            yield self._status
            self._status = None
        if self._held is not None:
            reply, phase = without_command(self._held.reply)
            self._told = msgspec.structs.replace(self._held, reply=reply, phase=phase or self._held.phase)
            yield self._told
        self._held = None

    def _sent(self, said: str) -> None:
        """What the client sent: of commands the stage, of anything else nothing."""
        if self._debugged is not Phase.MESSAGE and _COMMAND.match(said):
            self._debugged = phase_of(said)

    def _heard_status(self, number: int, reply: str, when: str | None) -> Iterator[Found]:
        """What a status beside a reply leaves to be told: nothing if the reply above it is the one that it is of."""
        yield from self.ended()
        told, self._told = self._told, None
        if told is None or not belongs(reply, told.reply, number - (told.line or 0)):
            self._status = Found(reply=reply, when=when, line=number)

    def _with_status(self, reply: str, number: int) -> str:
        """The reply with the code of the status above it if it is of that and has none."""
        status = self._status
        if status is None or not belongs(status.reply, reply, number - (status.line or 0)):
            return reply
        self._status = None
        return reply if reply[:3].isdigit() else f"{status.reply[:3]} {reply}"

    def _quoted(self, words: str, when: str | None) -> list[Quoted]:
        known = of_mail(words) if when is not None else self._is_of_mail or of_mail(words)
        if found := quoted_in(words, when is not None, is_of_mail=known):
            return _once_a_login(found, words)
        if self._before and may_be_below(words) and _MAYBE.search(f"{words} {self._before[-4000:]}"):
            # Code and text in two lines: `… Detail: no such box` above `SMTP code: 550`.
            return in_two_lines(self._before, words)
        return []

    def _stage(self, words: str, quoted: Quoted) -> Phase | None:
        named = stage_of(words, quoted.start, quoted.reply)
        if named is None and is_below(words):
            return stage_of(self._before, len(self._before), quoted.reply)
        return named

    def _is_known(self, quoted: Quoted, words: str) -> bool:
        """Whether the error that the lines are about has told this reply already, in other words before it."""
        place = " ".join(words[max(0, quoted.start - 60) : quoted.start].split())
        reply = _SAME.sub("", " ".join(quoted.reply.split()))
        if key := _KEY.search(words, max(0, quoted.start - 330), quoted.start):
            reply = f"{key[1]} {reply}"  # the same reply for another recipient is another refusal
        least = 3 if _ELIDED.search(quoted.reply) else 8
        told = any(_is_same(reply, each, least) for each in self._known) and place not in self._places
        if not told:
            self._places = set()
            self._known = [*self._known[-_MAX_KNOWN:], reply]
        self._places.add(place)
        return told


def _once_a_login(found: list[Quoted], words: str) -> list[Quoted]:
    """The same replies, of those to several authenticators of one login the one that says the most of it."""
    tried = [each for each in found if _AUTHENTICATOR.search(words, max(0, each.start - 180), each.start)]
    if len(tried) < 2:
        return found
    told = next((each for code in _OF_LOGIN for each in tried if each.reply.startswith(code)), tried[0])
    return [each for each in found if each is told or each not in tried]


def _is_same(reply: str, known: str, least: int) -> bool:
    """Whether the two are one reply, of which one may be cut; `least` is how much of it has to be left."""
    shorter, longer = sorted((reply, known), key=len)
    return shorter == longer or (len(shorter) >= least and longer.startswith(shorter))


def _goes_on(reply: str, words: str) -> bool:
    """Whether the line is the rest of a wrapped reply."""
    if not words.strip() or _CODED.match(words) or _OWN_LINE.match(words):
        return False
    return words[:2].isspace() or (len(reply) > 50 and words[0].islower())


def read(blocks: Iterable[bytes], counts: Counts) -> Iterator[Found]:
    """The replies that a text without dates quotes, in order."""
    remaining = iter(blocks)
    first = next(remaining, b"")
    quotations = Quotations(is_of_mail=of_mail(text(first[:_MAX_CONTEXT])))
    for number, octets in enumerate(reading.lines(chain((first,), remaining), counts), start=1):
        words = text(octets)
        yield from quotations.heard(number, words, time_of(words))
    yield from quotations.ended()
