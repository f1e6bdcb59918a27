"""SMTP TLS reporting: where a domain wants to hear of TLS failures (RFC 8460)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from smtpprobe.model.dns.lookup import DnsStatus, Question, Resolver
from smtpprobe.model.evidence.tls import TlsrptEvidence, TlsrptStatus
from smtpprobe.model.quoting import quoted
from smtpprobe.model.texts.language import mark, say

_LOOK_ALIKE = re.compile(r"\s*\"?v\s*=\s*\"?tlsrpt", re.IGNORECASE)
_VERSION = re.compile(r"v=TLSRPTv1[ \t]*(?:;|\Z)")
_EXTENSION = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=[\x21-\x3a\x3c\x3e-\x7e]+\Z")
# RFC 8460 §3: commas, exclamation points and semicolons are encoded in the URIs.
_MAILTO = re.compile(r"mailto:[^\s@!,;?]+@[^\s@!,;?]+(?:\?[^\s!,;]*)?\Z", re.IGNORECASE)
_HTTPS = re.compile(r"https://[^\s!,;/?#]+(?:[/?#][^\s!,;]*)?\Z", re.IGNORECASE)
_NOT_BEGUN = mark("it does not begin with exactly v=TLSRPTv1;")


class TlsrptRecord(msgspec.Struct, frozen=True):
    """The report destinations that can be used, and what is wrong; the record is invalid where no destination is left."""

    rua: tuple[str, ...]
    problem: str | None = None


def find_record(texts: Sequence[str]) -> tuple[str | None, str | None]:
    """The record to use among a name's TXT records, and what is wrong; both None where the domain has none."""
    # RFC 8460 §3: records that do not begin with v=TLSRPTv1; are discarded, then exactly one must be left.
    found = [text for text in texts if _VERSION.match(text)]
    if len(found) == 1:
        return found[0], None
    if found:
        return None, say("{count} records begin with v=TLSRPTv1, so none counts", count=len(found))
    alike = next((text for text in texts if _LOOK_ALIKE.match(text)), None)
    return (alike, say(_NOT_BEGUN)) if alike is not None else (None, None)


def parse_record(text: str) -> TlsrptRecord:
    """The record read by RFC 8460 §3's grammar. Of a repeated field the first counts."""
    if not _VERSION.match(text):
        return TlsrptRecord((), say(_NOT_BEGUN))
    elements = [element.strip(" \t") for element in text.split(";")[1:]]
    if elements and not elements[-1]:
        elements.pop()
    rua: str | None = None
    for element in elements:
        if element.startswith("rua="):
            rua = element[4:] if rua is None else rua
        elif not _EXTENSION.match(element):
            return TlsrptRecord(
                (),
                say("{element} is not a name=value pair", element=quoted(element, 60))
                if element
                else say("an empty field"),
            )
    if rua is None:
        return TlsrptRecord((), say("the field rua is missing"))
    uris = [uri.strip(" \t") for uri in rua.split(",")]
    good = tuple(dict.fromkeys(uri for uri in uris if _MAILTO.match(uri) or _HTTPS.match(uri)))
    bad = [uri for uri in uris if uri not in good]
    problem = say("{bad} is not a mailto: or https: URI", bad=quoted(bad[0], 60)) if bad else None
    return TlsrptRecord(good, problem)


async def evaluate(resolver: Resolver, domain: str) -> TlsrptEvidence:
    """Where the domain wants reports."""
    found = await resolver.lookup(Question(f"_smtp._tls.{domain}", "TXT"))
    lookups = (found.index,)
    if found.failed:
        failure = found.failure_text
        return TlsrptEvidence(domain=domain, status=TlsrptStatus.TEMPERROR, problem=failure, lookups=lookups)
    text, problem = find_record(found.records if found.status is DnsStatus.ANSWER else ())
    if problem is not None:
        return TlsrptEvidence(domain=domain, status=TlsrptStatus.INVALID, record=text, problem=problem, lookups=lookups)
    if text is None:
        return TlsrptEvidence(domain=domain, status=TlsrptStatus.NONE, lookups=lookups)
    record = parse_record(text)
    return TlsrptEvidence(
        domain=domain,
        status=TlsrptStatus.FOUND if record.rua else TlsrptStatus.INVALID,
        record=text,
        rua=record.rua,
        problem=record.problem,
        lookups=lookups,
    )
