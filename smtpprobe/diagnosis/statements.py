"""Why, in one sentence for people, with the values of the case: what evidence shows, and whose fault it is."""

from __future__ import annotations

from smtpprobe.catalogue.language import mark, say


def stated(template: str, **values: object) -> str:
    """The sentence in the language in force, with its values; the template is one that `mark` names."""
    return say(template).format(**values)


def not_your_fault(template: str, **values: object) -> str:
    """The sentence as the reason that the reader has done nothing wrong."""
    return stated(mark("Not your fault: {why}"), why=stated(template, **values))


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
