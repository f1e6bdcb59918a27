"""Two codes beside each other: what each is, what sets them apart, and which of them belongs where."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.reading import causes_of_code
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.entries import Entry, describe
from smtpprobe.catalogue.reference.status_codes import registered
from smtpprobe.model.quoting import quoted
from smtpprobe.model.reply import MatchStep
from smtpprobe.model.texts.language import mark, say, say_counted

_GIVEN = re.compile(r"([0-9]{3})?(?:(?:\A|(?<=[0-9])[ -])([0-9]\.[0-9]{1,3}\.[0-9]{1,3}))?\Z")
_MAX_CAUSES = 5
_PHASES = {
    "connect": mark("the connection"),
    "greeting": mark("the greeting"),
    "ehlo": "EHLO",
    "starttls": "STARTTLS",
    "tls": mark("the TLS handshake"),
    "xclient": "XCLIENT",
    **{phase: phase.upper() for phase in ("auth", "xforward", "noop", "help", "vrfy", "expn")},
    "mail": "MAIL FROM",
    "rcpt": "RCPT TO",
    "data": "DATA",
    "message": mark("the end of the message"),
    "rset": "RSET",
    "quit": "QUIT",
}
# RFC 5321 §4.2.1: what the first digit tells a client to do.
_CLASSES = {
    2: mark("{code} begins with 2: what the command asked for is done, and there is nothing to try again."),
    3: mark("{code} begins with 3: the command is only half done, and the server waits for the rest of it."),
    4: mark("{code} begins with 4: the command failed, but the very same command may succeed later."),
    5: mark("{code} begins with 5: the command failed, and sent again unchanged it will fail again."),
}
_BOTH_CLASSES = {
    2: mark("Both begin with 2: what the command asked for is done, and there is nothing to try again."),
    3: mark("Both begin with 3: the command is only half done, and the server waits for the rest of it."),
    4: mark("Both begin with 4: the command failed, but the very same command may succeed later."),
    5: mark("Both begin with 5: the command failed, and sent again unchanged it will fail again."),
}
_LASTING = {4: mark("For the moment: {title}"), 5: mark("For good: {title}")}
# RFC 5321 §4.2.1: what the second digit is about; 3 and 4 are unspecified there.
_SUBJECTS = {0: mark("syntax"), 1: mark("information"), 2: mark("the connection"), 5: mark("the mail system")}


class TypicalCause(msgspec.Struct, frozen=True):
    """A cause that a code often stands for."""

    id: str
    title: str


class Side(msgspec.Struct, frozen=True):
    """One code: as given, its entry, and the causes that it typically stands for, most typical first."""

    given: str
    entry: Entry
    causes: tuple[TypicalCause, ...]


class Difference(msgspec.Struct, frozen=True):
    """One way in which the two differ. `about`: result, fact, stage, session, retry, who, causes."""

    about: str
    heading: str
    text: str


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What each code means at some stages; None where it has no place there. `stages` are phases, or `any`."""

    stages: tuple[str, ...]
    place: str
    left: str | None
    right: str | None


