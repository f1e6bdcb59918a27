"""Causes and findings by their permanent ids: the pages that `explain ID`, `causes` and `checks` print."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from smtpprobe.catalogue.causes import CauseEntry, causes
from smtpprobe.catalogue.reference.cause_codes import cause_codes
from smtpprobe.catalogue.reference.finding_codes import finding_codes
from smtpprobe.checks import registry
from smtpprobe.checks.base import Check, FindingSpec
from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.known_ids import CausePage, CauseRemedy, FindingPage, KnownIds

CommandOf = Callable[[str, str], str]
"""Given the names of a check and of a finding, the command that shows it."""

_MAX_ID = 60  # characters; no id is half as long
_LIKE_AN_ID = re.compile(r"[a-z][a-z0-9]{1,30}(?:[-_][a-z0-9]{1,30}){0,8}\Z")
_CLOSE = 0.75
_PLACEHOLDER = re.compile(r"\{([a-z_]{1,40})\}")


def cause_ids() -> tuple[str, ...]:
    """Every cause's id, in the catalogue's order."""
    return tuple(causes())


def finding_ids(*checks: str) -> tuple[str, ...]:
    """The ids of the checks' findings, in the order of a report; without a check, of all."""
    return tuple(
        finding.id for check in registry.checks() if not checks or check.name in checks for finding in check.findings
    )


def check_names() -> tuple[str, ...]:
    """The names of the checks, in the order of a report."""
    return tuple(check.name for check in registry.CHECKS)


def is_known(word: str) -> bool:
    """Whether it is a cause's id or a finding's."""
    return word in causes() or word in finding_ids()


def nearest(word: str, among: Sequence[str] | None = None) -> str | None:
    """The id that was probably meant; None for what does not look like one, or like any."""
    if len(word) > _MAX_ID or not _LIKE_AN_ID.match(word.lower()):
        return None
    found = get_close_matches(
        word.lower().replace("_", "-"), among or (*cause_ids(), *finding_ids()), n=1, cutoff=_CLOSE
    )
    return found[0] if found else None


def require(ids: Sequence[str], among: Sequence[str], fault: str, *, also: Sequence[str] = ()) -> None:
    """Raises ValueError for the first id that is not `among` them, with the fault, and the nearest or one of `also`."""
    for each in ids:
        if each not in among:
            near = nearest(each, (*among, *also))
            raise ValueError(
                say(fault, id=repr(each[:_MAX_ID])) + (say(": did you mean {near}?", near=near) if near else "")
            )


def known_ids(ids: Sequence[str], command_of: CommandOf | None = None) -> KnownIds:
    """The pages of causes and findings. Raises ValueError for an id that there is not, which names the nearest."""
    require(ids, (*cause_ids(), *finding_ids()), mark("{id} is not the id of a cause or a finding"))
    unique = dict.fromkeys(ids)
    return KnownIds(
        causes=tuple(_cause_page(each, causes()[each]) for each in unique if each in causes()),
        findings=tuple(
            finding_page(check, finding, command_of)
            for wanted in unique
            for check in registry.checks()
            for finding in check.findings
            if finding.id == wanted
        ),
    )


def _cause_page(cause: str, entry: CauseEntry) -> CausePage:
    codes = cause_codes(cause)
    return CausePage(
        id=cause,
        title=entry.title,
        meaning=entry.definition,
        who=entry.who,
        retry=entry.retry,
        retry_transient=entry.retry_transient,
        by_reply=entry.by_reply,
        phases=entry.phases,
        remedies=tuple(_remedies(entry)),
        stated_by=codes.stated_by,
        enhanced=codes.enhanced,
        replies=codes.replies,
    )


def _remedies(entry: CauseEntry) -> list[CauseRemedy]:
    """Those for a refusal of which nothing else is known, then those that wait for more."""
    always = [each for each in entry.remedies if each.applies({})]
    replaced = {name for each in always for name in each.without}
    # One that names a value, where another says the same without it, would be said twice.
    waiting = [each for each in entry.remedies if each not in always and not replaced.intersection(each.needs)]
    return [
        CauseRemedy(
            actor=each.actor,
            action=_PLACEHOLDER.sub(_shown, each.action),
            verify=_PLACEHOLDER.sub(_shown, each.verify) if each.verify else None,
            facts=each.needs,
        )
        for each in (*always, *waiting)
    ]


def _shown(placeholder: re.Match[str]) -> str:
    return f"‹{placeholder[1].replace('_', ' ')}›"


def finding_page(check: Check, finding: FindingSpec, command_of: CommandOf | None = None) -> FindingPage:
    """The page of one finding of a check."""
    return FindingPage(
        id=finding.id,
        check=check.name,
        about=say(check.about),
        severity=finding.severity,
        severity_otherwise=say(finding.severity_otherwise) or None,
        title=say(finding.title),
        why=say(finding.why),
        fix=say(finding.fix),
        needs=finding.needs,
        references=finding.references,
        codes=finding_codes(finding.id),
        command=command_of(check.name, finding.id) if command_of else None,
    )
