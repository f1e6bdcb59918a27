"""The causes of refusals in `data/causes.toml` as values: what each means, when to try again, and what to change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import language, load
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.transcript import Phase

_CONTRADICTED = "contradicted"
_RECEIVING = "receiving"
_GIVEN_UP = "given_up"
_APART = (_CONTRADICTED, _RECEIVING)
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")
UNKNOWN = "unknown"
"""The id that stands for a cause which no reply and no table tells."""


class Bearing(msgspec.Struct, frozen=True):
    """What a check can tell of a refusal that is about who sends: one from the stage on at which the server knows it.

    `causes` are others that it can speak to, at whichever stage.
    """

    since: Phase | None = None
    causes: frozenset[str] = frozenset()


class RemedyEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remedy as the table has it, with placeholders such as `{ip}` in `action`, `verify` and `paste`.

    It is left out where a fact of `needs` is unknown, or one of `without` known (`FACTS` names them). `field` is the
    request's that does it in a probe; `check` is the mechanism that it puts right, where a cause has several.
    """

    actor: Actor
    action: str
    verify: str | None = None
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    field: str | None = None
    paste: str | None = None
    check: str | None = None

    def applies(self, known: Mapping[str, str]) -> bool:
        """Whether the remedy is one for a refusal of which these facts are known."""
        return _holds(self, known)

    def filled(self, known: Mapping[str, str]) -> Remedy:
        """The remedy with its placeholders filled; those without a value stay as they are."""
        return Remedy(
            actor=self.actor,
            action=_filled(self.action, known),
            verify=_filled(self.verify, known) if self.verify else None,
            needs=self.field,
            paste=_filled(self.paste, known) if self.paste else None,
        )


class RetryEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to try again if these facts are known; `transient` True or False: only after such a reply."""

    retry: str
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()
    transient: bool | None = None

    def applies(self, known: Mapping[str, str], *, transient: bool | None) -> bool:
        """Whether it is said after a reply of this class (None: of whichever) of which these facts are known."""
        return self.transient in (None, transient) and _holds(self, known)


class SenseEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a cause means more closely if these facts are known; `title` None: the cause's own fits."""

    definition: str
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()
    title: str | None = None

    def applies(self, known: Mapping[str, str | None]) -> bool:
        """Whether it is meant by a reply of which these facts are known."""
        return all(known.get(name) for name in self.needs) and not any(known.get(name) for name in self.without)


class CauseEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a cause: its title, what it means, who can change it, and the phases in which it can be meant.

    `by_reply`: replies state it; False for one that a session, or a program's own words without a reply, shows.
    The first of `senses` that applies to what is known of a reply says what is meant in place of the definition.
    `retry` says when to try again after a permanent negative reply, `retry_transient` after a transient one; the first of
    `retry_if` that applies to what is known goes before both.
    """

    title: str
    definition: str
    who: tuple[Actor, ...]
    retry: str
    retry_transient: str
    phases: tuple[str, ...]
    remedies: tuple[RemedyEntry, ...]
    by_reply: bool = True
    retry_if: tuple[RetryEntry, ...] = ()
    senses: tuple[SenseEntry, ...] = ()

    def meant(self, known: Mapping[str, str | None]) -> CauseEntry:
        """The cause with the title and the definition that fit a reply of which these facts are known."""
        sense = next((each for each in self.senses if each.applies(known)), None)
        if sense is None:
            return self
        return msgspec.structs.replace(self, title=sense.title or self.title, definition=sense.definition)

    def retry_after(self, code: int | None, enhanced: str | None = None) -> str:
        """When to try again after such a reply.

        The class is the reply code's, else the enhanced status code's; where neither is known it counts as permanent.
        """
        return self.retry_transient if _is_transient(code, enhanced) else self.retry

    def retry_known(self, code: int | None, known: Mapping[str, str | None]) -> str | None:
        """When to try again after such a reply of which these facts are known.

        None where evidence contradicts the reply and nothing is written for that: the usual presumes a fault.
        """
        have = {name: value for name, value in known.items() if value}
        transient = _is_transient(code, None)
        # What was put off until it was given up is not tried again, nor was it refused for good.
        given_up = transient and _GIVEN_UP in have
        for each in self.retry_if:
            if each.applies(have, transient=None if given_up else transient):
                return _filled(each.retry, have)
        if _RECEIVING in have:
            return retry_of_any(code, have)
        if _CONTRADICTED in have:
            return None
        return self.retry if given_up else self.retry_after(code)


def _is_transient(code: int | None, enhanced: str | None) -> bool:
    # RFC 5321 §4.2.1, RFC 3463 §2: 4 is transient, and the sender is encouraged to try again; 5 is permanent.
    return (str(code) if code else enhanced or "").startswith("4")


def _holds(entry: RemedyEntry | RetryEntry, known: Mapping[str, str]) -> bool:
    # What helps against a fault helps nobody if evidence says that there is none; what is for whoever was refused is not
    # for the server that refused.
    if any((name in known) is not (name in entry.needs) for name in _APART):
        return False
    return all(name in known for name in entry.needs) and not any(name in known for name in entry.without)


def retry_of_any(code: int | None, known: Mapping[str, str | None]) -> str | None:
    """What is said of trying again if a cause has nothing of its own for what is known; None where nothing is."""
    have = {name: value for name, value in known.items() if value}
    have.pop(_CONTRADICTED, None)
    transient = _is_transient(code, None)
    return next((each.retry for each in _retry(language.chosen()) if each.applies(have, transient=transient)), None)


@lru_cache(maxsize=4)
def _retry(spoken: str) -> tuple[RetryEntry, ...]:
    return msgspec.convert(load.table("causes")["retry"], tuple[RetryEntry, ...])


def settings(program: str) -> Mapping[str, str]:
    """The names that a mail server has for its settings, by the facts that remedies name them with; none for most."""
    found: Mapping[str, str] = load.table("causes")["program"].get(program, {})
    return found


def causes() -> Mapping[str, CauseEntry]:
    """Every cause by its id, in the language in force."""
    return _causes(language.chosen())


@lru_cache(maxsize=4)
def _causes(spoken: str) -> Mapping[str, CauseEntry]:
    return msgspec.convert(load.table("causes")["cause"], dict[str, CauseEntry])


def title_of(cause: str) -> str:
    """The title of the cause; its id where the table does not have it."""
    entry = causes().get(cause)
    return entry.title if entry else cause


def remedies(cause: str, known: Mapping[str, str | None]) -> tuple[Remedy, ...]:
    """The remedies of the cause that apply, filled from `known`, those of the check that the reply names first.

    None for a cause that the table does not have.
    """
    entry = causes().get(cause)
    if entry is None:
        return ()
    have = {name: value for name, value in known.items() if value}
    applying = _applying(cause, frozenset(have), have.get("check_named"), language.chosen())
    found = tuple([each.filled(have) for each in applying])
    return found + common_remedies(known, found)


@lru_cache(maxsize=4096)
def _applying(cause: str, known: frozenset[str], named: str | None, spoken: str) -> tuple[RemedyEntry, ...]:
    """The remedies of a cause for a refusal of which these facts are known, those of the check that is named first."""
    have = dict.fromkeys(known, "")
    applying = [each for each in _causes(spoken)[cause].remedies if each.applies(have)]
    if named:
        applying.sort(key=lambda each: each.check != named)
    return tuple(applying)


def common_remedies(known: Mapping[str, str | None], others: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """The remedies of whatever a reply names, a page or a mailbox, without those whose value others have already."""
    have = {name: value for name, value in known.items() if value}
    applying = [each for each in _common(language.chosen()) if each.applies(have)]
    if not applying:
        return ()
    said = " ".join(each.action for each in others)
    return tuple(each.filled(have) for each in applying if not any(have[name] in said for name in each.needs))


@lru_cache(maxsize=4)
def _common(spoken: str) -> tuple[RemedyEntry, ...]:
    return msgspec.convert(load.table("causes")["common"], tuple[RemedyEntry, ...])


def _filled(template: str, known: Mapping[str, str]) -> str:
    if "{" not in template:
        return template
    return _PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), template)
