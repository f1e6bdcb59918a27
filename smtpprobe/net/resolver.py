"""The Resolver of a run: every question once, all lookups kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Self

import msgspec

from smtpprobe.model.clock import SYSTEM_CLOCK
from smtpprobe.model.dns.lookup import DnsLookup, Question, Result

Answer = Callable[[Question], Awaitable[DnsLookup]]
FromMemory = Callable[[Question], DnsLookup | None]


class _Pending:
    """A question under way, and how many wait for its answer."""

    def __init__(self, task: asyncio.Task[DnsLookup]) -> None:
        self.task = task
        self.waiting = 0


class RunResolver:
    """Asks each question once: concurrent and later lookups of it join the first. `lookups` are in order of completion.

    `from_memory` gives the answers that are there already, in memory; None for a question that needs `answer`. With it there
    is nothing to gain from asking ahead, and such work is dropped. `lookups` may be another run's list, to add to; an
    answer that has its place in it keeps it.

    `answer` may be the `lookup` of another resolver, which several runs share: a question that one of them asked is not
    asked again, and each has a list of its own. Whoever makes a resolver closes it, with `aclose` or `async with`.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        from_memory: FromMemory | None = None,
        lookups: list[DnsLookup] | None = None,
        in_flight: int = 64,
        clock: Callable[[], float] = SYSTEM_CLOCK.monotonic,
    ) -> None:
        self._answer = answer
        self._from_memory = from_memory
        self._clock = clock
        self._start = clock()
        self._in_flight = asyncio.Semaphore(in_flight)
        self._found: dict[Question, DnsLookup] = {}
        self._pending: dict[Question, _Pending] = {}
        self._ahead: set[asyncio.Task[Any]] = set()
        self._shared: dict[Hashable, asyncio.Task[Any]] = {}
        self.lookups: list[DnsLookup] = [] if lookups is None else lookups

    async def lookup(self, question: Question) -> DnsLookup:
        """The answer, never an exception for what the network did."""
        found = self._found.get(question)
        if found is not None:
            return found
        if self._from_memory is not None:
            started = self._clock()
            found = self._from_memory(question)
            if found is not None:
                return self._kept(question, found, started)
        return await self._joined(question)

    async def _joined(self, question: Question) -> DnsLookup:
        """The answer, from the network or another resolver; whoever asks meanwhile waits for the same."""
        pending = self._pending.get(question)
        if pending is None:
            pending = self._pending[question] = _Pending(asyncio.create_task(self._ask(question)))
        pending.waiting += 1
        try:
            # A waiter that is cancelled must not take the question away from the others.
            return await asyncio.shield(pending.task)
        finally:
            pending.waiting -= 1
            if not pending.waiting and self._pending.get(question) is pending:
                del self._pending[question]
                pending.task.cancel()  # nobody waits for it any more; nothing where it is done

    def ahead(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start the work now; its result and its failure are dropped."""
        if self._from_memory is not None:
            work.close()
            return
        task = asyncio.create_task(work)
        self._ahead.add(task)
        task.add_done_callback(self._dropped)

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """What the work comes to; it is begun for the first caller, and the others with the same key join."""
        task: asyncio.Task[Result] | None = self._shared.get(key)
        if task is None:
            task = self._shared[key] = asyncio.create_task(work())
            task.add_done_callback(self._dropped)
        return await asyncio.shield(task)  # as a question: one waiter's cancellation is not the others'

    def _dropped(self, task: asyncio.Task[Any]) -> None:
        self._ahead.discard(task)
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not report it

    async def _ask(self, question: Question) -> DnsLookup:
        async with self._in_flight:
            started = self._clock()
            found = await self._answer(question)
        return self._kept(question, found, started)

    def _kept(self, question: Question, found: DnsLookup, started: float) -> DnsLookup:
        """The answer with its place and its times, added to the list."""
        kept = 0 <= found.index < len(self.lookups) and self.lookups[found.index] is found
        if not kept:
            found = msgspec.structs.replace(
                found,
                index=len(self.lookups),
                started_s=round(started - self._start, 6),
                took_s=round(self._clock() - started, 6),
            )
            self.lookups.append(found)
        self._found[question] = found
        return found

    async def aclose(self) -> None:
        """Cancel what is still under way. What was found before is still answered."""
        asked = (each.task for each in self._pending.values())
        pending = [task for task in (*self._ahead, *self._shared.values(), *asked) if not task.done()]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
