"""One entry of the reference for a reply code, an enhanced status code and a phase, and the order of the look-up.

The order: code+enhanced+phase → code+phase → enhanced → code → second digit → first digit.
What a provider is known to mean by a number of its own goes first, since providers reuse registered numbers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue import language
from smtpprobe.catalogue.load import table
from smtpprobe.catalogue.reference.status_codes import as_used, by_itself, private_use, registered, unregistered
from smtpprobe.model.texts.language import mark, say

if TYPE_CHECKING:
    from smtpprobe.model.transcript import Phase

_ENHANCED = re.compile(r"[245]\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\Z")
_CLASSLESS = re.compile(r"\bX\.(?=[0-9])")
_CLASSES = {
    2: mark("positive completion"),
    3: mark("positive intermediate"),
    4: mark("transient negative completion"),
    5: mark("permanent negative completion"),
}


class Neighbour(msgspec.Struct, frozen=True):
    """A reply code or enhanced status code that is easily taken for the entry's, and the fact that tells them apart."""

    code: str
    differs: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the reference says of a reply. `fix` is in order; `wrong_move` the tempting step that does not help.

    `code` is None where an enhanced status code was asked for by itself. `phases` are where the code is at home, `any`
    for everywhere; `next` what the session allows after it; `retry` whether the same command can succeed later; `who`
    the party that can change the outcome; `matched` the step of the look-up; `standard` is False for codes that no RFC
    defines. `about` are the ids of the causes that the texts speak of; for any other cause they are not true. `actor` is
    whose work the steps of `fix` are, None where it is nobody's in particular.
    """

    code: int | None
    enhanced: str | None
    phase: str | None
    provider: str | None
    matched: str
    name: str
    reply_class: str
    title: str
    meaning: str
    when: str
    fix: tuple[str, ...]
    phases: tuple[str, ...]
    next: str
    retry: str
    who: str
    wrong_move: str
    neighbours: tuple[Neighbour, ...]
    references: tuple[str, ...]
    standard: bool
    reviewed: str
    about: tuple[str, ...] = ()
    actor: str | None = None

    @property
    def digit(self) -> int:
        """The first digit: of the reply code, else of the enhanced status code."""
        return self.code // 100 if self.code is not None else int((self.enhanced or "0")[0])


def describe(
    code: int | None, enhanced: str | None = None, phase: Phase | str | None = None, provider: str | None = None
) -> Entry:
    """The entry for a reply that somebody asks about: a code, with or without an enhanced one, or that by itself.

    Raises ValueError for a reply code outside 200 to 599, or for what is not an enhanced status code.
    """
    # RFC 5321 §4.2: a reply code's first digit is 2 to 5.
    if code is not None and not 200 <= code <= 599:
        raise ValueError(say("{code} is not an SMTP reply code: expected 200 to 599", code=code))
    # RFC 2034 §4: class "." subject "." detail, class 2, 4 or 5.
    if not _ENHANCED.match(enhanced) if enhanced is not None else code is None:
        raise ValueError(
            say(
                "{enhanced} is not an enhanced status code: expected class.subject.detail, as in 5.7.1",
                enhanced=repr(enhanced),
            )
        )
    return look_up(code, enhanced, phase, provider)


def look_up(code: int | None, enhanced: str | None, phase: Phase | str | None, provider: str | None = None) -> Entry:
    """The entry for whatever a server said: any number, any text in place of an enhanced status code."""
    return _entry(code, enhanced, str(phase) if phase is not None else None, provider, language.chosen())


@lru_cache(maxsize=1024)
def _entry(code: int | None, enhanced: str | None, where: str | None, provider: str | None, spoken: str) -> Entry:
    if enhanced is not None and not _ENHANCED.match(enhanced):
        enhanced = None
    if code is None and enhanced is not None:
        matched, facts = by_itself(enhanced, provider)
    else:
        code = code or 0
        matched, facts = _find(code, enhanced, where, provider)
    digit = code // 100 if code is not None else int((enhanced or "0")[0])
    known = {
        name: facts[name]
        for name in ("name", "title", "meaning", "when", "next", "retry", "who", "wrong_move", "reviewed")
    }
    return Entry(
        code=code,
        enhanced=enhanced,
        phase=where,
        provider=facts.get("provider"),
        matched=matched,
        reply_class=_CLASSES.get(digit, "none"),
        fix=tuple(facts["fix"]),
        phases=tuple(facts["phases"]),
        neighbours=tuple(_neighbour(each, digit) for each in facts["neighbours"]),
        references=tuple(facts["references"]),
        standard=facts["standard"],
        about=tuple(facts.get("about", ())),
        actor=facts.get("actor"),
        **known,
    )


def _neighbour(facts: dict[str, Any], digit: int) -> Neighbour:
    """The neighbour with the class of the reply in place of the X of a registered number."""
    return Neighbour(*(_CLASSLESS.sub(f"{digit}.", str(facts[field])) for field in ("code", "differs")))


def _find(code: int, enhanced: str | None, phase: str | None, provider: str | None) -> tuple[str, dict[str, Any]]:
    codes = table("reply_codes")
    step, facts = _by_code(codes, code)
    variant = codes["phase"].get(f"{code}/{phase}")
    in_phase = _over(facts, variant) if variant else facts
    if enhanced is None:
        return ("code+phase" if variant else step), in_phase
    if provider and (use := private_use(enhanced, provider)):
        return "enhanced", _with_status(in_phase, use)
    status = registered(f"{code // 100}{enhanced[1:]}")
    combined = _combination(codes, code, enhanced, phase)
    if combined and status:
        facts = _over(_with_status(in_phase, status), combined)
        return ("code+enhanced+phase" if phase else "code+enhanced"), _with_class(facts, code, enhanced)
    if status and phase in status.get("phases", ()) and code in (*status["codes"], *status.get("seen_with", ())):
        return "code+enhanced+phase", _with_class(_with_status(in_phase, status), code, enhanced)
    if status and not variant and not status.get("vague"):
        return "enhanced", _with_class(_with_status(facts, status), code, enhanced)
    if not status and not variant and (use := private_use(enhanced)):
        used = {**use, "meaning": f"{use['meaning']} {as_used(enhanced, use)}"}
        return "enhanced", _with_class(_with_status(facts, used), code, enhanced)
    return ("code+phase" if variant else step), _enriched(in_phase, code, enhanced, status)


def _by_code(codes: dict[str, Any], code: int) -> tuple[str, dict[str, Any]]:
    """The entry of the code itself, of its first two digits, or of its first digit."""
    found = codes["code"].get(str(code))
    if found:
        return "code", found
    # RFC 5321 §4.3.2: a client reads a code that it does not know by its first digit.
    digit = codes["class"].get(f"{code // 100}yz") or codes["class"]["0yz"]
    group = codes["second_digit"].get(f"{code // 10:02d}z")
    return ("second-digit", _over(digit, group)) if group else ("first-digit", digit)


def _combination(codes: dict[str, Any], code: int, enhanced: str, phase: str | None) -> dict[str, Any] | None:
    exact = codes["combination"].get(f"{code} {enhanced}/{phase}")
    found: dict[str, Any] | None = exact or codes["combination"].get(f"{code} {enhanced}")
    return found if found and (phase is None or exact or phase in found["phases"]) else None


def _over(facts: dict[str, Any], special: dict[str, Any]) -> dict[str, Any]:
    """The general facts with the special ones laid over; references of both, the special first."""
    merged = {**facts, "about": (), **special}
    merged["references"] = list(dict.fromkeys([*special.get("references", ()), *facts["references"]]))
    merged["phases"] = facts["phases"]
    merged["name"] = facts["name"]
    merged["standard"] = facts["standard"]
    return merged


def _with_status(facts: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
    """The reply code's facts with those of the enhanced status code laid over.

    What may follow is the reply code's alone, since the session goes by it (RFC 5321 §4.2.1).
    """
    return {**_over(facts, status), "next": facts["next"]}


def _enriched(facts: dict[str, Any], code: int, enhanced: str, registered: dict[str, Any] | None) -> dict[str, Any]:
    """The facts, and what the enhanced status code adds to them."""
    if registered is None:
        added, found = unregistered(enhanced)
    elif registered.get("vague") and code < 400:
        return _with_class(facts, code, enhanced)
    else:
        adds = say("The enhanced status code {enhanced} adds: {meaning}")
        added, found = adds.format(enhanced=enhanced, meaning=registered["meaning"]), registered
    merged = {**facts, "meaning": f"{facts['meaning']} {added}"}
    if not found.get("vague"):
        merged["about"] = [cause for cause in facts.get("about", ()) if cause in found.get("about", ())]
        merged["fix"] = list(dict.fromkeys([*found.get("fix", ()), *facts["fix"]]))
    merged["references"] = list(dict.fromkeys([*facts["references"], *found.get("references", ())]))
    return _with_class(merged, code, enhanced)


def _with_class(facts: dict[str, Any], code: int, enhanced: str) -> dict[str, Any]:
    """The facts, with a word where the two codes contradict each other."""
    # RFC 2034 §4: the class is the reply code's first digit. RFC 5321 §4.2.1: the reply code decides.
    if enhanced[0] == str(code // 100):
        return facts
    warning = say(
        "The enhanced status code {enhanced} is of another class than {code}; a client goes by the reply code.",
        enhanced=enhanced,
        code=code,
    )
    return {**facts, "meaning": f"{facts['meaning']} {warning}"}
