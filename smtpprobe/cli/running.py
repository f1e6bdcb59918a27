"""One event loop for a command; Ctrl-C and SIGTERM become a partial report."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from smtpprobe.cli import interrupts
from smtpprobe.cli.output import report_as_internal_error
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Request
from smtpprobe.model.transcript import Exchange

if TYPE_CHECKING:
    from smtpprobe.pipeline.recorder import RunRecorder

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result. Raises KeyboardInterrupt where SIGINT or SIGTERM ended it."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Harmless())
    try:
        interrupts.keep()
        with report_as_internal_error():
            return asyncio.run(_until_terminated(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


class _Harmless(logging.Formatter):
    """What asyncio and libraries have to say on stderr, where nobody else has set up logging; a server's words may be in it."""

    def format(self, record: logging.LogRecord) -> str:
        from smtpprobe.render.escape import lines

        return lines(super().format(record))


async def _until_terminated(work: Coroutine[Any, Any, Result]) -> Result:
    """The work's result; SIGTERM cancels it as asyncio has SIGINT do."""
    task = asyncio.current_task()
    assert task is not None
    with interrupts.terminated(task):
        return await work


def report_of(work: Callable[[RunRecorder], Coroutine[Any, Any, Result]]) -> Result | Report:
    """What the work gives; the recorder's partial report where a signal ended it."""
    from smtpprobe.pipeline.recorder import RunRecorder

    recorder = RunRecorder()
    try:
        return run(work(recorder))
    except KeyboardInterrupt:
        if not recorder.has_begun:
            raise
        interrupts.pass_over_one()
        with report_as_internal_error():
            return recorder.report()


def probe_to_end(
    request: Request, credentials: Credentials | None, message: bytes | None, assumption: ZoneData | None = None
) -> tuple[Report, Report | None]:
    """The report, and the one over assumed DNS; on a terminal a line on stderr says meanwhile where the session is.

    A run that a signal ended has one report, a partial one.
    """
    from smtpprobe.pipeline.probe import probe

    live = _Live()

    def work(recorder: RunRecorder) -> Coroutine[Any, Any, Report | tuple[Report, Report]]:
        if assumption is None:
            return probe(request, credentials=credentials, message=message, observe=live.observe, recorder=recorder)
        from smtpprobe.pipeline.assumption import probe_assuming

        return probe_assuming(
            request, assumption, credentials=credentials, message=message, observe=live.observe, recorder=recorder
        )

    try:
        made = report_of(work)
    finally:
        live.clear()
    return made if isinstance(made, tuple) else (made, None)


class _Live:
    """The current phase on one line of a terminal's stderr; nothing anywhere else."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty() and sys.stdout.isatty()
        self._shown = 0

    def observe(self, exchange: Exchange) -> None:
        if self._on:
            code = exchange.reply.code if exchange.reply else exchange.breakage or "done"
            words = f"{exchange.phase}: {code}"
            sys.stderr.write(f"\r{words:<{self._shown}}")
            self._shown = len(words)
            sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
