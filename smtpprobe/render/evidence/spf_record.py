"""What an SPF record is by itself, as rows: its tree with what each branch costs, what is dead, and what is shorter."""

from __future__ import annotations

import msgspec

from smtpprobe.mailauth.characters import visible
from smtpprobe.mailauth.spf.edit.shorter import why_dead
from smtpprobe.mailauth.spf.everybody.effect import in_words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_VOID_LOOKUPS
from smtpprobe.mailauth.spf.lint.families import ALIASES
from smtpprobe.mailauth.spf.record import parse_term
from smtpprobe.mailauth.spf.whole_trace import ENDINGS
from smtpprobe.model.evidence.spf import SpfEdit, SpfKept, SpfRecordEvidence, SpfRewrite, SpfStep, SpfStepResult
from smtpprobe.model.evidence.spf_dead import SpfDead
from smtpprobe.model.texts.language import mark, say, say_counted
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone
from smtpprobe.render.evidence.spf import instead_of, other_count_row, put_right
from smtpprobe.render.evidence.spf_order import orders, too_late

_MAX_TERMS = 12  # that cost nothing, of one record
_MAX_WORDS = 40  # of a record that is not shown whole
_ROOT = "."


class _Known(msgspec.Struct, frozen=True):
    """What is known beside the trace: dead terms by their record and place, providers by their name."""

    dead: dict[tuple[str, int], SpfDead]
    providers: dict[str, str]


def rows(evidence: SpfRecordEvidence, detail: Detail) -> list[Row]:
    """The record, its terms and those of what it includes as a tree, and what they cost."""
    text = say("{mailbox} is an address: this is the record of its domain", mailbox=visible(evidence.mailbox or ""))
    return [*([Row(text=text)] if evidence.mailbox is not None else []), *_record(evidence)]


def _record(evidence: SpfRecordEvidence) -> list[Row]:
    if evidence.record is None:
        text = f"{evidence.domain or _ROOT}: {summary(evidence)}"
        made = [Row(text=text, tone=result_tone(evidence.result)), *put_right(evidence.mended, evidence.result)]
        return [*made, *(_flattened(evidence.flattened, evidence) if evidence.flattened is not None else ())]
    known = _Known(
        {(each.domain or evidence.domain, each.position): each for each in evidence.dead},
        {each.domain: each.provider for each in evidence.providers},
    )
    made = [
        Row(text=f"{evidence.domain}: {_beginning(evidence.record)}", tone=Tone.STRONG),
        *_owner(evidence),
        *_tree(evidence.trace, 1, 0, 0, known, frozenset({evidence.domain})),
    ]
    failed = evidence.result in (AuthResult.TEMPERROR, AuthResult.PERMERROR)
    made.append(Row(text=summary(evidence), tone=result_tone(evidence.result) if failed else Tone.PLAIN))
    if evidence.other_count is not None:
        made.append(other_count_row(evidence.other_count))
    if evidence.not_followed:
        terms = ", ".join(dict.fromkeys(evidence.not_followed))
        made.append(
            Row(text=say("counted, and not followed without a client's address: {terms}", terms=terms), tone=Tone.FAINT)
        )
    made += [*put_right(evidence.mended, evidence.result), *orders(evidence)]
    if evidence.shorter is not None and not _says_the_same(evidence.shorter, evidence.mended):
        made += _shorter(evidence.shorter, evidence)
    for shorter in evidence.shorter_below:
        made += _shorter(shorter, evidence)
    if evidence.flattened is not None:
        made += _flattened(evidence.flattened, evidence)
    return made


def summary(evidence: SpfRecordEvidence) -> str:
    """What it costs, and what an address gets that nothing matches, on one line."""
    if evidence.record is None:
        return f"{evidence.result}, {evidence.problem}" if evidence.problem else str(evidence.result)
    needed = max(evidence.lookups_needed or 0, evidence.lookups_used)
    cost = say(
        "lookups {needed} of {max_lookups}, void {void_lookups_used} of {max_void_lookups}",
        needed=needed,
        max_lookups=MAX_LOOKUPS,
        void_lookups_used=evidence.void_lookups_used,
        max_void_lookups=MAX_VOID_LOOKUPS,
    )
    if evidence.result in (AuthResult.TEMPERROR, AuthResult.PERMERROR):
        why = f", {evidence.problem}" if evidence.problem else ""
        return f"{evidence.result}{why} ({cost})"
    how = say(" by {mechanism}", mechanism=visible(evidence.mechanism)) if evidence.mechanism else ""
    whose = say("an {family} address", family=evidence.family) if evidence.family else say("an address")
    leading = [
        term for term in dict.fromkeys(evidence.not_followed) if parse_term(term).name in ("include", "redirect")
    ]
    template = mark("{cost}; {whose} that nothing matches gets {result}{how}")
    if leading:
        template = mark(
            "{cost}; {whose} that nothing matches gets {result}{how}, or permerror if {terms} leads to no record"
        )
    return say(template, cost=cost, whose=whose, result=evidence.result, how=how, terms=", ".join(leading))


