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
    """The text with a capital at its beginning, unless it begins with a name of DNS or an address."""
    return text if "." in text.partition(" ")[0] else text[:1].upper() + text[1:]


def duration(seconds: int) -> str:
    """So many seconds in words: in minutes from two on."""
    if seconds < 120:
        one, more, count = mark("1 second"), mark("{count} seconds"), seconds
    else:
        one, more, count = mark("1 minute"), mark("{count} minutes"), round(seconds / 60)
    return say(one if count == 1 else more).format(count=count)
