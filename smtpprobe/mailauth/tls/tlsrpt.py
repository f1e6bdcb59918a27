"""SMTP TLS reporting: where a domain wants to hear of TLS failures (RFC 8460)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.characters import naming_odd, shown
from smtpprobe.mailauth.dns.final_dot import extended_owner, final_dot_hint
from smtpprobe.mailauth.tls.beginning import instead, not_begun
from smtpprobe.model.dns.lookup import DnsStatus, Question, Resolver
from smtpprobe.model.evidence.tls import TlsrptEvidence, TlsrptStatus
from smtpprobe.model.texts.language import mark, say

_LOOK_ALIKE = re.compile(r"\s*\"?v\s*=\s*\"?tlsrpt", re.IGNORECASE)
_VERSION = re.compile(r"v=TLSRPTv1[ \t]*(?:;|\Z)")
_EXTENSION = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=[\x21-\x3a\x3c\x3e-\x7e]+\Z")
# RFC 8460 §3: commas, exclamation points and semicolons are encoded in the URIs.
_RUA = re.compile(r"rua[ \t]*=", re.IGNORECASE)  # meant as the field, with which an element does not begin exactly
_MAILTO = re.compile(r"mailto:[^\s@!,;?]+@[^\s@!,;?]+(?:\?[^\s!,;]*)?\Z", re.IGNORECASE)
_HTTPS = re.compile(r"https://[^\s!,;/?#]+(?:[/?#][^\s!,;]*)?\Z", re.IGNORECASE)
_SHOWN = 4  # problems of a record
_NAME = "TLSRPTv1"


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
    alike = next((text for text in sorted(texts) if _LOOK_ALIKE.match(text)), None)
    return (alike, not_begun(alike, _NAME)) if alike is not None else (None, None)


def parse_record(text: str) -> TlsrptRecord:
    """The record read by RFC 8460 §3's grammar. What is not of it costs itself alone; several fields rua all count."""
    if not _VERSION.match(text):
        return TlsrptRecord((), not_begun(text, _NAME))
    elements = [element.strip(" \t") for element in text.split(";")[1:]]
    if elements and not elements[-1]:
        elements.pop()
    problems: list[str] = []
    uris: list[str] = []
    for element in elements:
        if element.startswith("rua="):
            if element[4:5].isspace():
                # RFC 8460 §3: blanks may stand round the commas, and nowhere else.
                problems.append(say("a blank follows rua=, which the grammar does not allow"))
            # RFC 8460 §3: more than one rua may be declared, and each URI of one is a destination.
            uris += [uri.strip(" \t") for uri in element[4:].split(",")]
        elif not element:
            problems.append(say("an empty field"))
        elif _RUA.match(element) is None and not _EXTENSION.match(element):
            said = say("{element} is not a name=value pair", element=shown(element, 60))
            problems.append(naming_odd(said, element))
        elif _RUA.match(element):
            text = mark("{element} is not read: the field's name is rua, in lower case")
            if element.startswith("rua"):
                text = mark("{element} is not read: a blank is before its equals sign")
            problems.append(say(text, element=shown(element, 60)))
    good = tuple(dict.fromkeys(uri for uri in uris if _is_destination(uri)))
    if not uris:
        problems.append(say("the field rua is missing"))
    problems += [_why_not(uri) for uri in dict.fromkeys(uris) if not _is_destination(uri)]
    beyond = say("; {count} more", count=len(problems) - _SHOWN) if len(problems) > _SHOWN else ""
    return TlsrptRecord(good, "; ".join(problems[:_SHOWN]) + beyond if problems else None)


def _is_destination(uri: str) -> bool:
    # RFC 3986 §2: a URI is US-ASCII.
    return uri.isascii() and bool(_MAILTO.match(uri) or _HTTPS.match(uri))


def _why_not(uri: str) -> str:
    if "!" in uri and _is_destination(uri.partition("!")[0]):
        return say(
            "{uri} has a size limit, which only DMARC had: an exclamation point has to be written %21",
            uri=shown(uri, 60),
        )
    if not uri:
        return say("rua has an empty place where a mailto: or https: URI belongs")
    return naming_odd(say("{uri} is not a mailto: or https: URI", uri=shown(uri, 60)), uri)


async def evaluate(resolver: Resolver, domain: str) -> TlsrptEvidence:
    """Where the domain wants reports."""
    found = await resolver.lookup(Question(f"_smtp._tls.{domain}", "TXT"))
    told = TlsrptEvidence(domain=domain, status=TlsrptStatus.NONE, lookups=(found.index,), alias=found.cname)
    replace = msgspec.structs.replace
    if found.failed:
        return replace(told, status=TlsrptStatus.TEMPERROR, problem=found.failure_text)
    text, problem = find_record(found.records if found.status is DnsStatus.ANSWER else ())
    if problem is not None:
        return replace(told, status=TlsrptStatus.INVALID, record=text, problem=problem)
    if text is None:
        below = await extended_owner(resolver, found.name, domain, _VERSION.match)
        problem = found.void_text(found.name) + final_dot_hint(found) if found.cname and found.is_void else None
        if below.records:
            problem = say("it is at {name}, because its name has no final dot in the zone file", name=below.name)
        return replace(told, problem=problem or instead(found.records), lookups=(found.index, below.index))
    record = parse_record(text)
    status = TlsrptStatus.FOUND if record.rua else TlsrptStatus.INVALID
    return replace(told, status=status, record=text, rua=record.rua, problem=record.problem)
