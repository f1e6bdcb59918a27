"""Which directories' configuration files the user trusts: path and SHA-256 of each, in the user's own folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache

from smtpprobe.cli import interrupts
from smtpprobe.cli.config import user_folder
from smtpprobe.cli.config_file import ConfigFile, octets_of
from smtpprobe.model.texts.language import say

_NAME = "trusted.json"


class State(Enum):
    """Whether the user trusts a file as it is now."""

    TRUSTED = auto()
    CHANGED = auto()  # other octets than those that were trusted
    UNKNOWN = auto()


@lru_cache(maxsize=1)
def state(file: ConfigFile) -> State:
    """Whether the octets that were read are those that the user trusts at this place. Raises as load()."""
    return judged(file, load())


def judged(file: ConfigFile, digests: Mapping[str, str]) -> State:
    """The same against digests that were loaded before."""
    known = digests.get(place(file.path))
    if known is None:
        return State.UNKNOWN
    return State.TRUSTED if known == digest(file) else State.CHANGED


def digest(file: ConfigFile) -> str:
    """SHA-256 of the file's octets in hexadecimal digits."""
    import hashlib

    return hashlib.sha256(file.octets).hexdigest()


def place(path: str) -> str:
    """The path under which a file is remembered: its directory's own, whatever links lead there."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def load() -> dict[str, str]:
    """What is trusted, place to digest. Raises ValueError where the user's list cannot be read as one, or OSError."""
    path = _path()
    if path is None or not os.path.exists(path):
        return {}
    import json

    try:
        found = json.loads(octets_of(path))["trusted"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise ValueError(
            say("{path} is not a list of trusted files: remove it, and trust again what you trust", path=repr(path))
        )
    return found


def save(digests: Mapping[str, str]) -> None:
    """Remember these and no others. Raises ValueError where the user has no folder, or OSError."""
    path = _path()
    if path is None:
        raise ValueError(say("nowhere to remember it: set HOME or XDG_CONFIG_HOME to an absolute path"))
    import json
    import tempfile

    interrupts.keep()
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    # Written beside and renamed, so that another run sees the old list or the new one; mkstemp makes it 0600.
    handle, beside = tempfile.mkstemp(prefix=f".{_NAME}.", dir=folder)
    try:
        with open(handle, "w", encoding="ascii") as file:
            json.dump({"trusted": dict(sorted(digests.items()))}, file, indent=2)
            file.write("\n")
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _path() -> str | None:
    folder = user_folder()
    # The file itself where it is a link, as those who keep their configuration elsewhere have it.
    return None if folder is None else os.path.realpath(os.path.join(folder, _NAME))
