"""A value that is absent has words of ours, never Python's: every evidence is rendered with each optional field None."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from smtpprobe.model.evidence import Evidence
from smtpprobe.model.words import Word
from smtpprobe.render.evidence import table
from smtpprobe.render.evidence.row import Detail

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_PLAIN = {str: "text", int: 1, float: 1.0, bool: False, bytes: b"octets", datetime: _NOW, Any: "text"}
_MOST = 400  # of one type; beyond, every further one is left out
DEPTH = 4


def values(kind: Any, depth: int) -> list[Any]:
    """Values of a field's type: None for what may be absent, each word of an enumeration, tuples without and with one."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        others = [value for each in arguments if each is not type(None) for value in values(each, depth)]
        return [None, *others] if type(None) in arguments else others
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return [(), *((value,) for value in (values(arguments[0], depth) if depth else ()))]
        return [tuple(values(each, depth)[0] for each in arguments)]
    if origin is dict:
        return [{}]
    if isinstance(kind, type) and issubclass(kind, Word):
        return list(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return list(instances(kind, depth - 1)) if depth > 0 else []
    return [True, False] if kind is bool else [_PLAIN[kind]]


def instances(struct: type[msgspec.Struct], depth: int = DEPTH) -> Iterator[msgspec.Struct]:
    """One with all that may be absent absent; then, for each value of each field, one with it."""
    hints = typing.get_type_hints(struct)
    choices = {name: values(hints[name], depth) for name in struct.__struct_fields__}
    if not all(choices.values()):
        return
    least = {name: given[0] for name, given in choices.items()}
    words = [name for name, given in choices.items() if len(given) > 1 and isinstance(given[0], Word)]
    first = words[:1]
    count = 0
    for word in choices[first[0]] if first else (None,):
        base = least | ({first[0]: word} if first else {})
        yield struct(**base)
        for name, given in choices.items():
            for value in given[1:]:
                count += 1
                if count <= _MOST:
                    yield struct(**(base | {name: value}))


@pytest.mark.parametrize("kind", typing.get_args(Evidence), ids=lambda kind: kind.__name__)
def test_no_none_is_shown(kind: type[msgspec.Struct]) -> None:
    made = list(instances(kind))
    assert len(made) > 2
    for evidence in made:
        told = [table.summary(evidence)]
        for full in (False, True):
            told += [row.text for row in table.rows(evidence, Detail(full=full))]
        assert not [text for text in told if "None" in text], evidence
