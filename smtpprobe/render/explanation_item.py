"""A reply explained, as one item of the JSON output; also what a page of it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from smtpprobe.catalogue.causes import CauseEntry, causes, common_remedies, remedies, retry_of_any
from smtpprobe.catalogue.explainer.client_errors import (
    check_command,
    conditions,
    is_socket,
    of_program,
    of_side,
    server_named,
)
from smtpprobe.catalogue.explainer.explain import Explanation, explain
from smtpprobe.catalogue.explainer.reading import Sureness
from smtpprobe.catalogue.explainer.told import captured, told
from smtpprobe.catalogue.facts import YES
from smtpprobe.catalogue.language import chosen
from smtpprobe.catalogue.reference.entries import Entry, look_up
from smtpprobe.model.remedy import Actor, Remedy
from smtpprobe.model.texts.language import mark, say
from smtpprobe.model.transcript import Phase, Side
from smtpprobe.render.explanation_shape import Item

if TYPE_CHECKING:
    from smtpprobe.catalogue.tally import Distinct
    from smtpprobe.intake.found import Found
    from smtpprobe.render.explained import Refusal

# Provider's numbers that stand for several settings, with the facts by which a reply's words say which of them is meant.
_OF_SEVERAL = {"7.139": frozenset(("smtp_auth_off", "passwords_off", "security_defaults", "sign_in_policy"))}
_OWN_SOCKET = "own-socket"
_PROBED = frozenset({"connection-failed", "connection-lost", "reply-timeout", "tls-failed"})
_NO_REPLY = mark("The sending system gave up and quoted no reply")
_ITS_WORDS = mark(
    "The words are those of the sending system: it gave up, or put the delivery off, and quoted no reply of a server."
)
_ITS_LOG = mark(
    "Look up the message's earlier attempts in the sending system's log: the first error there says what is wrong."
)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a reply: whose words it is, who gave it or was refused, whom they wanted to reach, for whom."""

    side: Side | None = None
    peer: str | None = None
    server: str | None = None
    domain: str | None = None
    program: str | None = None
    own: bool = False
    queued: bool | None = None

    @property
    def others(self) -> str | None:
        """The peer where it is a server to which a message was to be delivered."""
        return self.peer if self.side is Side.SENDING else None


_NOTHING = Around()


def around(found: Found) -> Around:
    """What stands around a reply that was found."""
    return Around(
        side=found.side,
        peer=found.peer,
        server=found.server,
        domain=found.recipient_domain,
        program=found.program,
        own=found.own,
        queued=found.queued,
    )


