"""What an input is taken for: the first kind whose marks it bears, the surest marks first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from smtpprobe.intake import blocks as reading
from smtpprobe.intake import bounces, mail_logs, marks, quotations, transcripts
from smtpprobe.intake.found import MAX_REPLY, Counts, Found, text
from smtpprobe.intake.logs import queues
from smtpprobe.intake.logs.queues import Queue
from smtpprobe.intake.mail_logs import Family
from smtpprobe.intake.mime import unpacked
from smtpprobe.intake.pasted import wrapped
from smtpprobe.intake.pasted.no_replies import is_no_reply
from smtpprobe.intake.pasted.others import is_all_of_another
from smtpprobe.intake.quoted import is_counted, quotes
from smtpprobe.intake.transcripts import Client
from smtpprobe.model.texts.language import mark
from smtpprobe.model.words import Word

HEAD = 1 << 18  # octets at the beginning that decide

JOURNAL = mark("journal entries as JSON")


class Reader(Word):
    """What reads an input."""

    BOUNCE = "bounce"
    LOG = "log"
    TRANSCRIPT = "transcript"  # another client's session
    REPLIES = "replies"  # nothing but replies
    QUOTED = "quoted"  # text that quotes a reply somewhere
    CLIENT_ERROR = "client-error"  # what a sending program says where there is no reply
    UNKNOWN = "unknown"


class Packed(StrEnum):
    """How a file is compressed."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"


