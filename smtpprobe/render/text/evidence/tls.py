"""What MTA-STS, TLS reporting and DANE say of a mail host, as lines of text."""

from __future__ import annotations

from smtpprobe.model.evidence.tls import DaneEvidence, MtaStsEvidence, TlsaRecord, TlsrptEvidence

Row = tuple[str, str | None]

_STYLES = {"match": "green", "no-match": "yellow", "unusable": "yellow", "weaker": "dim", "not-compared": "dim"}


def mta_sts(evidence: MtaStsEvidence, *, full: bool) -> list[Row]:
    """The policy on a line, then whether the session satisfies it; `full` with record, address and notes."""
    if evidence.status == "none":
        return [(f"{evidence.domain}: no policy", "dim")]
    policy = evidence.policy
    if policy is None or evidence.status != "found":
        return [(f"{evidence.domain}: {evidence.status.replace('-', ' ')}, {evidence.problem}", "yellow")]
    text = (
        f"{evidence.domain}: mode {policy.mode}, mx {', '.join(policy.mx[:6]) or 'none'}, max_age {policy.max_age_s} s"
    )
    rows: list[Row] = [(text, None)]
    if evidence.satisfied is not None:
        word, style = ("satisfies it", "green") if evidence.satisfied else ("does not satisfy it", "red")
        rows.append((f"  this session with {evidence.host} {word}", style))
    elif evidence.host is None and evidence.mx_hosts:
        rows.append((f"  the session's host is no mail host of {evidence.domain}: not judged", "dim"))
    if full:
        rows.append((f"  record: {evidence.record}", "dim"))
        if evidence.fetch is not None:
            where = f"{evidence.fetch.url} from {evidence.fetch.address}, {evidence.fetch.took_s * 1000:.0f} ms"
            rows.append((f"  policy: {where}", "dim"))
        rows += [(f"  {note}", "dim") for note in evidence.notes]
    return rows


def tlsrpt(evidence: TlsrptEvidence) -> list[Row]:
    """Where reports go."""
    if evidence.status == "none":
        return [(f"{evidence.domain}: asks for no reports", "dim")]
    if evidence.status == "found":
        return [(f"{evidence.domain}: reports to {', '.join(evidence.rua[:4])}", None)]
    return [(f"{evidence.domain}: {evidence.status}, {evidence.problem}", "yellow")]


def dane(evidence: DaneEvidence, *, full: bool) -> list[Row]:
    """The outcome on a line, then the records; without `full` only where they bind."""
    place = f"_{evidence.port}._tcp.{evidence.base_domain or evidence.host}"
    words = {
        "none": "no TLSA records",
        "match": "the certificate matches",
        "mismatch": "the certificate does not match",
        "not-secure": "DANE does not apply without DNSSEC",
    }
    text = f"{place}: {words.get(evidence.status, evidence.status.replace('-', ' '))}"
    if evidence.problem:
        text += f", {evidence.problem}"
    styles = {"match": "green", "mismatch": "red", "none": "dim", "not-secure": "dim"}
    rows: list[Row] = [(text, styles.get(evidence.status, "yellow"))]
    if full or evidence.binds:
        rows += [_record(each) for each in evidence.records[:20]]
    return rows


def _record(record: TlsaRecord) -> Row:
    words = record.text.split()
    data = "".join(words[3:])
    text = f"  TLSA {' '.join(words[:3])} {data[:16]}{'…' if len(data) > 16 else ''}: {record.status.replace('-', ' ')}"
    if record.certificate is not None and record.status == "match":
        text += (
            ", the server's certificate"
            if record.certificate == 0
            else f", certificate {record.certificate} of the chain"
        )
    if record.problem:
        text += f" ({record.problem})"
    return text, _STYLES.get(record.status)
