"""A session in full on the page: each command and reply with its time and its meaning."""

from __future__ import annotations

from smtpprobe.model.texts.language import say_counted
from smtpprobe.render.escape import columns, terminal
from smtpprobe.render.text.page import Page
from smtpprobe.render.view.sections import ExchangeView, ReplyLine, SessionSection

_BESIDE = 25  # columns that a short reply line takes, its meaning beside it
_MEANING = 30  # columns that a meaning needs to stand beside its line
_START = "   0.0 ms  "


def add(page: Page, session: SessionSection) -> None:
    """Each command and reply with its time, and below each reply what it means."""
    if session.connected is None:
        page.add(session.reason or "", first=_START)
        return
    add_connected(page, session.connected)
    for exchange in session.exchanges:
        add_exchange(page, exchange)
    for text in (session.unsolicited, session.injected):
        if text is not None:
            page.add(text, first=_gutter(None), style="yellow")


def add_connected(page: Page, connected: str) -> None:
    """The connection, with which a transcript begins."""
    page.add(connected, first=_START, style="dim")


def _gutter(seconds: float | None) -> str:
    if seconds is None:
        return " " * 11
    return f"{seconds * 1000:>6.1f}     " if seconds < 10 else f"{seconds:>6.1f} s   "


def add_exchange(page: Page, view: ExchangeView) -> None:
    """One command and its reply."""
    exchange = view.exchange
    if view.unsolicited is not None:
        page.add(view.unsolicited, first=_gutter(None), style="yellow")
    lock = "⇒" if exchange.over_tls else "→"
    if exchange.sent is not None:
        page.add(exchange.sent, first=f"{_gutter(exchange.sent_s)}{lock} ", rest=" " * 15, lead="cyan")
    if view.handshake is not None:
        page.add(view.handshake, first=f"{_gutter(exchange.last_octet_s)}≡ ")
    for text in view.certificates:
        page.add(text, first=" " * 13, style="dim")
    if view.partial is not None:
        page.add(view.partial, first=f"{_gutter(exchange.first_octet_s)}← ")
    if view.failure is not None:
        page.add(view.failure, first=f"{_gutter(exchange.last_octet_s)}✗ ", lead="red", style="red")
    if exchange.reply is not None:
        _reply(page, view, {4: "yellow", 5: "red"}.get(exchange.reply.digit))


def _reply(page: Page, view: ExchangeView, style: str | None) -> None:
    arrow = "⇐" if view.exchange.over_tls else "←"
    for index, line in enumerate(view.lines):
        time_s = view.exchange.last_octet_s if index == 0 else None
        _line(page, line, f"{_gutter(time_s)}{arrow if index == 0 else ' '} ", style)
    if view.more_lines:
        more = say_counted("… and {count} more line", "… and {count} more lines", view.more_lines)
        page.add(more, first=" " * 13, style="dim")
    for text in (view.title, view.meaning, ", ".join(view.references) or None):
        if text is not None:
            page.add(text, first=" " * 13, style="dim")


def _line(page: Page, line: ReplyLine, first: str, style: str | None) -> None:
    """A line of the reply; its meaning stands beside it where it is short, else below."""
    taken = columns(terminal(line.text))
    if line.meaning and taken <= _BESIDE - 2 and page.width >= columns(first) + _BESIDE + _MEANING:
        first = f"{first}{terminal(line.text)}{' ' * (_BESIDE - taken)}"
        page.add(line.meaning, first=first, style="dim", lead=style)
        return
    page.add(line.text, first=first, rest=" " * 15, style=style)
    if line.meaning:
        page.add(line.meaning, first=" " * 15, style="dim")