_BEGUN = (
    (Packed.GZIP, rb"\x1f\x8b"),
    (Packed.BZIP2, rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    (Packed.XZ, rb"\xfd7zXZ\x00"),
    (Packed.ZSTD, rb"\x28\xb5\x2f\xfd"),
)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What an input is taken for, and what reads it.

    `template` says it in words, `{program}` standing for the program or programs; `in_journal` that they are a journal's
    entries. `known` is False for a log in which nothing of mail was seen: whether it holds anything, its reading shows.
    """

    template: str
    reader: Reader
    program: str = ""
    in_journal: bool = False
    family: Family | None = None
    families: tuple[Family, ...] = ()
    queue: Queue | None = None
    client: Client | None = None
    known: bool = True
    is_dated: bool = False  # its lines begin with dates
    is_wrapped: bool = False  # something else carries its lines, JSON or another program's log

    @property
    def words(self) -> str:
        """What it is taken for, in English."""
        words = self.template.format(program=self.program)
        return f"{words}, {JOURNAL}" if self.in_journal else words


QUOTING = Taken(template=mark("text that quotes a reply"), reader=Reader.QUOTED)
# Those whose lines begin in a way of their own.
_UNMISTAKABLE = frozenset(
    {
        Family.QMAIL,
        Family.HARAKA,
        Family.QPSMTPD,
        Family.EXCHANGE,
        Family.HMAILSERVER,
        Family.MAILENABLE,
        *mail_logs.RECORDS,
    }
)
_QUEUES = (
    (queues.POSTFIX_JSON, Queue.POSTFIX),
    (queues.EXIM_LIST, Queue.EXIM),
    (queues.POSTFIX_LIST, Queue.POSTFIX),
    (queues.SENDMAIL_LIST, Queue.SENDMAIL),
    (queues.EXCHANGE_LIST, Queue.EXCHANGE),
)
_JOURNAL = re.compile(rb'\A\s*\{[^\n]{0,20000}"(?:MESSAGE|__REALTIME_TIMESTAMP)"\s*:')
_DATED = re.compile(
    rb"(?m)^(?:<\d{1,3}>(?:1 )?)?\[?"
    rb"(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d)[^\n]*\S"
)
_REPLY = re.compile(rb"(?m)^[ \t\"']{0,8}[2-5]\d\d(?:[ -]|[ \t\r]*$)")
_REPLY_LINES = re.compile(_REPLY.pattern + rb"[^\n]{0,80}", re.MULTILINE)
_COMMAND = re.compile(
    rb"(?im)^(?:[SC]: ?)?(?:(?:EHLO|HELO|LHLO) \S|MAIL FROM:|RCPT TO:|AUTH [A-Z]|(?:STARTTLS|DATA)[ \t\r]*$)"
)


def recognise(head: bytes) -> Taken | None:
    """What the beginning of an input says that it is, None where it bears no known marks."""
    head = head[:HEAD]
    bare = wrapped.unwrapped(head)
    taken = _recognised(bare)
    return taken if taken is None or bare is head else msgspec.structs.replace(taken, is_wrapped=True)


def _recognised(head: bytes) -> Taken | None:
    begun = head.lstrip()
    if _REPLY.match(begun) and not is_no_reply(text(begun[:400].partition(b"\n")[0].strip())):
        return None if is_all_of_another(text(head)) else _conversation(head)
    for pattern, queue in _QUEUES:
        if re.search(pattern, head):
            return Taken(template=mark("{program} queue"), program=queue.value, reader=Reader.LOG, queue=queue)
    journal = _JOURNAL.match(head) is not None
    families = [family for pattern, family in marks.LOGS if re.search(pattern, head)]
    families = [family for family in families if family in mail_logs.RECORDS] or families
    dated = journal or _DATED.match(head.lstrip()) is not None
    if families and (dated or not _UNMISTAKABLE.isdisjoint(families)):
        # Programs of more than one family write into one journal.
        return Taken(
            template=mark("{program} log") if len(families) == 1 else mark("mail log ({program})"),
            program=", ".join(families),
            in_journal=journal,
            reader=Reader.LOG,
            family=families[0] if len(families) == 1 else None,
            families=tuple(families),
        )
    said = unpacked(head)
    if bounce := _bounce(head) or _bounce(said):
        return bounce
    for pattern, client in marks.TRANSCRIPTS:
        if re.search(pattern, head):
            template = mark("smtpprobe's own page") if client is Client.OURS else mark("{program} transcript")
            return Taken(template=template, program=client.value, reader=Reader.TRANSCRIPT, client=client)
    if families:
        return Taken(template=mark("{program} log"), program=families[0].value, reader=Reader.LOG, family=families[0])
    if dated and not journal and quotes(head):
        return msgspec.structs.replace(QUOTING, is_dated=True)
    if dated:
        return Taken(template=JOURNAL if journal else mark("system log"), reader=Reader.LOG, known=False)
    if quotes(head):
        return QUOTING
    if quotes(said):
        return msgspec.structs.replace(QUOTING, reader=Reader.BOUNCE)
    lines = (text(found[0].strip()) for found in _REPLY_LINES.finditer(head))
    if all(is_counted(line) or is_no_reply(line) for line in lines) or is_all_of_another(text(head)):
        return None
    return _conversation(head)


def _bounce(octets: bytes) -> Taken | None:
    return next((_bounce_of(program) for pattern, program in marks.BOUNCES if re.search(pattern, octets)), None)


def _bounce_of(program: str) -> Taken:
    return Taken(
        template=mark("bounce ({program})") if program else mark("bounce"), program=program, reader=Reader.BOUNCE
    )


def _conversation(head: bytes) -> Taken:
    """Reply lines with or without the commands that they answer."""
    if _COMMAND.search(head):
        return Taken(template=mark("an SMTP session"), reader=Reader.TRANSCRIPT, client=Client.SESSION)
    ends = len(re.findall(rb"(?m)^[ \t\"']{0,8}[2-5]\d\d(?: |[ \t\r]*$)", head))
    return Taken(template=mark("replies") if ends > 1 else mark("a reply"), reader=Reader.REPLIES)


def refusals(blocks: Iterable[bytes], taken: Taken, counts: Counts) -> Iterator[Found]:
    """Everything that the input holds of the kind that it is taken for, in order."""
    blocks = filter(None, blocks)
    if taken.is_wrapped or not taken.known:
        blocks = wrapped.blocks(blocks)
    if taken.reader is Reader.QUOTED and not taken.is_dated:
        return quotations.read(blocks, counts)
    if taken.reader is Reader.QUOTED or not taken.known:
        return mail_logs.mixed(blocks, counts)
    if taken.queue is not None:
        return queues.refusals(reading.lines(blocks, counts), taken.queue, counts)
    if taken.reader is Reader.LOG:
        return mail_logs.refusals(blocks, taken.family or taken.families, counts)
    lines = reading.lines(blocks, counts)
    if taken.reader is Reader.BOUNCE:
        return bounces.refusals(lines, counts)
    if taken.client is not None:
        return transcripts.refusals(lines, taken.client)
    return replies(lines)


_REPLY_LINE = re.compile(r"[2-5][0-9]{2}(?:[ -]|\Z)")
_BLOCK = re.compile(
    r"host \S{1,255} ?\[|(?:SMTP|LMTP) error from remote |Remote host said: |Giving up on |Delay reason: |\(reason: "
    r"|(?:Action|Status|Final-Recipient|Diagnostic-Code|Remote-MTA|Reporting-MTA): |\.\.\. while talking to "
)
_MAILBOX_ALONE = re.compile(r"<?[^\s<>@]{1,320}@[^\s<>@:]{1,255}>?:?\Z")
_MAILBOX_END = re.compile(r"\s<?[^\s<>@]{1,320}@[^\s<>@]{1,255}>?:?\Z")


def replies(lines: Iterable[bytes]) -> Iterator[Found]:
    """The replies that refuse something; a reply that stands alone, whatever it says."""
    alone: Found | None = None
    for number, found in enumerate(_whole_replies(lines)):
        alone = found if number == 0 and found.reply[0] in "23" else None
        if found.reply[0] in "45":
            yield found
    if alone is not None:
        yield alone


def _whole_replies(lines: Iterable[bytes]) -> Iterator[Found]:
    """Whole replies: lines that continue (`550-…`) stay together, and the rest of a wrapped line; others are passed over."""
    gathered: list[str] = []
    begun = size = 0
    complete = ends_in_mailbox = False
    for number, octets in enumerate(lines, start=1):
        whole = text(octets)
        line = _unquoted(whole.strip())
        if not _REPLY_LINE.match(line) or (not (gathered and not complete) and is_no_reply(line)):
            if gathered and complete and _BLOCK.match(line):
                # Of a bounce: the recipient above belongs to the next reply.
                reply = "\n".join(gathered)
                yield Found(reply=_MAILBOX_END.sub("", reply) if ends_in_mailbox else reply, line=begun)
                gathered, size, complete = [], 0, False
                continue
            ends_in_mailbox = bool(gathered) and _MAILBOX_ALONE.match(line) is not None
            if gathered and complete and size < MAX_REPLY and _is_rest(whole, gathered[-1]):
                gathered[-1] += " " + line
                size += len(line)
            elif gathered and complete:
                yield Found(reply="\n".join(gathered), line=begun)
                gathered, size, complete = [], 0, False
            continue
        if complete:
            yield Found(reply="\n".join(gathered), line=begun)
            gathered, size = [], 0
        begun = begun if gathered else number
        if size < MAX_REPLY:
            gathered.append(line)
            size += len(line)
        complete = line[3:4] != "-"
    if gathered:
        yield Found(reply="\n".join(gathered), line=begun)


def _unquoted(line: str) -> str:
    """The line without the quotation marks around it; one at its end that closes another in the line stays."""
    bare = line.lstrip("\"'")
    if bare != line:
        return bare.rstrip("\"'")
    last = line[-1:]
    return line[:-1] if last and last in "\"'" and line.count(last) % 2 else line


def _is_rest(line: str, above: str) -> bool:
    """Whether a line is the rest of the reply line above it, which was broken into two."""
    begins = line.lstrip()[:1]
    return bool(begins) and (line[:1].isspace() or (len(above) > 59 and begins.islower())) and begins not in "<>=*-#|"


def compression(head: bytes) -> Packed | None:
    """How the input is compressed, by its first octets; None if it is not, or in a way that is not known."""
    return next((packed for packed, begun in _BEGUN if re.match(begun, head)), None)


def is_binary(head: bytes) -> bool:
    """Whether the octets are no text: many of them are controls that no text holds."""
    sample = head[:8192]
    controls = len(sample) - len(
        sample.translate(None, bytes(range(7)) + bytes(range(14, 27)) + b"\x1c\x1d\x1e\x1f\x7f")
    )
    return controls * 20 > len(sample)
