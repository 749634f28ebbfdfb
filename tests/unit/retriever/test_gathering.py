"""Work that queues is done together, and nobody pays for a neighbour."""

import asyncio
from collections.abc import Sequence

import pytest

from services.retriever.gathering import Gathering, InFlight


class Work:
    """Doubles numbers in batches, each of which waits until it may end; a negative number fails its batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_end = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.may_end.wait()
        if min(numbers) < 0:
            raise ValueError(numbers)
        return [2 * number for number in numbers]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_queues_while_the_worker_is_busy_goes_together() -> None:
    work = Work()
    gathering = Gathering(work, workers=1, together=len)
    first = asyncio.create_task(gathering.ask(1))
    await settled()
    others = [asyncio.create_task(gathering.ask(number)) for number in (2, 3, 4)]
    await settled()
    assert work.batches == [[1]]
    work.may_end.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


async def test_as_many_batches_run_at_once_as_there_are_workers() -> None:
    work = Work()
    gathering = Gathering(work, workers=2, together=lambda numbers: 1)
    answers = [asyncio.create_task(gathering.ask(number)) for number in (1, 2, 3)]
    await settled()
    assert work.batches == [[1], [2]]
    work.may_end.set()
    assert await asyncio.gather(*answers) == [2, 4, 6]


async def test_the_oldest_go_first() -> None:
    work = Work()
    work.may_end.set()
    gathering = Gathering(work, workers=1, together=lambda numbers: 2)
    assert await asyncio.gather(*map(gathering.ask, (1, 2, 3, 4))) == [2, 4, 6, 8]
    assert work.batches == [[1, 2], [3, 4]]


async def test_a_failure_is_told_only_to_the_one_who_caused_it() -> None:
    work = Work()
    work.may_end.set()
    gathering = Gathering(work, workers=1, together=len)
    good, bad, other = await asyncio.gather(*map(gathering.ask, (1, -2, 3)), return_exceptions=True)
    assert (good, other) == (2, 6)
    assert isinstance(bad, ValueError)


async def test_who_has_left_is_not_worked_for() -> None:
    work = Work()
    gathering = Gathering(work, workers=1, together=len)
    first = asyncio.create_task(gathering.ask(1))
    await settled()
    leaving, staying = (asyncio.create_task(gathering.ask(number)) for number in (2, 3))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await asyncio.gather(first, staying) == [2, 6]
    assert work.batches == [[1], [3]]


async def test_leaving_a_batch_that_runs_does_not_disturb_the_others() -> None:
    work = Work()
    gathering = Gathering(work, workers=1, together=len)
    leaving, staying = (asyncio.create_task(gathering.ask(number)) for number in (1, 2))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await staying == 4
    assert await gathering.ask(3) == 6


async def test_the_same_thing_is_done_once_for_all_who_want_it() -> None:
    work, in_flight = Work(), InFlight[str, list[int]]()
    wanted = [asyncio.create_task(in_flight.once("key", lambda: work([1]))) for _ in range(3)]
    await settled()
    work.may_end.set()
    assert await asyncio.gather(*wanted) == [[2], [2], [2]]
    assert await in_flight.once("key", lambda: work([5])) == [10]
    assert work.batches == [[1], [5]]


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    work, in_flight = Work(), InFlight[str, list[int]]()
    leaving, staying = (asyncio.create_task(in_flight.once("key", lambda: work([1]))) for _ in range(2))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await staying == [2]


async def test_when_the_last_has_left_the_work_is_cancelled() -> None:
    in_flight, cancelled = InFlight[str, None](), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    only = asyncio.create_task(in_flight.once("key", work))
    await settled()
    only.cancel()
    await cancelled.wait()
    with pytest.raises(asyncio.CancelledError):
        await only


async def test_all_who_wait_are_told_of_a_failure() -> None:
    work, in_flight = Work(), InFlight[str, list[int]]()
    work.may_end.set()
    told = await asyncio.gather(*(in_flight.once("key", lambda: work([-1])) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in told] == [ValueError, ValueError]
