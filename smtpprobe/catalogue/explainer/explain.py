"""Any reply, to its cause."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from smtpprobe.catalogue import providers
from smtpprobe.catalogue.explainer import captures as capturing
from smtpprobe.catalogue.explainer import rules, wording
from smtpprobe.catalogue.explainer.captures import Captures
from smtpprobe.catalogue.explainer.slots import Slots, outline
from smtpprobe.catalogue.reference.status_codes import sole_user
from smtpprobe.model.transcript import Phase

UNKNOWN = "unknown"
_BEFORE_PATHS = ("greeting", "ehlo", "starttls", "tls", "auth")
# Used for a dozen causes each: where the phase is unknown they say no more than their class.
_WIDE = frozenset({"550", "554", "553", "551", "571", "450", "451"})
_WITH_PATHS = frozenset({"mail", "rcpt", "data", "message"})


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply means (RFC 5321 §4.2 for its code, RFC 3463 for the enhanced one). None: the text does not say.

    `provider` and `server` are ids of the catalogue, as `google` and `postfix`. `cause` is an id of data/causes.toml or
    `unknown`; `confidence` sure, likely, guess; `basis` text, tag, enhanced, code+phase, class; `alternatives` ids, best
    first. `said`: the reply's own words, or an enhanced status code that means one thing, state the cause; otherwise it
    is what such a code at such a phase is used for.
    """

    code: int | None
    enhanced: str | None
    phase: Phase | None
    provider: str | None
    server: str | None
    cause: str
    confidence: str
    basis: str
    said: bool
    alternatives: tuple[str, ...] = ()
    captures: Captures = Captures()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    cause: str
    confidence: str
    basis: str
    said: bool
    alternatives: tuple[str, ...]


class _Vote(msgspec.Struct, kw_only=True):
    cause: str
    weight: float
    basis: str
    said: bool
    guess: bool = False


def explain(
    text: str, *, phase: Phase | None = None, provider: str | None = None, code: int | None = None
) -> Explanation:
    """The explanation of a whole reply, or of lines without their code where `code` is given. No network.

    `phase` is where in the session the reply came, None: inferred from its words; `provider` the catalogue's id of who
    said it, None: recognised by its words. Never raises on any text; what lies beyond the first 4096 characters is not
    read.
    """
    drawn, slots = outline(text[: wording.LIMIT])
    found = _explained(drawn, phase, provider, code)
    return _with_slots(found, slots) if slots else found


@lru_cache(maxsize=8192)
def _explained(text: str, phase: Phase | None, provider: str | None, code: int | None) -> Explanation:
    said = wording.read(text, code)
    phase = phase or said.phase or infer_phase(said)
    named = _named(provider, said)
    judged = judge(said.text, said.urls, said.code, said.enhanced, phase, named)
    return Explanation(
        code=said.code,
        enhanced=said.enhanced,
        phase=phase,
        provider=named,
        server=providers.server_of(said.full),
        cause=judged.cause,
        confidence=judged.confidence,
        basis=judged.basis,
        said=judged.said,
        alternatives=judged.alternatives,
        captures=capturing.capture(said, judged.cause),
    )


def _with_slots(found: Explanation, slots: Slots) -> Explanation:
    """The explanation with the reply's own addresses in its captures."""
    held = found.captures
    if not (held.ip or held.domain or held.url or held.helo or held.address):
        return found
    return Explanation(
        code=found.code,
        enhanced=found.enhanced,
        phase=found.phase,
        provider=found.provider,
        server=found.server,
        cause=found.cause,
        confidence=found.confidence,
        basis=found.basis,
        said=found.said,
        alternatives=found.alternatives,
        captures=Captures(
            ip=slots.back(held.ip),
            domain=(slots.back(held.domain) or "").lower() or None,
            list=held.list,
            url=slots.back(held.url),
            wait_s=held.wait_s,
            mechanism=held.mechanism,
            helo=slots.back(held.helo),
            address=slots.back(held.address),
            list_refused=held.list_refused,
        ),
    )


