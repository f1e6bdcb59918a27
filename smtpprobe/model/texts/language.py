"""A text of ours in the language in force: the template as it is written, or its translation, with its values."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Translation(Protocol):
    """What a language gives for an English text; the text itself where it has none."""

    def gettext(self, text: str, /) -> str:
        """The text in the language."""

    def ngettext(self, one: str, more: str, count: int, /) -> str:
        """The form of the text that goes with the number."""


class InForce(NamedTuple):
    """A language by its name; English needs no translation."""

    name: str
    translation: Translation | None


_in_force = InForce("en", None)


def use(language: InForce) -> None:
    """From now on texts are said in this language, in the whole process."""
    global _in_force
    _in_force = language


def in_force() -> InForce:
    """The language in which texts are said."""
    return _in_force


def say(text: str, /, **values: object) -> str:
    """The text in the language in force, with its values; without values it is no template, and stays as it is written."""
    translation = _in_force.translation
    said = translation.gettext(text) if translation is not None and text else text
    return said.format_map(values) if values else said


def say_counted(one: str, more: str, count: int, /, **values: object) -> str:
    """The form that goes with the number, which stands for `{count}`, in the language in force; with its other values."""
    translation = _in_force.translation
    if translation is not None:
        said = translation.ngettext(one, more, count)
    else:
        said = one if count == 1 else more
    return said.format_map({"count": count, **values})


def mark(text: str) -> str:
    """The text itself: named here so that it is found for translation, and said later."""
    return text
