"""A reply explained, as one item of the JSON output; also what a page of it is made of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.explainer.explain import causes, explain, remedies
from smtpprobe.catalogue.language import chosen, mark, say
from smtpprobe.catalogue.reference.entries import look_up
from smtpprobe.model.transcript import Phase

if TYPE_CHECKING:
    from smtpprobe.catalogue.explainer.explain import Explanation
    from smtpprobe.catalogue.reference.entries import Entry

_NO_REPLY = mark("The sending system gave up and quoted no reply")
_ITS_WORDS = mark(
    "The words are those of the sending system: it gave up, or put the delivery off, and quoted no reply of a server."
)
_ITS_LOG = mark(
    "Look up the message's earlier attempts in the sending system's log: the error that stands there first says what is wrong."
)
_CAPTURED = ("ip", "domain", "list", "url", "helo", "address", "mechanism")


def explained(
    reply: str, phase: Phase | None = None, provider: str | None = None
) -> tuple[Explanation, Entry, dict[str, Any], list[dict[str, Any]]]:
    """What the reply says, its code's entry, its cause, and the remedies.

    The remedies are the entry's own where the cause is a guess, or the entry is what the provider means by its number.
    """
    said = explain(reply, phase=phase, provider=provider)
    cause = causes().get(said.cause, {})
    coded = has_code(said)
    entry = look_up(said.code, said.enhanced, said.phase, said.provider) if coded else _without_code(cause)
    known = {name: getattr(said.captures, name) for name in _CAPTURED} | {"forward_path": said.captures.address}
    of_entry = coded and (said.confidence == "guess" or entry.provider is not None)
    found = () if of_entry else remedies(said.cause, known)
    rows: list[dict[str, Any]] = [*found] or [{"actor": "you", "action": step} for step in entry.fix]
    return said, entry, cause, rows


def has_code(said: Explanation) -> bool:
    """Whether the reply has a code; words of the sending system, which stand in place of a reply, have none."""
    return said.code is not None or said.enhanced is not None


def _without_code(cause: dict[str, Any]) -> Entry:
    """The entry of words that are no reply: what the cause means, or that nothing more is known."""
    entry = look_up(None, None, None)
    return msgspec.structs.replace(
        entry,
        code=None,
        matched="none",
        title=cause.get("title") or say(_NO_REPLY),
        meaning=cause.get("definition") or say(_ITS_WORDS),
        fix=() if cause else (say(_ITS_LOG),),
        retry="",
        references=(),
    )


def item(reply: str, phase: Phase | None = None, provider: str | None = None) -> dict[str, Any]:
    """The reply's item; not to be changed, since the last ones are remembered."""
    return _item(reply[:8192], phase, provider, chosen())


@lru_cache(maxsize=2048)
def _item(reply: str, phase: Phase | None, provider: str | None, language: str) -> dict[str, Any]:
    said, entry, cause, fix = explained(reply, phase, provider)
    found = _with_texts(reply, said, entry, [row["action"] for row in fix])
    return found | ({"title": cause["title"]} if cause else {})


def entry_item(given: str, entry: Entry) -> dict[str, Any]:
    """A code's entry as an item, with everything that the reference says of the code under `entry`."""
    return _with_texts(given, explain(given), entry, list(entry.fix)) | {"entry": msgspec.to_builtins(entry)}


def _with_texts(given: str, said: Explanation, entry: Entry, fix: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"input": given, **msgspec.to_builtins(said)}
    return found | {"title": entry.title, "meaning": entry.meaning, "fix": fix, "references": list(entry.references)}