def of_distinct(each: Distinct) -> Around:
    """What stands around the first of refusals that are alike."""
    domain = next(iter(each.recipient_domains), None)
    return Around(
        side=each.side,
        peer=each.peer,
        server=each.server,
        domain=domain,
        program=each.program,
        own=each.own,
        queued=each.queued,
    )


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with everything that is told of it: its code's entry, its cause (None for an unknown one), and advice.

    `meaning`, `remedies` and `retry` are the cause's; the codes' where they speak of this cause and it is a guess from
    them, or a provider's own number, or where no cause is known. `beside` is what the codes add; empty where they speak of
    other things. `retry` is empty where nothing tells. `references` are those of the codes' words that are told. `is_here`:
    the server whose log it is said so to a client.
    """

    explanation: Explanation
    entry: Entry
    cause: CauseEntry | None
    meaning: str
    beside: str
    remedies: tuple[Remedy, ...]
    retry: str
    references: tuple[str, ...]
    is_here: bool = False

    @property
    def others(self) -> tuple[str, ...]:
        """The titles of the causes that it may be instead; none where the reply says its cause."""
        said = self.explanation
        if said.confidence is Sureness.SURE:
            return ()
        known = {"receiving": YES} if self.is_here else {}
        return tuple(causes()[each].meant(known).title for each in said.alternatives if each in causes())


def explained(
    reply: str,
    phase: Phase | None = None,
    provider: str | None = None,
    *,
    code: int | None = None,
    place: Around = _NOTHING,
) -> Explained:
    """What the reply says: of its cause first, and of its codes what is true for this cause.

    `code` is that of lines which are given without it.
    """
    said = explain(reply, phase=phase, provider=provider, code=code, peer=place.others)
    general = causes().get(said.cause)
    of_client = of_side(place.side, place.server, conditions(said.client_error, reply))
    own = place.own or is_socket(place.peer)
    of_log = of_program(place.side, place.program, own=own, queued=place.queued)
    known = {**captured(said), **told(reply, said), **of_client, **of_log}
    if said.confidence is Sureness.GUESS:
        known["guessed"] = YES
    cause = general.meant(known) if general is not None else None
    entry = look_up(said.code, said.enhanced, said.phase, said.provider) if has_code(said) else _without_code(cause)
    agrees = has_code(said) and said.cause in entry.about
    by_code = cause is None or (agrees and said.confidence is Sureness.GUESS)
    waits = cause is not None and bool(known.get("wait"))
    by_words = not _OF_SEVERAL.get((said.enhanced or "")[2:], frozenset()).isdisjoint(known)
    of_provider = agrees and entry.provider is not None and not by_words
    # The codes' steps are for whoever was refused.
    is_here = place.side is Side.RECEIVING
    by_code = by_code and not (is_here and cause is not None)
    steps = _steps(entry) if not is_here and ((by_code and not waits) or of_provider) else ()
    if steps and cause is not None and any(each.check == known.get("check_named", "") for each in cause.remedies):
        steps = (*remedies(said.cause, known)[:1], *steps)
    common = common_remedies(known, steps) if steps else ()
    # A text that is about other causes, too, would only ask again what the words have answered.
    specific = entry.provider is not None or len(entry.about) == 1
    # Nor does a registered number's text add to a cause whose words say which of its senses is meant.
    adds = specific and (cause is general or entry.provider is not None)
    beside = entry.meaning if agrees and not (by_code or by_words or is_here) and adds else ""
    advice = (*steps, *common) or remedies(said.cause, known) or _otherwise(entry, known)
    if is_here and known.get("guessed"):
        # Where the cause is a guess, the log itself has to tell first.
        first = common_remedies(known, ())
        advice = (*first, *(each for each in advice if each not in first))
    return Explained(
        explanation=said,
        entry=entry,
        cause=cause,
        meaning=entry.meaning if cause is None or by_code else cause.definition,
        beside=beside,
        remedies=advice,
        references=entry.references if by_code or beside or steps else (),
        retry=_retry(entry, cause, said, known, by_entry=cause is None or bool(steps)),
        is_here=is_here,
    )


def _otherwise(entry: Entry, known: Mapping[str, str | None]) -> tuple[Remedy, ...]:
    """What to do about a reply of which no cause is known, at the server that gave it or at the one that was refused."""
    return common_remedies(known, ()) if known.get("receiving") else _steps(entry)


def _retry(
    entry: Entry, cause: CauseEntry | None, said: Explanation, known: Mapping[str, str | None], *, by_entry: bool
) -> str:
    """When to try again: the codes' words for it hold if a message can still be tried by itself."""
    code = said.code or _class(said)
    if by_entry and not known.get("receiving") and not (known.get("given_up") and str(code or "").startswith("4")):
        return entry.retry
    found = cause.retry_known(code, known) if cause is not None else retry_of_any(code, known)
    return found or ""


def _class(said: Explanation) -> int | None:
    """A reply code of the enhanced status code's class, where there is no other."""
    return int(said.enhanced[0]) * 100 if said.enhanced else None


def _steps(entry: Entry) -> tuple[Remedy, ...]:
    """What the entry says to do, with whose work it is where it says so."""
    actor = Actor(entry.actor) if entry.actor else Actor.YOU
    return tuple(Remedy(actor=actor, action=step) for step in entry.fix)


def has_code(said: Explanation) -> bool:
    """Whether the reply has a code; words of the sending system, which stand in place of a reply, have none."""
    return said.code is not None or said.enhanced is not None


