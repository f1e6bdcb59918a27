"""What SPF came to, as rows: both identities, their traces, and the change that would let the client pass."""

from __future__ import annotations

from smtpprobe.mailauth.characters import visible
from smtpprobe.mailauth.spf.everybody.effect import in_words
from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_VOID_LOOKUPS
from smtpprobe.model.evidence.spf import (
    SpfEdit,
    SpfEvidence,
    SpfFault,
    SpfIdentityKind,
    SpfOtherCount,
    SpfStep,
    SpfStepResult,
)
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.texts.statuses import status_words
from smtpprobe.model.words import AuthResult
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone

_LOOPS = (SpfFault.INCLUDE_LOOP, SpfFault.REDIRECT_LOOP)


def rows(evidence: SpfEvidence, detail: Detail) -> list[Row]:
    """Each identity with its result; with `full` record and trace too."""
    made: list[Row] = []
    identities = evidence.identities
    if evidence.instead_of is not None:
        made.append(Row(text=_not_asked(evidence), tone=Tone.CAUTION))
    of = ((SpfIdentityKind.MAIL_FROM, identities.mailfrom), (SpfIdentityKind.HELO, identities.helo))
    for which, identity in of:
        if (
            which is SpfIdentityKind.HELO
            and identity.domain == identities.mailfrom.domain
            and identity.result == evidence.result
        ):
            text = say(
                "HELO {domain}: {result}, the same evaluation",
                domain=identity.domain or say("without a domain"),
                result=identity.result or say("not checkable"),
            )
            made.append(Row(text=text, tone=result_tone(identity.result)))
            continue
        if identity.result is None:
            # The problem names the name, except one that is too long to be shown.
            text = say("{which}: not checkable ({problem})", which=which, problem=identity.problem or say("no domain"))
            made.append(Row(text=text, tone=Tone.FAINT))
            continue
        text = f"{which} {identity.domain or say('without a domain')}: {identity.result}"
        if identity.mechanism:
            text += say(" by {mechanism}", mechanism=visible(identity.mechanism))
        if identity.problem:
            text += f", {identity.problem}"
        text += say(
            " (lookups {lookups_used} of {max_lookups})", lookups_used=identity.lookups_used, max_lookups=MAX_LOOKUPS
        )
        made.append(Row(text=text, tone=result_tone(identity.result)))
        if identity.other_count is not None:
            made.append(other_count_row(identity.other_count))
        if identity.explanation:
            made.append(Row(text=say("the domain explains: {explanation}", explanation=identity.explanation), level=1))
        if detail.full and identity.record:
            made.append(Row(text=say("record: {record}", record=visible(identity.record)), level=1))
            above = frozenset({(identity.domain or "").lower()})
            made += [row for step in identity.trace for row in _step(step, 1, above)]
    if evidence.edit is not None:
        made += _edit(evidence.edit, evidence.client_ip)
    return [*made, *put_right(evidence.helo_mended, AuthResult.PERMERROR)]


def _not_asked(evidence: SpfEvidence) -> str:
    """Whose mailbox is judged, where it is not one of the domain that was asked about."""
    judged = evidence.identities.mailfrom
    sender = judged.sender or "postmaster"
    template = (
        mark("the reverse-path is null: SPF judges {sender}, not {domain} (RFC 7208 §2.4)")
        if evidence.is_null_path
        else mark("SPF judges the reverse-path's domain, that of {sender}, not {domain} (RFC 7208 §2.4)")
    )
    return say(template, sender=sender, domain=evidence.instead_of)


def summary(evidence: SpfEvidence) -> str:
    """The result of the MAIL FROM identity, on one line."""
    how = say(" by {mechanism}", mechanism=visible(evidence.mechanism)) if evidence.mechanism else ""
    why = f", {evidence.problem}" if evidence.problem else ""
    return say(
        "{result}{how}{why} (lookups {lookups_used} of {max_lookups})",
        result=evidence.result,
        how=how,
        why=why,
        lookups_used=evidence.lookups_used,
        max_lookups=MAX_LOOKUPS,
    )


