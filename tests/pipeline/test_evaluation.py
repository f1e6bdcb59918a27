"""The checks of one run: when each of them runs, and that what several want to know is worked out once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from smtpprobe.checks import registry
from smtpprobe.checks.registry import Trigger
from smtpprobe.mailauth.dkim.verification import _Verification
from smtpprobe.mailauth.dns.overlay import Overlay
from smtpprobe.mailauth.spf.client import Nobody
from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.lint.walk import _Walk
from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.report import Completed, Report
from smtpprobe.model.request import Diagnose, Request, Target
from smtpprobe.model.transcript import Outcome, Phase, Status, TlsFault, Transcript
from smtpprobe.pipeline import evaluation
from smtpprobe.testing.cases import load_case, run_case
from tests.checks.tls import sessions
from tests.mailauth.dkim.signing import rsa_record, sign, txt

CASES = Path(__file__).parents[2] / "fixtures" / "cases"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[Any, ...]]:
    """How often each identity was evaluated, each record linted and each signature verified, drafts left out."""
    done: Counter[tuple[Any, ...]] = Counter()
    evaluation, walk, judge = Evaluation.__init__, _Walk.__init__, _Verification.judge

    def evaluated(self: Evaluation, resolver: Any, client: Any, values: dict[str, str], **options: Any) -> None:
        # What a record comes to for everybody else is no evaluation of an identity.
        if not isinstance(resolver, Overlay) and not isinstance(client, Nobody):
            done["identity", client.ip, values["s"]] += 1
        evaluation(self, resolver, client, values, **options)

    def walked(self: _Walk, resolver: Any, domain: str) -> None:
        if not isinstance(resolver, Overlay):
            done["lint", domain] += 1
        walk(self, resolver, domain)

    async def judged(self: _Verification, position: int, read: Any) -> Any:
        done["signature", position] += 1
        return await judge(self, position, read)

    monkeypatch.setattr(Evaluation, "__init__", evaluated)
    monkeypatch.setattr(_Walk, "__init__", walked)
    monkeypatch.setattr(_Verification, "judge", judged)
    return done


def evidence(report: Report) -> dict[type, Any]:
    return {type(run.evidence): run.evidence for run in report.checks if isinstance(run, Completed)}


async def test_every_identity_is_evaluated_once_and_every_record_linted_once(work: Counter[tuple[Any, ...]]) -> None:
    shown = evidence(await run_case(load_case(CASES / "rcpt-554-listed")))
    identities = shown[SpfEvidence].identities
    assert identities.helo.sender != identities.mailfrom.sender
    assert {name for name in shown[DmarcEvidence].alignment if name.mechanism == "spf"}
    assert work == {
        ("identity", shown[SpfEvidence].client_ip, identities.mailfrom.sender): 1,
        ("identity", shown[SpfEvidence].client_ip, identities.helo.sender): 1,
        ("lint", identities.mailfrom.domain): 1,
    }


async def test_every_signature_is_verified_once(work: Counter[tuple[Any, ...]]) -> None:
    case = load_case(CASES / "rcpt-dmarc-message")
    zone = (
        f"{case.zone}\n{txt('sel._domainkey.example.org', rsa_record())}{txt('_dmarc.example.org', 'v=DMARC1; p=none')}"
    )
    message = sign(sign(), h="From:To")
    shown = evidence(await run_case(msgspec.structs.replace(case, zone=zone, message=message)))
    assert [each.result for each in shown[DkimEvidence].signatures] == ["pass", "pass"]
    assert {each.mechanism for each in shown[DmarcEvidence].alignment} == {"spf", "dkim"}
    assert [count for key, count in work.items() if key[0] == "signature"] == [1, 1]


ALWAYS, AFTER_REFUSAL, TLS_TROUBLE = Trigger.ALWAYS, Trigger.AFTER_REFUSAL, Trigger.TLS_TROUBLE
AUTO, NEVER, EVERYTHING = Diagnose.AUTO, Diagnose.NEVER, Diagnose.ALWAYS
REFUSED_SO, ACCEPTED_SO, INTERRUPTED_SO = Status.REFUSED, Status.ACCEPTED, Status.INTERRUPTED
TROUBLE, NO_TROUBLE = sessions.failing(TlsFault.CLOSED), sessions.NOT_TRIED


@pytest.mark.parametrize(
    ("trigger", "needs_dns", "diagnose", "status", "transcript", "why_not"),
    [
        (ALWAYS, False, AUTO, ACCEPTED_SO, NO_TROUBLE, None),
        (ALWAYS, False, NEVER, ACCEPTED_SO, NO_TROUBLE, None),
        (ALWAYS, False, AUTO, INTERRUPTED_SO, NO_TROUBLE, None),
        (ALWAYS, True, AUTO, ACCEPTED_SO, NO_TROUBLE, None),
        (ALWAYS, True, NEVER, ACCEPTED_SO, NO_TROUBLE, "switched off"),
        (ALWAYS, True, AUTO, INTERRUPTED_SO, NO_TROUBLE, "interrupted"),
        (AFTER_REFUSAL, True, AUTO, REFUSED_SO, NO_TROUBLE, None),
        (AFTER_REFUSAL, True, AUTO, Status.DEFERRED, NO_TROUBLE, None),
        (AFTER_REFUSAL, True, AUTO, Status.AUTH_REFUSED, NO_TROUBLE, None),
        (AFTER_REFUSAL, True, AUTO, ACCEPTED_SO, TROUBLE, "nothing was refused"),
        (AFTER_REFUSAL, True, AUTO, Status.NO_SESSION, NO_TROUBLE, "nothing was refused"),
        (AFTER_REFUSAL, True, EVERYTHING, ACCEPTED_SO, NO_TROUBLE, None),
        (AFTER_REFUSAL, True, NEVER, REFUSED_SO, NO_TROUBLE, "switched off"),
        (AFTER_REFUSAL, False, NEVER, REFUSED_SO, NO_TROUBLE, None),
        (AFTER_REFUSAL, False, NEVER, ACCEPTED_SO, NO_TROUBLE, "nothing was refused"),
        (AFTER_REFUSAL, False, AUTO, INTERRUPTED_SO, NO_TROUBLE, "interrupted"),
        (TLS_TROUBLE, True, AUTO, REFUSED_SO, NO_TROUBLE, None),
        (TLS_TROUBLE, True, AUTO, ACCEPTED_SO, TROUBLE, None),
        (TLS_TROUBLE, True, AUTO, ACCEPTED_SO, NO_TROUBLE, "nothing was refused"),
        (TLS_TROUBLE, True, NEVER, ACCEPTED_SO, TROUBLE, "switched off"),
        (TLS_TROUBLE, True, AUTO, INTERRUPTED_SO, TROUBLE, "interrupted"),
        (
            ALWAYS,
            False,
            EVERYTHING,
            REFUSED_SO,
            sessions.session(),
            f"no connection was made to {sessions.session().peer}",
        ),
    ],
)
def test_a_check_runs_when_its_trigger_came_about_and_it_may_ask(
    trigger: Trigger, needs_dns: bool, diagnose: Diagnose, status: Status, transcript: Transcript, why_not: str | None
) -> None:
    check = msgspec.structs.replace(registry.CHECKS[0], trigger=trigger, needs_dns=needs_dns)
    request = Request(target=Target(given="mx.example.com", host="mx.example.com", port=25), diagnose=diagnose)
    outcome = Outcome(status=status, phase=Phase.RCPT, reply_code=None, enhanced=None, reason=None, exit_code=0)
    occasion = evaluation.CUT_SHORT if status is INTERRUPTED_SO else evaluation.occasion(request, outcome)
    skip = evaluation.why_not_run(check, sessions.context("", transcript).session, occasion)
    assert (skip and skip.reason) == why_not