def _owner(evidence: SpfRecordEvidence) -> list[Row]:
    """Whose record it is, where the domain is an alias."""
    owner = next((each.host for each in evidence.lint if each.id in ALIASES), None)
    return [Row(text=say("the record of {owner}, by CNAME", owner=owner), level=1)] if owner else []


def _beginning(record: str) -> str:
    """A record that does not fill the screen: its terms are told below."""
    terms = [each for each in record.split(" ") if each]
    if len(terms) <= _MAX_WORDS:
        return visible(record)
    left = len(terms) - _MAX_WORDS
    return visible(" ".join(terms[:_MAX_WORDS])) + say(" … and {count} more", count=left)


def _tree(
    steps: tuple[SpfStep, ...], level: int, lookups: int, voids: int, known: _Known, above: frozenset[str]
) -> list[Row]:
    """The terms of one record and what is below them, with what each costs; the running counts before them are given.

    What costs nothing stands together on a line, and so does what is not reached, but for what is counted behind an error.
    A record that leads back to one `above` is not told again.
    """
    made: list[Row] = []
    free: list[str] = []
    for place, step in enumerate(steps):
        dead = known.dead.get((step.domain.lower(), place))
        # What is not reached in the domain's own record stands together at its end.
        if _is_unreached(step) and (dead is None or level == 1):
            continue
        if step.lookups_used <= lookups and step.fault is None and dead is None:
            free.append(step.term)
            continue
        leads_to = (step.expanded or "").lower()
        is_loop = bool(step.children) and leads_to in above
        beside = "  " + say("leads back to {name}", name=leads_to) if is_loop else _beside(step, dead, known)
        made += [*_free(free, level), *_ending(step, level), _cost(step, level, lookups, voids, beside)]
        free = []
        if not is_loop:
            made += _tree(step.children, level + 1, lookups + 1, voids, known, above | {leads_to})
        lookups, voids = max(lookups, step.lookups_used), max(voids, step.void_lookups_used)
    unreached = [step.term for step in steps if _is_unreached(step)]
    return [*made, *_free(free, level), *_free(unreached if level == 1 else [], level, say("not reached: "))]


def _is_unreached(step: SpfStep) -> bool:
    """Whether it is not even counted."""
    return step.result is SpfStepResult.NOT_REACHED and not step.lookups_used


def _is_told(step: SpfStep) -> bool:
    """Whether an error is told with the term: where it comes from, not again with everything that leads there."""
    return step.fault is not None and not any(child.fault is not None for child in step.children)


def _ending(step: SpfStep, level: int) -> list[Row]:
    """Where a receiver stops, though the tree goes on."""
    if not _is_told(step) or step.fault not in ENDINGS:
        return []
    text = say("a receiver stops here with permerror: {reason}; the rest is only counted", reason=step.reason)
    return [Row(text=text, tone=Tone.BAD, level=level)]


def _cost(step: SpfStep, level: int, lookups: int, voids: int, beside: str) -> Row:
    cost, void = step.lookups_used - lookups, step.void_lookups_used - voids
    counted = "  " + say_counted("{count} lookup", "{count} lookups", cost) if cost > 0 else ""
    is_past = step.lookups_used > MAX_LOOKUPS and (step.fault is None or step.fault in ENDINGS)
    counted += say(", {used} so far", used=step.lookups_used) if cost > 0 and is_past else ""
    counted += say(", {void} void", void=void) if void > 0 else ""
    told = _is_told(step)
    problem = f"{'; ' if beside else ': '}{step.reason}" if told and step.reason and step.fault not in ENDINGS else ""
    text = f"{visible(step.term)}{counted}{beside}{problem}"
    return Row(text=text, tone=Tone.BAD if told else Tone.PLAIN, level=level)


def _beside(step: SpfStep, dead: SpfDead | None, known: _Known) -> str:
    """Whose name it is, and why the term changes nothing."""
    provider = known.providers.get(step.expanded or "") if step.children else None
    whose = f"  ({provider})" if provider else ""
    whose += say(" (CNAME of {alias})", alias=step.alias) if step.alias else ""
    if dead is None:
        return whose
    if dead.family is not None:
        return whose + "  " + say("no {family} address", family=dead.family)
    if dead.before is not None:
        return f"{whose}  {too_late(dead)}"
    template = mark("dead: {why}") if dead.is_own else mark("dead for everybody: {why}")
    return whose + "  " + say(template, why=why_dead(dead))


def _free(terms: list[str], level: int, before: str = "") -> list[Row]:
    if not terms:
        return []
    more = say(" … and {count} more", count=len(terms) - _MAX_TERMS) if len(terms) > _MAX_TERMS else ""
    return [Row(text=f"{before}{visible(' '.join(terms[:_MAX_TERMS]))}{more}", tone=Tone.FAINT, level=level)]


def _says_the_same(shorter: SpfRewrite, mended: SpfEdit | None) -> bool:
    return mended is not None and [each.record for each in shorter.records] == [mended.record]


