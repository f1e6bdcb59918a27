"""What explaining an input, or several, came to: a value that every format of `explain` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from smtpprobe.catalogue.tally import Distinct, Summary
from smtpprobe.intake.found import Found
from smtpprobe.model.transcript import Phase

if TYPE_CHECKING:
    from smtpprobe.intake.recognise import Taken
    from smtpprobe.model.report import CheckReport

MAX_SINGLE = 20  # refusals that are explained one by one; more are summed up


class InputRead(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one input.

    `taken_for` says in English what it was recognised as, `taken` is the same as a value; both None where it could not be
    read at all. `unread` counts lines, or is 1
    for an input that could not be read, or not to its end; `because` says why.
    """

    name: str
    taken_for: str | None
    taken: Taken | None = None
    lines: int = 0
    refusals: int = 0
    unread: int = 0
    because: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """A refusal with the name of the input that holds it."""

    found: Found
    source: str


class ExplainedInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Every refusal of the inputs: the first as they are, all of them in the counts.

    `phase` and `provider` are what the caller says of every reply; `checks` is None where none were asked for.
    """

    inputs: tuple[InputRead, ...]
    refusals: tuple[Refusal, ...]  # the first MAX_SINGLE and one more
    distinct: tuple[Distinct, ...]
    examples: Mapping[str, Distinct]
    summary: Summary
    left_out: int  # refusals that are none of the distinct ones, of which there are too many
    holds_log: bool
    is_plain: bool = False  # a reply that was typed: nothing needs to be said of what it was taken for
    phase: Phase | None = None
    provider: str | None = None
    by_hour: bool = False  # whether it was asked for what happened when
    checks: tuple[CheckReport, ...] | None = None

    @property
    def read(self) -> tuple[InputRead, ...]:
        """The inputs that could be read."""
        return tuple(each for each in self.inputs if each.taken_for is not None)

    @property
    def unreadable(self) -> int:
        """How many inputs could not be read at all."""
        return len(self.inputs) - len(self.read)

    @property
    def is_summed_up(self) -> bool:
        """Whether the items are the distinct refusals."""
        return self.holds_log or len(self.read) > 1 or len(self.refusals) > MAX_SINGLE

    @property
    def taken_for(self) -> str:
        """What the inputs were recognised as, each once."""
        return ", ".join(dict.fromkeys(each.taken_for for each in self.read if each.taken_for))

    @property
    def unread(self) -> int:
        """The lines, and the inputs, that could not be read."""
        return sum(each.unread for each in self.inputs)
