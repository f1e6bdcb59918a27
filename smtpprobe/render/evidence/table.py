"""The one table of evidence types: what gives the rows of each, and its summary. Any other type shows its fields."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import msgspec

from smtpprobe.model.evidence import (
    DaneEvidence,
    DkimEvidence,
    DmarcEvidence,
    DnsblEvidence,
    Evidence,
    IprevEvidence,
    MessageEvidence,
    MtaStsEvidence,
    MxEvidence,
    SessionEvidence,
    SpfEvidence,
    SpfRecordEvidence,
    TlsrptEvidence,
)
from smtpprobe.render.evidence.row import Detail, Row


class _Entry(msgspec.Struct, frozen=True):
    """The module of this package that is imported when such evidence is shown, and its functions."""

    module: str
    rows: str = "rows"
    summary: str | None = "summary"

    @property
    def loaded(self) -> ModuleType:
        return import_module(f"smtpprobe.render.evidence.{self.module}")


_TABLE: dict[type, _Entry] = {
    SpfEvidence: _Entry("spf"),
    SpfRecordEvidence: _Entry("spf_record"),
    DkimEvidence: _Entry("dkim"),
    DmarcEvidence: _Entry("dmarc"),
    DnsblEvidence: _Entry("dnsbl"),
    IprevEvidence: _Entry("iprev"),
    MxEvidence: _Entry("mx"),
    SessionEvidence: _Entry("session"),
    MessageEvidence: _Entry("message"),
    MtaStsEvidence: _Entry("tls", "mta_sts", None),
    TlsrptEvidence: _Entry("tls", "tlsrpt", None),
    DaneEvidence: _Entry("tls", "dane", None),
}


def rows(evidence: Evidence, detail: Detail) -> list[Row]:
    """The evidence as rows: what it came to first, what belongs to it on the levels below."""
    entry = _TABLE.get(type(evidence))
    if entry is None:
        return [_fields(evidence)]
    found: list[Row] = getattr(entry.loaded, entry.rows)(evidence, detail)
    return found


def summary(evidence: Evidence) -> str:
    """What the evidence came to, on one line."""
    entry = _TABLE.get(type(evidence))
    if entry is None or entry.summary is None:
        return _result(evidence)
    words: str = getattr(entry.loaded, entry.summary)(evidence)
    return words


def _result(evidence: Evidence) -> str:
    """The result or status in one word, for evidence of which nothing else sums it up."""
    result = getattr(evidence, "result", None) or getattr(evidence, "status", None)
    return str(result) if result else "evaluated"


def _fields(evidence: Evidence) -> Row:
    fields = ((name, getattr(evidence, name)) for name in evidence.__struct_fields__)
    return Row(text=", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields if isinstance(value, str)))
