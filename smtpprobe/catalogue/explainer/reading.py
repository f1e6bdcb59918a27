"""The words and codes of a reply, to its cause: what rules and codes state, else what the words read like."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from smtpprobe.catalogue import providers
from smtpprobe.catalogue.causes import UNKNOWN, causes
from smtpprobe.catalogue.explainer import learned, rules, wording
from smtpprobe.catalogue.explainer.learned import Proposal
from smtpprobe.catalogue.explainer.rules import Vagueness
from smtpprobe.catalogue.reference.status_codes import own_causes
from smtpprobe.model.transcript import Phase
from smtpprobe.model.words import Word

# Used for a dozen causes each: where the phase is unknown they say no more than their class.
_WIDE = frozenset({"550", "554", "553", "551", "571", "450", "451"})
_HALF = 0.5  # a cause is likely from here on
_SURE = 0.7  # of what is stated: the whole reply reads like it, too
_BARE = 0.9  # of a cause of words that have no code, and may be no reply at all
_LEAST = 0.25  # of a cause that is told: a guess that is right less often helps nobody
_ALTERNATIVE = 0.04  # of a cause that it may be instead
_DOUBT = 0.05  # of a stated cause: with less the words say another thing
_OTHERS = 6
_UNFIT = 0.2  # of a cause that is not met at the phase, what its probability is multiplied by
_OF_PHASE, _STATING, _SURELY = 24, 45, 55  # weights of an enhanced status code's causes
_BEFORE_PATHS = frozenset({Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH})
_WITH_PATHS = frozenset({"mail", "rcpt", "data", "message"})
_OF_LOGIN = frozenset({"432", "534", "535", "538"})
_OF_COMMAND = "502"  # RFC 5321 §4.2.2: it is about a command, not about the paths that this may name
_NO_REASON, _LOCAL_ERROR = "policy-rejected", "server-temporary"


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
    LIKENESS = "likeness"  # to labelled replies, in its words
    ENHANCED = "enhanced"
    CODE_AND_PHASE = "code+phase"
    CLASS = "class"  # the first digit alone
    UNKNOWN = "unknown"


class Statement(NamedTuple):
    """A cause that a rule, or a provider's own code, states."""

    cause: str
    basis: Basis


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an explanation that the words and codes alone decide."""

    cause: str
    confidence: Sureness
    basis: Basis
    stated_by_reply: bool
    alternatives: tuple[str, ...]
    probability: float | None = None


def judge(said: wording.Wording, phase: Phase | None, provider: str | None) -> Reading:
    """The cause of a masked text with its codes, remembered."""
    urls = said.urls if len(" ".join(said.urls)) < 300 else said.urls[:2]
    return _judge(said.text, urls, said.code, said.enhanced, phase, provider)


@lru_cache(maxsize=8192)
def _judge(
    text: str, urls: tuple[str, ...], code: int | None, enhanced: str | None, phase: Phase | None, provider: str | None
) -> Reading:
    digits = str(code) if code else (enhanced or "")[:1]
    # RFC 5321 §4.2.1: 2yz and 3yz refuse nothing; a 221 that nobody asked for does.
    if digits[:1] in ("2", "3") and digits != "221":
        return _of_no_refusal(text, urls, digits, phase)
    vague = rules.vagueness(text)
    if vague is Vagueness.FAREWELL and digits == "221":
        return _untold()
    # A bare refusal of EHLO or AUTH is about the one thing that they give; a passing one may be about anything.
    is_anything = phase is None and digits[:1] == "4"
    by_stage = vague is Vagueness.REFUSAL and (is_anything or phase in (Phase.EHLO, Phase.AUTH))
    is_told_by_code = by_stage or (vague is not None and _states(enhanced, phase))
    if is_told_by_code or (digits in _OF_LOGIN and vague) or not learned.reader().knows(text):
        return _by_codes(digits, enhanced, phase, provider) if digits != "221" else _untold()
    met = Phase.EHLO if digits == _OF_COMMAND else phase
    proposals = _possible(learned.reader().proposals(text, code, enhanced, phase), met)
    stated = _statement(text, urls, digits, enhanced, phase, provider)
    if stated is not None and not _is_contradicted(stated, proposals):
        return _stated(stated, proposals)
    if vague is Vagueness.POINTER:
        return _by_codes(digits, enhanced, phase, provider)
    # RFC 5321 §4.2.2: 451 by itself is a local error in processing.
    if vague is Vagueness.LATER and digits == "451" and proposals[0].cause == _LOCAL_ERROR:
        vague = None
    proposed = _proposed(proposals, vague, is_reply=bool(digits))
    # A number that means one thing tells more than words that are like another, if not much like it.
    if not proposed.stated_by_reply and proposed.cause != UNKNOWN and _states(enhanced, phase):
        return _less_sure(_by_codes(digits, enhanced, phase, provider))
    if proposed.cause == UNKNOWN and (digits in _OF_LOGIN or digits == _OF_COMMAND):
        return _by_codes(digits, enhanced, phase, provider)
    if proposed.stated_by_reply:
        return proposed
    # Where the words are no statement, what such a code is used for is as good as what they read like.
    by_use = _used_for(digits, phase, enhanced)[1] if digits else ()
    told = (*by_use, *proposed.alternatives) if vague else (*proposed.alternatives, *by_use)
    others = tuple(dict.fromkeys(each for each in told if each != proposed.cause))
    return msgspec.structs.replace(proposed, alternatives=others[:_OTHERS])


def _of_no_refusal(text: str, urls: tuple[str, ...], digits: str, phase: Phase | None) -> Reading:
    """What a rule made for such codes states: another protocol's greeting, a token's refusal in a challenge."""
    rule = rules.stated(text, urls, digits, str(phase) if phase else None)
    if rule is None or not digits.startswith(tuple(each for each in rule.codes if each[0] in "23")):
        return _untold()
    return _stated(Statement(rule.cause, Basis.TEXT), (Proposal(rule.cause, 1.0),))


def _statement(
    text: str, urls: tuple[str, ...], digits: str, enhanced: str | None, phase: Phase | None, provider: str | None
) -> Statement | None:
    """What a rule, the provider's own code or the address of its page states; None where nothing does."""
    own = _own_use(enhanced, provider)
    rule = rules.stated(text, urls, digits, str(phase) if phase else None)
    if rule is not None and _is_met(rule.cause, phase) and (own is None or rule.tag):
        return Statement(rule.cause, Basis.TAG if rule.tag else Basis.TEXT)
    cause = own or providers.reason_in_url(urls)
    return Statement(cause, Basis.TAG) if cause is not None else None


