"""What SPF came to, as rows: both identities, their traces, and the change that would let the client pass."""

from __future__ import annotations

from smtpprobe.mailauth.spf.limits import MAX_LOOKUPS, MAX_VOID_LOOKUPS
from smtpprobe.model.evidence.spf import SpfEdit, SpfEvidence, SpfIdentityKind, SpfStep, SpfStepResult
from smtpprobe.render.evidence.row import Detail, Row, Tone, result_tone


def rows(evidence: SpfEvidence, detail: Detail) -> list[Row]:
    """Each identity with its result; with `full` record and trace too."""
    made: list[Row] = []
    identities = evidence.identities
    of = ((SpfIdentityKind.MAIL_FROM, identities.mailfrom), (SpfIdentityKind.HELO, identities.helo))
    for which, identity in of:
        if (
            which is SpfIdentityKind.HELO
            and identity.domain == identities.mailfrom.domain
            and identity.result == evidence.result
        ):
            text = f"HELO {identity.domain}: {identity.result}, the same evaluation"
            made.append(Row(text=text, tone=result_tone(identity.result)))
            continue
        if identity.result is None:
            # The problem names the name, except one that is too long to be shown.
            text = f"{which}: not checkable ({identity.problem or 'no domain'})"
            made.append(Row(text=text, tone=Tone.FAINT))
            continue
        text = f"{which} {identity.domain}: {identity.result}"
        if identity.mechanism:
            text += f" by {identity.mechanism}"
        if identity.problem:
            text += f", {identity.problem}"
        text += f" (lookups {identity.lookups_used} of {MAX_LOOKUPS})"
        made.append(Row(text=text, tone=result_tone(identity.result)))
        if identity.explanation:
            made.append(Row(text=f"the domain explains: {identity.explanation}", level=1))
        if detail.full and identity.record:
            made.append(Row(text=f"record: {identity.record}", level=1))
            made += [row for step in identity.trace for row in _step(step, 1)]
    if evidence.edit is not None:
        made += _edit(evidence.edit, evidence.client_ip)
    return made


def summary(evidence: SpfEvidence) -> str:
    """The result of the MAIL FROM identity, on one line."""
    how = f" by {evidence.mechanism}" if evidence.mechanism else ""
    why = f", {evidence.problem}" if evidence.problem else ""
    return f"{evidence.result}{how}{why} (lookups {evidence.lookups_used} of {MAX_LOOKUPS})"


def _edit(edit: SpfEdit, ip: str) -> list[Row]:
    if edit.record is None:
        return [Row(text=f"no change of the record is advised: {edit.reason}")]
    return [
        Row(text=f"the smallest change of {edit.domain} that lets {ip} pass: {'; '.join(edit.changes)}"),
        Row(text=f"{edit.domain}. TXT {' '.join(edit.strings)}", tone=Tone.PASTE, level=1),
        Row(
            text=f"evaluated again with it: {edit.result}, lookups {edit.lookups_used} of {MAX_LOOKUPS}",
            tone=Tone.GOOD,
            level=1,
        ),
        *(Row(text=f"but {note}", tone=Tone.CAUTION, level=1) for note in edit.notes),
    ]


def _step(step: SpfStep, level: int) -> list[Row]:
    expanded = f" → {step.expanded}" if step.expanded and step.expanded not in step.term else ""
    reason = f": {step.reason}" if step.reason else ""
    mark = "»" if step.decided else "·"
    limits = f"[{step.lookups_used}/{MAX_LOOKUPS}, void {step.void_lookups_used}/{MAX_VOID_LOOKUPS}]"
    text = f"{mark} {step.term}{expanded}  {step.result}{reason}  {limits}"
    tone = Tone.STRONG if step.decided else Tone.FAINT if step.result is SpfStepResult.NOT_REACHED else Tone.PLAIN
    return [
        Row(text=text, tone=tone, level=level),
        *(row for child in step.children for row in _step(child, level + 1)),
    ]
