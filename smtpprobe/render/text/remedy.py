"""How a remedy says whose work it is on a page of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpprobe.model.texts.actors import actor_in_words

if TYPE_CHECKING:
    from smtpprobe.model.remedy import Actor


def actor_words(actor: Actor) -> str:
    """Who can do it, in square brackets before the remedy; nothing where it is you, or nobody need do anything."""
    return in_brackets(actor_in_words(actor))


def in_brackets(actor: str | None) -> str:
    """The words for an actor before a remedy; nothing for None."""
    return f"[{actor}] " if actor else ""
