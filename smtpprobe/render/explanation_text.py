"""A code or a reply explained, as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpprobe.render.page import Page

if TYPE_CHECKING:
    from smtpprobe.catalogue.entries import Entry
    from smtpprobe.catalogue.explain import Explanation

_LABEL = 10


def render_entry(
    entry: Entry, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0
) -> str:
    """The reference's page on a code: what it is, when it is seen, how to fix it."""
    page = Page(width=width, colour=colour, links=links)
    head = f"{entry.code} {entry.enhanced}" if entry.enhanced else str(entry.code)
    page.add(f"{head}  {entry.name}", style="bold")
    page.add(entry.title)
    page.blank()
    _field(page, "Class", f"{entry.reply_class}" + ("" if entry.standard else "; no RFC defines this code"))
    _field(page, "Meaning", entry.meaning)
    _field(page, "When", entry.when)
    for number, step in enumerate(entry.fix, start=1):
        _field(page, "Fix" if number == 1 else "", f"{number}. {step}" if len(entry.fix) > 1 else step)
    if verbosity >= 0:
        _field(page, "Not", entry.wrong_move)
        _field(page, "Next", entry.next)
        _field(page, "Retry", entry.retry)
        _field(page, "Who", entry.who)
        for number, neighbour in enumerate(entry.neighbours):
            _field(page, "Beside" if number == 0 else "", f"{neighbour.code}: {neighbour.differs}")
        _field(page, "Sources", ", ".join(entry.references))
    return page.text()


def render_reply(
    text: str, said: Explanation, cause: dict[str, object], fix: list[str], entry: Entry, *, width: int = 80,
    colour: bool = False, links: bool = False, verbosity: int = 0,
) -> str:  # fmt: skip
    """A pasted reply: its cause with how sure that is, what the codes mean, and what to do."""
    page = Page(width=width, colour=colour, links=links)
    page.add(text, style="bold")
    page.blank()
    if said.cause == "unknown":
        _field(page, "Cause", f"not told by these words; by its class: {entry.title}")
    else:
        words = {"sure": "the reply says so", "likely": "likely, by its words", "guess": "a guess from the code"}
        _field(
            page,
            "Cause",
            f"{cause.get('title', said.cause)}  ({said.cause}; {words.get(said.confidence, said.confidence)})",
        )
    if said.alternatives:
        _field(page, "Or", ", ".join(said.alternatives))
    found = {name: value for name in ("ip", "domain", "list", "url") if (value := getattr(said.captures, name))}
    if found:
        _field(page, "Names", ", ".join(f"{name} {value}" for name, value in found.items()))
    if said.provider:
        _field(page, "Provider", said.provider)
    _field(page, "Meaning", entry.meaning)
    for number, step in enumerate(fix, start=1):
        _field(page, "Fix" if number == 1 else "", f"{number}. {step}" if len(fix) > 1 else step)
    retry = cause.get("retry")
    if retry:
        _field(page, "Retry", str(retry))
    if verbosity >= 0:
        _field(page, "Sources", ", ".join(entry.references))
    return page.text()


def _field(page: Page, label: str, text: str) -> None:
    if text:
        page.add(text, first=f"{label:<{_LABEL}}", lead="bold")
