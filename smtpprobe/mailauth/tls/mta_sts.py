"""MTA-STS: the record, the policy, and whether a mail host is listed (RFC 8461)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from smtpprobe.mailauth.characters import naming_odd, shown
from smtpprobe.mailauth.dns.final_dot import extended_owner, final_dot_hint
from smtpprobe.mailauth.dns.mx import mx_names
from smtpprobe.mailauth.tls.beginning import instead, not_begun
from smtpprobe.model.dns.lookup import DnsStatus, Question, Resolver
from smtpprobe.model.evidence.tls import MtaStsEvidence, MtaStsMode, MtaStsPolicy, MtaStsStatus
from smtpprobe.model.fetch import FetchStatus, PolicyFetch, PolicyFetcher
from smtpprobe.model.names import wildcard_matches
from smtpprobe.model.texts.language import mark, say

MODES = (MtaStsMode.ENFORCE, MtaStsMode.TESTING, MtaStsMode.NONE)
MAX_AGE_S = 31_557_600  # RFC 8461 §3.2
SHORT_MAX_AGE_S = 86_400  # below a day a policy protects hardly anyone; RFC 8461 §3.2 expects weeks
MAX_LINES = 500  # lines of a policy that are read
_SHOWN = 6

_LOOK_ALIKE = re.compile(r"\s*\"?v(?:ersion)?\s*[:=]\s*\"?sts", re.IGNORECASE)
_IS_POLICY = re.compile(r"\s*\"?version\s*:", re.IGNORECASE)
_POLICY_TEXT = mark(
    "the policy itself is in the TXT record; it belongs at https://mta-sts.DOMAIN/.well-known/mta-sts.txt, and the "
    "record is v=STSv1; id=…"
)
_NAME = "STSv1"
_VERSION = re.compile(r"v=STSv1[ \t]*(?:;|\Z)")
_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=([\x21-\x3a\x3c\x3e-\x7e]+)\Z")
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_POLICY_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*+(.*)", re.DOTALL)
_PATTERN = re.compile(
    r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\Z"
)
_DIGITS = re.compile(r"[0-9]{1,10}\Z")


class StsRecord(msgspec.Struct, frozen=True):
    """A policy record: its id, or what makes it invalid, and what is odd but does not."""

    id: str | None
    problem: str | None = None
    notes: tuple[str, ...] = ()


class ParsedPolicy(msgspec.Struct, frozen=True):
    """A policy, what makes it invalid (RFC 8461 §3.2), and what is odd but does not."""

    policy: MtaStsPolicy
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_record(texts: Sequence[str]) -> tuple[str | None, str | None]:
    """The record to use among a name's TXT records, and what is wrong; both None where the domain has none."""
    # RFC 8461 §3.1: records that do not begin with v=STSv1; are discarded, then exactly one must be left.
    found = [text for text in texts if _VERSION.match(text)]
    if len(found) == 1:
        return found[0], None
    if found:
        return None, say("{count} records begin with v=STSv1, so none counts", count=len(found))
    alike = next((text for text in sorted(texts) if _LOOK_ALIKE.match(text)), None)
    if alike is not None:
        return alike, say(_POLICY_TEXT) if _IS_POLICY.match(alike) else not_begun(alike, _NAME)
    return None, None


def parse_record(text: str) -> StsRecord:
    """The record read by RFC 8461 §3.1's grammar. Of a repeated field the first counts."""
    if not _VERSION.match(text):
        return StsRecord(None, not_begun(text, _NAME))
    elements = [element.strip(" \t") for element in text.split(";")[1:]]
    if elements and not elements[-1]:
        elements.pop()
    fields: dict[str, str] = {}
    notes: list[str] = []
    for element in elements:
        matched = _FIELD.match(element)
        if matched is None:
            return StsRecord(
                None,
                naming_odd(say("{element} is not a name=value pair", element=shown(element, 60)), element)
                if element
                else say("an empty field"),
            )
        if matched[1] == "id" and "id" in fields:
            notes.append(say("{name} occurs more than once; the first counts", name="id"))
        fields.setdefault(matched[1], matched[2])
    if "id" not in fields:
        other = next((name for name in fields if name.lower() == "id"), None)
        said = say("the field id is missing")
        lower = say(" (names are in lower case, not {other})", other=other) if other else ""
        return StsRecord(None, said + lower)
    if not _ID.match(fields["id"]):
        return StsRecord(None, say("the id {id} is not 1 to 32 letters and digits", id=shown(fields["id"], 60)))
    return StsRecord(fields["id"], notes=tuple(dict.fromkeys(notes)))


