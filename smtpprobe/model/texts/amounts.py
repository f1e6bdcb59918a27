"""Amounts in words, in the language in force."""

from __future__ import annotations

from smtpprobe.model.texts.language import say_counted


def duration(seconds: int) -> str:
    """So many seconds in words: in minutes from two on."""
    if seconds < 120:
        return say_counted("{count} second", "{count} seconds", seconds)
    return say_counted("{count} minute", "{count} minutes", round(seconds / 60))
