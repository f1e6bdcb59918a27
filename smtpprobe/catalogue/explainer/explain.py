"""Any reply, to its cause."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.catalogue import providers
from smtpprobe.catalogue.explainer import captures as capturing
from smtpprobe.catalogue.explainer import learned, rules, wording
from smtpprobe.catalogue.explainer.addresses import addresses_in, client_ip
from smtpprobe.catalogue.explainer.captures import Captures
from smtpprobe.catalogue.explainer.octets import readable
from smtpprobe.catalogue.explainer.reading import Basis, Reading, Sureness, judge
from smtpprobe.catalogue.explainer.slots import Slots, outline
from smtpprobe.catalogue.reference.status_codes import sole_user
from smtpprobe.model.transcript import Phase

if TYPE_CHECKING:
    from smtpprobe.catalogue.explainer.client_errors import ClientError

_QUOTED = re.compile(r"\b(?:remote server|host|server) returned an? \w{0,12} ?error -> ([45]\d\d[ -].*)", re.IGNORECASE)


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply means (RFC 5321 §4.2 for its code, RFC 3463 for the enhanced one). None: the text does not say.

    `provider` and `server` are ids of the catalogue, as `google` and `postfix`. `cause` is an id of data/causes.toml
    or `unknown`, `alternatives` are ids, best first. `stated_by_reply` (`said` in JSON): the reply's own words, or an
    enhanced status code that means one thing, state the cause; otherwise it is what such a code at such a phase is
    used for. `probability`, from 0 to 1, is how likely a cause is that the words only read like, and `reads_like` the
    labelled reply that has most in common with this one. `client_error`: the text is not a reply but what a sending
    program says if there is none, an id of data/client_errors.toml.
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
    probability: float | None = None
    reads_like: str | None = None


def explain(
    text: str,
    *,
    phase: Phase | None = None,
    provider: str | None = None,
    code: int | None = None,
    peer: str | None = None,
) -> Explanation:
    """The explanation of a whole reply, or of lines without their code if `code` is given. No network.

    `phase` is the stage at which the reply came, None: inferred from its words; `provider` the catalogue's id of who
    said it, None: recognised by its words; `peer` names the server, whose address is not the client's. Never raises on any
    text; what lies beyond the first 4096 characters is not read.
    """
    drawn, slots = outline(readable(text[: wording.LIMIT]))
    found = _explained(drawn, phase, provider, code)
    found = _with_slots(found, slots) if slots else found
    return _without_servers(found, text[: wording.LIMIT], peer) if found.captures.ip or peer else found


@lru_cache(maxsize=8192)
def _explained(text: str, phase: Phase | None, provider: str | None, code: int | None) -> Explanation:
    said = wording.read(text, code)
    if quoted := _quoted(text, said, provider):
        # A gateway's own number only says that another server refused: why, the reply behind the arrow says.
        inner = _explained(quoted, phase, provider, None)
        return msgspec.structs.replace(inner, code=said.code, enhanced=said.enhanced, provider=_named(provider, said))
    phase = phase or said.phase or infer_phase(said)
    named = _named(provider, said)
    error = _client_error(said)
    if error is not None:
        phase = phase or error.phase
        judged = _of_client(error)
    else:
        judged = judge(said, phase, named)
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
        probability=judged.probability,
        reads_like=learned.reader().nearest(said.text, judged.cause) if judged.basis is Basis.LIKENESS else None,
    )


def _quoted(text: str, said: wording.Wording, provider: str | None) -> str | None:
    """The other server's reply that a gateway quotes behind an arrow; None where it quotes none."""
    if "->" not in text or _named(provider, said) != "microsoft":
        return None
    match = _QUOTED.search(text)
    return match[1] if match else None


def _client_error(said: wording.Wording) -> ClientError | None:
    """The sending program's own error; None where there is a reply, which tells more."""
    if said.code is not None or said.enhanced is not None:
        return None
    from smtpprobe.catalogue.explainer.client_errors import client_error

    return client_error(said.full)


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
    if not (held.ip or held.domain or held.url or held.helo or held.address or held.contact):
        return found
    own = msgspec.structs.replace(
        held,
        ip=slots.back(held.ip),
        domain=(slots.back(held.domain) or "").lower() or None,
        url=slots.back(held.url),
        helo=slots.back(held.helo),
        address=slots.back(held.address),
        contact=slots.back(held.contact),
    )
    return msgspec.structs.replace(found, captures=own)


def _without_servers(found: Explanation, text: str, peer: str | None) -> Explanation:
    """The explanation without an address that is the server's: the one that it named, or that a client wanted to reach."""
    ip = found.captures.ip
    if found.client_error is not None:
        ip = None
    elif peer is not None and (own := [each for each in addresses_in(peer) if each in text]):
        for each in own:
            text = text.replace(each, "-")
        ip = client_ip(text)
    if ip == found.captures.ip:
        return found
    return msgspec.structs.replace(found, captures=msgspec.structs.replace(found.captures, ip=ip))


def cause_and_provider(text: str, phase: Phase | None, provider: str | None) -> tuple[str, str | None]:
    """What `explain` says of both, and nothing else: for counting."""
    drawn = outline(readable(text[: wording.LIMIT]))[0]
    said = wording.read(drawn)
    if quoted := _quoted(drawn, said, provider):
        return cause_and_provider(quoted, phase, provider)[0], _named(provider, said)
    named = _named(provider, said)
    where = phase or said.phase or infer_phase(said)
    if (error := _client_error(said)) is not None:
        return error.cause, named
    return judge(said, where, named).cause, named


def _named(provider: str | None, said: wording.Wording) -> str | None:
    """The provider that is given, else the one that the words, or a number that only it uses, give away."""
    found = providers.normalized(provider) or providers.provider_of(said.full, said.urls)
    return found or (sole_user(said.enhanced) if said.enhanced else None)


def infer_phase(said: wording.Wording) -> Phase | None:
    """The phase that the code or the words give away, None where they do not."""
    # RFC 4954 §6: 432 is 4.7.12; other servers have it for other things.
    if said.code == 432 and said.enhanced not in (None, "4.7.12"):
        return None
    # RFC 4954 §6: X.7.8 is credentials that are not valid, and some clients leave out the code.
    if said.code in (235, 334, 432, 435, 534, 535, 538) or said.enhanced in ("4.7.8", "5.7.8"):
        return Phase.AUTH if "suspended" not in said.text else None
    for name, rule in rules.table("text_rules")["phase_words"].items():
        if any(words in said.text for words in rule):
            return Phase(name)
    return None
