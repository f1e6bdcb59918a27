"""A saved report read back: exact where this version wrote it, and with what it understands of later 1.x."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from smtpprobe.model.dns.lookup import DnsStatus
from smtpprobe.model.evidence import Evidence
from smtpprobe.model.names import is_ip_address
from smtpprobe.model.quoting import quoted
from smtpprobe.model.report import BecauseKind, Report, SkipKind
from smtpprobe.model.transcript import OutcomeFault, Status, TlsFault

_KINDS = {kind.__struct_config__.tag for kind in get_args(Evidence)}


def load(octets: bytes, source: str = "the report") -> Report:
    """The report. Unknown fields are passed over, unknown words read as `unknown`, unknown evidence left out.

    Raises ValueError with one line that names the source and what is wrong.
    """
    try:
        saved = msgspec.json.decode(octets)
    except msgspec.DecodeError as error:
        raise ValueError(f"{source}: not JSON: {error}") from None
    except RecursionError:
        raise ValueError(
            f"{source}: nested deeper than any report: expected the object that smtpprobe check prints as JSON"
        ) from None
    if not isinstance(saved, dict) or "schema_version" not in saved:
        raise ValueError(f"{source}: not a report: expected the object that smtpprobe check prints as JSON")
    version = _text(saved["schema_version"])
    if not re.fullmatch(r"1\.[0-9]+", version):
        raise ValueError(f"{source}: schema version {quoted(version, 20)} is not read here: expected 1.x")
    try:
        report = msgspec.convert(_understood(saved), Report)
    except msgspec.ValidationError as error:
        raise ValueError(f"{source}: not a valid report: {error}") from None
    if wrong := next(_wrong_values(report), None):
        raise ValueError(f"{source}: not a valid report: {wrong}")
    return report


def _wrong_values(report: Report) -> Iterator[str]:
    """What is of the right type, and yet no address, or no position in the transcript that it is about."""
    client_ip = report.request.client_ip
    if client_ip is not None and not is_ip_address(client_ip):
        yield f"{quoted(client_ip, 40)} is not a valid IP address - at `$.request.client_ip`"
    for at, transcript in enumerate(report.transcripts):
        positions = range(len(transcript.exchanges))
        for position, exchange in enumerate(transcript.exchanges):
            if exchange.index != position:
                path = f"$.transcripts[{at}].exchanges[{position}].index"
                yield f"{exchange.index} is not the exchange's position - at `{path}`"
        for number, recipient in enumerate(transcript.recipients):
            if recipient.exchange is not None and recipient.exchange not in positions:
                path = f"$.transcripts[{at}].recipients[{number}].exchange"
                yield f"{recipient.exchange} is not an exchange's position - at `{path}`"


def _text(value: Any) -> str:
    """The text; empty for what is none, whatever it is."""
    return value if isinstance(value, str) else ""


def _understood(saved: dict[str, Any]) -> dict[str, Any]:
    """The report without what only a later version knows: a check whose evidence is of an unknown kind counts as skipped."""
    if isinstance(verdicts := saved.get("verdicts"), list):
        saved = saved | {
            "verdicts": [_understood_verdict(each) if isinstance(each, dict) else each for each in verdicts]
        }
    for outcome in _objects(
        [saved.get("outcome"), *(each.get("outcome") for each in _objects(saved.get("transcripts")))]
    ):
        _add_outcome_fault(outcome)
    for transcript in _objects(saved.get("transcripts")):
        for exchange in _objects(transcript.get("exchanges")):
            _add_tls_fault(exchange)
            # The first reports gave the reason for ending a login with the command; it is the outcome's as well.
            if _text(exchange.get("sent")).startswith("* (cancelled: "):
                exchange["sent"] = "*"
    _mark_restated_outcomes(saved)
    for lookup in _objects(saved.get("lookups")):
        # Reports from elsewhere have answers without a record, which is what nodata means.
        if lookup.get("status") == DnsStatus.ANSWER.value and not lookup.get("records"):
            lookup["status"] = DnsStatus.NODATA.value
    checks = saved.get("checks")
    if not isinstance(checks, list):
        return saved
    return saved | {"checks": [_understood_run(run) if isinstance(run, dict) else run for run in checks]}


def _understood_verdict(verdict: dict[str, Any]) -> dict[str, Any]:
    """The verdict, whose reasons and open questions were plain texts in early reports."""
    changed = dict(verdict)
    if isinstance(causes := verdict.get("causes"), list):
        changed["causes"] = [_understood_cause(each) if isinstance(each, dict) else each for each in causes]
    if isinstance(unknown := verdict.get("unknown"), list):
        changed["unknown"] = [_understood_unknown(each) if isinstance(each, str) else each for each in unknown]
    return changed


def _understood_unknown(text: str) -> dict[str, Any]:
    subject, separator, reason = text.partition(": ")
    return {"subject": subject, "reason": reason} if separator else {"subject": "", "reason": text}


def _understood_cause(cause: dict[str, Any]) -> dict[str, Any]:
    because = cause.get("because")
    if not isinstance(because, list):
        return cause
    return cause | {
        "because": [{"kind": _because_kind(each), "text": each} if isinstance(each, str) else each for each in because]
    }


def _because_kind(text: str) -> str:
    is_reply = text.startswith("the reply says so")
    return (BecauseKind.REPLY if is_reply else BecauseKind.UNKNOWN).value


def _mark_restated_outcomes(saved: dict[str, Any]) -> None:
    """Mark the verdicts that only repeat why there was no session: the first reports had that reason in the same words."""
    outcomes = [saved.get("outcome"), *(each.get("outcome") for each in _objects(saved.get("transcripts")))]
    reasons = {
        _text(each.get("reason")) for each in _objects(outcomes) if each.get("status") == Status.NO_SESSION.value
    }
    for verdict in _objects(saved.get("verdicts")):
        if "restates_outcome" in verdict or _text(verdict.get("summary")) not in reasons:
            continue
        verdict["restates_outcome"] = True
        for cause in _objects(verdict.get("causes")):
            for because in _objects(cause.get("because")):
                if because.get("text") == verdict["summary"]:
                    because["kind"] = BecauseKind.OUTCOME.value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _add_outcome_fault(outcome: dict[str, Any]) -> None:
    """Give the outcome its fault, which the first reports had in the words of the reason alone."""
    reason = _text(outcome.get("reason"))
    if "fault" in outcome:
        return
    if reason.startswith("credentials not sent"):
        outcome["fault"] = OutcomeFault.CREDENTIALS_NOT_SENT.value
    elif reason.startswith("login cancelled"):
        outcome["fault"] = OutcomeFault.LOGIN_CANCELLED.value


def _add_tls_fault(exchange: dict[str, Any]) -> None:
    """Give a failed handshake its fault: the first reports had OpenSSL's words alone, of which these tell whose fault it was."""
    if exchange.get("breakage") != "tls-failed" or "tls_fault" in exchange:
        return
    words = _text(exchange.get("detail")).lower()
    if "certificate required" in words:
        exchange["tls_fault"] = TlsFault.CLIENT_CERTIFICATE_WANTED.value
    elif "hostname mismatch" in words:
        exchange["tls_fault"] = TlsFault.NAME.value
    elif "certificate" in words:
        exchange["tls_fault"] = TlsFault.CERTIFICATE_INVALID.value


