"""Results that hold texts of ours, kept for the language in which they were made."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from smtpprobe.model.texts.language import in_force

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def cached_in_language(maxsize: int) -> Callable[[Callable[_Given, _Result]], Callable[_Given, _Result]]:
    """As `functools.lru_cache`, with results of their own for each language: a library's process may change it."""

    def decorate(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
        @lru_cache(maxsize=maxsize)
        def kept(language: str, *arguments: _Given.args, **options: _Given.kwargs) -> _Result:
            return function(*arguments, **options)

        @wraps(function)
        def call(*arguments: _Given.args, **options: _Given.kwargs) -> _Result:
            return kept(in_force().name, *arguments, **options)  # type: ignore[arg-type]

        call.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
        return call

    return decorate