def _edit(edit: SpfEdit, ip: str) -> list[Row]:
    """The record that lets the client pass, and what it does to everybody else."""
    if edit.record is None:
        return [not_advised(edit)]
    changes = "; ".join(edit.changes)
    what = say(
        "the smallest change of {domain} that lets {ip} pass: {changes}", domain=edit.owner, ip=ip, changes=changes
    )
    again = say(
        "evaluated again with it: {result}, lookups {lookups_used} of {max_lookups}",
        result=edit.result,
        lookups_used=edit.lookups_used,
        max_lookups=MAX_LOOKUPS,
    )
    if all(shift.first == shift.last == ip and shift.sender is None for shift in edit.begins):
        others = say("nobody stops passing; no other address begins to pass")
        if edit.publish_at is not None and edit.publish_at != edit.domain:
            others += say("; the same holds for {owner} and every alias of it", owner=edit.publish_at)
    else:
        others = who_begins(edit)
    return advised(edit, what, again, others)


def not_advised(edit: SpfEdit) -> Row:
    """Why no record is advised."""
    return Row(text=say("no change of the record is advised: {reason}", reason=edit.reason))


def advised(edit: SpfEdit, what: str, again: str, others: str) -> list[Row]:
    """`what` was changed, the record, what it comes to, what it does to others, and what is worth knowing of it."""
    # A term that hangs on each client is told, since it was not compared.
    unknown = say("; not compared: {terms}", terms=", ".join(edit.not_compared)) if edit.not_compared else ""
    return [
        Row(text=what),
        Row(text=f"{edit.owner}. TXT {' '.join(edit.strings)}", tone=Tone.PASTE, level=1),
        Row(text=again, tone=Tone.GOOD, level=1),
        Row(text=others + unknown, level=1),
        *(Row(text=say("but {note}", note=note), tone=Tone.CAUTION, level=1) for note in edit.notes),
    ]


def put_right(mended: SpfEdit | None, before: AuthResult) -> list[Row]:
    """The record as it was meant, and what that changes; why none is advised."""
    if mended is None:
        return []
    if mended.record is None:
        return [not_advised(mended)]
    how = say(" by {mechanism}", mechanism=mended.mechanism) if mended.mechanism else ""
    again = say(
        "lookups {needed} of {max_lookups}; an address that nothing matches gets {result}{how}",
        needed=mended.lookups_needed,
        max_lookups=MAX_LOOKUPS,
        result=mended.result,
        how=how,
    )
    again += instead_of(before)
    if mended.closes:
        others = say("everybody passes now; whoever the record does not name stops passing: add first what else sends")
    else:
        others = who_begins(mended) if mended.begins else say("nobody stops passing, nobody begins to pass")
    return advised(mended, say("put right: {changes}", changes="; ".join(mended.changes)), again, others)


def instead_of(before: AuthResult) -> str:
    """What such an address got before, where that was an error."""
    errors = (AuthResult.PERMERROR, AuthResult.TEMPERROR)
    return say(" instead of {result}", result=before) if before in errors else ""


def who_begins(edit: SpfEdit) -> str:
    """Who begins to pass, where somebody does."""
    return say("nobody stops passing; begins to pass: {addresses}", addresses=in_words(edit.begins))


def other_count_row(other: SpfOtherCount) -> Row:
    """What receivers come to that count void lookups the other way."""
    by = say(" by {mechanism}", mechanism=other.mechanism) if other.mechanism else ""
    text = say(
        "receivers that count mx and ptr as one void lookup, not each of their hosts, get {result}{by}",
        result=other.result,
        by=by,
    )
    return Row(text=text, tone=Tone.CAUTION, level=1)


def _step(step: SpfStep, level: int, above: frozenset[str]) -> list[Row]:
    """The step and those below it; a record that leads back to one `above` is not told again, nor why by each on the way."""
    expanded = f" → {step.expanded}" if step.expanded and step.expanded not in step.term else ""
    leads_to = (step.expanded or "").lower()
    below = () if leads_to in above else step.children
    is_told_below = step.fault in _LOOPS and any(child.fault in _LOOPS for child in below)
    reason = f": {step.reason}" if step.reason and not is_told_below else ""
    bullet = "»" if step.decided else "·"
    used = f"{step.lookups_used}/{MAX_LOOKUPS}, void {step.void_lookups_used}/{MAX_VOID_LOOKUPS}"
    limits = f"[{used}]"
    text = f"{bullet} {visible(step.term)}{expanded}  {status_words(step.result)}{reason}  {limits}"
    tone = Tone.STRONG if step.decided else Tone.FAINT if step.result is SpfStepResult.NOT_REACHED else Tone.PLAIN
    return [
        Row(text=text, tone=tone, level=level),
        *(row for child in below for row in _step(child, level + 1, above | {leads_to})),
    ]
