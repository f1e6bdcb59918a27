"""Explains whatever holds replies: recognised, read as a stream, every refusal explained and counted. No network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain

import msgspec

from smtpprobe.catalogue.moments import Moments, local_offset
from smtpprobe.catalogue.tally import Tally
from smtpprobe.intake import recognise
from smtpprobe.intake.blocks import gathered
from smtpprobe.intake.found import Counts, Found
from smtpprobe.intake.logs.once import Copies
from smtpprobe.intake.mail_logs import Family
from smtpprobe.intake.pasted.no_replies import is_no_reply
from smtpprobe.intake.pasted.plain import octets_of, plain
from smtpprobe.intake.pasted.unreplied import of_client_here
from smtpprobe.intake.pasted.wrapped import unwrapped
from smtpprobe.intake.recognise import Reader, Taken
from smtpprobe.model.quoting import cut
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase
from smtpprobe.pipeline.reference.named import as_known
from smtpprobe.pipeline.without_reply import in_words, logged, of_client
from smtpprobe.render.explained import MAX_SINGLE, ExplainedInputs, InputRead, Refusal
from smtpprobe.render.explanation_item import around, explained_item
from smtpprobe.render.explanation_shape import Item

_CLIENT_ERROR = mark("an error of a sending program")
_WORDS = mark("the words of a reply without its code")
MAX_SHOWN = 60  # characters of an input that a message quotes
_WHOLE_REPLY = re.compile(r"\s*[2-5]\d\d [^\r\n]*\s*\Z", re.ASCII)
_FOREIGN = re.compile(r"\s*([016-9]\d\d)[ -]\d\.\d{1,3}\.\d{1,3}\b", re.ASCII)

OnRefusal = Callable[[Refusal], None]


def explain(text: str, *, phase: Phase | None = None, provider: str | None = None, code: int | None = None) -> Item:
    """The explanation of a whole reply, of lines without their code if `code` is given, or of a client's error.

    It is the item that `smtpprobe explain --format json` prints, with its title, meaning and remedies.

    An error is read as its `str()` has it: `(535, b'5.7.8 …')`, or the dictionary of smtplib's SMTPRecipientsRefused, of
    which the first reply is explained. `phase` is the stage at which the reply came, None: inferred from its words;
    `provider` the catalogue's id of who said it, or another name, None: recognised by its words. Never raises on any text,
    but ValueError on a phase that there is not; what lies beyond the first 4096 characters is not read. No network.
    """
    phase, provider = as_known(phase, provider)
    found = found_in(text) if code is None else None
    if found is None:
        return explained_item(text, phase, provider, code=code)
    return explained_item(found.reply, phase or found.phase, provider, place=around(found))


def found_in(text: str) -> Found | None:
    """The first refusal in a text, else a client's error, else words that state a cause without a code; None without any."""
    if _WHOLE_REPLY.match(text) and "\x1b" not in text and not is_no_reply(text.strip()):
        return Found(reply=text.strip())
    octets = octets_of(text.removeprefix("\ufeff"))
    taken = recognise.recognise(octets)
    text = unwrapped(octets).decode("utf-8", "backslashreplace")
    if taken is not None and (found := next(recognise.refusals([octets], taken, Counts()), None)) is not None:
        return found
    return logged(text) or of_client_here(text) or of_client(text) or in_words(text)


def explain_text(text: str, *, phase: Phase | None = None, provider: str | None = None) -> ExplainedInputs:
    """Every refusal in a text: a reply, a client's error, a bounce, a transcript, a log. Raises ValueError without any.

    `phase` is where in the session the replies came and `provider` whose they are, for all of them; None: as far as
    their own words tell.
    """
    explaining = Explaining(phase=phase, provider=provider)
    explaining.add_text(text)
    return explaining.finish()


def explain_input(
    blocks: Iterable[bytes], *, name: str = "input", phase: Phase | None = None, provider: str | None = None
) -> ExplainedInputs:
    """Every refusal in an input of any length, given in blocks of octets in UTF-8 (an open binary file's lines, say).

    Memory is bounded. `name` is what messages and items call the input. Raises ValueError where it is empty, binary, or
    holds nothing that is recognised.
    """
    explaining = Explaining(phase=phase, provider=provider)
    explaining.add(gathered(blocks), name)
    return explaining.finish()


