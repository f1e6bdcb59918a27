"""What a zone's answers say about a subject, and whether the zone can be believed (RFC 5782)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from smtpprobe.mailauth.dnsbl.keys import key_redactor
from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus
from smtpprobe.model.evidence.dnsbl import DnsblStatus
from smtpprobe.model.known.dnsbl_zone import ListedKind, Zone, ZoneKind
from smtpprobe.model.names import is_ip_address, reversed_labels
from smtpprobe.model.texts.language import mark, say

# RFC 5782 §5: the entries that must and must not exist.
_TEST_POINTS = {
    ListedKind.IP4: (("127.0.0.2",), "127.0.0.1"),
    ListedKind.IP6: (("::ffff:127.0.0.2",), "::ffff:127.0.0.1"),
    ListedKind.DOMAIN: (("test",), "invalid"),
}
# A convention that Spamhaus began and others follow.
_EVERY_ZONE_REFUSES = {
    "127.255.255.252": mark("the zone's name is mistyped"),
    "127.255.255.254": mark("the list takes the resolver that asked for a public one, or cannot tell whose it is"),
    "127.255.255.255": mark("the resolver asked too many queries, or is not registered"),
    "127.255.255.*": mark("this return code is an error, not a listing"),
}
_REFUSAL_WORDS = re.compile(
    r"(?:open|public|unidentified) (?:dns )?(?:resolver|server)|excessive (?:number of )?quer|too many quer"
    r"|(?:query|queries|access|requests?|lookups?) (?:(?:was|were|is|are|has been) )?"
    r"(?:refused|blocked|denied|rejected|limited)|typing error"
    r"|no (?:ip |public )?quer(?:y|ies) allowed|not (?:authori[sz]ed|allowed|permitted|registered) to (?:query|use)"
    r"|rate.?limit|quer(?:y|ies) (?:limit|quota)|resolver (?:is )?(?:not registered|blocked)",
    re.IGNORECASE,
)
_REWRITES = mark("the resolver rewrites answers: it gives any name that does not exist this address")
_FAILURES = {
    DnsStatus.REFUSED: mark("the name server refused the query (REFUSED)"),
    DnsStatus.NOT_RECORDED: mark("the query was not made when the report was saved"),
}


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of one zone about one subject; `text` is the TXT record, asked after an A record only."""

    subject: DnsLookup
    text: str | None
    text_failure: str | None = None  # why the TXT record is not known
    listed: tuple[DnsLookup, ...]  # test points that must be listed
    unlisted: tuple[DnsLookup, ...]  # test points that must not be
    made_up: frozenset[str] | None = None  # what the resolver gives for names that do not exist; None where not asked


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A status, the subject's return codes in order of value, the meaning of each, and why where it needs saying.

    `only_listed`: nothing more is known of what the zone's codes mean. `test_failed`: the lookup of the test entry that
    would prove the status failed.
    """

    status: DnsblStatus
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    only_listed: bool = False
    reason: str | None = None
    test_failed: bool = False


def subject_kind(subject: str) -> ListedKind:
    """What kind of thing the subject is: an address of either family, else a domain."""
    if not is_ip_address(subject):
        return ListedKind.DOMAIN
    return ListedKind.IP6 if ":" in subject else ListedKind.IP4


def query_name(zone: Zone, subject: str) -> str:
    """The name to ask about a subject: reversed octets, reversed nibbles or the domain, then the zone."""
    # RFC 5782 §2.1, §2.4, §3.
    labels = reversed_labels(subject) if is_ip_address(subject) else subject
    return f"{labels}.{zone.suffix}"


def test_points(zone: Zone, kind: ListedKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that the zone must list, and those that it must not; empty where they would say nothing."""
    standard, unlisted = _TEST_POINTS[kind]
    own = tuple(point for point in zone.test_listed if subject_kind(point) == kind)
    listed = own or standard
    if kind is ListedKind.IP6 and ListedKind.IP4 in zone.lists:
        # Lists of both families keep the IPv4 entry; many lack the IPv6 one that RFC 5782 §5 asks for.
        listed = (*listed, "127.0.0.2")
    if zone.known and not zone.test_required:
        listed = ()
    return (
        tuple(query_name(zone, point) for point in listed),
        (query_name(zone, unlisted),) if zone.test_unlisted else (),
    )


