"""What the sections of a report hold, whatever prints them."""

from __future__ import annotations

import msgspec
import pytest

from smtpprobe.model.report import Because, BecauseKind, Cause, Confidence, Report, Unchecked, Verdict
from smtpprobe.model.transcript import Outcome, OutcomeFault, Phase, RecipientStatus, Status
from smtpprobe.render.view.headline import decisive
from smtpprobe.render.view.report import view
from smtpprobe.render.view.sections import CauseRole, RecipientRow, Said, StageState, View
from tests.render import reports

MADE = (reports.refused, reports.accepted, reports.lost, reports.not_connected)


def with_verdicts(*verdicts: Verdict) -> View:
    return view(msgspec.structs.replace(reports.refused(), verdicts=verdicts))


def cause(id: str, confidence: Confidence, *because: Because) -> Cause:
    return Cause(id=id, title=id.upper(), confidence=confidence, because=because, remedies=())


def verdict(*causes: Cause, summary: str = "", exchange: int | None = 6, **more: object) -> Verdict:
    return Verdict(transcript=0, exchange=exchange, summary=summary, causes=causes, **more)  # type: ignore[arg-type]


EVIDENCE = Because(kind=BecauseKind.EVIDENCE, text="a list says so", needs="client_ip")
REPLY = Because(kind=BecauseKind.REPLY, text="the reply says so: 554")


@pytest.mark.parametrize(
    ("confidences", "roles"),
    [
        (("confirmed",), ("main",)),
        (("confirmed", "supported", "possible"), ("main", "besides", "or")),
        (("stated", "supported"), ("main", "also")),
        (("confirmed", "stated"), ("main", "also")),
        (("possible", "possible"), ("perhaps",)),
        (("contradicted", "possible"), ("main", "or")),
    ],
)
def test_the_role_of_a_cause(confidences: tuple[str, ...], roles: tuple[str, ...]) -> None:
    causes = [cause(f"c{number}", Confidence(each), EVIDENCE) for number, each in enumerate(confidences)]
    (shown,) = with_verdicts(verdict(*causes)).verdicts
    assert tuple(each.role for each in shown.causes) == roles


def test_what_the_headline_says_is_no_reason_too() -> None:
    (shown,) = with_verdicts(verdict(cause("a", Confidence.CONFIRMED, REPLY, EVIDENCE))).verdicts
    assert shown.causes[0].reasons == (Said("a list says so", "client_ip"),)


@pytest.mark.parametrize(("same", "told"), [(True, ()), (False, (Said("it expired"),))])
def test_the_outcome_in_its_own_words_is_said_once(same: bool, told: tuple[Said, ...]) -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.TLS, reason="it expired", exit_code=4)
    because = Because(kind=BecauseKind.OUTCOME, text="it expired")
    report = reports.report(
        outcome, reports.exchanges(), verdicts=(verdict(cause("t", Confidence.CONFIRMED, because)),)
    )
    if not same:
        # Another session decided: of this one's trouble the headline says nothing.
        other = msgspec.structs.replace(report.transcripts[0], outcome=reports.refused().outcome)
        report = msgspec.structs.replace(
            report, outcome=reports.refused().outcome, transcripts=(*report.transcripts, other)
        )
    assert view(report).verdicts[0].causes[0].reasons == told


def test_the_same_causes_again_and_the_unknown() -> None:
    first = verdict(cause("a", Confidence.STATED), cleared=("SPF passes",))
    shown = with_verdicts(first, first).verdicts
    assert [each.causes[0].role for each in shown] == [CauseRole.MAIN, CauseRole.SAME_AS_BEFORE]
    assert (shown[0].cleared, shown[1].cleared) == (("SPF passes",), ())
    assert shown[0].reply == ()
    assert shown[1].reply
    (unknown,) = with_verdicts(verdict(summary="nobody knows")).verdicts
    assert [(each.role, each.titles) for each in unknown.causes] == [(CauseRole.UNKNOWN, ("nobody knows",))]


def test_why_there_was_no_session_is_not_said_twice() -> None:
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.EHLO, reason="closed", exit_code=4)
    refused = verdict(summary="refused with 502", exchange=1)
    ended = verdict(summary="closed", exchange=1, restates_outcome=True)
    report = reports.report(outcome, reports.exchanges(), verdicts=(refused, ended))
    assert [[each.titles for each in shown.causes] for shown in view(report).verdicts] == [[("refused with 502",)], []]


def test_why_we_cancelled_a_login_stands_beside_the_reply_to_it() -> None:
    fault, reason = OutcomeFault.LOGIN_CANCELLED, "login cancelled: no further step"
    outcome = Outcome(status=Status.NO_SESSION, phase=Phase.EHLO, reply_code=250, reason=reason, fault=fault)
    shown = view(reports.report(outcome, reports.exchanges())).headline
    assert shown.reply
    assert shown.reason == Said(reason)


def test_what_could_not_be_checked_by_why() -> None:
    unknown = (
        Unchecked(subject="a", reason="silent", needs="resolver"),
        Unchecked(subject="b", reason="silent", needs="resolver"),
        Unchecked(subject="dkim", reason="no domain", run=3),
    )
    report = msgspec.structs.replace(reports.refused(), verdicts=(verdict(unknown=unknown),))
    (shown,) = view(report).verdicts
    assert (shown.unknown, shown.unknown_below) == ((Said("a, b: silent", "resolver"),), ("dkim",))
    (quiet,) = view(report, verbosity=-1).verdicts
    assert quiet.unknown == (Said("a, b: silent", "resolver"), Said("dkim: no domain"))


def test_the_ladder_and_the_recipients() -> None:
    shown = view(reports.refused())
    states = {stage.name: stage.state for stage in shown.ladder}
    assert states["RCPT"] is StageState.FAILED
    assert (states["MAIL"], states["AUTH"], states["DNS"]) == (
        StageState.DONE,
        StageState.NOT_REACHED,
        StageState.NOT_REACHED,
    )
    (row,) = shown.recipients
    assert row == RecipientRow("bob@example.com", RecipientStatus.REFUSED, f"554 5.7.1 {reports.LISTING}")


def test_the_deciding_session_is_found_whatever_the_exit_code_says() -> None:
    report = reports.refused()
    failed = msgspec.structs.replace(report.transcripts[0], outcome=reports.lost().outcome)
    outcome = msgspec.structs.replace(report.outcome, exit_code=1, exit_reason="ip-blocklisted")
    two = msgspec.structs.replace(report, outcome=outcome, transcripts=(report.transcripts[0], failed))
    assert decisive(two) is two.transcripts[0]


@pytest.mark.parametrize("made", MADE)
def test_a_section_has_no_layout(made: object) -> None:
    report: Report = made()  # type: ignore[operator]
    texts: list[str] = []

    def gather(value: object) -> None:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, dict):
            for name, each in value.items():
                gather(each) if name not in ("exchange", "finding") else None
        elif isinstance(value, list):
            for each in value:
                gather(each)

    gather(msgspec.to_builtins(view(report, verbosity=1)))
    assert texts
    assert [text for text in texts if text != text.strip() or "\n" in text or "\x1b" in text] == []
