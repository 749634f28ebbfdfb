"""What `make up` says about who writes the answers."""

from typing import Any

import pytest

from scripts.up import who_answers
from services.agent.settings import AgentSettings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Neither OPENROUTER_API_KEY nor AGENT_BASE_URL is set"),
        ({"openrouter_api_key": "sk-or-v1-hush"}, "free models of OpenRouter"),
        ({"base_url": "http://user:hush@models.example:11434/v1"}, "models of models.example;"),
    ],
)
def test_it_is_said_who_writes_the_answers_and_no_secret_is(settings: dict[str, Any], said: str) -> None:
    line = who_answers(AgentSettings(_env_file=None, **{"openrouter_api_key": "", **settings}))
    assert said in line
    assert "hush" not in line
