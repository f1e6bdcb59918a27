"""Many refusals counted: by cause, by provider, by recipient domain, by hour, and the distinct ones among them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec

from smtpprobe.catalogue.causes import causes
from smtpprobe.catalogue.explainer.explain import cause_and_provider
from smtpprobe.catalogue.joined import shortened
from smtpprobe.catalogue.moments import Moments
from smtpprobe.model.transcript import Phase, Side

MAX_DISTINCT = 1000  # refusals that differ in more than addresses and numbers
MAX_KINDS = 4096  # of them whose cause is remembered, and of words that are
MAX_NAMES = 20000  # recipient domains that are told apart
SHOWN_NAMES = 1000  # of them in a summary, the most frequent first
MAX_RECIPIENT_DOMAINS = 4  # that a distinct refusal names
EXAMPLE = 300  # characters of a row's example, the URLs beyond them not counted
MAX_HOURS = 31 * 24  # that are told apart, the latest ones
OTHERS = "(others)"
_HOUR = 3600
_WORD = 40  # characters of a word that is remembered

_VARIES = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w.-]{1,255}|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:{1,2}){2,7}[0-9a-fA-F]{1,4}(?![\w:])"
    r"|(?<![\w.-])(?=[\w-]{0,60}\d)[0-9A-Za-z_-]{10,200}(?![\w-])|\d{5,40}"
)


class Counted(msgspec.Struct, kw_only=True):
    """Refusals that have something in common: how many, when the first and the last was seen, and one of them.

    `first_seen` and `last_seen` are the earliest and the latest point in time, each as its input writes it. `example` is
    the refusal that was read first, on one line.
    """

    name: str | None
    title: str | None
    count: int
    first_seen: str | None
    last_seen: str | None
    example: str


class Hour(msgspec.Struct, kw_only=True):
    """The refusals of one hour: `hour` is `YYYY-MM-DD HH:00`, in UTC if the input's times have an offset.

    `causes` and `providers` count them by ids; `providers` only those that were recognised.
    """

    hour: str
    count: int
    causes: dict[str, int]
    providers: dict[str, int]


class Summary(msgspec.Struct, kw_only=True):
    """What a log, or many inputs, hold; rows by count, the most frequent first, `hours` in their order."""

    refusals: int
    first_seen: str | None
    last_seen: str | None
    causes: list[Counted]
    providers: list[Counted]
    recipient_domains: list[Counted]
    hours: list[Hour] = []


class Distinct(msgspec.Struct, kw_only=True):
    """A refusal whose repetitions differ in addresses, numbers and identifiers only.

    `recipient_domains`: those read first, at most MAX_RECIPIENT_DOMAINS. `peer` and `server` are those of the first.
    `program`, `own` and `queued` are what the input tells of them, as of one refusal.
    """

    reply: str
    phase: Phase | None
    cause: str
    line: int | None
    input: str | None
    row: Counted
    recipient_domains: list[str]
    side: Side | None = None
    peer: str | None = None
    server: str | None = None
    program: str | None = None
    own: bool = False
    queued: bool | None = None


_Kind = tuple[str, Phase | None, Side | None, str | None, bool, bool]


class _Timed(msgspec.Struct):
    """A row with the points in time of its first and its last refusal."""

    row: Counted
    first: float = 0.0
    last: float = 0.0

    def count(self, when: str | None, at: float) -> None:
        row = self.row
        row.count += 1
        if when is None:
            return
        if row.first_seen is None or at < self.first:
            row.first_seen, self.first = when, at
        if row.last_seen is None or at >= self.last:
            row.last_seen, self.last = when, at


class Tally:
    """Counts refusals in bounded memory; `moments` reads their times."""

    def __init__(self, provider: str | None = None) -> None:
        self._provider = provider
        self.moments = Moments()
        self._all = _Timed(_row())
        self._causes: dict[str | None, _Timed] = {}
        self._providers: dict[str | None, _Timed] = {}
        self._domains: dict[str | None, _Timed] = {}
        self._plain: set[str] = set()
        self._distinct: dict[_Kind, tuple[Distinct, _Timed]] = {}
        self._kinds: dict[tuple[str, Phase | None], tuple[str, str | None]] = {}
        self._hours: dict[int, Hour] = {}
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
        side: Side | None = None,
        peer: str | None = None,
        server: str | None = None,
        program: str | None = None,
        own: bool = False,
        queued: bool | None = None,
    ) -> None:
        """Count one refusal; `when` as the input writes it, if it is a time; `source` the input's name."""
        template = self._template(reply[:4096])
        cause, provider = self._kind(template, reply, phase)
        moment = self.moments.read(when) if when is not None else None
        when, at = (None, 0.0) if moment is None else (when, moment)
        self._all.count(when, at)
        self._counted(self._causes, cause, reply).count(when, at)
        self._counted(self._providers, provider, reply).count(when, at)
        self._counted(self._domains, domain, reply).count(when, at)
        if when is not None:
            self._count_hour(at, cause, provider)
        # Whether something waits in the queue changes what is advised; whether a line does not tell that, does not.
        kind = (template, phase, side, program, own, queued is False)
        known = self._distinct.get(kind)
        if known is None:
            if len(self._distinct) >= MAX_DISTINCT:
                self.left_out += 1
                return
            row = _row()
            known = (
                Distinct(
                    reply=reply,
                    phase=phase,
                    cause=cause,
                    line=line,
                    input=source,
                    row=row,
                    recipient_domains=[],
                    side=side,
                    peer=peer,
                    server=server,
                    program=program,
                    own=own,
                    queued=queued,
                ),
                _Timed(row),
            )
            self._distinct[kind] = known
        distinct, counted = known
        counted.count(when, at)
        named = distinct.recipient_domains
        if domain and len(named) < MAX_RECIPIENT_DOMAINS and domain not in named:
            named.append(domain)

    def _template(self, reply: str) -> str:
        """The reply without what varies: no pattern of that goes beyond a blank, and most words stand in other replies too."""
        plain = self._plain
        return " ".join([word if word in plain else self._without_varying(word) for word in reply.split(" ")])

    def _without_varying(self, word: str) -> str:
        kept = _VARIES.sub("\0", word)
        if kept == word and len(word) <= _WORD and len(self._plain) < MAX_KINDS:
            self._plain.add(word)
        return kept

    def _kind(self, template: str, reply: str, phase: Phase | None) -> tuple[str, str | None]:
        """Cause and provider of a template's refusals, by its first one: what was taken out of it hardly ever decides."""
        kind = self._kinds.get((template, phase))
        if kind is None:
            kind = cause_and_provider(reply, phase, self._provider)
            if len(self._kinds) < MAX_KINDS:
                self._kinds[template, phase] = kind
        return kind

    def _count_hour(self, at: float, cause: str, provider: str | None) -> None:
        number = int(at // _HOUR)
        hour = self._hours.get(number)
        if hour is None:
            hour = self._hours[number] = Hour(hour=_hour_named(number), count=0, causes={}, providers={})
            if len(self._hours) > MAX_HOURS:
                del self._hours[min(self._hours)]
        hour.count += 1
        hour.causes[cause] = hour.causes.get(cause, 0) + 1
        if provider is not None:
            hour.providers[provider] = hour.providers.get(provider, 0) + 1

    @property
    def refusals(self) -> int:
        """How many were counted."""
        return self._all.row.count

    def distinct(self) -> list[Distinct]:
        """The distinct refusals, the most frequent first; at most MAX_DISTINCT, `left_out` counts what is none of them."""
        return sorted((each for each, _ in self._distinct.values()), key=lambda each: -each.row.count)

    def examples(self) -> dict[str, Distinct]:
        """Of each cause the distinct refusal that was read first."""
        found: dict[str, Distinct] = {}
        for each, _ in self._distinct.values():
            found.setdefault(each.cause, each)
        return found

    def summary(self) -> Summary:
        """The counts."""
        return Summary(
            refusals=self._all.row.count,
            first_seen=self._all.row.first_seen,
            last_seen=self._all.row.last_seen,
            causes=_ordered(self._causes),
            providers=_ordered(self._providers),
            recipient_domains=_ordered(self._domains)[:SHOWN_NAMES],
            hours=[self._hours[number] for number in sorted(self._hours)],
        )

    def _counted(self, rows: dict[str | None, _Timed], name: str | None, reply: str) -> _Timed:
        """The row of that name; the one of all others where there are too many names."""
        counted = rows.get(name)
        if counted is None:
            if len(rows) >= MAX_NAMES:
                name = OTHERS
                counted = rows.get(name)
            if counted is None:
                entry = causes().get(name or "") if rows is self._causes else None
                counted = rows[name] = _Timed(
                    Counted(
                        name=name,
                        title=entry.title if entry else None,
                        count=0,
                        first_seen=None,
                        last_seen=None,
                        example=shortened(reply, EXAMPLE),
                    )
                )
        return counted


def _hour_named(number: int) -> str:
    """The hour so many hours after the beginning of 1970."""
    return (datetime(1970, 1, 1) + timedelta(hours=number)).strftime("%Y-%m-%d %H:00")


def _row() -> Counted:
    return Counted(name=None, title=None, count=0, first_seen=None, last_seen=None, example="")


def _ordered(rows: dict[str | None, _Timed]) -> list[Counted]:
    return sorted((each.row for each in rows.values()), key=lambda row: (-row.count, row.name or ""))