def parse_policy(body: str) -> ParsedPolicy:
    """The policy read by RFC 8461 §3.2's grammar. Of a repeated field other than mx the first counts."""
    problems: list[str] = []
    notes: list[str] = []
    fields: dict[str, str] = {}
    patterns: list[str] = []
    lines = body.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MAX_LINES:
        problems.append(
            say("it has {count} lines, of which {max_lines} were read", count=len(lines), max_lines=MAX_LINES)
        )
    for number, raw in enumerate(lines[:MAX_LINES], 1):
        line = raw.removesuffix("\r")
        if not line.strip():
            notes.append(say("line {number} is empty", number=number))
            continue
        matched = _POLICY_FIELD.match(line)
        if matched is None:
            problems.append(
                naming_odd(
                    say("line {number} is not a `key: value` pair: {line}", number=number, line=shown(line, 60)), line
                )
            )
            continue
        name, value = matched[1], matched[2].rstrip(" \t")
        if name == "mx":
            patterns.append(value)
        elif name in fields:
            notes.append(say("{name} occurs more than once; the first counts", name=name))
        else:
            fields[name] = value
    return _judge(fields, patterns, problems[:_SHOWN], notes[:_SHOWN])


def _judge(fields: dict[str, str], patterns: list[str], problems: list[str], notes: list[str]) -> ParsedPolicy:
    version, mode, age = fields.get("version"), fields.get("mode"), fields.get("max_age")
    for name in ("version", "mode", "max_age"):
        if name not in fields:
            other = next((each for each in fields if each.lower() == name), None)
            problems.append(
                say("{name} is missing", name=name)
                + (say(" (names are in lower case, not {other})", other=other) if other else "")
            )
    if version not in (None, "STSv1"):
        problems.append(say("version is {version}, not STSv1", version=shown(version, 60)))
    if mode is not None and mode not in MODES:
        problems.append(say("mode is {mode}, not enforce, testing or none", mode=shown(mode, 60)))
    max_age_s = int(age) if age is not None and _DIGITS.match(age) else None
    if age is not None and max_age_s is None:
        problems.append(
            say(
                "max_age is {age}: expected a number of seconds from 0 to {maximum}",
                age=shown(age, 60),
                maximum=MAX_AGE_S,
            )
        )
    problems += [
        say("the mx pattern {each} is not a host name or *.domain", each=shown(each, 60))
        for each in patterns
        if not _PATTERN.match(each)
    ]
    if not patterns and mode != "none":
        problems.append(say("mx is missing"))
    valid = tuple(dict.fromkeys(each.lower() for each in patterns if _PATTERN.match(each)))
    known = next((each for each in MODES if each == mode), None)
    policy = MtaStsPolicy(version=version, mode=known, max_age_s=max_age_s, mx=valid)
    return ParsedPolicy(policy, tuple(problems[: 2 * _SHOWN]), tuple(dict.fromkeys(notes)))


async def evaluate(resolver: Resolver, fetcher: PolicyFetcher | None, domain: str, host: str | None) -> MtaStsEvidence:
    """The domain's policy, and which of its mail hosts that lists; `host` is the one that a session was with."""
    mx_question = Question(domain, "MX")
    resolver.ahead(resolver.lookup(mx_question))
    # RFC 8461 §3.4: the policy of a parent domain is never used.
    found = await resolver.lookup(Question(f"_mta-sts.{domain}", "TXT"))
    evidence = MtaStsEvidence(domain=domain, status=MtaStsStatus.NONE, lookups=(found.index,), alias=found.cname)
    if found.failed:
        failure = found.failure_text
        return msgspec.structs.replace(evidence, status=MtaStsStatus.TEMPERROR, problem=failure)
    text, problem = find_record(found.records if found.status is DnsStatus.ANSWER else ())
    if text is None and problem is None:
        below = await extended_owner(resolver, found.name, domain, _VERSION.match)
        lookups = (found.index, below.index)
        problem = found.void_text(found.name) + final_dot_hint(found) if found.cname and found.is_void else None
        if below.records:
            problem = say("it is at {name}, because its name has no final dot in the zone file", name=below.name)
        return msgspec.structs.replace(evidence, problem=problem or instead(found.records), lookups=lookups)
    record = StsRecord(None, problem) if text is None or problem else parse_record(text)
    evidence = msgspec.structs.replace(
        evidence, record=text, policy_id=record.id, problem=record.problem, notes=record.notes
    )
    if record.problem is not None:
        return msgspec.structs.replace(evidence, status=MtaStsStatus.RECORD_INVALID)
    return await _with_policy(resolver, fetcher, evidence, mx_question, host)


