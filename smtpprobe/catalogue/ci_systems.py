"""The CI systems of `data/ci_systems.toml`: which one a program runs in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from smtpprobe.catalogue import load


class CiSystem(msgspec.Struct, frozen=True, kw_only=True):
    """A CI system, and the environment variable that it sets in every job."""

    name: str
    variable: str


class _Table(msgspec.Struct, frozen=True, kw_only=True):
    reviewed: str
    system: tuple[CiSystem, ...]


@lru_cache(maxsize=1)
def ci_systems() -> tuple[CiSystem, ...]:
    """Every system that the catalogue knows."""
    return msgspec.convert(load.table("ci_systems"), _Table).system


def ci_system(environment: Mapping[str, str]) -> str | None:
    """The name of the system that a process with this environment runs in, None where there is none known."""
    return next((system.name for system in ci_systems() if environment.get(system.variable)), None)