def cause_and_provider(text: str, phase: Phase | None, provider: str | None) -> tuple[str, str | None]:
    """What `explain` says of both, and nothing else: for counting."""
    said = wording.read(outline(text[: wording.LIMIT])[0])
    named = _named(provider, said)
    where = phase or said.phase or infer_phase(said)
    return judge(said.text, said.urls, said.code, said.enhanced, where, named).cause, named


def _named(provider: str | None, said: wording.Wording) -> str | None:
    """The provider that is given, else the one that the words, or a number that only it uses, give away."""
    found = providers.normalized(provider) or providers.provider_of(said.full, said.urls)
    return found or (sole_user(said.enhanced) if said.enhanced else None)


def causes() -> dict[str, Any]:
    """The causes by id: title, definition, who, retry, retry_transient, phases, remedies."""
    found: dict[str, Any] = rules.table("causes")["cause"]
    return found


def retry_of(cause: Mapping[str, Any], code: int | None, enhanced: str | None = None) -> str | None:
    """When to try again after a reply of this cause; None for a cause that is not in the table.

    The class is the reply code's, else the enhanced status code's; where neither is known it counts as permanent.
    """
    # RFC 5321 §4.2.1, RFC 3463 §2: 4 is transient, and the sender is encouraged to try again; 5 is permanent.
    transient = (str(code) if code else enhanced or "").startswith("4")
    found: str | None = cause.get("retry_transient" if transient else "retry")
    return found


def remedies(cause: str, known: dict[str, str | None]) -> tuple[dict[str, str | None], ...]:
    """The cause's remedies (actor, action, verify) with their placeholders filled from `known`.

    One whose `needs` names a placeholder without a value is left out; so is one marked `without` a value that is known.
    """
    have = {name: value for name, value in known.items() if value}
    filled: list[dict[str, str | None]] = []
    for row in causes().get(cause, {}).get("remedies", ()):
        if all(name in have for name in row.get("needs", ())) and not any(n in have for n in row.get("without", ())):
            verify = row.get("verify")
            filled.append(
                {
                    "actor": row["actor"],
                    "action": _fill(row["action"], have),
                    "verify": _fill(verify, have) if verify else None,
                }
            )
    return tuple(filled)


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


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
    text: str, urls: tuple[str, ...], code: int | None, enhanced: str | None, phase: Phase | None, provider: str | None
) -> Judgement:
    """The cause of a masked text with its codes, remembered."""
    return _judge(text, urls if len(" ".join(urls)) < 300 else urls[:2], code, enhanced, phase, provider)


@lru_cache(maxsize=8192)
def _judge(
    text: str, urls: tuple[str, ...], code: int | None, enhanced: str | None, phase: Phase | None, provider: str | None
) -> Judgement:
    where = str(phase) if phase else None
    digits = str(code) if code else (enhanced or "")[:1]
    # RFC 5321 §4.2.1: 2yz and 3yz refuse nothing; a 221 that nobody asked for does.
    if digits[:1] in ("2", "3") and digits != "221":
        return Judgement(cause=UNKNOWN, confidence="guess", basis="class", said=False, alternatives=())
    votes = _text_votes(text, urls, digits, enhanced, where, provider)
    if digits != "221":
        votes += enhanced_votes(enhanced, provider)
        votes += _fallback_votes(digits, where)
    return _decide(votes)


def _text_votes(
    text: str, urls: tuple[str, ...], digits: str, enhanced: str | None, where: str | None, provider: str | None
) -> list[_Vote]:
    votes = []
    for rank, rule in rules.matches(text, urls, digits, enhanced, where, provider):
        weight = float(rank)
        guess = rule.guess
        if where and not rule.phases and not rule.tag and where not in causes()[rule.cause]["phases"]:
            # Before MAIL the server knows neither path: no words can be about a mailbox then.
            too_early = where in _BEFORE_PATHS and _WITH_PATHS.issuperset(causes()[rule.cause]["phases"])
            guess = guess or too_early
            weight -= 45 if too_early else 25
        votes.append(
            _Vote(cause=rule.cause, weight=weight, basis="tag" if rule.tag else "text", said=not guess, guess=guess)
        )
        votes += [
            _Vote(cause=c, weight=weight / 2 - n, basis="text", said=False, guess=True)
            for n, c in enumerate(rule.alternatives)
        ]
    return votes


