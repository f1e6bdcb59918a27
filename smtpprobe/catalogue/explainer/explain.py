"""Any reply, to its cause."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from smtpprobe.catalogue import providers
from smtpprobe.catalogue.causes import UNKNOWN, causes
from smtpprobe.catalogue.explainer import captures as capturing
from smtpprobe.catalogue.explainer import rules, wording
from smtpprobe.catalogue.explainer.captures import Captures
from smtpprobe.catalogue.explainer.client_errors import ClientError, client_error
from smtpprobe.catalogue.explainer.octets import readable
from smtpprobe.catalogue.explainer.slots import Slots, outline
from smtpprobe.catalogue.reference.status_codes import sole_user
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Word

_BEFORE_PATHS = ("greeting", "ehlo", "starttls", "tls", "auth")
# Used for a dozen causes each: where the phase is unknown they say no more than their class.
_WIDE = frozenset({"550", "554", "553", "551", "571", "450", "451"})
_WITH_PATHS = frozenset({"mail", "rcpt", "data", "message"})


class Sureness(Word):
    """How sure the cause of an explanation is."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"
    UNKNOWN = "unknown"


class Basis(Word):
    """What the cause of an explanation was read from."""

    TEXT = "text"  # the reply's words
    TAG = "tag"  # a provider's own mark
    ENHANCED = "enhanced"
    CODE_AND_PHASE = "code+phase"
    CLASS = "class"  # the first digit alone
    UNKNOWN = "unknown"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply means (RFC 5321 §4.2 for its code, RFC 3463 for the enhanced one). None: the text does not say.

    `provider` and `server` are ids of the catalogue, as `google` and `postfix`. `cause` is an id of data/causes.toml or
    `unknown`, `alternatives` are ids, best first. `stated_by_reply` (`said` in JSON): the reply's own words, or an
    enhanced status code that means one thing, state the cause; otherwise it is what such a code at such a phase is used
    for. `client_error`: the text is not a reply but what a sending program says if there is none, an id of
    data/client_errors.toml.
    """

    code: int | None
    enhanced: str | None
    phase: Phase | None
    provider: str | None
    server: str | None
    cause: str
    confidence: Sureness
    basis: Basis
    stated_by_reply: bool = msgspec.field(name="said")
    alternatives: tuple[str, ...] = ()
    captures: Captures = Captures()
    client_error: str | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an explanation that the words and codes alone decide."""

    cause: str
    confidence: Sureness
    basis: Basis
    stated_by_reply: bool
    alternatives: tuple[str, ...]


class Vote(msgspec.Struct, kw_only=True):
    """One reason for a cause. `states`: it says the cause; `guess`: it is no more than a guess."""

    cause: str
    weight: float
    basis: Basis
    states: bool
    guess: bool = False


def explain(
    text: str, *, phase: Phase | None = None, provider: str | None = None, code: int | None = None
) -> Explanation:
    """The explanation of a whole reply, or of lines without their code if `code` is given. No network.

    `phase` is the stage at which the reply came, None: inferred from its words; `provider` the catalogue's id of who
    said it, None: recognised by its words. Never raises on any text; what lies beyond the first 4096 characters is not
    read.
    """
    drawn, slots = outline(readable(text[: wording.LIMIT]))
    found = _explained(drawn, phase, provider, code)
    return _with_slots(found, slots) if slots else found


@lru_cache(maxsize=8192)
def _explained(text: str, phase: Phase | None, provider: str | None, code: int | None) -> Explanation:
    said = wording.read(text, code)
    phase = phase or said.phase or infer_phase(said)
    named = _named(provider, said)
    error = _client_error(said)
    if error is not None:
        phase = phase or error.phase
        judged = _of_client(error)
    else:
        judged = judge(said.text, said.urls, code=said.code, enhanced=said.enhanced, phase=phase, provider=named)
    return Explanation(
        code=said.code,
        enhanced=said.enhanced,
        phase=phase,
        provider=named,
        server=providers.server_of(said.full),
        cause=judged.cause,
        confidence=judged.confidence,
        basis=judged.basis,
        stated_by_reply=judged.stated_by_reply,
        alternatives=judged.alternatives,
        captures=capturing.capture(said, judged.cause),
        client_error=error.id if error is not None else None,
    )


