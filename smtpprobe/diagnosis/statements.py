"""Why, in one sentence for people, with the values of the case: what evidence shows, and whose fault it is."""

from __future__ import annotations

from smtpprobe.model.texts.language import say


def not_your_fault(why: str) -> str:
    """The sentence as the reason that the reader has done nothing wrong."""
    return say("Not your fault: {why}", why=why)


def sentence(text: str) -> str:
    """The text with a capital at its beginning, unless it begins with a name of DNS or an address."""
    return text if "." in text.partition(" ")[0] else text[:1].upper() + text[1:]