def judge(zone: Zone, answers: Answers) -> Judgement:
    """What the answers mean.

    The zone is only believed about an entry where 127.0.0.1 is not listed as well, and about the absence of one where
    127.0.0.2 is listed: else the absence is unproved, or the zone broken where it is known to list 127.0.0.2.
    """
    subject, points = answers.subject, (*answers.listed, *answers.unlisted)
    codes = return_codes(subject)
    refusal = _refusal(zone, subject, answers.text)
    if refusal is None and not codes:
        refusal = next((found for point in points if (found := _refusal(zone, point, None))), None)
    if refusal is None and answers.text and _REFUSAL_WORDS.search(answers.text) and _lists_the_world(zone, answers):
        refusal = say("the zone gives every query the answer that its TXT record explains")
    if refusal is not None:
        return Judgement(status=DnsblStatus.QUERY_REFUSED, codes=codes, reason=refusal)
    if subject.failed:
        return Judgement(status=DnsblStatus.NO_ANSWER, reason=_failure(zone, subject))
    broken = _broken(zone, answers)
    if broken is not None:
        return Judgement(status=DnsblStatus.BROKEN_ZONE, codes=codes, reason=broken)
    if codes:
        meanings = tuple(_meaning(zone, code) for code in codes)
        listed = zone.kind is ZoneKind.BLOCK and any(bad for _, bad in meanings)
        status = DnsblStatus.LISTED if listed else DnsblStatus.NOT_LISTED
        return Judgement(
            status=status,
            codes=codes,
            meanings=tuple(text for text, _ in meanings),
            only_listed=_says_only_listed(zone),
            reason=_unproved_entry(zone, answers) if listed else None,
        )
    return _absent(zone, answers)


def return_codes(lookup: DnsLookup) -> tuple[str, ...]:
    """The A records of an answer in order of value; empty where there is no answer."""
    if lookup.status is not DnsStatus.ANSWER:
        return ()
    return tuple(sorted(lookup.records, key=_octets))


def is_return_code(code: str) -> bool:
    """Whether the address lies in 127.0.0.0/8, where return codes belong (RFC 5782 §2.3)."""
    return _octets(code)[:1] == (127,)


def code_matches(match: str, code: str) -> bool:
    """Whether a return code fits `127.0.0.2`, `127.0.2.2-24` or `127.0.*.1`."""
    octets, fields = _octets(code), match.split(".")
    return len(octets) == len(fields) == 4 and all(map(_field_matches, fields, octets))


def is_end_user_range(zone: Zone, codes: Iterable[str]) -> bool:
    """Whether one of the return codes says that the address is in an end-user range."""
    matches = [known.match for known in zone.codes if known.end_user]
    return any(code_matches(match, code) for code in codes for match in matches)


def _field_matches(field: str, octet: int) -> bool:
    low, _, high = field.partition("-")
    return field == "*" or int(low) <= octet <= int(high or low)


def _octets(address: str) -> tuple[int, ...]:
    fields = address.split(".")
    if len(fields) != 4 or not all(field.isascii() and field.isdigit() and len(field) < 4 for field in fields):
        return ()
    return tuple(int(field) for field in fields)


def _refusal(zone: Zone, lookup: DnsLookup, text: str | None) -> str | None:
    """Why an answer is a refusal of the question, None where it is none."""
    refuses = bool(text and _REFUSAL_WORDS.search(text))
    for code in return_codes(lookup):
        for refusal in zone.refusals:
            if code_matches(refusal.match, code):
                return say(refusal.reason)
        for match, reason in _EVERY_ZONE_REFUSES.items():
            if code_matches(match, code):
                return say(reason)
        described = any(code_matches(known.match, code) for known in zone.codes)
        if refuses and not described and is_return_code(code) and (code.endswith(".255") or code == "127.0.0.1"):
            return say("{code} comes with a text that refuses the query", code=code)
    return None


def _lists_the_world(zone: Zone, answers: Answers) -> bool:
    return any(is_return_code(code) for point in answers.unlisted for code in return_codes(point))


def _failure(zone: Zone, lookup: DnsLookup) -> str:
    words = _FAILURES.get(lookup.status)
    said = say(words) if words else say("the query failed: {failure_reason}", failure_reason=lookup.failure_reason)
    if lookup.cname:
        alias = key_redactor([zone]).text(lookup.cname)
        said = say("the name asked for is an alias (CNAME) of {alias}; {said}", alias=alias, said=said)
    return f"{said}: {zone.resolver_terms}" if zone.resolver_terms else said


