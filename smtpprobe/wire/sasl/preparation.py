"""SASLprep: user names and passwords in one form, however they were typed (RFC 4013)."""

from __future__ import annotations

import stringprep
import unicodedata
from collections.abc import Callable

from smtpprobe.model.texts.language import mark, say
from smtpprobe.wire.sasl.mechanism import SaslError

# RFC 4013 §2.3, in the order in which a person would name them.
_PROHIBITED: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (mark("a control character"), stringprep.in_table_c21_c22),
    (mark("for private use"), stringprep.in_table_c3),
    (mark("no character"), stringprep.in_table_c4),
    (mark("half of a surrogate pair"), stringprep.in_table_c5),
    (mark("a replacement for another character"), stringprep.in_table_c6),
    (mark("a description of how characters are arranged"), stringprep.in_table_c7),
    (mark("a control of the writing direction"), stringprep.in_table_c8),
    (mark("a language tag"), stringprep.in_table_c9),
)


def prepared(text: str, what: str) -> str:
    """The text as SASLprep makes it, as a query: characters that Unicode did not know then are taken (RFC 3454 §7).

    Raises SaslError for what it prohibits, with the place and never the character: `what` may be a secret.
    """
    if text.isascii() and text.isprintable():
        return text
    # RFC 4013 §2.1, §2.2; the tables are Unicode 3.2's, and so is the normalisation.
    kept = (" " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each))
    made = unicodedata.ucd_3_2_0.normalize("NFKC", "".join(kept))
    for place, character in enumerate(text, start=1):
        if (why := _prohibition(character)) is not None:
            raise _unfit(what, place, why)
    for character in made:
        if (why := _prohibition(character)) is not None:
            raise _unfit(what, None, why)
    _judge_directions(made, what)
    if text and not made:
        raise SaslError(say("of {what} nothing is left by SASLprep (RFC 4013)", what=what))
    return made


def _prohibition(character: str) -> str | None:
    if character.isascii() and character.isprintable():
        return None
    if stringprep.in_table_c12(character) or stringprep.in_table_b1(character):
        return None  # mapped
    return next((words for words, prohibits in _PROHIBITED if prohibits(character)), None)


def _unfit(what: str, place: int | None, why: str) -> SaslError:
    if place is None:
        return SaslError(
            say(
                "a character of {what} stands for {why}, which SASLprep prohibits (RFC 4013 §2.3)",
                what=what,
                why=say(why),
            )
        )
    return SaslError(
        say(
            "character {place} of {what} is {why}, which SASLprep prohibits (RFC 4013 §2.3)",
            place=place,
            what=what,
            why=say(why),
        )
    )


def _judge_directions(made: str, what: str) -> None:
    # RFC 3454 §6: with a letter that is written from right to left, none from left to right, and one at either end.
    if not any(map(stringprep.in_table_d1, made)):
        return
    mixed = any(map(stringprep.in_table_d2, made))
    if mixed or not (stringprep.in_table_d1(made[0]) and stringprep.in_table_d1(made[-1])):
        raise SaslError(
            say(
                "{what} mixes writing from right to left with other characters as SASLprep does not allow (RFC 4013 §2.4)",
                what=what,
            )
        )
