"""The explanation of a fail, from the record's exp= (RFC 7208 §6.2)."""

from __future__ import annotations

from smtpprobe.mailauth.spf.evaluation import Evaluation
from smtpprobe.mailauth.spf.macro import (
    EXPLANATION_LETTERS,
    MacroSyntaxError,
    can_be_asked,
    parse_macro_string,
    target_name,
)
from smtpprobe.mailauth.spf.trace import Outcome
from smtpprobe.model.evidence.spf import SpfStepResult
from smtpprobe.model.texts.language import mark, say

MAX_EXPLANATION = 2000  # characters; RFC 7208 §6.2 leaves it to us


async def explain(evaluation: Evaluation, outcome: Outcome) -> str | None:
    """The explanation of a fail, expanded (RFC 7208 §6.2); None where there is none that may be used."""
    if outcome.explaining is None:
        return None
    term, node = outcome.explaining
    assert term.target is not None
    name = target_name(await evaluation.expanded(term.target, node.domain, node, counts=False))
    node.expanded = name
    if not can_be_asked(name):
        node.reason = say("{name} is not a domain name", name=name)
        return None
    found = await evaluation.ask(name, "TXT", node, counts=False)
    if found.failed:
        node.reason = found.failure_text
        return None
    if len(found.records) != 1:
        several, none = (
            mark("{name} has {count} TXT records, one is needed"),
            mark("{name} has no TXT records, one is needed"),
        )
        node.reason = say(several if found.records else none, name=name, count=len(found.records))
        return None
    try:
        text = parse_macro_string(found.records[0], EXPLANATION_LETTERS, spaces=True)
    except MacroSyntaxError as error:
        node.reason = say("the explanation {error}", error=error)
        return None
    expanded = (await evaluation.expanded(text, node.domain, node, counts=False))[:MAX_EXPLANATION]
    # RFC 7208 §6.2: the explanation string must be limited to US-ASCII.
    if not expanded.isascii():
        node.reason = say("the explanation is not US-ASCII")
        return None
    node.result = SpfStepResult.USED
    return expanded or None
