"""The refusals in the logs of mail programs, from syslog, a file of their own, or the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain

from smtpprobe.intake import blocks as reading
from smtpprobe.intake.accounts import kumomta, powermta
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, text
from smtpprobe.intake.logs import (
    dovecot,
    exchange,
    exim,
    haraka,
    hmailserver,
    mailenable,
    opensmtpd,
    postfix,
    qmail,
    qpsmtpd,
    sendmail,
)
from smtpprobe.intake.logs.lines import UNSEEN, Line, Refusal, header, of_mail
from smtpprobe.intake.logs.once import Lines, Once
from smtpprobe.intake.quotations import STAGE, Quotations
from smtpprobe.intake.quoted import MAY_QUOTE, time_of
from smtpprobe.intake.unanswered import server_of
from smtpprobe.model.transcript import Side

_HEADER = 120  # octets in which a line names its program


class Family(StrEnum):
    """The program that wrote a log."""

    POSTFIX = "Postfix"
    EXIM = "Exim"
    SENDMAIL = "Sendmail"
    OPENSMTPD = "OpenSMTPD"
    DOVECOT = "Dovecot"
    QMAIL = "qmail"
    HARAKA = "Haraka"
    QPSMTPD = "qpsmtpd"
    EXCHANGE = "Exchange"
    HMAILSERVER = "hMailServer"
    MAILENABLE = "MailEnable"
    KUMOMTA = "KumoMTA"
    POWERMTA = "PowerMTA"


_Reader = Callable[[str], Refusal | None]

# What only lines that matter hold, and what makes a reader of a log's messages.
_PROGRAMS: dict[Family, tuple[tuple[bytes, ...], Callable[[], _Reader]]] = {
    Family.POSTFIX: (postfix.MARKERS, lambda: postfix.postfix),
    Family.EXIM: (exim.MARKERS, lambda: exim.exim),
    Family.SENDMAIL: (sendmail.MARKERS, lambda: sendmail.sendmail),
    Family.OPENSMTPD: (opensmtpd.MARKERS, lambda: opensmtpd.opensmtpd),
    Family.DOVECOT: (dovecot.MARKERS, lambda: dovecot.dovecot),
    Family.QMAIL: (qmail.MARKERS, qmail.QmailSend),
    Family.HARAKA: (haraka.MARKERS, lambda: haraka.haraka),
    Family.QPSMTPD: (qpsmtpd.MARKERS, qpsmtpd.Qpsmtpd),
    Family.EXCHANGE: (exchange.MARKERS, exchange.ExchangeProtocol),
    Family.HMAILSERVER: (hmailserver.MARKERS, hmailserver.HMailServer),
    Family.MAILENABLE: (mailenable.MARKERS, lambda: mailenable.mailenable),
    Family.KUMOMTA: (kumomta.MARKERS, lambda: kumomta.kumomta),
    Family.POWERMTA: (powermta.MARKERS, powermta.PowerMta),
}
# Those that keep a record of each delivery: a whole file has nothing else.
RECORDS = frozenset({Family.KUMOMTA, Family.POWERMTA})
_WITHOUT_HEADER = frozenset({Family.EXCHANGE, Family.HMAILSERVER, Family.MAILENABLE, *RECORDS})
# Those whose lines may stand in one log with others; the rest write files of their own.
TOGETHER = tuple(each for each in Family if each not in {*_WITHOUT_HEADER, Family.QPSMTPD})
# What the programs of these call themselves in a log's lines.
NAMES: dict[Family, tuple[bytes, ...]] = {
    Family.POSTFIX: (b"postfix",),
    Family.EXIM: (b"exim",),
    Family.SENDMAIL: (b"sendmail", b"sm-mta", b"sm-msp"),
    Family.OPENSMTPD: (b"smtpd", b"opensmtpd"),
    Family.DOVECOT: (
        b"dovecot",
        *(each + b"-login" for each in (b"imap", b"pop3", b"submission", b"managesieve")),
        b"auth",
        b"lmtp",
    ),
    Family.QMAIL: (b"qmail", b"splogger"),
    Family.HARAKA: (b"haraka",),
}
MARKERS = {family: markers for family, (markers, _) in _PROGRAMS.items()}
_WRITES_REPLIES = re.compile(r"postfix|exim|sendmail|\Asm-|\A(?:open)?smtpd\Z|dovecot|qmail|haraka")
_MARKED = re.compile(
    b"|".join(re.escape(marker) for marker in (*(m for each in TOGETHER for m in MARKERS[each]), *UNSEEN))
)


def refusals(blocks: Iterable[bytes], family: Family | Sequence[Family] | None, counts: Counts) -> Iterator[Found]:
    """Every refusal of a log in order, of one program or of several; None looks for those of all that share logs.

    Programs that share logs with one of them, and first write later, are read as well.
    A line that is marked as a refusal and tells none is passed over; one that a reader cannot make out is counted in
    `counts.unread`.
    """
    families = (family,) if isinstance(family, Family) else family or TOGETHER
    markers = [marker for each in families for marker in MARKERS[each]]
    blocks = iter(blocks)
    first = next(blocks, b"")
    if b'"MESSAGE"' in first:
        markers += UNSEEN
    readers, once, copies = [(each, _PROGRAMS[each][1]()) for each in families], Once(), Lines()
    blocks = chain((first,), blocks)
    if len(families) == 1 and families[0] in _WITHOUT_HEADER:
        yield from _without_header(reading.lines(blocks, counts), readers[0])
        return

    def join(another: Family) -> None:
        readers.append((another, _PROGRAMS[another][1]()))
        markers.extend(MARKERS[another])

    shared = not set(families).isdisjoint(TOGETHER)
    look = _Together(families, join).look if shared else None
    for number, octets in reading.candidates(blocks, markers, counts, before=look):
        line = header(octets)
        if line is None:
            counts.unread += 1
        elif (told := _refusal(line, readers)) is not None and not _is_copy(copies, told[1], line):
            yield from once.heard(told[1], _found(*told, line, number))
    yield from once.ended()


def _without_header(lines: Iterable[bytes], of: tuple[Family, _Reader]) -> Iterator[Found]:
    """Most lines matter here: looking for marks would cost more than it spares."""
    family, reader = of
    for number, octets in enumerate(lines, start=1):
        refusal = reader(octets.decode("utf-8", "backslashreplace"))
        if refusal is not None and refusal.reply.strip():
            yield _found(family, refusal, Line(""), number)


def mixed(blocks: Iterable[bytes], counts: Counts) -> Iterator[Found]:
    """Every refusal of any mail program in order, and every reply that lines of other programs quote."""
    readers, once, copies = [(each, _PROGRAMS[each][1]()) for each in TOGETHER], Once(), Lines()
    quotations = Quotations()
    for number, octets in enumerate(reading.lines(blocks, counts), start=1):
        marked = _MARKED.search(octets) is not None
        if not (marked or quotations.open or MAY_QUOTE.search(octets) or STAGE.search(octets)):
            continue
        of_another = octets[:1] == b"{" and b'"MESSAGE"' not in octets
        line = Line(text(octets)) if of_another else header(octets)
        if line is None:
            counts.unread += 1
            continue
        told = _refusal(line, readers) if marked else None
        if told is not None:
            yield from quotations.ended()
            if not _is_copy(copies, told[1], line):
                yield from once.heard(told[1], _found(*told, line, number))
        elif not _WRITES_REPLIES.search(line.program):
            yield from quotations.heard(number, line.message, line.when or time_of(line.message))
    yield from quotations.ended()
    yield from once.ended()


def _refusal(line: Line, readers: Iterable[tuple[Family, _Reader]]) -> tuple[Family, Refusal] | None:
    if line.program and not of_mail(line.program):
        return None
    for family, reader in readers:
        refusal = reader(line.message)
        # A line may end before the words of the refusal: then there is nothing to explain.
        if refusal is not None and refusal.reply.strip():
            return family, refusal
    return None


def _is_copy(copies: Lines, refusal: Refusal, line: Line) -> bool:
    return refusal.copied and copies.is_again(line.when, line.message)


def _found(family: Family, refusal: Refusal, line: Line, number: int) -> Found:
    return Found(
        reply=refusal.reply[:MAX_REPLY].strip(),
        phase=refusal.phase,
        recipient_domain=refusal.domain,
        when=refusal.when or line.when,
        peer=refusal.peer,
        line=number,
        side=refusal.side,
        server=server_of(refusal.relay or refusal.peer, refusal.reply) if refusal.side is Side.SENDING else None,
        program=family,
        own=refusal.own,
        queued=refusal.queued,
    )


class _Together:
    """The families that write into one log; `join` is given each that comes later than the log's beginning.

    Looking for the marks of all of them would take several times as long.
    """

    def __init__(self, families: Iterable[Family], join: Callable[[Family], None]) -> None:
        self._names = dict(NAMES)
        self._join = join
        self._known: list[bytes] = []
        for each in families:
            self._known += self._names.pop(each, ())
        self._is_own = _headers(self._known)

    def look(self, block: bytes) -> None:
        """Have the families join that write in this block of whole lines for the first time."""
        strange = self._strange(block) if self._names else b""
        found = [each for each, names in self._names.items() if strange and any(name in strange for name in names)]
        for each in found:
            self._known += self._names.pop(each)
            self._join(each)
        if found:
            self._is_own = _headers(self._known)

    def _strange(self, block: bytes) -> bytes:
        """The lines of other programs; those of a file that one program writes by itself name none."""
        is_own, lines = self._is_own, block.split(b"\n")
        if block[:1] == b"{":
            return b"\n".join([line for line in lines if not is_own(line)])
        first = next(filter(None, (is_own(line, 0, _HEADER) for line in lines[:20])), None)
        # Most lines have the same host and so the program at the same place.
        usual, at = (first[0], first.start()) if first else (b"\n", 0)
        others = [line for line in lines if not line.startswith(usual, at)]
        # Where syslog has the time, a file of one's own has the blank between date and time.
        return b"\n".join([line for line in others if line[10:11] != b" " and not is_own(line, 0, _HEADER)])


def _headers(names: Sequence[bytes]) -> Callable[..., re.Match[bytes] | None]:
    """What finds one of the names where a header has its program: a host may have the name as well."""
    return re.compile(rb'(?:\A|[ "])(?:%s)(?:[\w.-]{0,40}[/\[:("]| \d)' % b"|".join(map(re.escape, names))).search
