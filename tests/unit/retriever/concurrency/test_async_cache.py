"""An answer is worked out once for all who ask, and the latest are kept."""

import asyncio

from services.retriever.concurrency.async_cache import AsyncCache


class Doubling:
    """Doubles numbers and remembers which."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def __call__(self, number: int) -> int:
        self.asked.append(number)
        await asyncio.sleep(0)
        return 2 * number


async def test_what_is_asked_again_or_at_the_same_moment_is_worked_out_once() -> None:
    double, cache = Doubling(), AsyncCache[int, int](2)
    assert await asyncio.gather(*(cache.get(1, lambda: double(1)) for _ in range(3))) == [2, 2, 2]
    assert await cache.get(1, lambda: double(1)) == 2
    assert double.asked == [1]


async def test_what_was_not_used_for_the_longest_time_goes_first() -> None:
    double, cache = Doubling(), AsyncCache[int, int](2)
    for number in (1, 2, 1, 3):
        await cache.get(number, lambda number=number: double(number))  # type: ignore[misc]
    assert [cache.kept(number) for number in (1, 2, 3)] == [2, None, 6]


async def test_nothing_is_kept_where_nothing_is_wanted() -> None:
    double, cache = Doubling(), AsyncCache[int, int](0)
    assert await asyncio.gather(*(cache.get(1, lambda: double(1)) for _ in range(2))) == [2, 2]
    assert double.asked == [1]
    assert cache.kept(1) is None


async def test_what_is_not_worth_keeping_is_worked_out_again() -> None:
    double, cache = Doubling(), AsyncCache[int, int](2, worth_keeping=lambda answer: answer > 2)
    for number in (1, 1, 2, 2):
        await cache.get(number, lambda number=number: double(number))  # type: ignore[misc]
    assert double.asked == [1, 1, 2]