def _possible(proposals: tuple[Proposal, ...], phase: Phase | None) -> tuple[Proposal, ...]:
    """The proposals with those behind that no server can mean at this phase, as a mailbox before RCPT."""
    fitting = [each for each in proposals if _is_met(each.cause, phase)]
    others = [Proposal(each.cause, each.probability * _UNFIT) for each in proposals if not _is_met(each.cause, phase)]
    return tuple(sorted([*fitting, *others], key=lambda each: -each.probability))


def _is_met(cause: str, phase: Phase | None) -> bool:
    """Whether a server can know of it at the phase: before MAIL it knows neither path, and no mailbox can be meant."""
    return phase not in _BEFORE_PATHS or cause not in causes() or not _WITH_PATHS.issuperset(causes()[cause].phases)


def _is_contradicted(stated: Statement, proposals: tuple[Proposal, ...]) -> bool:
    """Whether the words of a statement stand in a sentence that says quite another thing; a number or a mark does not."""
    probability = dict(proposals).get(stated.cause, 0.0)
    return stated.basis is Basis.TEXT and probability < _DOUBT and proposals[0].probability >= _HALF


def _stated(stated: Statement, proposals: tuple[Proposal, ...]) -> Reading:
    """What a rule or a code states; sure if the whole reply reads like it, too."""
    agrees = dict(proposals).get(stated.cause, 0.0) >= _SURE
    return Reading(
        cause=stated.cause,
        confidence=Sureness.SURE if agrees else Sureness.LIKELY,
        basis=stated.basis,
        stated_by_reply=True,
        alternatives=_others(proposals, stated.cause),
    )


def _proposed(proposals: tuple[Proposal, ...], vague: Vagueness | None, *, is_reply: bool) -> Reading:
    """What the words read like, where that is likely enough."""
    best = proposals[0]
    if vague is Vagueness.REFUSAL:
        best = Proposal(_NO_REASON, dict(proposals).get(_NO_REASON, 0.0))
    elif best.probability < (_LEAST if is_reply else _BARE):
        return _untold(_others(proposals, UNKNOWN))
    is_likely = best.probability >= _HALF and vague is None
    return Reading(
        cause=best.cause,
        confidence=Sureness.LIKELY if is_likely else Sureness.GUESS,
        basis=Basis.LIKENESS,
        stated_by_reply=is_likely,
        alternatives=_others(proposals, best.cause),
        probability=round(best.probability, 2),
    )