def _shorter(shorter: SpfRewrite, evidence: SpfRecordEvidence) -> list[Row]:
    """The record without what is dead, and what it saves; why none is proposed."""
    if not shorter.records:
        return [Row(text=say("no shorter record is proposed: {reason}", reason=shorter.reason), tone=Tone.FAINT)]
    lookups = max((evidence.lookups_needed or 0) - shorter.lookups_needed, 0)
    saved = say_counted(
        "saves {octets} octets and {count} lookup",
        "saves {octets} octets and {count} lookups",
        lookups,
        octets=shorter.octets_saved,
    )
    made = [
        Row(text=say("shorter: {proof}", proof=_proof(shorter)), tone=Tone.GOOD),
        *_records(shorter),
        Row(text=saved, level=1),
        *_effect(shorter, evidence),
    ]
    if shorter.as_dns_is:
        text = say(
            "this holds as DNS answers now: a new address of these would be missing: {terms}",
            terms=", ".join(shorter.as_dns_is),
        )
        made.append(Row(text=text, level=1))
    return made


def _flattened(flat: SpfRewrite, evidence: SpfRecordEvidence) -> list[Row]:
    """The record of networks, and what it costs to keep it true; why none is proposed."""
    made = [Row(text=_stays(each), level=1) for each in flat.kept]
    if not flat.records:
        return [Row(text=say("not flattened: {reason}", reason=flat.reason), tone=Tone.CAUTION), *made]
    size = say(
        "{octets} octets, lookups {lookups} of {max_lookups} instead of {before}; resolved {at}",
        octets=sum(each.octets for each in flat.records),
        lookups=flat.lookups_needed,
        max_lookups=MAX_LOOKUPS,
        before=evidence.lookups_needed or 0,
        at=flat.resolved_at.strftime("%Y-%m-%d %H:%M UTC") if flat.resolved_at else say("unknown"),
    )
    return [
        Row(text=say("flattened: {proof}", proof=_proof(flat)), tone=Tone.GOOD if flat.is_cheaper else Tone.CAUTION),
        *_no_cheaper(flat, evidence),
        *_records(flat),
        Row(text=size, level=1),
        *(Row(text=change, level=1) for change in flat.changes),
        *made,
        *_effect(flat, evidence),
        *_upkeep(flat, evidence),
    ]


def _no_cheaper(flat: SpfRewrite, evidence: SpfRecordEvidence) -> list[Row]:
    """What speaks against the record of networks."""
    if flat.is_cheaper:
        return []
    text = say_counted(
        "not advised: {lookups} lookups instead of {before}, and {count} record to keep up to date: leave the names as they are",
        "not advised: {lookups} lookups instead of {before}, and {count} records to keep up to date: leave the names as they are",
        len(flat.records),
        lookups=flat.lookups_needed,
        before=evidence.lookups_needed or 0,
    )
    return [Row(text=text, tone=Tone.CAUTION, level=1)]


def _upkeep(flat: SpfRewrite, evidence: SpfRecordEvidence) -> list[Row]:
    """Whose names have to be watched."""
    providers = {each.domain: each.provider for each in evidence.providers}
    others = [
        f"{term} ({provider})" if (provider := providers.get(parse_term(term).name_literal or "")) else term
        for term in flat.others_names
    ]
    told = (
        (
            mark(
                "upkeep: these change their addresses without notice, and mail from new ones fails until the record is "
                "made and published again: {names}"
            ),
            others,
        ),
        (mark("upkeep: if you change what these come to, change this record too: {names}"), flat.own_names),
    )
    return [
        Row(text=say(template, names=", ".join(names)), tone=Tone.CAUTION, level=1) for template, names in told if names
    ]


def _stays(kept: SpfKept) -> str:
    others = [term for term in kept.because if term != kept.term]
    if not others:
        return say("{term} stays as it is: whom it matches cannot be listed", term=kept.term)
    return say(
        "{term} stays as it is: whom {others} in it matches cannot be listed", term=kept.term, others=", ".join(others)
    )


def _records(rewrite: SpfRewrite) -> list[Row]:
    return [
        Row(text=f"{each.owner}. TXT {' '.join(each.strings)}", tone=Tone.PASTE, level=1) for each in rewrite.records
    ]


def _proof(rewrite: SpfRewrite) -> str:
    if rewrite.begins:
        return say("nobody stops passing (every IPv4 and IPv6 address compared)")
    return say("the same addresses pass (every IPv4 and IPv6 address compared)")


def _effect(rewrite: SpfRewrite, evidence: SpfRecordEvidence) -> list[Row]:
    """Who begins to pass, where only a limit kept them from it, and what all others get then."""
    made = []
    if rewrite.begins:
        text = say(
            "these begin to pass, since the record now keeps to the limits: {addresses}",
            addresses=in_words(rewrite.begins),
        )
        made.append(Row(text=text, tone=Tone.CAUTION, level=1))
    if instead := instead_of(evidence.result):
        text = say("an address that nothing matches gets {result}", result=rewrite.nobody) + instead
        made.append(Row(text=text, level=1))
    return made
