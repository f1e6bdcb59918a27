"""The whole tree of a record whose evaluation ends early: what is behind the term that ends it, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from smtpprobe.mailauth.spf.client import Nobody
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.published import FAMILIES, nobody_values, not_followed
from smtpprobe.mailauth.spf.record import Term
from smtpprobe.mailauth.spf.trace import Node, Outcome, TermError, steps
from smtpprobe.model.dns.lookup import Resolver
from smtpprobe.model.evidence.spf import SpfFault, SpfRecordEvidence, SpfStep, SpfStepResult
from smtpprobe.model.words import AuthResult

MAX_COUNTED = 60  # lookups, in all
# What ends an evaluation in the middle of a record, and no circle.
ENDINGS = (
    SpfFault.TOO_MANY_LOOKUPS, SpfFault.TOO_MANY_VOID_LOOKUPS, SpfFault.TOO_MANY_MX, SpfFault.INCLUDE_MISSING,
    SpfFault.MULTIPLE_RECORDS,
)  # fmt: skip


async def with_whole_trace(resolver: Resolver, evidence: SpfRecordEvidence) -> SpfRecordEvidence:
    """The evidence with the branches behind the limit, or the record that is missing, that ended its evaluation.

    They are not reached, and have the running counts that a receiver would come to which goes on, up to MAX_COUNTED. The
    result stays what it was.
    """
    if evidence.fault not in ENDINGS:
        return evidence
    is_ip4 = evidence.family != FAMILIES[1]
    client = Nobody(is_ip4=is_ip4)
    evaluation = _Onward(resolver, client, nobody_values(evidence.domain, is_ip4=is_ip4))
    outcome = await evaluation.host(evidence.domain)
    evaluation.end()
    trace = _joined(evidence.trace, steps(outcome))
    return msgspec.structs.replace(
        evidence,
        trace=trace,
        not_followed=not_followed(client, trace),
        lookups=tuple(dict.fromkeys((*evidence.lookups, *evaluation.consumed))),
    )


class _Onward(Evaluation):
    """An evaluation that counts on where a receiver stops, and passes over what would end it."""

    async def host(self, domain: str, node: Node | None = None) -> Outcome:
        """As for everybody, but for a record that is being read already: its end is nowhere."""
        if node is not None and domain.lower() in self._chain:
            return Outcome(AuthResult.NEUTRAL)
        return await super().host(domain, node)

    async def _matches(self, term: Term, domain: str, node: Node) -> bool:
        try:
            return await super()._matches(term, domain, node)
        except TermError as error:
            if self.lookups_used >= MAX_COUNTED:
                raise
            node.reason = error.reason
            return False

    def _count(self, term: Term) -> None:
        if self.lookups_used >= MAX_COUNTED:
            raise TermError(AuthResult.PERMERROR, "", SpfFault.TOO_MANY_LOOKUPS)
        with suppress(TermError):
            super()._count(term)

    def _spend_void(self, over: str, node: Node | None, *, of_host: bool) -> None:
        with suppress(TermError):
            super()._spend_void(over, node, of_host=of_host)


def _joined(stopped: tuple[SpfStep, ...], onward: tuple[SpfStep, ...]) -> tuple[SpfStep, ...]:
    """The steps as they were evaluated, and behind the one that ended it those that a receiver does not reach."""
    if not stopped:
        return tuple(_behind(onward))
    if len(stopped) != len(onward):
        return stopped
    at = next((place for place, step in enumerate(stopped) if step.fault is not None), None)
    if at is None:
        return stopped
    ending = msgspec.structs.replace(
        stopped[at],
        expanded=stopped[at].expanded or onward[at].expanded,
        alias=stopped[at].alias or onward[at].alias,
        lookups_used=onward[at].lookups_used,
        void_lookups_used=onward[at].void_lookups_used,
        children=_joined(stopped[at].children, onward[at].children),
    )
    return (*stopped[:at], ending, *_behind(onward[at + 1 :]))


def _behind(onward: tuple[SpfStep, ...]) -> Iterator[SpfStep]:
    for step in onward:
        is_mechanism = step.result not in (SpfStepResult.IGNORED, SpfStepResult.USED)
        yield msgspec.structs.replace(
            step,
            result=SpfStepResult.NOT_REACHED if is_mechanism else step.result,
            reason=step.reason or None,
            fault=None,
            decided=False,
            children=tuple(_behind(step.children)),
        )
