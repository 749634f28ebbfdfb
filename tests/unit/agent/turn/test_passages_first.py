"""A crowd gets its passages before anybody's answer begins."""

import asyncio
import contextlib

from services.agent.turn.passages_first import PassagesFirst


async def test_without_a_crowd_nothing_is_held_back() -> None:
    order = PassagesFirst(crowd=2)
    with order.searching(), order.searching():
        await order.passed()


async def test_an_answer_waits_until_the_crowd_has_its_passages() -> None:
    order = PassagesFirst(crowd=1, longest_hold_s=3600)
    with contextlib.ExitStack() as crowd:
        for _ in range(5):
            crowd.enter_context(order.searching())
        answers = [asyncio.create_task(order.passed()) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(answer.done() for answer in answers)
    await asyncio.gather(*answers)


async def test_an_answer_is_not_held_back_for_ever() -> None:
    order = PassagesFirst(crowd=0, longest_hold_s=0.01)
    with order.searching():
        await asyncio.gather(order.passed(), order.passed())


async def test_a_reader_who_leaves_holds_nobody_back() -> None:
    order = PassagesFirst(crowd=0, longest_hold_s=3600)
    with order.searching():
        gone, waiting = asyncio.create_task(order.passed()), asyncio.create_task(order.passed())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    await waiting
    assert gone.cancelled()