def enhanced_votes(enhanced: str | None, provider: str | None) -> list[_Vote]:
    """Votes of the enhanced status code: the provider's own use of it before the registry's."""
    if not enhanced:
        return []
    tables = rules.table("text_rules")
    own = providers.own_codes(provider).get(enhanced[2:])
    if own:
        return [_Vote(cause=own, weight=90, basis="tag", said=True)]
    for stem in (enhanced, enhanced[2:]):
        for cause, weight in tables["enhanced"].get(stem, {}).items():
            return [_Vote(cause=cause, weight=weight, basis="enhanced", said=weight >= 45)] + [
                _Vote(cause=other, weight=less, basis="enhanced", said=False, guess=True)
                for other, less in list(tables["enhanced"][stem].items())[1:]
            ]
    for low, high, cause in tables["enhanced_ranges"]:
        if low <= _number(enhanced) <= high:
            return [_Vote(cause=cause, weight=90, basis="tag", said=True)]
    return []


def _number(enhanced: str) -> int:
    """The enhanced status code's subject and detail as one number: 5.7.606 is 7606, X.Y.Z with Z under 1000."""
    _, subject, detail = enhanced.split(".")
    return int(subject) * 1000 + int(detail)


def _fallback_votes(digits: str, where: str | None) -> list[_Vote]:
    """Votes of the code at its phase, of the code, and of its class at the phase; every one a guess."""
    fallback = rules.table("text_rules")["fallback"]
    for name, weight, basis in (
        (f"{digits}@{where}", 24, "code+phase"),
        (f"{digits[:1]}@{where}", 20, "code+phase"),
        (digits, 18, "class" if digits in _WIDE and where is None else "code+phase"),
        (digits[:1], 10, "class"),
    ):
        if found := fallback.get(name):
            return [
                _Vote(cause=cause, weight=weight - 2 * n, basis=basis, said=False, guess=True)
                for n, cause in enumerate(found)
            ]
    return []


def _decide(votes: list[_Vote]) -> Judgement:
    """The strongest cause; votes of another kind for the same cause add a little."""
    best: dict[str, _Vote] = {}
    kinds: dict[str, dict[str, float]] = {}
    for vote in votes:
        kinds.setdefault(vote.cause, {})
        kind = "text" if vote.basis == "tag" else vote.basis
        kinds[vote.cause][kind] = max(kinds[vote.cause].get(kind, 0), vote.weight)
        if vote.cause not in best or vote.weight > best[vote.cause].weight:
            best[vote.cause] = vote
    totals = {cause: max(by.values()) + 0.1 * (sum(by.values()) - max(by.values())) for cause, by in kinds.items()}
    ordered = sorted(totals, key=lambda cause: -totals[cause])
    if not ordered:
        return Judgement(cause=UNKNOWN, confidence="guess", basis="class", said=False, alternatives=())
    top = best[ordered[0]]
    others = tuple(cause for cause in ordered[1:] if totals[cause] >= 5)[:4]
    if top.basis == "class":
        return Judgement(cause=UNKNOWN, confidence="guess", basis="class", said=False, alternatives=tuple(ordered[:5]))
    margin = totals[ordered[0]] - (totals[ordered[1]] if len(ordered) > 1 else 0)
    said = top.said and top.weight >= 40
    confidence = "guess" if top.guess or not said else "sure" if top.weight >= 55 and margin >= 8 else "likely"
    return Judgement(cause=ordered[0], confidence=confidence, basis=top.basis, said=said, alternatives=others)
