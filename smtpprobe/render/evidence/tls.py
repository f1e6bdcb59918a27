"""What MTA-STS, TLS reporting and DANE say of a mail host, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from smtpprobe.model.evidence.tls import (
    DaneEvidence,
    DaneStatus,
    MtaStsEvidence,
    MtaStsMode,
    MtaStsStatus,
    TlsaRecord,
    TlsaStatus,
    TlsrptEvidence,
    TlsrptStatus,
)
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.texts.statuses import status_words
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
_SATISFIES = mark("this session with {host} satisfies it")
_DOES_NOT_SATISFY = mark("this session with {host} does not satisfy it")


def mta_sts(evidence: MtaStsEvidence, detail: Detail) -> list[Row]:
    """The policy on a line, then whether the session satisfies it; `full` with record, address and notes."""
    return _with_alias(_mta_sts(evidence, detail), evidence.alias if evidence.record or not evidence.problem else None)


def _mta_sts(evidence: MtaStsEvidence, detail: Detail) -> list[Row]:
    if evidence.status is MtaStsStatus.NONE:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=say("{domain}: no policy{why}", domain=evidence.domain, why=why), tone=Tone.FAINT)]
    policy = evidence.policy
    if policy is None or evidence.status is not MtaStsStatus.FOUND:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=f"{evidence.domain}: {status_words(evidence.status)}{why}", tone=Tone.CAUTION)]
    text = say(
        "{domain}: mode {mode}, mx {mx}, max_age {max_age}",
        domain=evidence.domain,
        mode=policy.mode or say("missing"),
        mx=_first(policy.mx, 6) or say("none"),
        max_age=say("missing") if policy.max_age_s is None else f"{policy.max_age_s} s",
    )
    rows = [Row(text=text)]
    if policy.mode is MtaStsMode.NONE:
        rows.append(Row(text=say("senders treat the domain as if it had no policy"), tone=Tone.FAINT, level=1))
    if evidence.problem:
        rows.append(Row(text=evidence.problem, tone=Tone.CAUTION, level=1))
    if evidence.satisfied is not None:
        words, tone = (_SATISFIES, Tone.GOOD) if evidence.satisfied else (_DOES_NOT_SATISFY, Tone.BAD)
        rows.append(Row(text=say(words, host=evidence.host or say("unknown")), tone=tone, level=1))
    elif evidence.host is None and evidence.mx_hosts:
        rows.append(
            Row(
                text=say("the session's host is not a mail host of {domain}: not judged", domain=evidence.domain),
                tone=Tone.FAINT,
                level=1,
            )
        )
    if detail.full:
        if evidence.record:
            rows.append(Row(text=say("record: {record}", record=evidence.record), tone=Tone.FAINT, level=1))
        if evidence.fetch is not None:
            fetched = evidence.fetch
            words = mark("policy: {url} from {address}, {took_ms} ms")
            text = say(
                words,
                url=fetched.url,
                address=fetched.address or say("unknown"),
                took_ms=format(fetched.took_s * 1000, ".0f"),
            )
            rows.append(Row(text=text, tone=Tone.FAINT, level=1))
        rows += [Row(text=f"{note}", tone=Tone.FAINT, level=1) for note in evidence.notes]
    return rows


def tlsrpt(evidence: TlsrptEvidence, detail: Detail) -> list[Row]:
    """Where reports go."""
    return _with_alias(_tlsrpt(evidence), evidence.alias if evidence.record or not evidence.problem else None)


def _tlsrpt(evidence: TlsrptEvidence) -> list[Row]:
    if evidence.status is TlsrptStatus.NONE:
        why = f", {evidence.problem}" if evidence.problem else ""
        return [Row(text=say("{domain}: asks for no reports{why}", domain=evidence.domain, why=why), tone=Tone.FAINT)]
    if evidence.status is TlsrptStatus.FOUND:
        return [Row(text=say("{domain}: reports to {rua}", domain=evidence.domain, rua=_first(evidence.rua, 6)))]
    why = f", {evidence.problem}" if evidence.problem else ""
    return [Row(text=f"{evidence.domain}: {status_words(evidence.status)}{why}", tone=Tone.CAUTION)]


def _with_alias(rows: list[Row], alias: str | None) -> list[Row]:
    """The rows, with where CNAME leads from the name that holds the record."""
    told = [Row(text=say("the record's name is an alias (CNAME) of {alias}", alias=alias), level=1)] if alias else []
    return [*rows[:1], *told, *rows[1:]]


def _first(values: Sequence[str], most: int) -> str:
    """The first of several, and how many more there are."""
    more = say(" and {count} more", count=len(values) - most) if len(values) > most else ""
    return ", ".join(values[:most]) + more


def dane(evidence: DaneEvidence, detail: Detail) -> list[Row]:
    """The outcome on a line, then the records; without `full` only where they bind."""
    return _with_alias(_dane(evidence, detail), evidence.alias)


def _dane(evidence: DaneEvidence, detail: Detail) -> list[Row]:
    place = f"_{evidence.port}._tcp.{evidence.base_domain or evidence.host}"
    words = {
        DaneStatus.NONE: say("no TLSA records"),
        DaneStatus.MATCH: say("the certificate matches"),
        DaneStatus.MISMATCH: say("the certificate does not match"),
        DaneStatus.UNUSABLE: say("no record can be used: senders require TLS, but do not authenticate the host"),
        DaneStatus.NOT_SECURE: say("DANE does not apply without DNSSEC"),
    }
    text = f"{place}: {words.get(evidence.status) or status_words(evidence.status)}"
    if evidence.problem:
        text += f", {evidence.problem}"
    rows = [Row(text=text, tone=_DANE_TONES.get(evidence.status, Tone.CAUTION))]
    if detail.full or evidence.binds:
        rows += [_record(each) for each in evidence.records[:_MAX_RECORDS]]
    return rows


def _record(record: TlsaRecord) -> Row:
    words = record.text.split()
    data = "".join(words[3:])
    text = f"TLSA {' '.join(words[:3])} {data[:16]}{'…' if len(data) > 16 else ''}: {status_words(record.status)}"
    if record.certificate is not None and record.status is TlsaStatus.MATCH:
        text += (
            say(", the server's certificate")
            if record.certificate == 0
            else say(", certificate {certificate} of the chain", certificate=record.certificate)
        )
    if record.problem:
        text += f" ({record.problem})"
    return Row(text=text, tone=_RECORD_TONES.get(record.status, Tone.PLAIN), level=1)