def _broken(zone: Zone, answers: Answers) -> str | None:
    """Why neither an entry nor its absence can be believed, None where they can."""
    for lookup in (answers.subject, *answers.listed, *answers.unlisted):
        for code in return_codes(lookup):
            # RFC 5782 §2.3: return codes lie in 127.0.0.0/8; anything else is a resolver or a new owner at work.
            if not is_return_code(code):
                return say(
                    "{name} is {code}, outside 127.0.0.0/8: {why}",
                    name=_shown(zone, lookup.name),
                    code=code,
                    why=_whose(code, answers),
                )
    for point in answers.unlisted:
        codes = return_codes(point)
        # RFC 5782 §5: 127.0.0.1 must not be listed; a zone that lists it lists everything.
        if codes and _refusal(zone, point, None) is None:
            if answers.made_up and answers.made_up.issuperset(codes):
                return say(
                    "{shown} is {codes}: {why}",
                    shown=_shown(zone, point.name),
                    codes=", ".join(codes),
                    why=say(_REWRITES),
                )
            return say(
                "{shown} is listed ({codes}), which no list may: it lists everything",
                shown=_shown(zone, point.name),
                codes=", ".join(codes),
            )
    return None


def _whose(code: str, answers: Answers) -> str:
    if answers.made_up is None:
        return say("a parked domain, or a resolver that rewrites answers")
    if code in answers.made_up:
        return say(_REWRITES)
    listed = [return_codes(point) for point in answers.listed]
    if any(codes and all(map(is_return_code, codes)) for codes in listed):
        # RFC 5782 §5: the list is at work.
        return say("that is not a return code, although the list's test entries are as they must be")
    return say("the list's domain is parked or has another owner; the resolver does not make the address up")


def _unproved_entry(zone: Zone, answers: Answers) -> str | None:
    """What keeps an entry from being proved: test entries that gave no answer, or the reason that gave none."""
    told = []
    failed = next((point for point in answers.unlisted if point.failed), None)
    if failed is None and not any(return_codes(point) for point in answers.listed):
        failed = next((point for point in answers.listed if point.failed), None)
    if failed is not None:
        told.append(
            say(
                "whether the list works is not known: its test entry {name} gave no answer: {failure_reason}",
                name=_shown(zone, failed.name),
                failure_reason=failed.failure_reason,
            )
        )
    if answers.text_failure:
        told.append(say("why it is listed is not known: the TXT lookup failed: {why}", why=answers.text_failure))
    return "; ".join(told) or None


def _absent(zone: Zone, answers: Answers) -> Judgement:
    """Not listed, as far as the zone's test point lets us believe it."""
    if not answers.listed or any(return_codes(point) for point in answers.listed):
        return Judgement(status=DnsblStatus.NOT_LISTED)
    failed = next((point for point in answers.listed if point.failed), None)
    if failed is not None:
        reason = say(
            "its test entry {name} gave no answer: {failure_reason}",
            name=_shown(zone, failed.name),
            failure_reason=failed.failure_reason,
        )
        return Judgement(status=DnsblStatus.UNPROVED, reason=reason, test_failed=True)
    missing = _shown(zone, min((point.name for point in answers.listed), key=len))
    # RFC 5782 §5: 127.0.0.2, or TEST, must be listed.
    if zone.known:
        reason = say(
            "its test entry {missing} is missing: the zone is empty, or the resolver hides it", missing=missing
        )
        return Judgement(status=DnsblStatus.BROKEN_ZONE, reason=reason)
    reason = say(
        "its test entry {missing} is missing: it may be private, empty, or list another kind of subject",
        missing=missing,
    )
    return Judgement(status=DnsblStatus.UNPROVED, reason=reason)


def _shown(zone: Zone, name: str) -> str:
    return name.removesuffix(zone.suffix) + zone.zone if zone.asked else name


def _says_only_listed(zone: Zone) -> bool:
    return not zone.codes and not zone.bits and zone.kind is not ZoneKind.ALLOW


def _meaning(zone: Zone, code: str) -> tuple[str, bool]:
    """What a return code means, and whether it is bad."""
    for known in zone.codes:
        if code_matches(known.match, code):
            return say(known.meaning), known.listed
    if zone.bits and code_matches("127.0.0.*", code):
        # RFC 5782 §2.3: the octet is the logical OR of the sublists' bits.
        bits = [say(bit.meaning) for bit in zone.bits if int(code.rpartition(".")[2]) & bit.bit]
        if bits:
            return "; ".join(bits), True
    if _says_only_listed(zone):
        return say("listed"), True
    if not zone.codes and not zone.bits:
        return say("entry of an allow list"), True
    # RFC 5782 §6: any A record means listed, unless the zone is known to say other things too.
    return say("a return code that the catalogue does not know"), all(known.listed for known in zone.codes)
