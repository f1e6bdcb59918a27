"""One event loop for a command; Ctrl-C becomes a partial report."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from smtpprobe.cli.output import never_the_callers_fault
from smtpprobe.model.report import Report
from smtpprobe.model.request import Credentials, Request
from smtpprobe.model.transcript import Exchange
from smtpprobe.model.zone_data import ZoneData

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result."""
    with never_the_callers_fault():
        return asyncio.run(work)


def probe_to_end(
    request: Request, credentials: Credentials | None, message: bytes | None, assumption: ZoneData | None = None
) -> tuple[Report, Report | None]:
    """The report, and the one over assumed DNS; on a terminal a line on stderr says meanwhile where the session is."""
    from smtpprobe.pipeline.probe import probe

    live = _Live()
    observe = live.observe
    try:
        if assumption is not None:
            from smtpprobe.pipeline.assumption import probe_assuming

            work = probe_assuming(request, assumption, credentials=credentials, message=message, observe=observe)
            return run(work)
        return run(probe(request, credentials=credentials, message=message, observe=observe)), None
    finally:
        live.clear()


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
