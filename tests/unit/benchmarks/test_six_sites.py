"""Slips of the pen that the benchmark makes."""

import random

from benchmarks.six_sites import misspelt

QUESTION = "How do I configure the compost timer of my garden?"


def test_so_many_words_are_misspelt_and_the_others_stay() -> None:
    for seed in range(20):
        for count in (1, 2):
            changed = misspelt(QUESTION, count, random.Random(seed))
            pairs = list(zip(QUESTION.split(), changed.split(), strict=True))
            assert sum(before != after for before, after in pairs) == count


def test_the_same_dice_give_the_same_slips() -> None:
    assert misspelt(QUESTION, 2, random.Random(5)) == misspelt(QUESTION, 2, random.Random(5))


def test_a_question_with_too_few_words_is_left_out() -> None:
    assert misspelt("How do I turn it off?", 2, random.Random(1)) == ""
    assert misspelt("What is `useTimer`?", 1, random.Random(1)) == ""
