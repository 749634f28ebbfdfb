"""A lock that many share or one holds alone."""

import asyncio

from services.retriever.concurrency.shared_lock import SharedLock


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_many_share_it_and_one_alone_waits_for_them() -> None:
    lock, held, may_end = SharedLock(), [], asyncio.Event()

    async def share(name: str) -> None:
        async with lock.shared():
            held.append(name)
            await may_end.wait()

    async def alone() -> None:
        async with lock.exclusive():
            held.append("alone")

    tasks = [asyncio.create_task(share("one")), asyncio.create_task(share("two"))]
    await settled()
    tasks.append(asyncio.create_task(alone()))
    await settled()
    assert held == ["one", "two"]
    tasks.append(asyncio.create_task(share("late")))
    await settled()
    assert held == ["one", "two"]
    may_end.set()
    await asyncio.gather(*tasks)
    assert held == ["one", "two", "alone", "late"]


async def test_one_that_stops_waiting_to_hold_it_alone_lets_the_others_in() -> None:
    lock, entered = SharedLock(), asyncio.Event()

    async def alone() -> None:
        async with lock.exclusive():
            raise AssertionError("somebody shares it")

    async def share() -> None:
        async with lock.shared():
            entered.set()

    async with lock.shared():
        waiting = asyncio.create_task(alone())
        await settled()
        waiting.cancel()
        await settled()
        await share()
    assert entered.is_set()
