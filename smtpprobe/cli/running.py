"""One event loop for a command; Ctrl-C, SIGTERM and SIGHUP become a partial report."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from smtpprobe.cli import interrupts
from smtpprobe.cli.output import report_as_internal_error
from smtpprobe.model.dns.zone_data import ZoneData
from smtpprobe.model.request import Credentials, Request

if TYPE_CHECKING:
    from smtpprobe.cli.live import Live
    from smtpprobe.model.report import Report
    from smtpprobe.pipeline.recorder import RunRecorder

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result. Raises KeyboardInterrupt where SIGINT, SIGTERM or SIGHUP ended it."""
    try:
        interrupts.keep()
        with _harmless_logging(), report_as_internal_error():
            return asyncio.run(_until_terminated(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def _harmless_logging() -> Iterator[None]:
    """Has what nobody else set up logging for steer no terminal, for as long as this lasts."""
    handler = logging.lastResort
    before = handler.formatter if handler is not None else None
    if handler is not None:
        handler.setFormatter(_Harmless())
    try:
        yield
    finally:
        if handler is not None:
            handler.setFormatter(before)


class _Harmless(logging.Formatter):
    """What asyncio and libraries have to say on stderr, where nobody else has set up logging; a server's words may be in it."""

    def format(self, record: logging.LogRecord) -> str:
        from smtpprobe.render.escape import lines

        return lines(super().format(record))


async def _until_terminated(work: Coroutine[Any, Any, Result]) -> Result:
    """The work's result; SIGTERM and SIGHUP cancel it as asyncio has SIGINT do."""
    task = asyncio.current_task()
    assert task is not None
    with interrupts.terminated(task):
        return await work


def report_of(work: Callable[[RunRecorder], Coroutine[Any, Any, Result]], live: Live | None = None) -> Result | Report:
    """What the work gives; the recorder's partial report where a signal ended it. `live` shows it meanwhile."""
    from smtpprobe.pipeline.recorder import RunRecorder

    recorder = RunRecorder(live.show if live is not None else None)
    try:
        return run(work(recorder))
    except KeyboardInterrupt:
        if not recorder.has_begun:
            raise
        interrupts.pass_over_one()
        with report_as_internal_error():
            return recorder.report()
    finally:
        if live is not None:
            live.clear()


def probe_to_end(
    request: Request,
    credentials: Credentials | None,
    message: bytes | None,
    assumption: ZoneData | None = None,
    live: Live | None = None,
) -> tuple[Report, Report | None]:
    """The report, and the one over assumed DNS. A run that a signal ended has one report, a partial one."""
    from smtpprobe.pipeline.probe import probe

    def work(recorder: RunRecorder) -> Coroutine[Any, Any, Report | tuple[Report, Report]]:
        sent = request.message_to_send is not None
        octets: dict[str, Any] = {"message_to_send" if sent else "message_to_judge": message}
        if assumption is None:
            return probe(request, credentials=credentials, recorder=recorder, **octets)
        from smtpprobe.pipeline.assumption import probe_assuming

        return probe_assuming(request, assumption, credentials=credentials, recorder=recorder, **octets)

    made = report_of(work, live)
    return made if isinstance(made, tuple) else (made, None)
