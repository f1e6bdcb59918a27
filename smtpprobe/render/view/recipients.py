"""Several recipients: the table of what became of each, and whose refusals are explained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from smtpprobe.model.reply import Reply
from smtpprobe.model.report import Cause, Confidence, Report, Verdict
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Recipient, RecipientStatus, Transcript
from smtpprobe.render.view.headline import decisive
from smtpprobe.render.view.sections import RecipientRow
from smtpprobe.render.view.verdicts import in_brief

MAX_WHOLE = 3  # replies in the table, each the first of its cause
MAX_EXPLAINED = 2  # of these below it: with three the answer is longer than a screen of 24 lines
MAX_SINGLE_ROWS = 5  # of recipients, each on its own; of more, those with the same reply share one
MAX_ROWS = 8
MAX_PATHS = 4  # named in a row

_SETTLED = (Confidence.CONFIRMED, Confidence.CONTRADICTED)


class _Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient with the reply to it, and the best cause of its refusal."""

    recipient: Recipient
    reply: Reply | None
    cause: Cause | None

    @property
    def is_settled(self) -> bool:
        return self.cause is not None and self.cause.confidence in _SETTLED

    @property
    def words(self) -> str | None:
        """The reply but for the recipient's own address, which many servers repeat in it; of a success the codes."""
        if self.reply is None:
            return None
        if not self.reply.is_negative:
            return f"{self.reply.code} {self.reply.enhanced or ''}"
        own = re.compile(rf"(?<![\w.+=-]){re.escape(self.recipient.forward_path)}(?![\w-]|\.\w)", re.IGNORECASE)
        return f"{self.reply.code} {own.sub('', self.reply.text)}"

    @property
    def alike(self) -> tuple[RecipientStatus, str | None, str | None]:
        """What is the same for those that share a row."""
        return self.recipient.status, self.words, self.cause.id if self.cause is not None else None


def explained(report: Report) -> tuple[int | None, ...]:
    """The exchanges of the refusals that are explained below the table, in their order: the first that it has whole."""
    return tuple(each.recipient.exchange for each in _whole(_answered(report), 0)[:MAX_EXPLAINED])


def _whole(answered: Iterable[_Answered], verbosity: int) -> tuple[_Answered, ...]:
    """The refusals whose replies are shown whole: one for each cause, or reply where no cause is known.

    Those that were checked come first; above verbosity 0 they are all, else the first few.
    """
    first: dict[str | None, _Answered] = {}
    for each in sorted(answered, key=lambda each: not each.is_settled):
        if each.reply is not None and each.reply.is_negative:
            first.setdefault(each.cause.id if each.cause is not None else each.words, each)
    return tuple(first.values())[: MAX_WHOLE if verbosity <= 0 else None]


def is_worth_a_table(report: Report) -> bool:
    """Whether there are several recipients, and not all were accepted."""
    found = _answered(report)
    return len(found) > 1 and any(each.recipient.status is not RecipientStatus.ACCEPTED for each in found)


def table(report: Report, verbosity: int) -> tuple[tuple[RecipientRow, ...], str | None]:
    """The forward-paths of the session that decided the run, and how many more there are than have room.

    Many are gathered where the reply was the same: refused ones first, those with the whole reply before the rest. A row
    has the whole reply for the first of each cause, as far as there is room, else the codes, and above verbosity 0 the
    first line.
    """
    answered = _answered(report)
    whole = _whole(answered, verbosity)
    if verbosity > 0 or len(answered) <= MAX_SINGLE_ROWS:
        return tuple(_row([each], whole, verbosity) for each in answered), None
    alike: dict[object, list[_Answered]] = {}
    for each in answered:
        alike.setdefault(each.alike, []).append(each)
    groups = sorted(alike.values(), key=lambda group: _place(group, whole))
    left = sum(map(len, groups[MAX_ROWS:]))
    rows = tuple(_row(group, whole, verbosity) for group in groups[:MAX_ROWS])
    return rows, say("{count} more", count=left) if left else None


def _place(group: Sequence[_Answered], whole: Sequence[_Answered]) -> tuple[bool, bool]:
    """Refused ones before those that were accepted, those with the whole reply before the rest."""
    return group[0].recipient.status is RecipientStatus.ACCEPTED, not any(each in whole for each in group)


def _row(group: Sequence[_Answered], whole: Sequence[_Answered], verbosity: int) -> RecipientRow:
    """One row for recipients that are alike."""
    told = next((each for each in group if each in whole), None)
    shown = told or group[0]
    reply, cause = shown.reply, shown.cause
    text = None
    if reply is not None and reply.lines:
        words = reply.text if told else reply.lines[0] if verbosity > 0 else reply.enhanced or ""
        text = f"{reply.code} {words}".strip()
    return RecipientRow(
        forward_path=_some([each.recipient.forward_path for each in group]),
        status=shown.recipient.status,
        reply=text,
        cause=cause.id if cause is not None else None,
        sureness=in_brief(cause.confidence) if told and cause is not None else None,
    )


def _some(paths: Sequence[str]) -> str:
    shown, left = ", ".join(paths[:MAX_PATHS]), len(paths) - MAX_PATHS
    return shown + say(" and {count} more", count=left) if left > 0 else shown


def _answered(report: Report) -> tuple[_Answered, ...]:
    transcript = decisive(report)
    if transcript is None:
        return ()
    verdicts = {each.exchange: each for each in report.verdicts if report.transcripts[each.transcript] is transcript}
    return tuple(_of(each, transcript, verdicts.get(each.exchange)) for each in transcript.recipients)


def _of(recipient: Recipient, transcript: Transcript, verdict: Verdict | None) -> _Answered:
    return _Answered(
        recipient=recipient,
        reply=transcript.exchanges[recipient.exchange].reply if recipient.exchange is not None else None,
        cause=next(iter(verdict.causes), None) if verdict is not None else None,
    )
