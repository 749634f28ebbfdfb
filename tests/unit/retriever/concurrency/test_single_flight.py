"""Work that is being done already is awaited, and ends with the last who waits for it."""

import asyncio

import pytest

from services.retriever.concurrency.single_flight import SingleFlight
from tests.fakes.batch_work import Work, settled


async def test_the_same_thing_is_done_once_for_all_who_want_it() -> None:
    work, in_flight = Work(), SingleFlight[str, list[int]]()
    wanted = [asyncio.create_task(in_flight.once("key", lambda: work([1]))) for _ in range(3)]
    await settled()
    work.may_end.set()
    assert await asyncio.gather(*wanted) == [[2], [2], [2]]
    assert await in_flight.once("key", lambda: work([5])) == [10]
    assert work.batches == [[1], [5]]


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    work, in_flight = Work(), SingleFlight[str, list[int]]()
    leaving, staying = (asyncio.create_task(in_flight.once("key", lambda: work([1]))) for _ in range(2))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await staying == [2]


async def test_when_the_last_has_left_the_work_is_cancelled() -> None:
    in_flight, cancelled = SingleFlight[str, None](), asyncio.Event()

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
    work, in_flight = Work(), SingleFlight[str, list[int]]()
    work.may_end.set()
    told = await asyncio.gather(*(in_flight.once("key", lambda: work([-1])) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in told] == [ValueError, ValueError]