def _client_error(said: wording.Wording) -> ClientError | None:
    """The sending program's own error; None where there is a reply, which tells more."""
    return client_error(said.full) if said.code is None and said.enhanced is None else None


def _of_client(error: ClientError) -> Reading:
    confidence = Sureness.LIKELY if error.alternatives else Sureness.SURE
    return Reading(
        cause=error.cause,
        confidence=confidence,
        basis=Basis.TEXT,
        stated_by_reply=True,
        alternatives=error.alternatives,
    )


def _with_slots(found: Explanation, slots: Slots) -> Explanation:
    """The explanation with the reply's own addresses in its captures."""
    held = found.captures
    if not (held.ip or held.domain or held.url or held.helo or held.address):
        return found
    own = msgspec.structs.replace(
        held,
        ip=slots.back(held.ip),
        domain=(slots.back(held.domain) or "").lower() or None,
        url=slots.back(held.url),
        helo=slots.back(held.helo),
        address=slots.back(held.address),
    )
    return msgspec.structs.replace(found, captures=own)


def cause_and_provider(text: str, phase: Phase | None, provider: str | None) -> tuple[str, str | None]:
    """What `explain` says of both, and nothing else: for counting."""
    said = wording.read(outline(readable(text[: wording.LIMIT]))[0])
    named = _named(provider, said)
    where = phase or said.phase or infer_phase(said)
    if (error := _client_error(said)) is not None:
        return error.cause, named
    judged = judge(said.text, said.urls, code=said.code, enhanced=said.enhanced, phase=where, provider=named)
    return judged.cause, named


def _named(provider: str | None, said: wording.Wording) -> str | None:
    """The provider that is given, else the one that the words, or a number that only it uses, give away."""
    found = providers.normalized(provider) or providers.provider_of(said.full, said.urls)
    return found or (sole_user(said.enhanced) if said.enhanced else None)


def infer_phase(said: wording.Wording) -> Phase | None:
    """The phase that the code or the words give away, None where they do not."""
    # RFC 4954 §6: 432 is 4.7.12; other servers have it for other things.
    if said.code == 432 and said.enhanced not in (None, "4.7.12"):
        return None
    if said.code in (235, 334, 432, 435, 534, 535, 538):
        return Phase.AUTH if "suspended" not in said.text else None
    for name, rule in rules.table("text_rules")["phase_words"].items():
        if any(words in said.text for words in rule):
            return Phase(name)
    return None


def judge(
    text: str,
    urls: tuple[str, ...],
    *,
    code: int | None,
    enhanced: str | None,
    phase: Phase | None,
    provider: str | None,
) -> Reading:
    """The cause of a masked text with its codes, remembered."""
    return _judge(text, urls if len(" ".join(urls)) < 300 else urls[:2], code, enhanced, phase, provider)


@lru_cache(maxsize=8192)
def _judge(
    text: str, urls: tuple[str, ...], code: int | None, enhanced: str | None, phase: Phase | None, provider: str | None
) -> Reading:
    where = str(phase) if phase else None
    digits = str(code) if code else (enhanced or "")[:1]
    # RFC 5321 §4.2.1: 2yz and 3yz refuse nothing; a 221 that nobody asked for does.
    if digits[:1] in ("2", "3") and digits != "221":
        return _untold()
    votes = _text_votes(text, urls, digits, enhanced, where, provider)
    if digits != "221":
        votes += enhanced_votes(enhanced, provider)
        votes += _fallback_votes(digits, where, enhanced)
    return _decide(votes)


def _text_votes(
    text: str, urls: tuple[str, ...], digits: str, enhanced: str | None, where: str | None, provider: str | None
) -> list[Vote]:
    votes = []
    for rank, rule in rules.matches(text, urls, code=digits, enhanced=enhanced, phase=where, provider=provider):
        weight = float(rank)
        guess = rule.guess
        if where and not rule.phases and not rule.tag and where not in causes()[rule.cause].phases:
            # Before MAIL the server knows neither path: no words can be about a mailbox then.
            too_early = where in _BEFORE_PATHS and _WITH_PATHS.issuperset(causes()[rule.cause].phases)
            guess = guess or too_early
            weight -= 45 if too_early else 25
        votes.append(
            Vote(
                cause=rule.cause,
                weight=weight,
                basis=Basis.TAG if rule.tag else Basis.TEXT,
                states=not guess,
                guess=guess,
            )
        )
        votes += [
            Vote(cause=c, weight=weight / 2 - n, basis=Basis.TEXT, states=False, guess=True)
            for n, c in enumerate(rule.alternatives)
        ]
    return votes


