"""The sections of a report as values: texts in the language in force, without layout, colour or wrapping."""

from __future__ import annotations

import msgspec

from smtpprobe.model.report import Confidence, Finding
from smtpprobe.model.transcript import Exchange, RecipientStatus, Status
from smtpprobe.model.words import Word
from smtpprobe.render.evidence.row import Row


class Said(msgspec.Struct, frozen=True):
    """A statement; `needs` names the request's field that would tell more, which a format may say in its own way."""

    text: str
    needs: str | None = None


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """How it came out: the server's words where it gave any, else the reason in ours."""

    status: Status
    text: str
    reply: tuple[str, ...] = ()  # the deciding reply's first lines, code and text
    reason: Said | None = None
    notes: tuple[str, ...] = ()


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection explained: why, how sure that is, and what to do.

    `command` and `reply` where several have to be told apart. `tag` is the cause's id, None where nothing is known.
    `reasons` is what `why` leaves of the evidence, `others` what it may be instead or as well.
    """

    command: str | None
    recipient: str | None  # whom it refused
    reply: tuple[str, ...]
    why: str
    tag: str | None
    sureness: str | None
    confidence: Confidence | None
    reasons: tuple[Said, ...]
    others: tuple[str, ...]
    remedies: tuple[RemedyRow, ...]
    more_remedies: int  # that are left out
    retry: str | None
    unknown: tuple[Said, ...]  # subjects gathered by why they could not be checked


class RemedyRow(msgspec.Struct, frozen=True, kw_only=True):
    """What to change, and whose work it is: None where it is the reader's, or nobody's. `paste`: a record to copy."""

    actor: str | None
    action: Said
    paste: str | None = None
    verify: str | None = None


class Note(msgspec.Struct, frozen=True):
    """What was assumed, or what a reader could take for more than it is."""

    said: Said
    warns: bool = False


class StepState(Word):
    """How one step of a session went."""

    DONE = "done"
    FAILED = "failed"
    TROUBLED = "troubled"  # refused or doubtful, and the session went on
    UNKNOWN = "unknown"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange of a session on one line: what was said, the answer's code, and what it means.

    `at_s` is when it was over, in seconds from the start of the connection. `more` stands below it; `unsolicited`,
    what came before it and answered nothing, above.
    """

    state: StepState
    command: str
    at_s: float | None = None
    code: str | None = None
    text: str = ""
    more: tuple[str, ...] = ()
    unsolicited: str | None = None


class RecipientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A forward-path, what became of it, the reply or its codes, the id of the cause, and how sure that is."""

    forward_path: str
    status: RecipientStatus
    reply: str | None = None
    cause: str | None = None
    sureness: str | None = None


class ReplyLine(msgspec.Struct, frozen=True):
    """A line of a reply, with what it means where that was not said before."""

    text: str
    meaning: str | None = None


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A command with its reply and what that means; times are the exchange's own."""

    exchange: Exchange
    unsolicited: str | None = None  # what came before it and answered nothing
    lines: tuple[ReplyLine, ...] = ()
    more_lines: int = 0  # of the reply, left out
    title: str | None = None
    meaning: str | None = None
    references: tuple[str, ...] = ()
    partial: str | None = None  # octets that made no whole reply
    handshake: str | None = None
    certificates: tuple[str, ...] = ()
    failure: str | None = None


class SessionSection(msgspec.Struct, frozen=True, kw_only=True):
    """One connection: its steps, or, in full, its exchanges. `connected` None: there was none, for that `reason`."""

    connected: str | None
    reason: str | None = None
    steps: tuple[Step, ...] = ()
    exchanges: tuple[ExchangeView, ...] = ()
    unsolicited: str | None = None
    injected: str | None = None


class FindingRow(msgspec.Struct, frozen=True):
    """A finding in words: the statement names its subject."""

    finding: Finding
    severity: str
    text: str


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """A check that ran: its evidence and findings, or why it did not finish."""

    check: str
    failure: str | None = None
    rows: tuple[Row, ...] = ()
    findings: tuple[FindingRow, ...] = ()


class SkippedView(msgspec.Struct, frozen=True):
    """Checks that did not run for one reason."""

    checks: tuple[str, ...]
    reason: Said


class ExitView(msgspec.Struct, frozen=True):
    """The exit code that the run has, and why in a few identifiers; None where nothing is wrong."""

    code: int
    reason: str | None = None


class AddressRow(msgspec.Struct, frozen=True, kw_only=True):
    """One address of several: whom, how its session ended, and the id of the cause with how sure it is."""

    state: StepState
    peer: str
    text: str
    cause: str | None = None


class Aspect(msgspec.Struct, frozen=True):
    """Something in which sessions differ, or what is known of each of our own addresses: a line for each."""

    name: str
    lines: tuple[str, ...]
    differs: bool = True


class SeveralView(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions with several addresses beside one another: how each ended, and in what they differ."""

    text: str
    rows: tuple[AddressRow, ...]
    more: str | None
    aspects: tuple[Aspect, ...]
    notes: tuple[str, ...] = ()


class CheckLine(msgspec.Struct, frozen=True):
    """What a check came to, in one sentence."""

    check: str
    text: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the run came to: outcome, reply, why, what to do, what else is wrong, who asked, and the exit code."""

    headline: Headline
    notices: tuple[FindingRow, ...]  # under what was accepted
    recipients: tuple[RecipientRow, ...]  # where there are several
    more_recipients: str | None  # how many there is no room for
    verdicts: tuple[VerdictView, ...]
    also: tuple[str, ...]
    notes: tuple[Note, ...]
    message: tuple[str, ...]  # that was sent
    who: tuple[str, ...]
    clean: str | None
    exit: ExitView


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a page may show, in its order: the sessions, what is different between them, the checks, the answer."""

    sessions: tuple[SessionSection, ...]
    several: SeveralView | None
    lines: tuple[CheckLine, ...]  # of checks that could bear on the refusal
    checks: tuple[CheckView, ...]  # in full, where they are asked for
    skipped: tuple[SkippedView, ...]
    answer: Answer


class CheckPage(msgspec.Struct, frozen=True, kw_only=True):
    """A single check: evidence and findings, the listings before the rest where they say the same."""

    check: str
    failure: str | None = None
    reason: Said | None = None
    rows: tuple[Row, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    findings_first: bool = False