class Explaining:
    """Inputs explained one after the other into one result; `on_refusal` is given each refusal as it is read.

    `since`, in seconds since 1970: refusals before it do not count. A time that an input writes without an offset is one
    of this machine's zone, and what has no time counts.
    """

    def __init__(
        self,
        *,
        phase: Phase | None = None,
        provider: str | None = None,
        on_refusal: OnRefusal | None = None,
        since: float | None = None,
    ) -> None:
        self._phase, self._provider = phase, provider = as_known(phase, provider)
        self._on_refusal = on_refusal
        self._since = since
        self._local_times = Moments(east=local_offset)
        self._by_hour = since is not None
        self._tally = Tally(provider)
        self._copies = Copies()
        self._refusals: list[Refusal] = []
        self._inputs: list[InputRead] = []
        self._holds_log = False
        self._is_plain = False

    @property
    def has_read(self) -> bool:
        """Whether any input could be read."""
        return any(each.taken_for is not None for each in self._inputs)

    def add_text(self, text: str, *, nor: str = "", first: str | None = None) -> None:
        """Read what was typed. Raises ValueError where it holds no reply, which quotes `first` and says what else it is not."""
        octets = octets_of(text.removeprefix("\ufeff"))
        text = octets.decode("utf-8", "backslashreplace")
        if foreign := _FOREIGN.match(text):
            raise ValueError(say("{foreign} is not an SMTP reply code: expected 200 to 599", foreign=foreign[1]))
        quoted = text if first is None else first
        taken = recognise.recognise(octets)
        found = 0
        if taken is not None:
            found = self._read([octets], taken, "argument", typed=taken.reader is Reader.REPLIES)
        bare = unwrapped(octets).decode("utf-8", "backslashreplace")
        if not found and self._add_without_reply(bare, "argument", taken, typed=True):
            self._is_plain = self._inputs[-1].refusals > 0
            return
        if taken is None:
            raise ValueError(_no_reply(quoted, nor))
        if not taken.known and not found:
            raise ValueError(_no_reply(quoted, ""))
        self._is_plain = taken.reader is Reader.REPLIES and self._inputs[-1].refusals > 0

    def add(self, blocks: Iterable[bytes], name: str) -> None:
        """Read an input to its end. Raises ValueError where it is none that is known; the others stay as they are."""
        left = plain(blocks)
        head = next(left, b"")
        taken = recognise.recognise(head)
        if recognise.is_binary(head):
            raise ValueError(_unknown(name, head))
        found = self._read(chain((head,), left), taken, name) if taken is not None else 0
        if not found and self._add_without_reply(unwrapped(head).decode("utf-8", "backslashreplace"), name, taken):
            return
        if taken is None:
            raise ValueError(_unknown(name, head))
        if not taken.known and not found:
            self._inputs.pop()
            raise ValueError(
                say(
                    "{name} is a log in no known format: expected the log of a mail server, such as Postfix or Exim, "
                    "or lines that quote replies",
                    name=repr(name),
                )
            )

    def follow(self, blocks: Iterable[bytes], name: str) -> None:
        """Read a log that grows as long as there are blocks. Raises ValueError where it is no text.

        Whatever its beginning does not tell may come later: nothing that is known is no error.
        """
        left = plain(blocks)
        head = next(left, b"")
        if recognise.is_binary(head) or recognise.compression(head) is not None:
            raise ValueError(say("{name} is not a log that grows: expected text", name=repr(name)))
        taken = recognise.recognise(head)
        if taken is None or taken.reader is not Reader.LOG or taken.queue is not None:
            taken = Taken(template=mark("system log"), reader=Reader.LOG, known=False)
        self._by_hour = True
        self._read(chain((head,), left), taken, name)
        self._holds_log = True

    def add_damage(self, because: str) -> None:
        """The input that was read last could not be read to its end."""
        last = self._inputs[-1]
        self._inputs[-1] = msgspec.structs.replace(last, unread=last.unread + 1, because=because)

    def add_unreadable(self, name: str, because: str) -> None:
        """An input of which nothing could be read."""
        self._inputs.append(InputRead(name=name, taken_for=None, unread=1, because=because))

    def finish(self) -> ExplainedInputs:
        """What all inputs came to."""
        return ExplainedInputs(
            inputs=tuple(self._inputs),
            refusals=tuple(self._refusals),
            distinct=tuple(self._tally.distinct()),
            examples=self._tally.examples(),
            summary=self._tally.summary(),
            left_out=self._tally.left_out,
            holds_log=self._holds_log,
            is_plain=self._is_plain,
            by_hour=self._by_hour,
            phase=self._phase,
            provider=self._provider,
        )

    def _add_without_reply(self, text: str, name: str, read_as: Taken | None, *, typed: bool = False) -> bool:
        """Whether the text is a sending program's own error, or words that state a cause, which count as what was read.

        `read_as`: what the input stands for among those read already, without any refusal; None: it does not.
        """
        is_log = read_as is not None and read_as.reader is Reader.LOG and read_as.known
        if is_log and self._since is not None:
            return False  # its lines have their times, and none of them refuses anything
        from_log = logged(text)
        from_server = of_client_here(text) if is_log and not from_log else None
        from_client = None if from_log or from_server else of_client(text)
        found = from_log or from_server or from_client or in_words(text)
        if found is None:
            return False
        if read_as is not None:
            self._inputs.pop()
        counts = not self._is_past(found.when)
        if counts:
            self._add(msgspec.structs.replace(found, line=None) if typed else found, name)
        if from_log:
            taken = recognise.QUOTING
        elif from_server and read_as is not None:
            taken = read_as
        else:
            template = _CLIENT_ERROR if from_client else _WORDS
            taken = Taken(template=template, reader=Reader.CLIENT_ERROR if from_client else Reader.REPLIES)
        lines = len(text.splitlines())
        self._inputs.append(InputRead(name=name, taken_for=taken.words, taken=taken, lines=lines, refusals=int(counts)))
        return True

    def _read(self, blocks: Iterable[bytes], taken: Taken, name: str, *, typed: bool = False) -> int:
        """How many refusals the input holds, those before `since` among them, which do not count."""
        counts = Counts()
        before, held = self._tally.refusals, 0
        copies = self._copies if Family.EXIM in (taken.family, *taken.families) else None
        if copies is not None:
            copies.begin()
        for held, found in enumerate(recognise.refusals(blocks, taken, counts), start=1):  # noqa: B007
            if not self._is_past(found.when) and not (copies is not None and copies.is_copy(found)):
                # What was typed is shown as it was typed.
                self._add(msgspec.structs.replace(found, line=None) if typed else found, name)
        refusals = self._tally.refusals - before
        read = InputRead(
            name=name,
            taken_for=taken.words,
            taken=taken,
            lines=counts.lines,
            refusals=refusals,
            unread=counts.unread,
        )
        self._inputs.append(read)
        self._holds_log = self._holds_log or (taken.reader is Reader.LOG and (taken.known or refusals > 0))
        return held

    def _is_past(self, when: str | None) -> bool:
        """Whether a time is before `since`; what has none counts."""
        at = self._local_times.read(when) if self._since is not None and when is not None else None
        return at is not None and self._since is not None and at < self._since

    def _add(self, found: Found, source: str) -> None:
        phase = self._phase or found.phase
        # The tally reads the same time next, and its reader remembers the last one.
        if found.when is not None and self._tally.moments.read(found.when) is None:
            found = msgspec.structs.replace(found, when=None)  # what its line gives as a time is none
        refusal = Refusal(found, source)
        if self._on_refusal is not None:
            self._on_refusal(refusal)
        self._tally.add(
            found.reply,
            phase,
            domain=found.recipient_domain,
            when=found.when,
            line=found.line,
            source=source,
            side=found.side,
            peer=found.peer,
            server=found.server,
            program=found.program,
            own=found.own,
            queued=found.queued,
        )
        if len(self._refusals) <= MAX_SINGLE:
            self._refusals.append(refusal)


def _no_reply(quoted: str, nor: str) -> str:
    return say(
        "{quoted} contains no SMTP reply{nor}: expected a line that starts with a code, such as 550 "
        "5.1.1 …, a bounce, a transcript or a mail log",
        quoted=repr(cut(quoted, MAX_SHOWN)),
        nor=nor,
    )


def _unknown(name: str, head: bytes) -> str:
    if recognise.is_binary(head):
        return say("{name} is binary: expected text, or text in gzip, bzip2, xz or zstd", name=repr(name))
    return _no_reply(name, "") if head.strip() else say("{name} is empty", name=repr(name))
