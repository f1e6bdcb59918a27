"""A reply explained, as one item of the JSON output; also what a page of it is made of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.entries import look_up
from smtpprobe.catalogue.explain import causes, explain, remedies
from smtpprobe.catalogue.language import chosen
from smtpprobe.model.transcript import Phase

if TYPE_CHECKING:
    from smtpprobe.catalogue.entries import Entry
    from smtpprobe.catalogue.explain import Explanation

_CAPTURED = ("ip", "domain", "list", "url", "helo", "address", "mechanism")


def explained(
    reply: str, phase: Phase | None = None, provider: str | None = None
) -> tuple[Explanation, Entry, dict[str, Any], list[dict[str, Any]]]:
    """What the reply says, its code's entry, its cause, and the remedies: the code's own where the cause is a guess."""
    said = explain(reply, phase=phase, provider=provider)
    entry = look_up(said.code, said.enhanced, said.phase, said.provider)
    known = {name: getattr(said.captures, name) for name in _CAPTURED} | {"forward_path": said.captures.address}
    found = () if said.confidence == "guess" else remedies(said.cause, known)
    rows: list[dict[str, Any]] = [*found] or [{"actor": "you", "action": step} for step in entry.fix]
    return said, entry, causes().get(said.cause, {}), rows


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
