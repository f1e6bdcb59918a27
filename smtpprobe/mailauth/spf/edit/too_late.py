"""Terms that stand too late in a record: an earlier one decides for their addresses, and the other way."""

from __future__ import annotations

from collections.abc import Iterable

from smtpprobe.mailauth.spf.everybody.matched import Matched, Ranges, covers, union


def excluded_by(each: Matched, earlier: Iterable[Matched]) -> str | None:
    """The term that one which lets pass has to stand before, since none of its addresses gets there; None for any other.

    `earlier` are the terms before it, in order. If one of its addresses passes anywhere, the order may be meant.
    """
    if each.term.qualifier != "+" or each.is_empty:
        return None
    first = None
    for spans, ranges_of in ((each.ip4, _ip4), (each.ip6, _ip6)):
        left, passed = spans, False
        for one in earlier:
            if one.is_listed and (met := _without(left, _without(left, ranges_of(one)))):
                passed |= one.term.qualifier == "+"
                first = first or one.term.text
                left = _without(left, met)
        if left or passed:
            return None
    return first


def overtaken_by(each: Matched, earlier: Iterable[Matched]) -> str | None:
    """The term that an exception has to stand before, since it lets its addresses pass; None for any other term.

    `earlier` are the terms before it, in order. One that only makes others of a network pass is no mistake: what the
    exception names has to pass wholly, a network or one of the networks that its name comes to.
    """
    if each.term.qualifier == "+" or each.term.name == "all":
        return None
    listed = [one for one in earlier if one.is_listed]
    for spans, ranges_of in ((each.ip4, _ip4), (each.ip6, _ip6)):
        passed: Ranges = ()
        decided: Ranges = ()
        for one in listed:
            ranges = ranges_of(one)
            if one.term.qualifier == "+":
                passed = union((*passed, *_without(ranges, decided)))
            decided = union((*decided, *ranges))
        late = [span for span in spans if covers(passed, (span,))]
        # Two providers may share networks: only what fails is a list of exceptions.
        if each.term.name == "include" and each.term.qualifier != "-" and len(late) < len(spans):
            return None
        for one in listed if late else ():
            if one.term.qualifier == "+" and _without(late, _without(late, ranges_of(one))):
                return one.term.text
    return None


def _ip4(each: Matched) -> Ranges:
    return each.ip4


def _ip6(each: Matched) -> Ranges:
    return each.ip6


def _without(ranges: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> Ranges:
    """What is left of the ranges; `taken` is in order, and its ranges are apart."""
    left: list[tuple[int, int]] = []
    taken = tuple(taken)
    for first, last in ranges:
        at = first
        for begin, end in taken:
            if end < at or begin > last:
                continue
            if begin > at:
                left.append((at, begin - 1))
            at = end + 1
        if at <= last:
            left.append((at, last))
    return tuple(left)
