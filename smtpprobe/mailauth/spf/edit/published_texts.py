"""What a domain publishes for SPF as one record to be changed, each term as it was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtpprobe.mailauth.characters import visible
from smtpprobe.mailauth.spf.edit.merge import one_of
from smtpprobe.mailauth.spf.edit.repair import Change, Draft
from smtpprobe.mailauth.spf.lint.elsewhere import misplaced, named_records
from smtpprobe.mailauth.spf.macro import can_be_asked
from smtpprobe.mailauth.spf.record import is_spf_record, parse_record, parse_term
from smtpprobe.mailauth.spf.spelling.foreign import Foreign, without_foreign
from smtpprobe.mailauth.spf.spelling.qualifiers import Inside
from smtpprobe.mailauth.spf.spelling.terms import is_host
from smtpprobe.mailauth.spf.spelling.version import look_alike
from smtpprobe.mailauth.spf.spelling.words import hosts_alone, is_version, qualified_inside, respelled
from smtpprobe.model.dns.lookup import Question, Resolver
from smtpprobe.model.quoting import cut
from smtpprobe.model.texts.language import say

_ASKED = {"a": "A", "mx": "MX"}
_MAX_SHOWN = 60  # characters of a text
_MAX_ALONE = 6  # names without a mechanism that are looked up


async def split(
    resolver: Resolver, domain: str, texts: Sequence[str], *, with_look_alikes: bool = False
) -> tuple[Draft | None, tuple[str, ...]]:
    """What the domain publishes as one record, and its other TXT records; None where nothing was meant for SPF.

    Another record in the text of one is taken out.

    A name that stands without a mechanism is meant for `a` where it has addresses, for `include` where it has a record.
    `with_look_alikes`: texts that were meant for SPF count beside a record, too.
    """
    told: list[str] = []
    published = [text for text in texts if is_spf_record(text)]
    records = []
    for text in published:
        kept, taken_out = without_foreign(text)
        records.append(written_terms(kept))
        told += _taken_out(taken_out, domain)
    others = tuple(text for text in texts if not is_spf_record(text))
    if records and with_look_alikes:
        meant = {text: (found[1], found[2]) for text in others if (found := look_alike(text)) and found[2] is not None}
        records += [written_terms(text) for _, text in meant.values()]
        others = tuple(text for text in others if text not in meant)
        told += [
            say("{text} was meant for SPF, too: {why}", text=_shown(each), why=why) for each, (why, _) in meant.items()
        ]
    if records:
        is_valid = all(parse_record(text).faulty is None for text in published)
        ends = await _ends(resolver, records)
        draft = one_of(records, await _alone(resolver, records), ends, is_published=is_valid)
        return Draft(draft.words, (*map(Change, told), *draft.changes), draft.notes), others
    for text in others:
        kept, taken_out = without_foreign(text)
        found = look_alike(text)
        meant_text = kept if taken_out and is_spf_record(kept) else (look_alike(kept) or ("", "", None))[2]
        if found is not None and meant_text is not None:
            record = written_terms(meant_text)
            ends = await _ends(resolver, [record])
            draft = one_of([record], await _alone(resolver, [record]), ends, is_published=False)
            change = Change(say("the record begins with v=spf1 and a blank ({why})", why=found[1]))
            rest = tuple(other for other in others if other != text)
            changes = (change, *map(Change, _taken_out(taken_out, domain)), *draft.changes)
            return Draft(draft.words, changes, draft.notes), rest
    named, _ = await named_records(resolver, others)
    if named:
        text, name = named[0]
        change = Change(say("{text} becomes include:{name} in a record of its own", text=_shown(text), name=name))
        return Draft((f"include:{name}", "~all"), (change,)), tuple(other for other in others if other != text)
    return None, others


def _taken_out(others: Sequence[Foreign], domain: str) -> Iterator[str]:
    for each in others:
        text = f'"{visible(each.text)}"'
        yield say("{removed} removed: {why}", removed=text, why=each.said(domain))


async def published_elsewhere(resolver: Resolver, domain: str) -> tuple[str, str] | None:
    """The name below the domain at which its record was published by mistake, and the record."""
    found = await misplaced(resolver, domain)
    for name, texts in found.records:
        records = [text for text in texts if is_spf_record(text)]
        # That of www is about www.
        if len(records) == 1 and not name.startswith("www."):
            return name, records[0]
    return None


def _shown(text: str) -> str:
    return cut(f'"{visible(text)}"', _MAX_SHOWN)


def written_terms(record: str) -> list[str]:
    """The terms as they are written, right or wrong."""
    return [word for word in record[6:].split(" ") if word]


async def _alone(resolver: Resolver, records: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The terms that names which stand alone, and those with a qualifier inside, can have been meant for."""
    names = [name for record in records for name in hosts_alone(record) if can_be_asked(name.removesuffix("."))]
    made: dict[str, tuple[str, ...]] = {}
    for name in names[:_MAX_ALONE]:
        asked = name.removesuffix(".")
        for rdtype in ("A", "AAAA", "TXT"):
            resolver.ahead(resolver.lookup(Question(asked, rdtype)))
        four, six, text = [await resolver.lookup(Question(asked, rdtype)) for rdtype in ("A", "AAAA", "TXT")]
        is_included = any(is_spf_record(each) for each in text.records)
        terms = (f"a:{name}",) * bool(four.records or six.records) + (f"include:{name}",) * is_included
        mechanism, _, behind = asked.partition(".")
        if not terms and mechanism in ("a", "mx") and is_host(behind) and can_be_asked(behind):
            found = await resolver.lookup(Question(behind, _ASKED[mechanism]))
            terms = (f"{mechanism}:{behind}",) * bool(found.records)
        made[name] = terms
    inside = [found for record in records for found in qualified_inside(record).items()]
    for written, each in inside[:_MAX_ALONE]:
        if await _is_slip(resolver, written, each):
            made[written] = (each.meant,)
    return made