def enhanced_votes(enhanced: str | None, provider: str | None) -> list[Vote]:
    """Votes of the enhanced status code: the provider's own use of it before the registry's."""
    if not enhanced:
        return []
    tables = rules.table("text_rules")
    own = providers.own_codes(provider).get(enhanced[2:])
    if own:
        return [Vote(cause=own, weight=90, basis=Basis.TAG, states=True)]
    for stem in (enhanced, enhanced[2:]):
        for cause, weight in tables["enhanced"].get(stem, {}).items():
            return [Vote(cause=cause, weight=weight, basis=Basis.ENHANCED, states=weight >= 45)] + [
                Vote(cause=other, weight=less, basis=Basis.ENHANCED, states=False, guess=True)
                for other, less in list(tables["enhanced"][stem].items())[1:]
            ]
    for low, high, cause in tables["enhanced_ranges"]:
        if low <= _number(enhanced) <= high:
            return [Vote(cause=cause, weight=90, basis=Basis.TAG, states=True)]
    return []


def _number(enhanced: str) -> int:
    """The enhanced status code's subject and detail as one number: 5.7.606 is 7606, X.Y.Z with Z under 1000."""
    _, subject, detail = enhanced.split(".")
    return int(subject) * 1000 + int(detail)


def _fallback_votes(digits: str, where: str | None, enhanced: str | None) -> list[Vote]:
    """Votes of the code at its phase, of the code, and of its class at the phase; every one a guess."""
    # RFC 3463 §3.8: X.7 is about security or policy, and X.1.1 is what a mailbox that does not exist has.
    of_policy = enhanced is not None and enhanced[2:].startswith("7.")
    fallback = rules.table("text_rules")["fallback"]
    for name, weight, basis in (
        (f"{digits}@{where}", 24, Basis.CODE_AND_PHASE),
        (f"{digits[:1]}@{where}", 20, Basis.CODE_AND_PHASE),
        (digits, 18, Basis.CLASS if digits in _WIDE and where is None else Basis.CODE_AND_PHASE),
        (digits[:1], 10, Basis.CLASS),
    ):
        if found := fallback.get(name):
            found = sorted(found, key=lambda cause: of_policy and cause == "recipient-unknown")
            return [
                Vote(cause=cause, weight=weight - 2 * n, basis=basis, states=False, guess=True)
                for n, cause in enumerate(found)
            ]
    return []


def _decide(votes: list[Vote]) -> Reading:
    """The strongest cause; votes of another kind for the same cause add a little."""
    best: dict[str, Vote] = {}
    kinds: dict[str, dict[Basis, float]] = {}
    for vote in votes:
        kinds.setdefault(vote.cause, {})
        kind = Basis.TEXT if vote.basis is Basis.TAG else vote.basis
        kinds[vote.cause][kind] = max(kinds[vote.cause].get(kind, 0), vote.weight)
        if vote.cause not in best or vote.weight > best[vote.cause].weight:
            best[vote.cause] = vote
    totals = {cause: max(by.values()) + 0.1 * (sum(by.values()) - max(by.values())) for cause, by in kinds.items()}
    ordered = sorted(totals, key=lambda cause: -totals[cause])
    if not ordered:
        return _untold()
    top = best[ordered[0]]
    others = tuple(cause for cause in ordered[1:] if totals[cause] >= 5)[:4]
    if top.basis is Basis.CLASS:
        return _untold(tuple(ordered[:5]))
    margin = totals[ordered[0]] - (totals[ordered[1]] if len(ordered) > 1 else 0)
    stated = top.states and top.weight >= 40
    if top.guess or not stated:
        confidence = Sureness.GUESS
    else:
        confidence = Sureness.SURE if top.weight >= 55 and margin >= 8 else Sureness.LIKELY
    return Reading(
        cause=ordered[0], confidence=confidence, basis=top.basis, stated_by_reply=stated, alternatives=others
    )


def _untold(alternatives: tuple[str, ...] = ()) -> Reading:
    """The reading of a reply whose cause nothing but its class tells."""
    return Reading(
        cause=UNKNOWN, confidence=Sureness.GUESS, basis=Basis.CLASS, stated_by_reply=False, alternatives=alternatives
    )
