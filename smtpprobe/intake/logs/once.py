"""Each refusal of a log once: several lines may tell of one delivery, or of one session."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from smtpprobe.intake.found import Found
from smtpprobe.intake.logs.lines import Place, Refusal
from smtpprobe.model.transcript import Phase

MAX_OPEN = 1000  # deliveries and sessions that are remembered, the latest ones
MAX_COPIES = 200_000  # refusals of Exim that are compared with those of another log
MAX_ASKED = 10  # hosts of one delivery whose replies are held


class Copies:
    """What earlier logs have told of: Exim writes what it rejects into its main log and into its reject log alike."""

    def __init__(self) -> None:
        self._before: dict[int, int] = {}
        self._here: dict[int, int] = {}

    def begin(self) -> None:
        """Another log begins."""
        for key, count in self._here.items():
            self._before[key] = max(count, self._before.get(key, 0))
        self._here = {}

    def is_copy(self, found: Found) -> bool:
        """Whether an earlier log has this refusal of the same second."""
        if found.when is None or len(self._here) + len(self._before) >= MAX_COPIES:
            return False
        key = hash((found.when, found.reply, found.phase, found.peer, found.recipient_domain))
        count = self._here[key] = self._here.get(key, 0) + 1
        return count <= self._before.get(key, 0)


class Lines:
    """Lines of Exim's that one stream has twice: of its main log and of its reject log, or of both in one syslog."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def is_again(self, when: str | None, message: str) -> bool:
        """Whether the same line of the same second was there; two rejections differ in their recipient at least."""
        if when is None:
            return False
        key = hash((when, message))
        if key in self._seen:
            return True
        if len(self._seen) < MAX_COPIES:
            self._seen.add(key)
        return False


class Once:
    """Refusals in the order of their lines, without those that other lines tell of as well.

    One that was said on the way to a delivery comes when nothing was heard of the delivery for MAX_OPEN others, or at
    the end.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, list[Found]] = OrderedDict()
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._by: OrderedDict[str, dict[str, int]] = OrderedDict()

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
                if refusal.phase is Phase.AUTH and of not in self._seen:
                    self._remember(of, -1)  # the line that it repeats may come later
                yield found
        elif refusal.by is None or not self._is_of_another(of, refusal.by):
            self._held.pop(of, None)
            if self._remember(of) > 0:
                yield found
            else:
                del self._seen[of]

    def ended(self) -> Iterator[Found]:
        """What was said on the way to deliveries of which nothing more was heard."""
        for asked in self._held.values():
            yield from asked
        self._held.clear()

    def _remember(self, of: str, more: int = 1) -> int:
        """How many final lines told of it that no line repeated yet; less than none if a line repeats what is to come."""
        told = self._seen[of] = self._seen.pop(of, 0) + more
        if len(self._seen) > MAX_OPEN:
            self._seen.popitem(last=False)
        return told

    def _is_of_another(self, of: str, by: str) -> bool:
        """Whether another one said the same of this attempt: Dovecot asks each of its password databases."""
        told = self._by.pop(of, {})
        before = max(told.values(), default=0)
        told[by] = told.get(by, 0) + 1
        self._by[of] = told
        if len(self._by) > MAX_OPEN:
            self._by.popitem(last=False)
        return told[by] <= before

    def _is_known(self, of: str) -> bool:
        """Whether a final line told of it that no line repeated yet."""
        told = self._seen.get(of, 0)
        if told > 1:
            self._seen[of] = told - 1
        elif told == 1:
            del self._seen[of]
        return told > 0
