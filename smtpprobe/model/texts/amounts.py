"""Amounts in words, in the language in force."""

from __future__ import annotations

from smtpprobe.model.texts.language import say_counted


def duration(seconds: int) -> str:
    """So many seconds in words: in minutes from two on."""
    if seconds < 120:
        return say_counted("{count} second", "{count} seconds", seconds)
    return say_counted("{count} minute", "{count} minutes", round(seconds / 60))


def span(seconds: int) -> str:
    """As `duration`, in hours from two on, and in days from two on: how long ago something was."""
    if seconds < 2 * 3600:
        return duration(seconds)
    if seconds < 2 * 86400:
        return say_counted("{count} hour", "{count} hours", seconds // 3600)
    return say_counted("{count} day", "{count} days", seconds // 86400)
