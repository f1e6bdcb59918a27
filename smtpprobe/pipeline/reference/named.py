"""Phases and providers as a caller names them."""

from __future__ import annotations

from functools import lru_cache

from smtpprobe.model.texts.language import say
from smtpprobe.model.transcript import Phase

_PHASE_ALIASES = {"data-end": "message", "dot": "message", "helo": "ehlo", "connect": "greeting"}


@lru_cache(maxsize=256)
def known_phase(text: str) -> Phase | None:
    """The phase of that name, or of another name that it has; None for any other word."""
    word = text.strip().lower()
    phase = Phase(_PHASE_ALIASES.get(word, word))
    return None if phase is Phase.UNKNOWN else phase


def phase_named(text: str) -> Phase:
    """The phase of that name. Raises ValueError for any other word."""
    phase = known_phase(text)
    if phase is None:
        raise ValueError(
            say(
                "{text} is not a phase: expected one of {phase}",
                text=repr(text),
                phase=", ".join(p.value for p in Phase if p is not Phase.UNKNOWN),
            )
        )
    return phase


@lru_cache(maxsize=256)
def provider_named(text: str) -> str:
    """The catalogue's id of a provider. Raises ValueError where there is none of that name."""
    import difflib

    from smtpprobe.catalogue import providers

    found = providers.known_provider(text)
    if found is None:
        near = difflib.get_close_matches(text.lower(), providers.provider_names(), n=1)
        raise ValueError(
            say("{text} is not a known provider: expected one such as google or microsoft", text=repr(text))
            + (say(": did you mean {found}?", found=repr(near[0])) if near else "")
        )
    return found


@lru_cache(maxsize=256)
def provider_called(text: str) -> str:
    """The catalogue's id of a provider of that name; the name itself if there is none: replies come from anybody."""
    from smtpprobe.catalogue import providers

    return providers.known_provider(text) or providers.normalized(text) or text


def as_known(phase: str | None, provider: str | None) -> tuple[Phase | None, str | None]:
    """Both as they are known, None where they are not given. Raises ValueError for a phase that is none."""
    return None if phase is None else phase_named(phase), None if provider is None else provider_called(provider)
