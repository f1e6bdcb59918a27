"""Causes and findings by their ids, as pages for people, and as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from smtpprobe.model.texts.language import mark, say
from smtpprobe.render.text.page import HintedStyle, Page, label, label_size
from smtpprobe.render.text.remedy import actor_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smtpprobe.render.known_ids import CausePage, CauseRemedy, FindingPage, KnownIds

_LABEL = 10
_MAX_EXAMPLES = 4
_MEANING, _STAGES, _CODES, _OFTEN, _FIX = (
    mark("Meaning"), mark("Stages"), mark("Stated by"), mark("Often"), mark("Fix"),
)  # fmt: skip
_MORE, _RETRY, _SEVERITY, _CHECK = mark("More"), mark("Retry"), mark("Severity"), mark("Check")
_WHY, _COMMAND, _SOURCES = mark("Why"), mark("See it"), mark("Sources")
_LABELS = (_MEANING, _STAGES, _CODES, _OFTEN, _FIX, _MORE, _RETRY, _SEVERITY, _CHECK, _WHY, _COMMAND, _SOURCES)


def render(known: KnownIds, **style: Unpack[HintedStyle]) -> str:
    """A page for each cause and finding, in turn."""
    pages = [*(_cause(each, style) for each in known.causes), *(_finding(each, style) for each in known.findings)]
    return "\n".join(pages)


def render_list(known: KnownIds, **style: Unpack[HintedStyle]) -> str:
    """A line for each cause and finding: its id, the severity of a finding, and its title."""
    page = _page(style)
    rows = [
        *((each.id, each.title) for each in known.causes),
        *((each.id, f"{each.severity}: {each.title}") for each in known.findings),
    ]
    size = max((len(name) for name, _ in rows), default=0) + 2
    for name, text in rows:
        page.add(text, first=f"{name:<{size}}", lead="bold")
    return page.text()


def _page(style: HintedStyle) -> Page:
    return Page(
        width=style.get("width", 80),
        colour=style.get("colour", False),
        links=style.get("links", False),
        hints=style.get("hints", {}),
    )


def _cause(cause: CausePage, style: HintedStyle) -> str:
    page = _page(style)
    verbosity = style.get("verbosity", 0)
    page.add(f"{cause.id}  {cause.title}", style="bold")
    page.blank()
    _field(page, _MEANING, cause.meaning)
    _field(page, _STAGES, ", ".join(cause.phases))
    _field(page, _CODES, ", ".join(cause.stated_by))
    _field(page, _OFTEN, ", ".join((*map(str, cause.replies), *cause.enhanced)))
    if verbosity < 0:
        return page.text()
    steps = [each for each in cause.remedies if not each.facts]
    # Where each step waits for something, some that name no value say what it can come to.
    steps = steps or [each for each in cause.remedies if "‹" not in each.action][:_MAX_EXAMPLES]
    steps = steps or list(cause.remedies[:_MAX_EXAMPLES])
    _steps(page, _FIX, steps, verify=verbosity > 0)
    if verbosity > 0:
        _steps(page, _MORE, [each for each in cause.remedies if each not in steps], verify=True)
    if cause.by_reply:
        _field(page, _RETRY, say("after 5yz: {text}", text=cause.retry))
        _field(page, "", say("after 4yz: {text}", text=cause.retry_transient))
    else:
        _field(page, _RETRY, cause.retry)
    return page.text()


def _finding(finding: FindingPage, style: HintedStyle) -> str:
    page = _page(style)
    page.add(f"{finding.id}  {finding.title}", style="bold")
    page.blank()
    severity = say(finding.severity.value)
    _field(page, _SEVERITY, "; ".join(filter(None, (severity, finding.severity_otherwise))))
    _field(page, _CHECK, f"{finding.check}: {finding.about}")
    _field(page, _OFTEN, ", ".join(finding.codes))
    _field(page, _WHY, finding.why)
    _field(page, _FIX, finding.fix + "".join(filter(None, map(page.hint, finding.needs))))
    if style.get("verbosity", 0) >= 0:
        _field(page, _COMMAND, finding.command or "")
        _field(page, _SOURCES, ", ".join(finding.references))
    return page.text()


def _steps(page: Page, word: str, steps: Iterable[CauseRemedy], *, verify: bool) -> None:
    for number, each in enumerate(steps, start=1):
        before = label(word if number == 1 else "", label_size(_LABELS, _LABEL))
        page.add(actor_words(each.actor) + each.action, first=f"{before}{number}. ", lead="bold")
        if verify and each.verify:
            page.add(each.verify, first=" " * (len(before) + 3) + "→ ")


def _field(page: Page, word: str, text: str) -> None:
    if text:
        page.add(text, first=label(word, label_size(_LABELS, _LABEL)), lead="bold")
