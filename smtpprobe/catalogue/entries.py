"""One entry of the reference for a reply code, an enhanced status code and a phase, and the order of the look-up.

The order: code+enhanced+phase → code+phase → enhanced → code → second digit → first digit.
What a provider is known to mean by a number of its own goes first, since providers reuse registered numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.language import mark, say
from smtpprobe.catalogue.load import table

if TYPE_CHECKING:
    from smtpprobe.model.transcript import Phase

_ENHANCED = re.compile(r"[245]\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\Z")
_CLASSES = {
    2: mark("positive completion"),
    3: mark("positive intermediate"),
    4: mark("transient negative completion"),
    5: mark("permanent negative completion"),
}


class Neighbour(msgspec.Struct, frozen=True):
    """A reply code that is easily taken for the entry's, and the one fact that tells them apart."""

    code: int
    differs: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the reference says of a reply. `fix` is in order; `wrong_move` the tempting step that does not help.

    `phases` are where the code is at home, `any` for everywhere; `next` what the session allows after it;
    `retry` whether the same command can succeed later; `who` the party that can change the outcome;
    `matched` the step of the look-up; `standard` is False for codes that no RFC defines.
    """

    code: int
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


def describe(
    code: int, enhanced: str | None = None, phase: Phase | str | None = None, provider: str | None = None
) -> Entry:
    """The entry for a reply that somebody asks about.

    Raises ValueError for a reply code outside 200 to 599, or for what is no enhanced status code.
    """
    # RFC 5321 §4.2: a reply code's first digit is 2 to 5.
    if not 200 <= code <= 599:
        raise ValueError(f"{code} is no SMTP reply code: expected 200 to 599")
    # RFC 2034 §4: class "." subject "." detail, class 2, 4 or 5.
    if enhanced is not None and not _ENHANCED.match(enhanced):
        raise ValueError(f"{enhanced!r} is no enhanced status code: expected class.subject.detail, as in 5.7.1")
    return look_up(code, enhanced, phase, provider)


def look_up(code: int, enhanced: str | None, phase: Phase | str | None, provider: str | None = None) -> Entry:
    """The entry for whatever a server said: any number, any text in place of an enhanced status code."""
    where = str(phase) if phase is not None else None
    if enhanced is not None and not _ENHANCED.match(enhanced):
        enhanced = None
    matched, facts = _find(code, enhanced, where, provider)
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
        reply_class=_CLASSES.get(code // 100, "none"),
        fix=tuple(facts["fix"]),
        phases=tuple(facts["phases"]),
        neighbours=tuple(Neighbour(each["code"], each["differs"]) for each in facts["neighbours"]),
        references=tuple(facts["references"]),
        standard=facts["standard"],
        **known,
    )


def enhanced_entry(enhanced: str) -> dict[str, Any] | None:
    """The registry's entry for an enhanced status code, whatever its class; None where it is not registered."""
    _, _, number = enhanced.partition(".")
    found: dict[str, Any] | None = table("enhanced_status_codes")["registered"].get(number)
    return found


def private_use(enhanced: str, provider: str | None = None) -> dict[str, Any] | None:
    """What a provider means by a number of its own; without a provider, the first that is known to use it."""
    for use in table("enhanced_status_codes")["private"]:
        if provider in (None, use["provider"]) and any(_covers(number, enhanced) for number in use["numbers"]):
            found: dict[str, Any] = use
            return found
    return None


def _covers(numbers: str, enhanced: str) -> bool:
    """Whether `5.7.606-649` (or a single number) covers the enhanced status code."""
    head, _, details = numbers.rpartition(".")
    given_head, _, detail = enhanced.rpartition(".")
    first, _, last = details.partition("-")
    return head == given_head and int(first) <= int(detail) <= int(last or first)


def _find(code: int, enhanced: str | None, phase: str | None, provider: str | None) -> tuple[str, dict[str, Any]]:
    codes = table("reply_codes")
    step, facts = _by_code(codes, code)
    variant = codes["phase"].get(f"{code}/{phase}")
    in_phase = _over(facts, variant) if variant else facts
    if enhanced is None:
        return ("code+phase" if variant else step), in_phase
    if provider and (use := private_use(enhanced, provider)):
        return "enhanced", _over(in_phase, use)
    if combined := _combination(codes, code, enhanced, phase):
        return ("code+enhanced+phase" if phase else "code+enhanced"), _with_class(
            _over(in_phase, combined), code, enhanced
        )
    registered = enhanced_entry(enhanced)
    if (
        registered
        and phase in registered.get("phases", ())
        and code in (*registered["codes"], *registered.get("seen_with", ()))
    ):
        return "code+enhanced+phase", _with_class(_over(in_phase, registered), code, enhanced)
    if registered and not variant and not registered.get("vague"):
        return "enhanced", _with_class(_over(facts, registered), code, enhanced)
    if not registered and not variant and (use := private_use(enhanced)):
        used = {**use, "meaning": f"{use['meaning']} {_as_used(enhanced, use)}"}
        return "enhanced", _with_class(_over(facts, used), code, enhanced)
    return ("code+phase" if variant else step), _enriched(in_phase, code, enhanced, registered)


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
    merged = {**facts, **special}
    merged["references"] = list(dict.fromkeys([*special.get("references", ()), *facts["references"]]))
    merged["phases"] = facts["phases"]
    merged["name"] = facts["name"]
    merged["standard"] = facts["standard"]
    return merged


def _enriched(facts: dict[str, Any], code: int, enhanced: str, registered: dict[str, Any] | None) -> dict[str, Any]:
    """The facts, and what the enhanced status code adds to them."""
    if registered is None:
        added, found = _unregistered(enhanced)
    elif registered.get("vague") and code < 400:
        return _with_class(facts, code, enhanced)
    else:
        adds = say(mark("The enhanced status code {enhanced} adds: {meaning}"))
        added, found = adds.format(enhanced=enhanced, meaning=registered["meaning"]), registered
    merged = {**facts, "meaning": f"{facts['meaning']} {added}"}
    if not found.get("vague"):
        merged["fix"] = list(dict.fromkeys([*found.get("fix", ()), *facts["fix"]]))
    merged["references"] = list(dict.fromkeys([*facts["references"], *found.get("references", ())]))
    return _with_class(merged, code, enhanced)


def _unregistered(enhanced: str) -> tuple[str, dict[str, Any]]:
    """What can be said of a number that the registry does not have, and the provider's entry if one uses it."""
    if (use := private_use(enhanced)) is not None:
        return f"{_as_used(enhanced, use)} {use['meaning']}", use
    subject = table("enhanced_status_codes")["subject"].get(enhanced.split(".")[1])
    told = f"by its subject it is about {subject}" if subject else "its subject is unknown too"
    return f"No registry has the enhanced status code {enhanced}; {told}.", {}


def _as_used(enhanced: str, use: dict[str, Any]) -> str:
    who = use["provider"].title() if use["provider"] != "other" else "a private system"
    return f"No registry has the enhanced status code {enhanced}; this is {who}'s use of it."


def _with_class(facts: dict[str, Any], code: int, enhanced: str) -> dict[str, Any]:
    """The facts, with a word where the two codes contradict each other."""
    # RFC 2034 §4: the class is the reply code's first digit. RFC 5321 §4.2.1: the reply code decides.
    if enhanced[0] == str(code // 100):
        return facts
    warning = say(
        mark("The enhanced status code {enhanced} is of another class than {code}; a client goes by the reply code.")
    ).format(enhanced=enhanced, code=code)
    return {**facts, "meaning": f"{facts['meaning']} {warning}"}
