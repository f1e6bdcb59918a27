"""Many refusals counted: by cause, by provider, by recipient domain, and the distinct ones among them."""

from __future__ import annotations

import re

import msgspec

from smtpprobe.catalogue.explain import cause_and_provider, causes
from smtpprobe.model.transcript import Phase

MOST_DISTINCT = 1000  # refusals that differ in more than addresses and numbers
MOST_KINDS = 4096  # of them whose cause is remembered
MOST_NAMES = 20000  # recipient domains that are told apart
SHOWN_NAMES = 1000  # of them in a summary, the most frequent first
EXAMPLE = 300  # characters of a row's example
OTHERS = "(others)"

_VARIES = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w.-]{1,255}|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:{1,2}){2,7}[0-9a-fA-F]{1,4}(?![\w:])"
    r"|(?<![\w.-])(?=[\w-]{0,60}\d)[0-9A-Za-z_-]{10,200}(?![\w-])"
)


class Row(msgspec.Struct):
    """Refusals that have something in common: how many, when the first and the last was seen, and the first itself."""

    name: str | None
    title: str | None
    count: int
    first_seen: str | None
    last_seen: str | None
    example: str


class Summary(msgspec.Struct):
    """What a log, or many inputs, hold; rows by count, the most frequent first."""

    refusals: int
    first_seen: str | None
    last_seen: str | None
    causes: list[Row]
    providers: list[Row]
    recipient_domains: list[Row]


class Distinct(msgspec.Struct):
    """A refusal whose repetitions differ in addresses, numbers and identifiers only."""

    reply: str
    phase: Phase | None
    cause: str
    line: int | None
    input: str | None
    row: Row


class Tally:
    """Counts refusals in bounded memory."""

    def __init__(self, provider: str | None = None) -> None:
        self._provider = provider
        self._all = Row(None, None, 0, None, None, "")
        self._causes: dict[str | None, Row] = {}
        self._providers: dict[str | None, Row] = {}
        self._domains: dict[str | None, Row] = {}
        self._distinct: dict[tuple[str, Phase | None], Distinct] = {}
        self._kinds: dict[tuple[str, Phase | None], tuple[str, str | None]] = {}
        self.left_out = 0

    def add(
        self,
        reply: str,
        phase: Phase | None = None,
        *,
        domain: str | None = None,
        when: str | None = None,
        line: int | None = None,
        source: str | None = None,
    ) -> None:
        """Count one refusal; `when` as the input writes it, `source` the name of the input."""
        template = _VARIES.sub("\0", reply[:4096])
        cause, provider = self._kind(template, reply, phase)
        _count(self._all, when)
        self._row(self._causes, cause, reply, when)
        self._row(self._providers, provider, reply, when)
        self._row(self._domains, domain, reply, when)
        known = self._distinct.get((template, phase))
        if known is None:
            if len(self._distinct) >= MOST_DISTINCT:
                self.left_out += 1
                return
            row = Row(None, None, 0, None, None, "")
            known = self._distinct[template, phase] = Distinct(reply, phase, cause, line, source, row)
        _count(known.row, when)

    def _kind(self, template: str, reply: str, phase: Phase | None) -> tuple[str, str | None]:
        """Cause and provider of all refusals of a template: what was taken out of it decides neither."""
        kind = self._kinds.get((template, phase))
        if kind is None:
            kind = cause_and_provider(reply, phase, self._provider)
            if len(self._kinds) < MOST_KINDS:
                self._kinds[template, phase] = kind
        return kind

    @property
    def refusals(self) -> int:
        """How many were counted."""
        return self._all.count

    def distinct(self) -> list[Distinct]:
        """The distinct refusals, the most frequent first; at most MOST_DISTINCT, `left_out` counts what is none of them."""
        return sorted(self._distinct.values(), key=lambda each: -each.row.count)

    def summary(self) -> Summary:
        """The counts."""
        return Summary(
            self._all.count,
            self._all.first_seen,
            self._all.last_seen,
            _ordered(self._causes),
            _ordered(self._providers),
            _ordered(self._domains)[:SHOWN_NAMES],
        )

    def _row(self, rows: dict[str | None, Row], name: str | None, reply: str, when: str | None) -> None:
        row = rows.get(name)
        if row is None:
            if len(rows) >= MOST_NAMES:
                name = OTHERS
                row = rows.get(name)
            if row is None:
                title = causes().get(name or "", {}).get("title") if rows is self._causes else None
                row = rows[name] = Row(name, title, 0, None, None, _example(reply))
        _count(row, when)


def _count(row: Row, when: str | None) -> None:
    row.count += 1
    if when is None:
        return
    if row.first_seen is None or row.last_seen is None:
        row.first_seen = row.last_seen = when
    elif when[:1].isdigit() and len(when) == len(row.last_seen) and row.last_seen[:1].isdigit():
        row.first_seen, row.last_seen = min(row.first_seen, when), max(row.last_seen, when)
    else:
        # Without a year there is no telling which is earlier but the order in which they stand.
        row.last_seen = when


def _example(reply: str) -> str:
    joined = " ".join(reply.split())
    return joined if len(joined) <= EXAMPLE else f"{joined[:EXAMPLE]} …"


def _ordered(rows: dict[str | None, Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (-row.count, row.name or ""))
