"""A flood and thirty honest readers, on the real governor and counters and a clock that jumps."""

from collections.abc import Callable

import pytest

from benchmarks.fair_quota import Outcome, Scenario, limits_of_a_day, one_address, one_slash_24, outcome_of
from services.agent.asker import Asker

MINUTES = 2.0
HONEST = 0.9
"""What the honest readers must keep of what they would get alone."""


@pytest.fixture(scope="module", params=[50, 1000])
def per_day(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def alone(per_day: int) -> Outcome:
    """A crowd that asks for more than fifty: what a flood takes of a small day is missed at once."""
    return outcome_of(Scenario("nobody", readers=120, limits=limits_of_a_day(per_day)), minutes=MINUTES)


@pytest.mark.parametrize("flood", [one_address, one_slash_24])
def test_honest_readers_hardly_notice_a_flood_from_one_network(
    alone: Outcome, per_day: int, flood: Callable[[int], Asker]
) -> None:
    flooded = outcome_of(Scenario("flood", flood, readers=120, limits=limits_of_a_day(per_day)), minutes=MINUTES)
    assert flooded.flood_asked == 20 * 60 * MINUTES
    assert alone.answered >= 45
    assert flooded.answered >= HONEST * alone.answered
    assert flooded.flood_answered <= (5 if per_day == 50 else 6 * (MINUTES + 1))


def test_a_flood_that_came_first_leaves_the_day_to_the_others() -> None:
    early = Scenario("early", one_address, flood_first_s=30, readers=30)
    outcome = outcome_of(early, minutes=1)
    assert outcome.flood_answered == 5
    assert outcome.answered == outcome.asked


def test_a_company_behind_one_address_gets_everything_when_its_share_is_one() -> None:
    company = Scenario(
        "company",
        one_network=True,
        readers=30,
        limits=limits_of_a_day(50, network_minute_share=1.0, network_day_share=1.0),
    )
    outcome = outcome_of(company, minutes=5)
    assert outcome.answered == min(outcome.asked, 50)