class Related(msgspec.Struct, frozen=True):
    """A code that is easily taken for one of the two (`beside`), and the fact that tells it apart."""

    code: str
    beside: str
    differs: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides, what sets them apart (in order of weight), which applies at which stage, and codes close to them."""

    left: Side
    right: Side
    summary: str
    differences: tuple[Difference, ...]
    uses: tuple[Use, ...]
    related: tuple[Related, ...]


def compare(left: str, right: str) -> Comparison:
    """The comparison of two codes: `554`, `5.7.1` or `550 5.7.1` each.

    Raises ValueError for what is no code, for one that nobody is known to use, and for the same code twice.
    """
    first, second = _side(left), _side(right)
    if first.given == second.given:
        raise ValueError(say("{given} twice: give two different codes", given=first.given))
    differences = tuple(found for each in _DIFFERENCES if (found := each(first, second)) is not None)
    uses = _uses(first, second)
    return Comparison(
        left=first,
        right=second,
        summary=_summary(first, second, uses),
        differences=differences,
        uses=uses,
        related=_related(first, second),
    )


def _summary(left: Side, right: Side, uses: tuple[Use, ...]) -> str:
    """What kind of reply each is, and what they say where both can answer."""
    named = {
        "left": left.given, "left_name": left.entry.name, "left_class": say(left.entry.reply_class),
        "right": right.given, "right_name": right.entry.name, "right_class": say(right.entry.reply_class),
    }  # fmt: skip
    if left.entry.reply_class == right.entry.reply_class:
        text = say("{left} ({left_name}) and {right} ({right_name}) are both of the class {left_class}.")
    else:
        text = say("{left} ({left_name}) is a {left_class} reply; {right} ({right_name}) is a {right_class} reply.")
    shared = next((use for use in uses if use.left and use.right and use.left != use.right), None)
    if shared is None:
        return text.format(**named)
    both = say("If both can come, at {stage}, {left} says “{left_title}” and {right} “{right_title}”.")
    titles = {"stage": shared.place, "left_title": shared.left, "right_title": shared.right}
    return f"{text.format(**named)} {both.format(**named, **titles)}"


def _side(text: str) -> Side:
    given = " ".join(text.split())
    found = _GIVEN.match(given)
    if not given or not found:
        raise ValueError(
            say("{text} is not a code: expected one such as 554, 5.7.1 or '550 5.7.1'", text=quoted(text, 60))
        )
    code, enhanced = found[1], found[2]
    if not code and enhanced[0] not in "245":
        raise ValueError(
            say("{enhanced} is not an enhanced status code: the first number is 2, 4 or 5", enhanced=repr(enhanced))
        )
    entry = describe(int(code) if code else None, enhanced)
    if code and int(code) not in _known_codes():
        raise ValueError(say("{code} is a code that no standard defines and no server is known to use", code=code))
    if enhanced and MatchStep(entry.matched) is not MatchStep.ENHANCED and not registered(enhanced):
        raise ValueError(
            say(
                "{enhanced} is an enhanced status code that no registry has and no provider is known to use",
                enhanced=enhanced,
            )
        )
    if code and enhanced and (own := registered(enhanced)):
        entry = msgspec.structs.replace(entry, name=own["name"], phases=tuple(own.get("phases", entry.phases)))
    return Side(given.replace("-", " "), entry, _causes(entry))


def _known_codes() -> frozenset[int]:
    return frozenset(int(code) for code in table("reply_codes")["code"])


def _causes(entry: Entry) -> tuple[TypicalCause, ...]:
    """The causes that the code typically stands for, from the tables that explain uses where no words decide."""
    if entry.digit < 4:
        return ()
    titles = causes()
    found: list[str] = []
    if entry.enhanced:
        found += causes_of_code(entry.enhanced, entry.provider)
        found += (registered(entry.enhanced) or {}).get("causes", ())
    else:
        rules = table("text_rules")
        found += rules["fallback"].get(str(entry.code), ())
        for phase in _PHASES:
            found += rules["fallback"].get(f"{entry.code}@{phase}", ())
    known = [cause for cause in dict.fromkeys(found) if cause in titles]
    return tuple(TypicalCause(cause, titles[cause].title) for cause in known[:_MAX_CAUSES])


def _result(left: Side, right: Side) -> Difference:
    """What the first digit says; for two of one class, what the second digit does."""
    heading = say("Result")
    mine, other = left.entry.digit, right.entry.digit
    if mine != other:
        said = (say(_CLASSES[side.entry.digit], code=side.given) for side in (left, right))
        return Difference("result", heading, " ".join(said))
    text = say(_BOTH_CLASSES[mine])
    subjects = [_subject(side.entry) for side in (left, right)]
    if subjects[0] and subjects[1] and subjects[0] != subjects[1]:
        says = say("The second digit sets them apart: {left} is about {left_subject}, {right} about {right_subject}.")
        text += " " + says.format(
            left=left.given, left_subject=say(subjects[0]), right=right.given, right_subject=say(subjects[1])
        )
    return Difference("result", heading, text)


def _subject(entry: Entry) -> str | None:
    """What the second digit of a reply code by itself is about."""
    return _SUBJECTS.get(entry.code // 10 % 10) if entry.code is not None and not entry.enhanced else None


def _fact(left: Side, right: Side) -> Difference | None:
    """The one fact that the entries state of each other."""
    for side, other in ((left, right), (right, left)):
        for neighbour in side.entry.neighbours:
            if neighbour.code in (other.given, other.entry.enhanced):
                return Difference("fact", say("In one sentence"), neighbour.differs)
    return None


def _stage(left: Side, right: Side) -> Difference | None:
    if left.entry.phases == right.entry.phases:
        return None
    mine, other = _at(left.entry.phases), _at(right.entry.phases)
    return Difference("stage", say("Stage"), f"{_comes(left, mine)} {_comes(right, other)}")


def _comes(side: Side, stages: str) -> str:
    phases = side.entry.phases
    if phases == ("any",):
        return say("{code} can come at any stage.", code=side.given)
    if "any" in phases:
        return say_counted(
            "{code} can come at any stage; its usual place is {stages}.",
            "{code} can come at any stage; its usual places are {stages}.",
            len(phases) - 1,
            code=side.given,
            stages=stages,
        )
    if len(phases) == 1:
        return say("{code} comes at one stage only: {stages}.", code=side.given, stages=stages)
    return say("{code} comes at {stages}.", code=side.given, stages=stages)


def _at(phases: Iterable[str]) -> str:
    """The stages as they are said in a sentence."""
    words = [say(_PHASES.get(phase, phase.upper())) for phase in phases if phase != "any"]
    if len(words) < 2:
        return "".join(words)
    return say("{all_but_last} and {last}", all_but_last=", ".join(words[:-1]), last=words[-1])


def _session(left: Side, right: Side) -> Difference | None:
    return _by_field("session", say("What may follow"), left, right, "next")


def _retry(left: Side, right: Side) -> Difference | None:
    return _by_field("retry", say("Trying again"), left, right, "retry")


def _who(left: Side, right: Side) -> Difference | None:
    return _by_field("who", say("Who can change it"), left, right, "who")


def _by_field(about: str, heading: str, left: Side, right: Side, field: str) -> Difference | None:
    """One field of both entries; None where they say the same, which is no difference."""
    mine, other = getattr(left.entry, field), getattr(right.entry, field)
    if mine == other:
        return None
    said = say("{left}: {left_says} {right}: {right_says}")
    if field == "next":
        said = say("After {left}: {left_says} After {right}: {right_says}")
    text = said.format(left=left.given, left_says=_closed(mine), right=right.given, right_says=_closed(other))
    return Difference(about, heading, text)


def _why(left: Side, right: Side) -> Difference | None:
    """The causes that each typically stands for."""
    if left.causes == right.causes:
        return None
    return Difference("causes", say("Typical causes"), f"{_stands_for(left)} {_stands_for(right)}")


def _stands_for(side: Side) -> str:
    if not side.causes:
        nothing = mark("{code} refuses nothing, so there is no cause to look for.")
        unclear = mark("{code} has no typical cause: its text decides.")
        return say(nothing if side.entry.digit < 4 else unclear, code=side.given)
    return f"{side.given}: {'; '.join(cause.title for cause in side.causes)}{say(mark('.'))}"


_DIFFERENCES = (_result, _fact, _stage, _session, _retry, _who, _why)


def _uses(left: Side, right: Side) -> tuple[Use, ...]:
    """The stages at which at least one of the two has a meaning of its own or a home, in the session's order.

    Stages at which both mean the same as at another stand together.
    """
    stages: dict[tuple[str | None, str | None], list[str]] = {}
    for phase in _PHASES:
        meaning = _meaning_at(left, phase), _meaning_at(right, phase)
        if any(meaning):
            stages.setdefault(meaning, []).append(phase)
    rows = []
    for meaning, phases in stages.items():
        mine, other = _told_apart(left, right, meaning)
        rows.append(Use(stages=tuple(phases), place=_at(phases), left=mine, right=other))
    anywhere = [side.entry.title if side.entry.phases == ("any",) else None for side in (left, right)]
    if any(anywhere):
        rows.append(Use(stages=("any",), place=say("any stage"), left=anywhere[0], right=anywhere[1]))
    return tuple(rows)


def _told_apart(left: Side, right: Side, meaning: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """The two meanings; where one number is compared in two classes, each with what its class makes of it."""
    if meaning[0] != meaning[1] or left.entry.digit == right.entry.digit:
        return meaning
    mine, other = (
        say(_LASTING[side.entry.digit], title=title) if title and side.entry.digit in _LASTING else title
        for side, title in zip((left, right), meaning, strict=True)
    )
    return mine, other


def _meaning_at(side: Side, phase: str) -> str | None:
    entry = side.entry
    special = f"{entry.code}/{phase}" in table("reply_codes")["phase"] and not entry.enhanced
    if phase not in entry.phases and not (special and "any" in entry.phases):
        return None
    return describe(entry.code, entry.enhanced, phase).title


def _related(left: Side, right: Side) -> tuple[Related, ...]:
    """The neighbours of both, without the two themselves; one that both have stands once."""
    compared = {named for side in (left, right) for named in (side.given, str(side.entry.code), side.entry.enhanced)}
    found: dict[str, Related] = {}
    for side in (left, right):
        for neighbour in side.entry.neighbours:
            if neighbour.code not in compared:
                found.setdefault(neighbour.code, Related(neighbour.code, side.given, neighbour.differs))
    return tuple(found.values())


def _closed(text: str) -> str:
    """The text with a full stop."""
    return text if text[-1:] in ".!?।" else text + say(".")