def _understood_run(run: dict[str, Any]) -> dict[str, Any]:
    evidence = run.get("evidence")
    if run.get("status") not in ("completed", "skipped", "failed"):
        return run | {"status": "skipped", "reason": "of a state that this version does not know", "evidence": None}
    if isinstance(evidence, dict) and _text(evidence.get("kind")) not in _KINDS:
        return run | {
            "status": "skipped",
            "reason": "evidence of a kind that this version does not know",
            "evidence": None,
        }
    if run["status"] == "skipped" and "kind" not in run and run.get("reason") == "nothing was refused":
        return run | {"kind": SkipKind.NOT_ASKED.value}
    for zone in _objects(evidence.get("zones")) if isinstance(evidence, dict) else ():
        # The first reports said it by the meanings alone.
        meanings = zone.get("meanings")
        simply = isinstance(meanings, list) and bool(meanings) and all(each == "listed" for each in meanings)
        zone.setdefault("only_listed", simply)
    for finding in _objects(run.get("findings")):
        _add_what_is_stated(finding, evidence if isinstance(evidence, dict) else {})
    return run


def _add_what_is_stated(finding: dict[str, Any], evidence: dict[str, Any]) -> None:
    """Give a finding what it says of subject, zone and problem, which the first reports had in its message alone."""
    message = _text(finding.get("message"))
    if "names_subject" not in finding:
        finding["names_subject"] = _text(finding.get("subject")) in message
    zones = [each.get("zone") for each in _objects(evidence.get("zones"))]
    if "zone" not in finding:
        finding["zone"] = next((zone for zone in zones if isinstance(zone, str) and zone in message), None)
    problems = [each.get("problem") for each in [evidence, *_objects(evidence.get("keys"))]]
    if "states_problem" not in finding:
        finding["states_problem"] = any(isinstance(each, str) and each and each in message for each in problems)
