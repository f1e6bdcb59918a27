"""Everything that inputs hold, as pages for people: each refusal, or the distinct ones and the counts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from smtpprobe.model.transcript import Phase
from smtpprobe.render.explained import ExplainedInputs
from smtpprobe.render.explanation_item import explained
from smtpprobe.render.text import summary as summary_text
from smtpprobe.render.text.explanation import recipients_said, render_reply, render_taken, seen_said
from smtpprobe.render.text.page import Look, PageStyle

MAX_PAGES = 3  # distinct refusals of what is summed up that have a page each all the same


def render(
    found: ExplainedInputs, *, width: int = 80, colour: bool = False, links: bool = False, verbosity: int = 0
) -> str:
    """What each input was taken for, its refusals, and the checks that they hint at."""
    return "\n".join(_pages(found, {"width": width, "colour": colour, "links": links}, verbosity))


def _pages(found: ExplainedInputs, look: Look, verbosity: int) -> Iterator[str]:
    if not found.is_plain:
        for each in found.read:
            if each.taken is not None:
                name = os.path.basename(each.name) or each.name
                yield render_taken(name, each.taken, each.lines, each.refusals, **look)
    style: PageStyle = {**look, "verbosity": verbosity}
    if found.is_summed_up:
        yield from _summed_up(found, style)
    else:
        for refusal in found.refusals:
            reply = refusal.found
            recipient = reply.recipient or reply.recipient_domain
            recipients = [recipient] if recipient else []
            yield _page(found, reply.reply, found.phase or reply.phase, recipients, reply.when, style)
    if found.checks:
        from smtpprobe.render.text import checks as checks_text

        yield from (checks_text.render(report, **style) for report in found.checks)


def _summed_up(found: ExplainedInputs, style: PageStyle) -> Iterator[str]:
    """A page for each of a few distinct refusals, and the counts where they differ in whom they met; else the summary."""
    few = len(found.distinct) <= MAX_PAGES
    for each in found.distinct if few else ():
        row = each.row
        seen = seen_said(row.count, row.first_seen, row.last_seen)
        yield _page(found, each.reply, each.phase, each.recipient_domains, seen, style)
    summary = found.summary
    several = max(len(summary.providers), len(summary.recipient_domains)) > 1
    if not few or (several and summary.refusals > len(found.distinct)):
        yield summary_text.render(summary, found.examples, found.provider, explained_above=few, **style)


def _page(
    found: ExplainedInputs,
    reply: str,
    phase: Phase | None,
    recipients: Sequence[str],
    seen: str | None,
    style: PageStyle,
) -> str:
    told = explained(reply, phase, found.provider)
    return render_reply(reply, told, recipient=recipients_said(recipients), seen=seen or "", **style)