async def _is_slip(resolver: Resolver, text: str, inside: Inside) -> bool:
    """Whether the name has what its mechanism needs without the qualifier inside, and not with it."""
    written = parse_term(text).name_literal
    return await _has(resolver, inside.name, inside.target or "") and not (
        written is not None and await _has(resolver, inside.name, written)
    )


async def _has(resolver: Resolver, mechanism: str, name: str) -> bool:
    """Whether a name has what a mechanism or redirect= asks for: an SPF record, MX records, an address."""
    name = name.removesuffix(".").lower()
    if not can_be_asked(name):
        return False
    if mechanism in ("include", "redirect"):
        return any(map(is_spf_record, (await resolver.lookup(Question(name, "TXT"))).records))
    types = {"mx": ("MX",), "exists": ("A",)}.get(mechanism, ("A", "AAAA"))
    return any([(await resolver.lookup(Question(name, rdtype))).records for rdtype in types])


async def _ends(resolver: Resolver, records: Sequence[Sequence[str]]) -> dict[str, str]:
    """The qualifier of the all that ends the record of each name which one of several redirect= leads to."""
    targets = dict.fromkeys(
        term[9:].lower()
        for record in records
        for reading in respelled(record)
        for term in reading.meant
        if term.lower().startswith("redirect=") and can_be_asked(term[9:])
    )
    if len(records) + len(targets) < 3 and not any(is_version(word) for record in records for word in record):
        return {}
    made: dict[str, str] = {}
    for target in [*targets][:_MAX_ALONE]:
        found = await resolver.lookup(Question(target.removesuffix("."), "TXT"))
        for text in filter(is_spf_record, found.records):
            for term in parse_record(text).terms:
                if term.name == "all" and term.qualifier:
                    made.setdefault(target, term.qualifier)
    return made