def _less_sure(reading: Reading) -> Reading:
    """What a code states beside words that do not bear it out."""
    is_sure = reading.confidence is Sureness.SURE
    return msgspec.structs.replace(reading, confidence=Sureness.LIKELY) if is_sure else reading


def _others(proposals: tuple[Proposal, ...], cause: str) -> tuple[str, ...]:
    return tuple(each.cause for each in proposals if each.cause != cause and each.probability >= _ALTERNATIVE)[:4]


def _own_use(enhanced: str | None, provider: str | None) -> str | None:
    """The cause for which the provider itself, or nobody else, uses the enhanced status code."""
    if not enhanced:
        return None
    cause, weight = next(iter(own_causes(enhanced, provider)), (UNKNOWN, 0.0))
    return cause if weight >= _STATING else None


def _by_codes(digits: str, enhanced: str | None, phase: Phase | None, provider: str | None) -> Reading:
    """The cause of a reply whose words say nothing: by its enhanced status code, else by what its code is used for."""
    own = _own_use(enhanced, provider)
    if own:
        return _stated(Statement(own, Basis.TAG), (Proposal(own, 1.0),))
    name, by_use = _used_for(digits, phase, enhanced)
    senses = dict(own_causes(enhanced, provider)) if enhanced else {}
    known = {cause: weight for cause, weight in (senses or _registered_use(enhanced)).items() if _is_met(cause, phase)}
    cause, weight = next(iter(known.items()), (UNKNOWN, 0))
    states = weight >= _STATING
    # RFC 4954 §6: codes of a login are about it, whatever else stands beside them. And what a code is used for at its
    # phase tells more than a number that states nothing.
    if known and (digits not in _OF_LOGIN or cause in by_use) and (weight >= _OF_PHASE or "@" not in name):
        return Reading(
            cause=cause,
            confidence=(Sureness.SURE if weight >= _SURELY else Sureness.LIKELY) if states else Sureness.GUESS,
            basis=Basis.ENHANCED,
            stated_by_reply=states,
            alternatives=tuple(dict.fromkeys(each for each in (*known, *by_use) if each != cause))[:4],
        )
    first = by_use if digits in _OF_LOGIN else by_use[:1]
    by_use = tuple(dict.fromkeys((*first, *known, *by_use)))
    # At a phase that is not known the wide codes are used for a dozen causes each.
    if not name or len(name) == 1 or name in _WIDE:
        return _untold(by_use[:5])
    return Reading(
        cause=by_use[0],
        confidence=Sureness.GUESS,
        basis=Basis.CODE_AND_PHASE,
        stated_by_reply=False,
        alternatives=by_use[1:5],
    )


def _states(enhanced: str | None, phase: Phase | None) -> bool:
    """Whether the enhanced status code by itself states a cause that is met at the phase."""
    cause, weight = next(iter(_registered_use(enhanced).items()), (UNKNOWN, 0))
    return weight >= _STATING and _is_met(cause, phase)


def causes_of_code(enhanced: str, provider: str | None) -> tuple[str, ...]:
    """What an enhanced status code by itself is used for, best first: the provider's own use, else everybody's."""
    own = _own_use(enhanced, provider)
    return (own,) if own else tuple(_registered_use(enhanced))


def _registered_use(enhanced: str | None) -> dict[str, int]:
    """The causes of an enhanced status code with their weights, best first; 45 and more states the cause."""
    table: dict[str, dict[str, int]] = rules.table("text_rules")["enhanced"]
    return (table.get(enhanced) or table.get(enhanced[2:]) or {}) if enhanced else {}


def _used_for(digits: str, phase: Phase | None, enhanced: str | None) -> tuple[str, tuple[str, ...]]:
    """What such a code at such a phase is used for, most often first, after the entry's name: that of the code with the
    phase, of its class with the phase, of the code or of its class."""
    fallback: dict[str, list[str]] = rules.table("text_rules")["fallback"]
    names = (f"{digits}@{phase}", f"{digits[:1]}@{phase}", digits, digits[:1])
    name = next((each for each in names if each in fallback), "")
    # RFC 3463 §3.8: X.7 is about security or policy, and X.1.1 is what a mailbox that does not exist has.
    of_policy = enhanced is not None and enhanced[2:].startswith("7.")
    return name, tuple(sorted(fallback.get(name, ()), key=lambda cause: of_policy and cause == "recipient-unknown"))


def _untold(alternatives: tuple[str, ...] = ()) -> Reading:
    """The reading of a reply whose cause nothing but its class tells."""
    return Reading(
        cause=UNKNOWN, confidence=Sureness.GUESS, basis=Basis.CLASS, stated_by_reply=False, alternatives=alternatives
    )
