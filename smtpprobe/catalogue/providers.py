"""Who runs the server, and what it runs: read from weak signals, each of which can be edited away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from smtpprobe.catalogue import load
from smtpprobe.catalogue.selectors import known_selectors
from smtpprobe.model.names import is_at_or_below

_HOST = re.compile(r"(?:[a-z]+://)?([a-z0-9.-]{1,255})", re.IGNORECASE)


def _providers() -> dict[str, Any]:
    found: dict[str, Any] = load.table("providers")["provider"]
    return found


def _servers() -> dict[str, Any]:
    found: dict[str, Any] = load.table("servers")["server"]
    return found


def normalized(provider: str | None) -> str | None:
    """The catalogue's id of a provider given by id or by another of its names, else the name itself."""
    if not provider:
        return None
    name = provider.strip().lower()
    if name in _providers():
        return name
    return next((known for known, entry in _providers().items() if name in entry.get("also", ())), name)


def known_provider(name: str) -> str | None:
    """The catalogue's id of the provider that is named so, or has a host of this name; None where there is none."""
    found = normalized(name)
    return found if found in _providers() else host_provider(name.strip())


def provider_names() -> list[str]:
    """The ids of all, and their other names."""
    return [name for known, entry in _providers().items() for name in (known, *entry.get("also", ()))]


@lru_cache(maxsize=4096)
def provider_of(full: str, urls: tuple[str, ...] = ()) -> str | None:
    """The provider whose own page a URL of the reply leads to, or whose words or tags it holds; None where none is."""
    if found := _page_provider(urls):
        return found
    lowered = full.lower()
    for part, is_tag, name in _marks():
        if part in (full if is_tag else lowered):
            return name
    return None


def reason_in_url(urls: tuple[str, ...]) -> str | None:
    """The cause that a provider writes into the address of its page, None where none is known to."""
    for url in urls:
        reasons = _providers().get(_page_provider((url,)) or "", {}).get("reasons", {})
        for name, value in _parameters(url.partition("?")[2]).items():
            if found := reasons.get(name, {}).get(value.lower()):
                return str(found)
    return None


def _parameters(query: str) -> dict[str, str]:
    """The parameters of a URL's query, the last of each name."""
    pairs = (each.partition("=") for each in query[:1000].split("&"))
    return {name: value for name, _, value in pairs}


def _page_provider(urls: tuple[str, ...]) -> str | None:
    for url in urls:
        if (match := _HOST.match(url)) and (found := _owner(match[1].lower().rstrip("."))):
            return found
    return None


def _owner(host: str) -> str | None:
    """The provider on whose pages the host is."""
    return next(
        (
            known
            for known, entry in _providers().items()
            if any(is_at_or_below(host, suffix) for suffix in entry.get("pages", entry.get("hosts", ())))
        ),
        None,
    )


@lru_cache(maxsize=1)
def _marks() -> tuple[tuple[str, bool, str], ...]:
    """Words, to be found in lower case, and tags, as they are, with their provider; in the catalogue's order."""
    return tuple(
        (part, is_tag, name)
        for name, entry in _providers().items()
        for is_tag in (False, True)
        for part in entry.get("tags" if is_tag else "text", ())
    )


def server_of(full: str) -> str | None:
    """The server software whose wording a single reply has, None where no wording is peculiar."""
    best, most = None, 0
    for name, parts in _sayings():
        found = len([part for part in parts if part in full])
        if found > most:
            best, most = name, found
    return best


@lru_cache(maxsize=1)
def _sayings() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each server's replies say that no other's do."""
    return tuple((name, tuple(entry["says"])) for name, entry in _servers().items() if entry.get("says"))


def host_provider(host: str | None) -> str | None:
    """The provider whose hosts the name is one of, None where it is nobody's we know."""
    if not host:
        return None
    name = host.lower().rstrip(".")
    return next(
        (
            known
            for known, entry in _providers().items()
            if any(is_at_or_below(name, suffix) for suffix in entry.get("hosts", ()))
        ),
        None,
    )


def passwords_until(provider: str | None) -> str | None:
    """The day, `2026-12-31`, after which a provider takes logins by password no longer by default; None: nothing is known."""
    day = _providers().get(provider or "", {}).get("passwords_until")
    return str(day) if day is not None else None


