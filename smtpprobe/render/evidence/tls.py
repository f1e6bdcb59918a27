"""What MTA-STS, TLS reporting and DANE say of a mail host, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.evidence.tls import (
    DaneEvidence,
    DaneStatus,
    MtaStsEvidence,
    MtaStsStatus,
    TlsaRecord,
    TlsaStatus,
    TlsrptEvidence,
    TlsrptStatus,
)
from smtpprobe.render.evidence.row import Detail, Row, Tone

_RECORD_TONES = {
    TlsaStatus.MATCH: Tone.GOOD,
    TlsaStatus.NO_MATCH: Tone.CAUTION,
    TlsaStatus.UNUSABLE: Tone.CAUTION,
    TlsaStatus.WEAKER: Tone.FAINT,
    TlsaStatus.NOT_COMPARED: Tone.FAINT,
}
_DANE_TONES = {
    DaneStatus.MATCH: Tone.GOOD,
    DaneStatus.MISMATCH: Tone.BAD,
    DaneStatus.NONE: Tone.FAINT,
    DaneStatus.NOT_SECURE: Tone.FAINT,
}
_MAX_RECORDS = 20


def mta_sts(evidence: MtaStsEvidence, detail: Detail) -> list[Row]:
    """The policy on a line, then whether the session satisfies it; `full` with record, address and notes."""
    if evidence.status is MtaStsStatus.NONE:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=f"{evidence.domain}: no policy{why}", tone=Tone.FAINT)]
    policy = evidence.policy
    if policy is None or evidence.status is not MtaStsStatus.FOUND:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=f"{evidence.domain}: {evidence.status.replace('-', ' ')}{why}", tone=Tone.CAUTION)]
    text = (
        f"{evidence.domain}: mode {policy.mode or 'missing'}, mx {_first(policy.mx, 6) or 'none'}, "
        f"max_age {'missing' if policy.max_age_s is None else f'{policy.max_age_s} s'}"
    )
    rows = [Row(text=text)]
    if evidence.problem:
        rows.append(Row(text=evidence.problem, tone=Tone.CAUTION, level=1))
    if evidence.satisfied is not None:
        word, tone = ("satisfies it", Tone.GOOD) if evidence.satisfied else ("does not satisfy it", Tone.BAD)
        whom = f" with {evidence.host}" if evidence.host else ""
        rows.append(Row(text=f"this session{whom} {word}", tone=tone, level=1))
    elif evidence.host is None and evidence.mx_hosts:
        rows.append(
            Row(
                text=f"the session's host is not a mail host of {evidence.domain}: not judged", tone=Tone.FAINT, level=1
            )
        )
    if detail.full:
        if evidence.record:
            rows.append(Row(text=f"record: {evidence.record}", tone=Tone.FAINT, level=1))
        if evidence.fetch is not None:
            source = f" from {evidence.fetch.address}" if evidence.fetch.address else ""
            where = f"{evidence.fetch.url}{source}, {evidence.fetch.took_s * 1000:.0f} ms"
            rows.append(Row(text=f"policy: {where}", tone=Tone.FAINT, level=1))
        rows += [Row(text=f"{note}", tone=Tone.FAINT, level=1) for note in evidence.notes]
    return rows


def tlsrpt(evidence: TlsrptEvidence, detail: Detail) -> list[Row]:
    """Where reports go."""
    if evidence.status is TlsrptStatus.NONE:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=f"{evidence.domain}: asks for no reports{why}", tone=Tone.FAINT)]
    if evidence.status is TlsrptStatus.FOUND:
        return [Row(text=f"{evidence.domain}: reports to {_first(evidence.rua, 6)}")]
    why = f", {evidence.problem}" if evidence.problem else ""
    return [Row(text=f"{evidence.domain}: {evidence.status}{why}", tone=Tone.CAUTION)]


def _first(values: Sequence[str], most: int) -> str:
    """The first of several, and how many more there are."""
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more


def dane(evidence: DaneEvidence, detail: Detail) -> list[Row]:
    """The outcome on a line, then the records; without `full` only where they bind."""
    place = f"_{evidence.port}._tcp.{evidence.base_domain or evidence.host}"
    words = {
        DaneStatus.NONE: "no TLSA records",
        DaneStatus.MATCH: "the certificate matches",
        DaneStatus.MISMATCH: "the certificate does not match",
        DaneStatus.NOT_SECURE: "DANE does not apply without DNSSEC",
    }
    text = f"{place}: {words.get(evidence.status, evidence.status.replace('-', ' '))}"
    if evidence.problem:
        text += f", {evidence.problem}"
    rows = [Row(text=text, tone=_DANE_TONES.get(evidence.status, Tone.CAUTION))]
    if detail.full or evidence.binds:
        rows += [_record(each) for each in evidence.records[:_MAX_RECORDS]]
    return rows


def _record(record: TlsaRecord) -> Row:
    words = record.text.split()
    data = "".join(words[3:])
    text = f"TLSA {' '.join(words[:3])} {data[:16]}{'…' if len(data) > 16 else ''}: {record.status.replace('-', ' ')}"
    if record.certificate is not None and record.status is TlsaStatus.MATCH:
        text += (
            ", the server's certificate"
            if record.certificate == 0
            else f", certificate {record.certificate} of the chain"
        )
    if record.problem:
        text += f" ({record.problem})"
    return Row(text=text, tone=_RECORD_TONES.get(record.status, Tone.PLAIN), level=1)