async def _with_policy(
    resolver: Resolver, fetcher: PolicyFetcher | None, evidence: MtaStsEvidence, mx_question: Question, host: str | None
) -> MtaStsEvidence:
    mail = await resolver.lookup(mx_question)
    hosts = mx_names(mail)
    evidence = msgspec.structs.replace(
        evidence,
        mx_hosts=hosts,
        host=host.lower() if host and host.lower() in hosts else None,
        lookups=(*evidence.lookups, mail.index),
    )
    if fetcher is None:
        return msgspec.structs.replace(
            evidence, status=MtaStsStatus.POLICY_UNREACHABLE, problem=say("it was not fetched")
        )
    fetched = await fetcher.fetch(evidence.domain)
    evidence = msgspec.structs.replace(evidence, fetch=fetched, lookups=(*evidence.lookups, *fetched.lookups))
    if fetched.status is not FetchStatus.OK:
        return msgspec.structs.replace(evidence, status=MtaStsStatus.POLICY_UNREACHABLE, problem=fetch_words(fetched))
    parsed = parse_policy(fetched.body)
    evidence = msgspec.structs.replace(evidence, policy=parsed.policy, notes=(*evidence.notes, *parsed.notes))
    if parsed.problems:
        return msgspec.structs.replace(
            evidence, status=MtaStsStatus.POLICY_INVALID, problem="; ".join(parsed.problems[:4])
        )
    unlisted = () if parsed.policy.mode is MtaStsMode.NONE else unlisted_hosts(parsed.policy.mx, hosts)
    unknown = (
        say("whether the policy lists the mail hosts is unknown: {failure_text}", failure_text=mail.failure_text)
        if mail.failed
        else None
    )
    return msgspec.structs.replace(evidence, status=MtaStsStatus.FOUND, unlisted=unlisted, problem=unknown)


def unlisted_hosts(patterns: Sequence[str], hosts: Sequence[str]) -> tuple[str, ...]:
    """The hosts that no pattern matches (RFC 8461 §4.1)."""
    return tuple(host for host in hosts if not any(wildcard_matches(pattern, host) for pattern in patterns))


_FETCH_WORDS = {
    FetchStatus.NO_ADDRESS: mark("the policy host has no address"),
    FetchStatus.NOT_PUBLIC: mark("the policy host's address is not on the public Internet"),
    FetchStatus.UNREACHABLE: mark("the policy host cannot be reached"),
    FetchStatus.TIMEOUT: mark("the policy host did not answer in time"),
    FetchStatus.CERTIFICATE: mark("the policy host's certificate does not verify"),
    FetchStatus.TLS_FAILED: mark("the TLS handshake with the policy host failed"),
    FetchStatus.REDIRECT: mark("the policy host redirects, which senders must not follow"),
    FetchStatus.HTTP_STATUS: mark("the policy host answered other than 200"),
    FetchStatus.TOO_LARGE: mark("the policy is too large"),
    FetchStatus.MALFORMED: mark("the policy host's answer is not an HTTP response"),
    FetchStatus.NOT_RECORDED: mark("the saved run did not fetch it"),
}


def fetch_words(fetched: PolicyFetch) -> str:
    """Why a fetch brought no policy."""
    words = say(_FETCH_WORDS.get(fetched.status, fetched.status.value))
    return f"{words}: {fetched.detail}" if fetched.detail else words
