"""What has come of a run so far, for whoever has to stop before its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.model.exit_code import exit_code_of
from smtpprobe.model.request import Assumed, Envelope, Request
from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Outcome, Phase, Status, Transcript
from smtpprobe.net.resolver import RunResolver
from smtpprobe.pipeline.held.attempt import Attempt
from smtpprobe.pipeline.progress import Progress

if TYPE_CHECKING:
    from smtpprobe.model.report import CheckRun, Report, Untried
    from smtpprobe.pipeline.evaluation import StartedCheck


class RunRecorder:
    """Holds the results of one run. Make one, give it to `probe`, and ask it for the `report` at any time.

    `probe` lets a cancellation through (asyncio.timeout, a task group, Ctrl-C): the results up to then are here, and the
    report holds no secrets. Everything but `has_begun` and `report` is for the run that fills it.

    `progress` is told what happens when it happens (smtpprobe.pipeline.progress), and can change nothing.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress
        self._run: tuple[Request, RunResolver, datetime] | None = None
        self._finished: Report | None = None
        self.envelope: Envelope | None = None
        self.attempts: list[Attempt] = []
        self.untried: tuple[Untried, ...] = ()
        self.transcripts: tuple[Transcript, ...] | None = None  # as they were read when the last session had ended
        self.checks: list[StartedCheck] = []

    @property
    def has_begun(self) -> bool:
        """Whether the run has begun: until then there is nothing to report."""
        return self._run is not None

    def report(self) -> Report:
        """The run's report; a partial one, with the outcome `interrupted`, for as long as `probe` has not returned.

        The partial one has the exchanges and lookups so far and the checks that finished. A check that had begun is
        `failed`, one that had not is `skipped`, both with the reason `interrupted`. Raises ValueError where no run has
        begun.
        """
        if self._finished is not None:
            return self._finished
        from smtpprobe.checks.base import Services
        from smtpprobe.model.report import FailureKind
        from smtpprobe.pipeline import evaluation

        request, resolver, started_at = self._known()
        transcripts = self.transcripts
        if transcripts is None:
            transcripts = self.read_transcripts()
            services = Services(resolver=resolver, now=request.evaluation_time or started_at)
            envelope = self.used_envelope()
            inputs = evaluation.check_inputs(request, envelope, transcripts, services)
            runs = evaluation.run_after_interruption(inputs)
        else:
            runs = tuple(each.run(FailureKind.INTERRUPTED, say(evaluation.INTERRUPTED)) for each in self.checks)
        return self._composed(transcripts, _interrupted(transcripts), runs)

    def begin(self, request: Request, resolver: RunResolver, started_at: datetime) -> None:
        """Note the run that is recorded. Raises ValueError for a second one."""
        if self._run is not None:
            raise ValueError(say("a recorder records one run: make another for the next"))
        self._run = (request, resolver, started_at)

    def finish(self, report: Report) -> None:
        """Note that the run has ended with this report."""
        self._finished = report

    def read_transcripts(self) -> tuple[Transcript, ...]:
        """The transcripts of all attempts as they are now, with their annotations."""
        from smtpprobe.pipeline import evaluation

        request, _, _ = self._known()
        used = self.used_envelope()
        return tuple(
            evaluation.read(each.transcript(), request, each.envelope if each.connected else used)
            for each in self.attempts
        )

    def compose(self, outcome: Outcome, runs: Sequence[CheckRun]) -> Report:
        """The report of what is recorded, with the outcome and the checks' runs."""
        return self._composed(self.transcripts or (), outcome, runs)

    def _composed(self, transcripts: Sequence[Transcript], outcome: Outcome, runs: Sequence[CheckRun]) -> Report:
        from smtpprobe.pipeline import evaluation

        request, resolver, started_at = self._known()
        return evaluation.report(
            request,
            envelope=self.used_envelope(),
            transcripts=transcripts,
            runs=tuple(runs),
            lookups=resolver.lookups,
            outcome=outcome,
            started_at=started_at,
            untried=self.untried,
        )

    def _known(self) -> tuple[Request, RunResolver, datetime]:
        if self._run is None:
            raise ValueError(say("no run has started: there is nothing to report"))
        return self._run

    def used_envelope(self) -> Envelope:
        """The envelope of the first attempt that gave a connection, which knows the HELO name that was used."""
        if self.attempts:
            return next((each.envelope for each in self.attempts if each.connected), self.attempts[-1].envelope)
        request, _, _ = self._known()
        return self.envelope or Envelope(Assumed(request.helo or "", assumed=request.helo is None), None)


def _interrupted(transcripts: Sequence[Transcript]) -> Outcome:
    """The outcome of a run that was stopped, with what had been decided until then."""
    from smtpprobe.pipeline import evaluation, outcomes

    ended = [each.outcome for each in transcripts if each.outcome]
    decided = outcomes.worst(ended) if ended else Outcome(status=Status.INTERRUPTED, phase=Phase.DNS)
    return msgspec.structs.replace(
        decided,
        status=Status.INTERRUPTED,
        reason=say(evaluation.INTERRUPTED),
        fault=None,
        exit_code=exit_code_of(Status.INTERRUPTED),
    )