def _without_code(cause: CauseEntry | None) -> Entry:
    """The entry of words that are no reply: what the cause means, or that nothing more is known."""
    entry = look_up(None, None, None)
    return msgspec.structs.replace(
        entry,
        code=None,
        matched="none",
        title=cause.title if cause else say(_NO_REPLY),
        meaning=cause.definition if cause else say(_ITS_WORDS),
        fix=() if cause else (say(_ITS_LOG),),
        retry="",
        references=(),
    )


def refusal_item(refusal: Refusal, *, phase: Phase | None = None, provider: str | None = None) -> dict[str, Any]:
    """The refusal's item, with where it stood in the input; `phase` and `provider` as the caller gives them."""
    found = refusal.found
    stands = {"source": refusal.source, "line": found.line, "when": found.when, "peer": found.peer, "side": found.side}
    values = item(found.reply, phase or found.phase, provider, place=around(found))
    return values | stands | {"recipient_domain": found.recipient_domain}


def item(
    reply: str, phase: Phase | None = None, provider: str | None = None, *, place: Around = _NOTHING
) -> dict[str, Any]:
    """The reply's item; not to be changed, since the last ones are remembered."""
    told_in = _NOTHING if place.side is None else msgspec.structs.replace(place, peer=place.others, domain=None)
    values = _item(reply[:8192], phase, provider, told_in, chosen())
    command = check_of(values["client_error"], reply, place, cause=values["cause"])
    return values | {"check": command} if command else values


def check_of(kind: str | None, reply: str, place: Around = _NOTHING, *, cause: str = "") -> str | None:
    """The command that shows what a client's error tells of, None for a reply, and if there is no server to probe.

    A reply has one too if its cause is one that a server which delivers looks for with a probe.
    """
    is_looked_for = kind is not None or (place.side is Side.SENDING and cause in _PROBED)
    if not is_looked_for or kind == _OWN_SOCKET or place.side is Side.RECEIVING:
        return None
    if place.side is Side.SENDING:
        return check_command(place.server, place.domain, by_mx=True)
    return check_command(place.server, place.peer, server_named(reply))


@lru_cache(maxsize=2048)
def _item(reply: str, phase: Phase | None, provider: str | None, place: Around, language: str) -> dict[str, Any]:
    told_of_it = explained(reply, phase, provider, place=place)
    said, advice = msgspec.to_builtins(told_of_it.explanation), msgspec.to_builtins(_advice(told_of_it))
    return {"input": reply, **said, **advice}


def explained_item(
    reply: str,
    phase: Phase | None = None,
    provider: str | None = None,
    *,
    code: int | None = None,
    place: Around = _NOTHING,
) -> Item:
    """The same item as a value; `code` is that of lines which are given without it."""
    told_of_it = explained(reply, phase, provider, code=code, place=place)
    said = told_of_it.explanation
    command = check_of(said.client_error, reply, place, cause=said.cause)
    return Item(input=reply, check=command or msgspec.UNSET, **msgspec.structs.asdict(said), **_advice(told_of_it))


def _advice(told_of_it: Explained) -> dict[str, Any]:
    """The fields of an item that the catalogue tells."""
    cause, entry = told_of_it.cause, told_of_it.entry
    return {
        "title": cause.title if cause else entry.title,
        "meaning": " ".join(text for text in (told_of_it.meaning, told_of_it.beside) if text),
        "code_meaning": entry.meaning,
        "fix": tuple(remedy.action for remedy in told_of_it.remedies),
        "remedies": told_of_it.remedies,
        "retry": told_of_it.retry,
        "references": entry.references,
    }


def entry_item(given: str, entry: Entry) -> dict[str, Any]:
    """A code's entry as an item, with everything that the reference says of the code under `entry`."""
    return {
        "input": given,
        **msgspec.to_builtins(explain(given)),
        "title": entry.title,
        "meaning": entry.meaning,
        "code_meaning": entry.meaning,
        "fix": list(entry.fix),
        "remedies": msgspec.to_builtins(_steps(entry)),
        "retry": entry.retry,
        "references": list(entry.references),
        "entry": msgspec.to_builtins(entry),
    }
