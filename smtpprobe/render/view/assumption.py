"""What assumed DNS changes: the checks that come out otherwise, as published and as assumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from smtpprobe.model.report import CheckReport, CheckRun
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence import table


class Side(msgspec.Struct, frozen=True):
    """How a check comes out: its summary, and its result where it has one."""

    text: str
    result: AuthResult | None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A check as published and as assumed, and which findings go or come."""

    check: str
    published: Side
    assumed: Side
    findings: tuple[str, ...] = ()


def changes(
    published: Sequence[CheckRun | CheckReport], assumed: Sequence[CheckRun | CheckReport]
) -> tuple[Changed, ...]:
    """The checks that come out otherwise; the only one in any case.

    What one side does not have, as a report of an earlier version, is not compared.
    """
    earlier = {_key(run): run for run in published}
    pairs = [(before, after) for after in assumed if (before := earlier.get(_key(after))) is not None]
    return tuple(_compared(*pair) for pair in pairs if len(published) == 1 or _differs(*pair))


def _differs(before: CheckRun | CheckReport, after: CheckRun | CheckReport) -> bool:
    """Whether a check comes out otherwise, whichever questions it asked for that."""
    return _outcome(before) != _outcome(after)


def _outcome(run: CheckRun | CheckReport) -> tuple[object, ...]:
    found = {(each.id, each.subject) for each in run.findings}
    reason = run.reason if run.evidence is None else None
    return _without_lookups(msgspec.to_builtins(run.evidence)), found, reason


def _without_lookups(value: object) -> object:
    """The evidence without the indexes of the lookups that it rests on."""
    if isinstance(value, dict):
        return {name: _without_lookups(each) for name, each in value.items() if name != "lookups"}
    return [_without_lookups(each) for each in value] if isinstance(value, list) else value


def _compared(before: CheckRun | CheckReport, after: CheckRun | CheckReport) -> Changed:
    return Changed(
        check=before.check, published=_side(before), assumed=_side(after), findings=tuple(_findings(before, after))
    )


def _key(run: CheckRun | CheckReport) -> tuple[str, int | None]:
    return run.check, None if isinstance(run, CheckReport) else run.transcript


def _side(run: CheckRun | CheckReport) -> Side:
    if run.evidence is not None:
        return Side(table.summary(run.evidence), getattr(run.evidence, "result", None))
    # A check that ran and found nothing to judge says why in its findings.
    reason = run.reason or ", ".join(dict.fromkeys(each.id for each in run.findings))
    words = mark("not run: {reason}") if run.reason is not None else mark("no result: {reason}")
    return Side(say(words, reason=reason), None)


def _findings(before: CheckRun | CheckReport, after: CheckRun | CheckReport) -> Iterator[str]:
    was, now = ({(each.id, each.subject) for each in run.findings} for run in (before, after))
    gone = [f"{name} ({subject})" for name, subject in sorted(was - now)]
    new = [f"{name} ({subject})" for name, subject in sorted(now - was)]
    if gone:
        yield say("no longer stated: {gone}", gone=", ".join(gone))
    if new:
        yield say("stated then: {new}", new=", ".join(new))
