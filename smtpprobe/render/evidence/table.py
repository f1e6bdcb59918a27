"""The one table of evidence types: what gives the rows of each, and its summary. Any other type shows its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from smtpprobe.model.evidence import (
    DaneEvidence,
    DkimEvidence,
    DmarcEvidence,
    DnsblEvidence,
    Evidence,
    IprevEvidence,
    MtaStsEvidence,
    MxEvidence,
    SessionEvidence,
    SpfEvidence,
    SpfRecordEvidence,
    TlsrptEvidence,
)
from smtpprobe.render.evidence import dkim, dmarc, dnsbl, iprev, mx, session, spf, spf_record, tls
from smtpprobe.render.evidence.row import Detail, Row

# The functions of an entry take that entry's type of evidence.
_Rows = Callable[[Any, Detail], list[Row]]
_Summary = Callable[[Any], str]


def _result(evidence: Evidence) -> str:
    """The result or status in one word, for evidence of which nothing else sums it up."""
    result = getattr(evidence, "result", None) or getattr(evidence, "status", None)
    return str(result) if result else "evaluated"


class _Entry(msgspec.Struct, frozen=True):
    rows: _Rows
    summary: _Summary = _result


_TABLE: dict[type, _Entry] = {
    SpfEvidence: _Entry(spf.rows, spf.summary),
    SpfRecordEvidence: _Entry(spf_record.rows, spf_record.summary),
    DkimEvidence: _Entry(dkim.rows, dkim.summary),
    DmarcEvidence: _Entry(dmarc.rows, dmarc.summary),
    DnsblEvidence: _Entry(dnsbl.rows, dnsbl.summary),
    IprevEvidence: _Entry(iprev.rows, iprev.summary),
    MxEvidence: _Entry(mx.rows, mx.summary),
    SessionEvidence: _Entry(session.rows, session.summary),
    MtaStsEvidence: _Entry(tls.mta_sts),
    TlsrptEvidence: _Entry(tls.tlsrpt),
    DaneEvidence: _Entry(tls.dane),
}


def rows(evidence: Evidence, detail: Detail) -> list[Row]:
    """The evidence as rows: what it came to first, what belongs to it on the levels below."""
    entry = _TABLE.get(type(evidence))
    return entry.rows(evidence, detail) if entry else [_fields(evidence)]


def summary(evidence: Evidence) -> str:
    """What the evidence came to, on one line."""
    entry = _TABLE.get(type(evidence))
    return entry.summary(evidence) if entry else _result(evidence)


def _fields(evidence: Evidence) -> Row:
    fields = ((name, getattr(evidence, name)) for name in evidence.__struct_fields__)
    return Row(text=", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields if isinstance(value, str)))