def provider_name(provider: str | None) -> str | None:
    """The name of a provider given by the catalogue's id, None where it is none."""
    return _providers()[provider]["name"] if provider in _providers() else None


def sending_service(name: str | None) -> str | None:
    """Whose name it is that an SPF record includes or redirects to, in words; None where it is nobody's we know."""
    if not name:
        return None
    name = name.lower().rstrip(".")
    suffixes: dict[str, str] = load.table("providers")["spf"]
    named = next((service for suffix, service in suffixes.items() if is_at_or_below(name, suffix)), None)
    if named is not None:
        return named
    services = known_selectors().services_behind([name])
    return services[0].name if services else provider_name(host_provider(name))


def identify_server(
    greeting: list[str], ehlo: list[str], replies: list[str], host: str | None = None
) -> tuple[str | None, str | None]:
    """The server software and the provider, each None where the signals are too weak.

    Lines may stand with or without their reply codes. Banners are edited often, the wording of replies and the order
    of EHLO keywords rarely, so several signals are weighed.
    """
    greet = [_bare(line) for line in greeting[:20]]
    hello = [_bare(line) for line in ehlo[:60]]
    said = [_bare(line) for line in replies[:200]]
    everything = "\n".join(said)
    told = _told(tuple(greet), tuple(hello))
    scores = {
        name: told[name] + 2.0 * sum(part in everything for part in entry.get("says", ()))
        for name, entry in _servers().items()
    }
    best = max(scores, key=lambda name: scores[name], default=None)
    software = best if best and scores[best] >= 3 else None
    return software, _provider(greet, hello, said, host)


def _bare(line: str) -> str:
    line = line[:1000].strip()
    is_coded = line[:3].isdecimal() and line[3:4] in (" ", "-")
    return line[4:] if is_coded else line


@lru_cache(maxsize=64)
def _told(greeting: tuple[str, ...], ehlo: tuple[str, ...]) -> dict[str, float]:
    """How much greeting and EHLO tell for each software: they stay the same while the session goes on."""
    return {name: _score(entry, greeting, ehlo) for name, entry in _servers().items()}


def _score(entry: dict[str, Any], greeting: Sequence[str], ehlo: Sequence[str]) -> float:
    score = 4.0 * _said(entry, "greeting", greeting) + 3.0 * _said(entry, "ehlo", ehlo[:1])
    keywords = [line.split()[0].upper() for line in ehlo[1:] if line.split()]
    for word in entry.get("keywords", ()):
        score += 1.5 * (word in keywords)
    return score + _order(entry.get("order", []), keywords)


def _said(entry: dict[str, Any], where: str, lines: Sequence[str]) -> int:
    """How many of the entry's signs are in the lines."""
    words = [any(_has_words(line, words) for line in lines) for words in entry.get(where, ())]
    forms = [any(re.search(form, line, re.IGNORECASE) for line in lines) for form in entry.get(f"{where}_like", ())]
    return sum(words) + sum(forms)


def _has_words(line: str, words: str) -> bool:
    """Whether the words are in the line, in any case, and not as parts of longer ones."""
    line, words = line.lower(), words.lower()
    at = line.find(words)
    while at >= 0:
        end = at + len(words)
        if not (_joins(line[at - 1 : at], words[0]) or _joins(words[-1], line[end : end + 1])):
            return True
        at = line.find(words, at + 1)
    return False


def _joins(before: str, after: str) -> bool:
    """Whether two characters beside one another belong to one word."""
    return before.isalnum() and after.isalnum()


def _order(expected: list[str], keywords: list[str]) -> float:
    """Up to 3 where the keywords that both know stand in the expected order and most are there."""
    shared = [word for word in keywords if word in expected]
    if len(shared) < 3 or shared != [word for word in expected if word in shared]:
        return 0.0
    return 3.0 * len(shared) / max(len(expected), len(keywords))


def _provider(greeting: list[str], ehlo: list[str], replies: list[str], host: str | None) -> str | None:
    """By the name it gives itself, then by the name it was found under, then by its wording."""
    for line in (greeting[:1], ehlo[:1]):
        for text in line:
            if text.split() and (found := host_provider(text.split()[0])):
                return found
    if found := host_provider(host):
        return found
    for text in (*greeting, *ehlo, *replies):
        if found := provider_of(text):
            return found
    return None
