"""A reply explained, as one item of the JSON output; also what a page of it is made of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.causes import CauseEntry, causes, remedies
from smtpprobe.catalogue.explainer.client_errors import check_command, conditions, server_named
from smtpprobe.catalogue.explainer.explain import Explanation, Sureness, explain
from smtpprobe.catalogue.explainer.told import told
from smtpprobe.catalogue.language import chosen
from smtpprobe.catalogue.reference.entries import Entry, look_up
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase

if TYPE_CHECKING:
    from smtpprobe.render.explained import Refusal

_NO_REPLY = mark("The sending system gave up and quoted no reply")
_ITS_WORDS = mark(
    "The words are those of the sending system: it gave up, or put the delivery off, and quoted no reply of a server."
)
_ITS_LOG = mark(
    "Look up the message's earlier attempts in the sending system's log: the first error there says what is wrong."
)
_CAPTURED = ("ip", "domain", "list", "url", "helo", "address", "mechanism")


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with everything that is told of it: its code's entry, its cause (None for an unknown one), the remedies."""

    explanation: Explanation
    entry: Entry
    cause: CauseEntry | None
    remedies: tuple[Remedy, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The titles of the causes that it may be instead; none where the reply says its cause."""
        said = self.explanation
        if said.confidence is Sureness.SURE:
            return ()
        return tuple(causes()[each].title for each in said.alternatives if each in causes())

    @property
    def retry(self) -> str:
        """When to try again: by the entry where the cause is a guess from the code; empty where nothing tells."""
        said = self.explanation
        if has_code(said) and said.confidence is Sureness.GUESS:
            return self.entry.retry
        return self.cause.retry_after(said.code, said.enhanced) if self.cause else ""


def explained(reply: str, phase: Phase | None = None, provider: str | None = None) -> Explained:
    """What the reply says.

    The remedies are the entry's own where the cause is a guess, or the entry is what the provider means by its number.
    """
    said = explain(reply, phase=phase, provider=provider)
    cause = causes().get(said.cause)
    coded = has_code(said)
    entry = look_up(said.code, said.enhanced, said.phase, said.provider) if coded else _without_code(cause)
    known = {name: getattr(said.captures, name) for name in _CAPTURED} | told(reply, said)
    known |= conditions(said.client_error, reply)
    of_entry = coded and (said.confidence is Sureness.GUESS or entry.provider is not None)
    found = () if of_entry else remedies(said.cause, known)
    found = found or tuple(Remedy(actor=Actor.YOU, action=step) for step in entry.fix)
    return Explained(explanation=said, entry=entry, cause=cause, remedies=found)


def has_code(said: Explanation) -> bool:
    """Whether the reply has a code; words of the sending system, which stand in place of a reply, have none."""
    return said.code is not None or said.enhanced is not None


def _without_code(cause: CauseEntry | None) -> Entry:
    """The entry of words that are no reply: what the cause means, or that nothing more is known."""
    entry = look_up(None, None, None)
    return msgspec.structs.replace(
        entry,
        code=None,
        matched="none",
        title=cause.title if cause else say(_NO_REPLY),
        meaning=cause.definition if cause else say(_ITS_WORDS),
        fix=() if cause else (say(_ITS_LOG),),
        retry="",
        references=(),
    )


def refusal_item(refusal: Refusal, *, phase: Phase | None = None, provider: str | None = None) -> dict[str, Any]:
    """The refusal's item, with where it stood in the input; `phase` and `provider` as the caller gives them."""
    found = refusal.found
    place = {"source": refusal.source, "line": found.line, "when": found.when, "peer": found.peer}
    values = item(found.reply, phase or found.phase, provider, found.peer)
    return values | place | {"recipient_domain": found.recipient_domain}


def item(
    reply: str, phase: Phase | None = None, provider: str | None = None, server: str | None = None
) -> dict[str, Any]:
    """The reply's item; not to be changed, since the last ones are remembered. `server` as a client's error names it."""
    values = _item(reply[:8192], phase, provider, chosen())
    command = check_of(values["client_error"], reply, server)
    return values | {"check": command} if command else values


def check_of(kind: str | None, reply: str, server: str | None = None) -> str | None:
    """The command that shows what a client's error tells of, None for a reply."""
    return check_command(server or server_named(reply)) if kind else None


@lru_cache(maxsize=2048)
def _item(reply: str, phase: Phase | None, provider: str | None, language: str) -> dict[str, Any]:
    all_of_it = explained(reply, phase, provider)
    steps = [remedy.action for remedy in all_of_it.remedies]
    found = _with_texts(reply, all_of_it.explanation, all_of_it.entry, steps)
    return found | ({"title": all_of_it.cause.title} if all_of_it.cause else {})


def entry_item(given: str, entry: Entry) -> dict[str, Any]:
    """A code's entry as an item, with everything that the reference says of the code under `entry`."""
    return _with_texts(given, explain(given), entry, list(entry.fix)) | {"entry": msgspec.to_builtins(entry)}


def _with_texts(given: str, said: Explanation, entry: Entry, fix: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"input": given, **msgspec.to_builtins(said)}
    return found | {"title": entry.title, "meaning": entry.meaning, "fix": fix, "references": list(entry.references)}
