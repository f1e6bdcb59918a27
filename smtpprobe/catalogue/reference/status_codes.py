"""Enhanced status codes: what the registry says of a number, and what providers mean by numbers of their own.

Facts are plain tables, as in data/enhanced_status_codes.toml and data/private_status_codes.toml; entries.py makes
entries of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from smtpprobe.catalogue import language
from smtpprobe.catalogue.load import table
from smtpprobe.model.texts.language import say


def registered(enhanced: str) -> dict[str, Any] | None:
    """The registry's facts on an enhanced status code, in its class; None where the number is not registered."""
    digit, _, number = enhanced.partition(".")
    codes = table("enhanced_status_codes")
    found: dict[str, Any] | None = codes["registered"].get(number)
    if found is None:
        return None
    if digit != "2" and (known := codes["refusal"].get(number)):
        found = {**found, **known}
    if digit == "4" and "retry_transient" in found:
        return {**found, "retry": found["retry_transient"]}
    return _of_success(number, found) if digit == "2" else found


def _of_success(number: str, facts: dict[str, Any]) -> dict[str, Any]:
    """What the number says where nothing was refused: of most, next to nothing."""
    codes = table("enhanced_status_codes")
    if known := codes["success"].get(number):
        return {**facts, **known}
    other = codes["success"]["other"]
    subject = codes["subject"][number.partition(".")[0]]
    meaning = other["meaning"].format(subject=say(subject))
    return {**facts, "phases": ["any"], **other, "meaning": meaning, "vague": True}


def as_written(number: str) -> tuple[str, ...]:
    """The codes as servers write them, `5.7.1` and `4.7.1` for `7.1`: with each class that its reply codes have."""
    codes = table("enhanced_status_codes")
    facts = codes["registered"].get(number, {})
    seen = (*facts.get("codes", ()), *facts.get("seen_with", ()))
    classes = {str(code)[0] for code in seen} or {"4", "5"}
    if number in codes["success"]:
        classes.add("2")
    return tuple(f"{digit}.{number}" for digit in sorted(classes, reverse=True))


def private_uses() -> tuple[dict[str, Any], ...]:
    """What providers mean by numbers of their own, with the dates that stand apart in the table in its texts."""
    return _private_uses(language.chosen())


@lru_cache(maxsize=4)
def _private_uses(spoken: str) -> tuple[dict[str, Any], ...]:
    return tuple(_dated(use) for use in table("private_status_codes")["private"])


def _dated(use: dict[str, Any]) -> dict[str, Any]:
    dates: dict[str, str] = use.get("dates", {})
    return {name: _with_dates(value, dates) for name, value in use.items()} if dates else use


def _with_dates(value: Any, dates: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_with_dates(each, dates) for each in value]
    if isinstance(value, str):
        for name, date in dates.items():
            value = value.replace(f"{{{name}}}", date)
    return value


def private_use(enhanced: str, provider: str | None = None) -> dict[str, Any] | None:
    """What a provider means by a number of its own; without a provider, the first that is known to use it."""
    return _private_use(enhanced, provider, language.chosen())


@lru_cache(maxsize=1024)
def _private_use(enhanced: str, provider: str | None, spoken: str) -> dict[str, Any] | None:
    for use in private_uses():
        if provider in (None, use["provider"]) and any(_covers(number, enhanced) for number in use["numbers"]):
            return use
    return None


def own_causes(enhanced: str, provider: str | None) -> tuple[tuple[str, float], ...]:
    """The causes that the provider means by the number, best first with their weights; none where it has no own sense.

    45 and more states the cause: one sense alone does, and so does a number that no registry has.
    """
    use = private_use(enhanced, provider) if provider else None
    if use is None:
        return ()
    first, *others = use["about"]
    if not others:
        return ((first, 90.0),)
    own_number = enhanced.partition(".")[2] not in table("enhanced_status_codes")["registered"]
    return ((first, 90.0 if own_number else 44.0), *((cause, 30.0 - n) for n, cause in enumerate(others)))


@lru_cache(maxsize=1024)
def sole_user(enhanced: str) -> str | None:
    """The one provider that is known to use a number which no registry has; None for a registered number."""
    if enhanced.partition(".")[2] in table("enhanced_status_codes")["registered"]:
        return None
    users = {use["provider"] for use in private_uses() if any(_covers(number, enhanced) for number in use["numbers"])}
    return users.pop() if len(users) == 1 and "other" not in users else None


def _covers(numbers: str, enhanced: str) -> bool:
    """Whether `5.7.606-649` (or a single number) covers the enhanced status code."""
    head, _, details = numbers.rpartition(".")
    given_head, _, detail = enhanced.rpartition(".")
    first, _, last = details.partition("-")
    return head == given_head and int(first) <= int(detail) <= int(last or first)


def as_used(enhanced: str, use: dict[str, Any]) -> str:
    """Whose use of the number it is, which no registry has."""
    who = use["provider"].title() if use["provider"] != "other" else say("a private system")
    text = say("No registry has the enhanced status code {enhanced}; this is {who}'s use of it.")
    return text.format(enhanced=enhanced, who=who)


def unregistered(enhanced: str) -> tuple[str, dict[str, Any]]:
    """What can be said of a number that the registry does not have, and the provider's facts if one uses it."""
    if (use := private_use(enhanced)) is not None:
        return f"{as_used(enhanced, use)} {use['meaning']}", use
    subject = table("enhanced_status_codes")["subject"].get(enhanced.split(".")[1])
    if subject is None:
        text = say("No registry has the enhanced status code {enhanced}; its subject is unknown too.")
        return text.format(enhanced=enhanced), {}
    text = say("No registry has the enhanced status code {enhanced}; by its subject it is about {subject}.")
    return text.format(enhanced=enhanced, subject=say(subject)), {}


def by_itself(enhanced: str, provider: str | None) -> tuple[str, dict[str, Any]]:
    """How the number was found (`enhanced`, else `class`), and its facts laid over those of its class.

    A provider's own meaning goes first, then the registry's, then that of whoever is known to use the number.
    """
    base = table("reply_codes")["class"][f"{enhanced[0]}yz"]
    if provider and (use := private_use(enhanced, provider)):
        return "enhanced", _complete(base, use)
    if found := registered(enhanced):
        return "enhanced", _complete(base, found, standard=True)
    if use := private_use(enhanced):
        return "enhanced", _complete(base, {**use, "meaning": f"{use['meaning']} {as_used(enhanced, use)}"})
    text, _ = unregistered(enhanced)
    return "class", {**base, "meaning": f"{text} {base['meaning']}", "standard": False}


def _complete(base: dict[str, Any], facts: dict[str, Any], *, standard: bool = False) -> dict[str, Any]:
    found = {**base, "name": facts["title"], "phases": ["any"], **facts, "standard": standard}
    found["references"] = list(dict.fromkeys([*facts.get("references", ()), *base["references"]]))
    return found
