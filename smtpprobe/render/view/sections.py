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


class CauseRole(Word):
    """What a cause is beside the others of its verdict."""

    MAIN = "main"
    ALSO = "also"  # as well founded
    BESIDES = "besides"  # would explain a refusal that is explained: its reasons are worth knowing, it is no cause
    PERHAPS = "perhaps"  # possible, and nothing is certain
    OR = "or"  # possible, beside what is certain
    SAME_AS_BEFORE = "same-as-before"  # the causes of an earlier verdict
    UNKNOWN = "unknown"  # nobody knows: the verdict's summary


class CauseView(msgspec.Struct, frozen=True, kw_only=True):
    """A cause, or several merely possible ones, with what it rests on beyond the reply itself."""

    role: CauseRole
    titles: tuple[str, ...]
    confidence: Confidence | None = None
    reasons: tuple[Said, ...] = ()


class RemedyRow(msgspec.Struct, frozen=True):
    """What to change, and whose work it is: None where it is the reader's, or nobody's."""

    actor: str | None
    action: Said
    verify: str | None


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """One rejection explained. `command` and `reply` where several have to be told apart."""

    command: str | None
    reply: tuple[str, ...]
    causes: tuple[CauseView, ...]
    remedies: tuple[RemedyRow, ...]
    retry: str | None
    cleared: tuple[str, ...]
    unknown: tuple[Said, ...]  # subjects gathered by why they could not be checked
    unknown_below: tuple[str, ...]  # checks whose reason stands with the evidence


class Note(msgspec.Struct, frozen=True):
    """What was assumed, or what a reader could take for more than it is."""

    said: Said
    warns: bool = False


class StageState(Word):
    DONE = "done"
    FAILED = "failed"  # here it was decided
    TROUBLED = "troubled"  # refused or broken off, and the session went on
    NOT_REACHED = "not-reached"
    UNKNOWN = "unknown"


class LadderStage(msgspec.Struct, frozen=True):
    """A stage of the session and how it went."""

    name: str
    state: StageState


class RecipientRow(msgspec.Struct, frozen=True):
    """A forward-path, what became of it, and the reply's first line."""

    forward_path: str
    status: RecipientStatus
    reply: str | None


class ReplyLine(msgspec.Struct, frozen=True):
    """A line of a reply, with what it means where that was not said before."""

    text: str
    meaning: str | None = None


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A command with its reply and what that means; times are the exchange's own."""

    exchange: Exchange
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
    """One connection. `connected` None where there was none, which `reason` then explains."""

    connected: str | None
    reason: str | None = None
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


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a page may show, in its order."""

    headline: Headline
    verdicts: tuple[VerdictView, ...]
    notes: tuple[Note, ...]
    ladder: tuple[LadderStage, ...]
    recipients: tuple[RecipientRow, ...]
    sessions: tuple[SessionSection, ...]
    checks: tuple[CheckView, ...]
    skipped: tuple[SkippedView, ...]
    exit: ExitView


class CheckPage(msgspec.Struct, frozen=True, kw_only=True):
    """A single check: evidence and findings, the listings before the rest where they say the same."""

    check: str
    failure: str | None = None
    reason: Said | None = None
    rows: tuple[Row, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    findings_first: bool = False
