"""Languages, grounding, shared runs, the catalog and the settings."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr, ValidationError

from services.agent.answer.grounding import check_grounding
from services.agent.models.catalog import Catalog
from services.agent.models.openrouter import OpenRouter
from services.agent.settings import AgentSettings
from services.agent.turn.answer_cache import normalised
from services.agent.turn.shared_runs import SharedRuns


@pytest.mark.parametrize("invented", ["--warp-speed", "useTelepathy", "config/warp.json", "WARP_FACTOR", "@acme/warp"])
def test_an_invented_name_is_reported(invented: str) -> None:
    report = check_grounding(f"Run `docs-chat up` with `{invented}`.", ["Run `docs-chat up` to start."])
    assert list(report.not_found) == [invented]


def test_names_an_answer_introduces_itself_are_no_inventions() -> None:
    answer = (
        "```js\nimport { createStore } from 'redux'\nconst myStore = createStore(rootReducer)\nmyStore.dispatch(x)\n```"
    )
    sources = ["import { createStore } from 'redux'; createStore(rootReducer).dispatch(action)"]
    assert list(check_grounding(answer, sources).not_found) == []


def test_prose_is_not_looked_up() -> None:
    assert check_grounding("This is plain prose about anything.", ["x"]).checked_count == 0


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("It uses port 4173.", "4173"),
        ("Set `port: 4173`.", "4173"),
        ("Needs v41.73.", "41.73"),
        ("Up to 9,731.", "9,731"),
    ],
)
def test_an_invented_number_is_reported(sentence: str, number: str) -> None:
    report = check_grounding(sentence, ["It uses port 8000. Set it; needs 41 or up to 973."])
    assert list(report.not_found) == [number]


@pytest.mark.parametrize(
    "answer",
    [
        "It keeps 2,000 entries, or 2_000 as code has it.",  # written otherwise in the source
        "Node 20 is enough, so is 20.11.",  # a part of the version
        "10. Open the page.\n11. Wait.",  # numbers of steps
        "See [the guide](https://docs.example.com/v31.4/guide) or http://127.0.0.1:9911/x.",  # addresses
        "Two of 5 do.",  # too small to be a claim
        "```js\nsetTimeout(save, 7500)\n```",  # example code
    ],
)
def test_numbers_that_state_nothing_new_are_no_inventions(answer: str) -> None:
    sources = ["Keeps 2000 entries. Needs Node 20.11.1. Call setTimeout(save, 10)."]
    assert list(check_grounding(answer, sources).not_found) == []


def test_questions_that_differ_only_in_dress_are_the_same() -> None:
    assert normalised("Hi, how do I  install it?") == normalised("how do I install it")
    assert normalised("?") == "?"


async def test_readers_of_one_run_all_get_every_event_and_the_failure() -> None:
    runs: SharedRuns[int] = SharedRuns()
    go_on = asyncio.Event()

    async def produce(emit: Callable[[int], None]) -> None:
        emit(1)
        await go_on.wait()
        emit(2)
        raise LookupError("end")

    async def read() -> list[int]:
        seen = []
        with pytest.raises(LookupError):
            async for event in runs.follow("key", produce):
                seen.append(event)
                go_on.set()
        return seen

    assert await asyncio.gather(read(), read(), read()) == [[1, 2]] * 3
    assert runs.in_flight == 0


async def test_a_run_nobody_reads_any_more_is_stopped() -> None:
    runs: SharedRuns[int] = SharedRuns()
    stopped = asyncio.Event()

    async def produce(emit: Callable[[int], None]) -> None:
        emit(1)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    events = runs.follow("key", produce)
    assert await anext(events) == 1
    await events.aclose()
    assert stopped.is_set()
    assert runs.in_flight == 0


class Offering(OpenRouter):
    """Offers some models, or cannot be reached."""

    def __init__(self, entries: list[dict[str, Any]] | None) -> None:
        super().__init__("https://openrouter.example/api/v1", SecretStr("k"))
        self._entries = entries

    async def list_models(self) -> list[dict[str, Any]]:
        if self._entries is None:
            raise aiohttp.ServerDisconnectedError
        return self._entries


FREE = {"pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["tools"], "context_length": 8192}


async def test_the_ladder_keeps_only_free_models_on_offer() -> None:
    entries: list[dict[str, Any]] = [
        {"id": "free", **FREE},
        {"id": "paid", **FREE, "pricing": {"prompt": "0.1", "completion": "0"}},
        {"id": "ended", **FREE, "expiration_date": "2020-01-01"},
        {"id": "plain", **FREE, "supported_parameters": []},
    ]
    catalog = Catalog(Offering(entries), ("plain", "paid", "ended", "missing", "free"))
    assert await catalog.refresh()
    assert [(rung.model, rung.supports_tools) for rung in catalog.rungs] == [("plain", False), ("free", True)]


async def test_a_list_without_prices_is_named_as_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    catalog = Catalog(Offering([{"id": "local", "object": "model"}]), ("local",))
    assert await catalog.refresh()
    assert catalog.rungs == ()
    assert "AGENT_ALLOW_PAID_MODELS" in caplog.text
    allowed = Catalog(Offering([{"id": "local", "object": "model"}]), ("local",), allow_paid=True)
    await allowed.refresh()
    assert [rung.model for rung in allowed.rungs] == ["local"]


async def test_free_models_are_chosen_by_rule_when_none_of_the_configured_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    large = {**FREE, "context_length": 32_768}
    entries = [
        {"id": "old", **large, "created": 1},
        {"id": "new", **large, "created": 2},
        {"id": "newest-without-tools", **large, "created": 3, "supported_parameters": []},
        {"id": "small", **FREE, "context_length": 8_192, "created": 4},
        {"id": "x/content-safety", **large, "created": 5},
        {"id": "paints", **large, "created": 6, "architecture": {"output_modalities": ["image"]}},
        {"id": "paid", **large, "pricing": {"prompt": "1", "completion": "1"}},
    ]
    catalog = Catalog(Offering(entries), ("gone", "paid"))
    assert await catalog.refresh()
    assert [rung.model for rung in catalog.rungs] == ["new", "old", "newest-without-tools"]
    assert all(rung.chosen_by_rule for rung in catalog.rungs)
    assert catalog.left_out == {"gone": "the provider does not list it any more", "paid": "it costs money"}
    assert "set AGENT_MODELS" in caplog.text


@pytest.mark.parametrize("provider", [Offering(None), Offering([])])
async def test_a_list_that_cannot_be_read_changes_nothing(provider: OpenRouter) -> None:
    catalog = Catalog(provider, ("a", "b"))
    assert not await catalog.refresh()
    assert [rung.model for rung in catalog.rungs] == ["a", "b"]


def test_models_are_read_from_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_MODELS", "a/b:free, c/d:free,")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-secret")
    settings = AgentSettings(_env_file=None)
    assert settings.models == ("a/b:free", "c/d:free")
    assert "sk-or-v1-secret" not in repr(settings)


def test_nonsense_settings_are_refused() -> None:
    with pytest.raises(ValidationError):
        AgentSettings(_env_file=None, requests_per_minute=0)
