"""How the session with each address ended, a row for each."""

from __future__ import annotations

from collections import Counter

from smtpprobe.model.report import Report
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.texts.statuses import breakage_words
from smtpprobe.model.transcript import Outcome, OutcomeFault, Phase, RecipientStatus, Status, Transcript
from smtpprobe.render.view.headline import stage
from smtpprobe.render.view.sections import AddressRow, SeveralView, StepState
from smtpprobe.render.view.several.aspects import aspects

MAX_ROWS = 8
_MAX_WORDS = 60  # characters of a reason
_COUNTED = {
    Status.ACCEPTED: mark("{count} accepted"),
    Status.REFUSED: mark("{count} refused"),
    Status.DEFERRED: mark("{count} refused for now"),
    Status.AUTH_REFUSED: mark("{count} refused the login"),
    Status.NO_SESSION: mark("{count} without a session"),
    Status.INTERRUPTED: mark("{count} interrupted"),
}
_NO_ROUTE = mark("{count} without a route from here")
_STATES = {Status.ACCEPTED: StepState.DONE, Status.INTERRUPTED: StepState.UNKNOWN}


def is_wanted(report: Report) -> bool:
    """Whether several sessions were wanted, and there were addresses for them."""
    return report.request.wants_several and len(report.transcripts) > 1


def several(report: Report, verbosity: int) -> SeveralView:
    """The table, and below it in what the sessions differ."""
    rows = [(each, _row(report, place, each)) for place, each in enumerate(report.transcripts)]
    if verbosity <= 0 and len(rows) > MAX_ROWS:
        rows.sort(key=lambda row: row[1].state is StepState.DONE)
        shown = rows[:MAX_ROWS]
    else:
        shown = rows
    left = len(rows) - len(shown)
    differ = aspects(report)
    addresses = say("{count} addresses of {target}", count=len(rows), target=report.target.host)
    text = f"{addresses}: {tally(report)}"
    told = all(each.extensions or not each.exchanges for each in report.transcripts)
    held = sum(1 for each in report.transcripts if each.exchanges)
    if held > 1 and told and not any(each.differs for each in differ):
        text = say("{text}; software, TLS and extensions are the same", text=text)
    return SeveralView(
        text=text,
        rows=tuple(row for _, row in shown),
        more=say("{count} more", count=left) if left else None,
        aspects=differ,
        notes=tuple(_notes(report)),
    )


def tally(report: Report) -> str:
    """How many sessions ended in which way."""
    outcomes = [each.outcome or Outcome(status=Status.UNKNOWN) for each in report.transcripts]
    words = [
        _NO_ROUTE if each.fault is OutcomeFault.NO_ROUTE else _COUNTED.get(each.status, "{count}") for each in outcomes
    ]
    return ", ".join(say(text, count=count) for text, count in Counter(words).items())


def _notes(report: Report) -> list[str]:
    made = []
    logins = [each for each in report.transcripts if any(x.phase is Phase.AUTH for x in each.exchanges)]
    if report.request.user is not None and logins:
        made.append(
            say(
                "the login was tried with {peer} alone: one attempt for each account and run",
                peer=logins[0].peer,
            )
        )
    if report.untried and report.request.all_mx:
        made.append(say("{count} more addresses were not called", count=len(report.untried)))
    return made


def _row(report: Report, place: int, transcript: Transcript) -> AddressRow:
    outcome = transcript.outcome or Outcome(status=Status.UNKNOWN)
    no_route = outcome.fault is OutcomeFault.NO_ROUTE
    verdict = next((each for each in report.verdicts if each.transcript == place and not no_route), None)
    cause = verdict.causes[0] if verdict is not None and verdict.causes else None
    return AddressRow(
        state=StepState.UNKNOWN if no_route else _STATES.get(outcome.status, StepState.FAILED),
        peer=_peer(report, transcript),
        text=_text(report, transcript, outcome),
        cause=cause.id if cause is not None and outcome.reply_code is not None else None,
    )


def _peer(report: Report, transcript: Transcript) -> str:
    """The address, with what led to it if that is not the same for all."""
    ports = {each.port for each in report.transcripts}
    address = f"[{transcript.address}]" + (f":{transcript.port}" if len(ports) > 1 else "")
    hosts = {each.host for each in report.transcripts}
    named = len(hosts) > 1 or transcript.host not in (report.target.host, transcript.address)
    peer = f"{transcript.host} {address}" if named else address
    return (
        peer if transcript.preference is None else say("{peer}, MX {number}", peer=peer, number=transcript.preference)
    )


def _text(report: Report, transcript: Transcript, outcome: Outcome) -> str:
    if outcome.status is Status.ACCEPTED:
        return _accepted(report, transcript)
    if outcome.fault is OutcomeFault.NO_ROUTE:
        return say("not called: no {kind} route from here", kind="IPv6" if ":" in transcript.address else "IPv4")
    if transcript.is_unconnected and transcript.breakage is not None:
        return breakage_words(transcript.breakage)
    codes = " ".join(str(each) for each in (outcome.reply_code, outcome.enhanced) if each is not None)
    if codes:
        return f"{stage(outcome.phase)} {codes}"
    reason = outcome.reason or ""
    short = reason if len(reason) <= _MAX_WORDS else f"{reason[: _MAX_WORDS - 1]}…"
    return f"{stage(outcome.phase)}: {short}" if short else stage(outcome.phase)


def _accepted(report: Report, transcript: Transcript) -> str:
    tried = {each.phase for each in transcript.exchanges}
    if any(each.status is RecipientStatus.ACCEPTED for each in transcript.recipients):
        return say("accepted")
    if Phase.AUTH in tried:
        return say("login accepted")
    return say("session held, without the login") if report.request.user is not None else say("session held")
