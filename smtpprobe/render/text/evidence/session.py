"""What a check read from the session itself, as a line of text."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {
    "replies": "replies read: {}",
    "offered-in-clear": "in clear: {}",
    "offered-over-tls": "over TLS: {}",
    "attempts": "attempts: {}",
}
_YES_OR_NO = {"yes": "{}", "no": "not {}"}


def line(facts: Mapping[str, str]) -> str:
    """The facts in their order, those that have no words here by name: `offered yes` is offered, `no` not offered."""
    return ", ".join(_words(name, value) for name, value in facts.items())


def _words(name: str, value: str) -> str:
    if name == "verified":
        return "certificate verified" if value == "yes" else "certificate not verified"
    if name in _WORDS:
        return _WORDS[name].format(value)
    return _YES_OR_NO.get(value, "{} {}").format(name.replace("-", " "), value)
