from __future__ import annotations

import asyncio

from smtpprobe.model.dns.lookup import DnsLookup, DnsStatus, Question
from smtpprobe.net.resolver import RunResolver
from tests import virtual_time

QUESTION = Question("mx.example.com", "A")


class Slow:
    """Answers after a second each, and counts."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    async def answer(self, question: Question) -> DnsLookup:
        self.asked.append(question)
        await asyncio.sleep(1)
        return DnsLookup(name=question.name, type=question.type, status=DnsStatus.NODATA)


def test_a_question_is_asked_once_however_often_it_is_looked_up():
    async def work() -> tuple[Slow, RunResolver]:
        slow = Slow()
        resolver = RunResolver(slow.answer, clock=asyncio.get_running_loop().time)
        resolver.ahead(resolver.lookup(QUESTION))
        first, second = await asyncio.gather(resolver.lookup(QUESTION), resolver.lookup(QUESTION))
        assert first is second is await resolver.lookup(QUESTION)
        await resolver.lookup(Question("mx.example.com", "AAAA"))
        await resolver.aclose()
        return slow, resolver

    slow, resolver = virtual_time.run(work())
    assert slow.asked == [QUESTION, Question("mx.example.com", "AAAA")]
    assert [(each.index, each.started_s, each.took_s) for each in resolver.lookups] == [(0, 0.0, 1.0), (1, 1.0, 1.0)]


def test_a_waiter_that_is_cancelled_takes_the_question_from_nobody():
    async def work() -> DnsLookup:
        resolver = RunResolver(Slow().answer)
        impatient = asyncio.create_task(resolver.lookup(QUESTION))
        patient = asyncio.create_task(resolver.lookup(QUESTION))
        await asyncio.sleep(0.5)
        impatient.cancel()
        return await patient

    assert virtual_time.run(work()).status is DnsStatus.NODATA


def test_what_several_want_to_know_is_worked_out_once_for_each_key():
    async def work() -> tuple[list[str], list[DnsLookup]]:
        done: list[str] = []
        resolver = RunResolver(Slow().answer)

        async def of(name: str) -> DnsLookup:
            done.append(name)
            return await resolver.lookup(Question(name, "A"))

        resolver.ahead(resolver.once("first", lambda: of("a.example.com")))
        impatient = asyncio.create_task(resolver.once("first", lambda: of("a.example.com")))
        patient = asyncio.create_task(resolver.once("first", lambda: of("a.example.com")))
        await asyncio.sleep(0.5)
        impatient.cancel()
        answers = [await patient, await resolver.once("second", lambda: of("b.example.com"))]
        answers.append(await resolver.once("first", lambda: of("c.example.com")))
        return done, answers

    done, (first, second, again) = virtual_time.run(work())
    assert done == ["a.example.com", "b.example.com"]
    assert (first.name, second.name, again) == ("a.example.com", "b.example.com", first)


def test_work_done_once_fails_for_everyone_who_wants_it_and_ends_with_the_run():
    async def work() -> tuple[list[BaseException | None], bool]:
        async def broken() -> None:
            await asyncio.sleep(1)
            raise KeyError

        resolver = RunResolver(Slow().answer)
        waiters = [resolver.once("broken", broken) for _ in range(2)]
        failures = await asyncio.gather(*waiters, return_exceptions=True)
        late = asyncio.create_task(resolver.once("late", lambda: resolver.lookup(QUESTION)))
        await asyncio.sleep(0.5)
        await resolver.aclose()
        await asyncio.wait([late])
        return failures, late.cancelled()

    failures, cancelled = virtual_time.run(work())
    assert [type(failure) for failure in failures] == [KeyError, KeyError]
    assert cancelled


def test_no_more_questions_than_allowed_are_under_way():
    async def work() -> float:
        loop = asyncio.get_running_loop()
        resolver = RunResolver(Slow().answer, in_flight=2)
        started = loop.time()
        await asyncio.gather(*(resolver.lookup(Question(f"n{i}.example.com", "A")) for i in range(5)))
        return loop.time() - started

    assert virtual_time.run(work()) == 3


def test_what_is_asked_ahead_ends_with_the_run_and_its_failure_is_dropped():
    async def work() -> list[DnsLookup]:
        async def broken() -> None:
            raise RuntimeError

        resolver = RunResolver(Slow().answer)
        resolver.ahead(broken())
        resolver.ahead(resolver.lookup(QUESTION))
        await asyncio.sleep(0)
        await resolver.aclose()
        return resolver.lookups

    assert virtual_time.run(work()) == []
