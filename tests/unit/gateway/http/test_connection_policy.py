"""Of too many connections that wait, the one that has waited longest goes."""

from gateway.http.connection_policy import Waiting


class Caller:
    def __init__(self) -> None:
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True


def test_the_one_that_has_waited_longest_goes_first() -> None:
    waiting, callers = Waiting(2), [Caller() for _ in range(4)]
    for caller in callers:
        waiting.enter(caller)
    assert [caller.is_cut for caller in callers] == [True, True, False, False]
    assert len(waiting) == 2


def test_one_that_comes_back_waits_again_and_one_that_is_served_does_not_wait() -> None:
    waiting, (first, second, third, fourth) = Waiting(2), [Caller() for _ in range(4)]
    waiting.enter(first)
    waiting.enter(second)
    waiting.enter(first)
    waiting.enter(third)
    assert (first.is_cut, second.is_cut) == (False, True)
    waiting.leave(first)
    waiting.enter(fourth)
    assert not third.is_cut
