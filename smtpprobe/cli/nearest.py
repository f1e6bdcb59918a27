"""The right name that is nearest to a wrong one."""

from __future__ import annotations

from collections.abc import Collection

from smtpprobe.model.texts.language import say


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant: another program's name for it, or one that differs in few letters."""
    import difflib

    from smtpprobe.cli.foreign_options import OURS

    spelled = word.lower().replace("_", "-").lstrip("-")
    ours = OURS.get(f"--{spelled}", "").removeprefix("--")
    if ours in known:
        return ours
    found = difflib.get_close_matches(spelled, sorted(known), n=1)
    return found[0] if found else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`: did you mean 'x'?`, or nothing."""
    found = nearest(word, known)
    return say(": did you mean {found}?", found=repr(found)) if found else ""
