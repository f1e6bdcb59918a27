"""What of a report is otherwise than its case expects."""

from __future__ import annotations

from collections.abc import Iterator

from smtpprobe.model.report import Cause, Failed, FailureKind, Report, Verdict
from smtpprobe.model.transcript import Transcript
from smtpprobe.testing.cases import Expect, ExpectOutcome, ExpectVerdict
from smtpprobe.wire import script


def check_expectations(report: Report, expect: Expect) -> list[str]:
    """What is otherwise than expected, in words; empty where all is as expected."""
    wrong = [*_outcome(report, expect.outcome), *_findings(report, expect), *_verdicts(report, expect)]
    if expect.transcripts is not None and expect.transcripts != len(report.transcripts):
        wrong.append(f"transcripts: expected {expect.transcripts}, found {len(report.transcripts)}")
    if expect.login is not None and (report.login is None or report.login.result != expect.login):
        wrong.append(f"login: expected {expect.login}, found {report.login.result if report.login else None}")
    for check, words in expect.skipped.items():
        reasons = [run.reason or "" for run in report.checks if run.check == check]
        if not any(words in reason for reason in reasons):
            wrong.append(f"skipped: expected {check} for {words!r}, found {reasons}")
    if report.transcripts:
        wrong += _transcript(report.transcripts[-1], expect)
    return wrong


def _outcome(report: Report, expect: ExpectOutcome) -> Iterator[str]:
    found = report.outcome
    pairs: list[tuple[str, object, object]] = [
        ("status", expect.status, str(found.status)),
        ("exit_code", expect.exit_code, found.exit_code),
        ("phase", expect.phase, str(found.phase) if found.phase else "none"),
        ("reply_code", expect.reply_code, found.reply_code or 0),
        ("enhanced", expect.enhanced, found.enhanced or "none"),
    ]
    yield from (f"outcome.{name}: expected {a!r}, found {b!r}" for name, a, b in pairs if a is not None and a != b)
    if expect.reason is not None and expect.reason not in (found.reason or ""):
        yield f"outcome.reason: expected {expect.reason!r} in {found.reason!r}"


def _findings(report: Report, expect: Expect) -> Iterator[str]:
    found = {finding.id for run in report.checks for finding in run.findings}
    yield from (f"must: {each} is not among {sorted(found)}" for each in expect.must if each not in found)
    yield from (f"must_not: {each} was found" for each in expect.must_not if each in found)
    yield from (
        f"check {run.check} failed: {run.reason}"
        for run in report.checks
        if isinstance(run, Failed) and run.kind is FailureKind.INTERNAL_ERROR
    )


def _verdicts(report: Report, expect: Expect) -> Iterator[str]:
    if expect.verdict is None:
        return
    if len(report.verdicts) != len(expect.verdict):
        shown = [verdict.summary for verdict in report.verdicts]
        yield f"verdict: expected {len(expect.verdict)}, found {len(shown)}: {shown}"
    for number, (found, wanted) in enumerate(zip(report.verdicts, expect.verdict, strict=False)):
        yield from (f"verdict {number}: {words}" for words in _verdict(found, wanted))


def _verdict(found: Verdict, wanted: ExpectVerdict) -> Iterator[str]:
    best = found.causes[0] if found.causes else None
    cause = best.id if best else "none"
    if wanted.cause != cause:
        yield f"cause: expected {wanted.cause}, found {cause}"
    if wanted.confidence is not None and (best is None or wanted.confidence != best.confidence):
        yield f"confidence: expected {wanted.confidence}, found {best.confidence if best else 'none'}"
    statements = {
        "because": (wanted.because, tuple(each.text for each in best.because) if best else ()),
        "remedies": (wanted.remedies, tuple(remedy.action for remedy in best.remedies) if best else ()),
        "paste": (wanted.paste, tuple(remedy.paste or "" for remedy in best.remedies) if best else ()),
        "cleared": (wanted.cleared, found.cleared),
        "unknown": (wanted.unknown, tuple(f"{each.subject}: {each.reason}" for each in found.unknown)),
    }
    for name, (texts, said) in statements.items():
        for text in texts:
            if not any(text in each for each in said):
                yield f"{name}: expected {text!r} in {list(said)}"
    yield from _advised(best, wanted)
    yield from (f"not_causes: {each.id} is a cause" for each in found.causes if each.id in wanted.not_causes)


def _advised(best: Cause | None, wanted: ExpectVerdict) -> Iterator[str]:
    said = best.statement if best is not None else None
    if wanted.statement is not None and wanted.statement not in (said or ""):
        yield f"statement: expected {wanted.statement!r} in {said!r}"
    actions = [each.action for each in best.remedies] if best is not None else []
    first = [action[: len(words)] for action, words in zip(actions, wanted.first, strict=False)]
    if first != list(wanted.first):
        yield f"first: expected {list(wanted.first)} at the head of {actions}"
    yield from (f"not_remedies: {text!r} is in {actions}" for text in wanted.not_remedies if text in " ".join(actions))


def _transcript(found: Transcript, expect: Expect) -> Iterator[str]:
    sent = [exchange.sent for exchange in found.exchanges if exchange.sent is not None]
    for pattern in expect.sent:
        if not any(script.matches(pattern, line) for line in sent):
            yield f"sent: {pattern!r} is not among {sent}"
    for pattern in expect.not_sent:
        yield from (f"not_sent: {line!r} was sent" for line in sent if script.matches(pattern, line))
    codes = tuple(exchange.reply.code if exchange.reply else 0 for exchange in found.exchanges)
    if expect.replies is not None and expect.replies != codes:
        yield f"replies: expected {list(expect.replies)}, found {list(codes)}"
    said = " ".join(x.reply.raw.decode("utf-8", "replace") for x in found.exchanges if x.reply)
    yield from (f"not_in_replies: {text!r} is in a reply" for text in expect.not_in_replies if text in said)
    yield from _octets(found, expect)
    statuses = tuple(str(recipient.status) for recipient in found.recipients)
    if expect.recipients is not None and expect.recipients != statuses:
        yield f"recipients: expected {list(expect.recipients)}, found {list(statuses)}"
    identity = found.identity
    if expect.client_ip is not None and (identity is None or expect.client_ip != (identity.client_ip or "none")):
        yield f"client_ip: expected {expect.client_ip}, found {identity and identity.client_ip}"
    if expect.client_ip_source is not None and (
        identity is None or expect.client_ip_source != identity.client_ip_source
    ):
        yield f"client_ip_source: expected {expect.client_ip_source}, found {identity and identity.client_ip_source}"


def _octets(found: Transcript, expect: Expect) -> Iterator[str]:
    last = found.last
    if expect.breakage is not None and (last is None or expect.breakage != (last.breakage or "none")):
        yield f"breakage: expected {expect.breakage}, found {last and last.breakage}"
    kept = (
        ("partial", expect.partial, last.partial if last else b""),
        ("unsolicited", expect.unsolicited, found.unsolicited),
        ("injected", expect.injected, found.injected),
    )
    for name, text, octets in kept:
        if text is not None and (text.encode() not in octets if text else bool(octets)):
            yield f"{name}: expected {text!r}, found {octets!r}"
