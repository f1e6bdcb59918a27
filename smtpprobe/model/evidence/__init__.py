"""What the checks found out, one type per kind; each carries the lookups it rests on.

`lookups` are indexes into the report's list, in the order in which the evaluation consumed them.
"""

from __future__ import annotations

from smtpprobe.model.evidence.dkim import DkimEvidence
from smtpprobe.model.evidence.dmarc import DmarcEvidence
from smtpprobe.model.evidence.dnsbl import DnsblEvidence
from smtpprobe.model.evidence.iprev import IprevEvidence
from smtpprobe.model.evidence.message import MessageEvidence
from smtpprobe.model.evidence.mx import MxEvidence
from smtpprobe.model.evidence.session import SessionEvidence
from smtpprobe.model.evidence.spf import SpfEvidence, SpfRecordEvidence
from smtpprobe.model.evidence.tls import DaneEvidence, MtaStsEvidence, TlsrptEvidence

__all__ = [
    "DaneEvidence", "DkimEvidence", "DmarcEvidence", "DnsblEvidence", "Evidence", "IprevEvidence", "MessageEvidence",
    "MtaStsEvidence", "MxEvidence", "SessionEvidence", "SpfEvidence", "SpfRecordEvidence", "TlsrptEvidence",
]  # fmt: skip

Evidence = (
    SpfEvidence
    | SpfRecordEvidence
    | DkimEvidence
    | DmarcEvidence
    | DnsblEvidence
    | IprevEvidence
    | MxEvidence
    | SessionEvidence
    | MessageEvidence
    | MtaStsEvidence
    | TlsrptEvidence
    | DaneEvidence
)
