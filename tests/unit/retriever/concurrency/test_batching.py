"""Work that queues is done together, and nobody pays for a neighbour."""

import asyncio

from services.retriever.concurrency.batching import Batcher
from tests.fakes.batch_work import Work, settled


async def test_what_queues_while_the_worker_is_busy_goes_together() -> None:
    work = Work()
    batcher = Batcher(work, workers=1, together=len)
    first = asyncio.create_task(batcher.ask(1))
    await settled()
    others = [asyncio.create_task(batcher.ask(number)) for number in (2, 3, 4)]
    await settled()
    assert work.batches == [[1]]
    work.may_end.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


async def test_as_many_batches_run_at_once_as_there_are_workers() -> None:
    work = Work()
    batcher = Batcher(work, workers=2, together=lambda numbers: 1)
    answers = [asyncio.create_task(batcher.ask(number)) for number in (1, 2, 3)]
    await settled()
    assert work.batches == [[1], [2]]
    work.may_end.set()
    assert await asyncio.gather(*answers) == [2, 4, 6]


async def test_the_oldest_go_first() -> None:
    work = Work()
    work.may_end.set()
    batcher = Batcher(work, workers=1, together=lambda numbers: 2)
    assert await asyncio.gather(*map(batcher.ask, (1, 2, 3, 4))) == [2, 4, 6, 8]
    assert work.batches == [[1, 2], [3, 4]]


async def test_a_failure_is_told_only_to_the_one_who_caused_it() -> None:
    work = Work()
    work.may_end.set()
    batcher = Batcher(work, workers=1, together=len)
    good, bad, other = await asyncio.gather(*map(batcher.ask, (1, -2, 3)), return_exceptions=True)
    assert (good, other) == (2, 6)
    assert isinstance(bad, ValueError)


async def test_who_has_left_is_not_worked_for() -> None:
    work = Work()
    batcher = Batcher(work, workers=1, together=len)
    first = asyncio.create_task(batcher.ask(1))
    await settled()
    leaving, staying = (asyncio.create_task(batcher.ask(number)) for number in (2, 3))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await asyncio.gather(first, staying) == [2, 6]
    assert work.batches == [[1], [3]]


async def test_leaving_a_batch_that_runs_does_not_disturb_the_others() -> None:
    work = Work()
    batcher = Batcher(work, workers=1, together=len)
    leaving, staying = (asyncio.create_task(batcher.ask(number)) for number in (1, 2))
    await settled()
    leaving.cancel()
    work.may_end.set()
    assert await staying == 4
    assert await batcher.ask(3) == 6
