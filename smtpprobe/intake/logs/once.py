"""Each refusal of a log once: several lines may tell of one delivery, or of one session."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from smtpprobe.intake.found import Found
from smtpprobe.intake.logs.lines import Place, Refusal

MAX_OPEN = 1000  # deliveries and sessions that are remembered, the latest ones
MAX_ASKED = 10  # hosts of one delivery whose replies are held


class Once:
    """Refusals in the order of their lines, without those that other lines tell of as well.

    One that was said on the way to a delivery comes when nothing was heard of the delivery for MAX_OPEN others, or at
    the end.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, list[Found]] = OrderedDict()
        self._seen: OrderedDict[str, int] = OrderedDict()

    def heard(self, refusal: Refusal, found: Found) -> Iterator[Found]:
        """The refusals that are known to count with this one."""
        of = refusal.of
        if of is None:
            yield found
        elif refusal.place is Place.ON_THE_WAY:
            asked = self._held.pop(of, [])
            self._held[of] = [*asked, found][:MAX_ASKED]
            if len(self._held) > MAX_OPEN:
                yield from self._held.popitem(last=False)[1]
        elif refusal.place is Place.AGAIN:
            # What was said on the way tells more than that it failed.
            if not self._is_known(of) and of not in self._held:
                yield found
        else:
            self._held.pop(of, None)
            self._remember(of)
            yield found

    def ended(self) -> Iterator[Found]:
        """What was said on the way to deliveries of which nothing more was heard."""
        for asked in self._held.values():
            yield from asked
        self._held.clear()

    def _remember(self, of: str) -> None:
        self._seen[of] = self._seen.pop(of, 0) + 1
        if len(self._seen) > MAX_OPEN:
            self._seen.popitem(last=False)

    def _is_known(self, of: str) -> bool:
        """Whether a final line told of it that no line repeated yet."""
        left = self._seen.pop(of, 0) - 1
        if left > 0:
            self._seen[of] = left
        return left >= 0
