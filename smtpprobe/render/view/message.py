"""The message that was sent: which it was, what became of it, and what a receiver that judges it finds."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.spf import SpfEvidence
from smtpprobe.model.report import Completed, Report
from smtpprobe.model.texts.language import say, say_counted
from smtpprobe.model.transcript import Phase, Transcript

MAX_SIGNATURES = 4


def sent(report: Report, transcript: Transcript | None) -> tuple[str, ...]:
    """What is said of the message that the session was to send; nothing where none was."""
    record = report.request.message_to_send
    if record is None or transcript is None or not transcript.exchanges:
        return ()
    size = say_counted("{count} octet", "{count} octets", record.octets)
    name = record.message_id or say("without a Message-ID")
    return tuple(filter(None, (f"{name}, {size}", _answered(transcript), _judged(report, transcript))))


def _answered(transcript: Transcript) -> str | None:
    """The server's words for a message that it took; those of a refusal stand elsewhere."""
    replies = [x.reply for x in transcript.exchanges if x.phase is Phase.MESSAGE and x.reply is not None]
    taken = [each for each in replies if each.digit == 2]
    if taken and _went_out(transcript):
        return f"{taken[-1].code} {taken[-1].text}".strip()
    return None if _went_out(transcript) else say("not sent")


def _went_out(transcript: Transcript) -> bool:
    # A lone dot ends a message that nobody was to get.
    return any(x.phase is Phase.MESSAGE and x.sent != "." for x in transcript.exchanges)


def _judged(report: Report, transcript: Transcript) -> str | None:
    """What a receiver finds that judges the message as it was judged here."""
    at = report.transcripts.index(transcript)
    runs = [each for each in report.checks if isinstance(each, Completed) and each.transcript == at]
    said = [words for run in runs for words in _results(run)]
    return say("judged here: {results}", results="; ".join(said)) if said else None


def _results(run: Completed) -> Iterator[str]:
    match run.evidence:
        case SpfEvidence(result=result):
            yield f"SPF {result}"
        case DkimEvidence(signatures=signatures):
            if not signatures:
                yield say("no DKIM signature")
            for each in signatures[:MAX_SIGNATURES]:
                yield f"DKIM {each.result} ({each.domain or '?'}, {each.selector or '?'})"
        case DmarcEvidence(result=result, policy=policy):
            yield say("DMARC {result}, policy {policy}", result=result, policy=policy or say("none"))
