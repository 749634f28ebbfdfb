"""What is read from the lists of providers, and how much a model is asked to think."""

import json
from typing import Any

import pytest

from services.agent.models.asking import LEAST_ANSWER_TOKENS, Asking, fit
from services.agent.models.catalog import OpenCatalog
from services.agent.models.chat_request import OpenRouterOptions, RequestOptions, chat_body
from services.agent.models.listed import Rung, rung_of


class Listing:
    """A provider that lists these models."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = list(entries)

    async def list_models(self) -> list[dict[str, Any]]:
        return self.entries


@pytest.mark.parametrize(
    "entry",
    [
        {"context_length": 8192},  # OpenRouter, Together
        {"max_model_len": 8192},  # vLLM
        {"context_window": 8192},  # Groq
        {"max_context_length": 8192},  # Mistral, LM Studio
        {"meta": {"n_ctx_train": 8192, "n_params": 1}},  # llama.cpp
        {"meta": {"n_ctx_train": 131_072, "n_ctx": 8192}},
    ],
)
def test_the_context_is_found_wherever_a_provider_tells_it(entry: dict[str, Any]) -> None:
    assert rung_of("m", entry).context_length == 8192


@pytest.mark.parametrize("value", [None, "8192", True, float("inf"), float("nan"), [], {}])
def test_a_context_that_is_no_number_is_unknown(value: object) -> None:
    assert rung_of("m", {"context_length": value}).context_length == 0


@pytest.mark.parametrize(
    ("wanted", "efforts", "asked"),
    [
        ("low", [], "low"),
        ("low", ["high", "low"], "low"),
        ("low", ["high", "medium", "minimal"], "minimal"),
        ("none", ["low", "high"], "low"),  # one that cannot but think
        ("medium", ["max", "xhigh"], "xhigh"),
        ("low", ["a lot"], "low"),
        ("low", None, "low"),
    ],
)
def test_a_model_is_asked_to_think_as_little_as_wanted_and_as_it_knows(
    wanted: str, efforts: list[str] | None, asked: str
) -> None:
    rung = rung_of("m", {"supported_parameters": ["reasoning"], "reasoning": {"supported_efforts": efforts}})
    fields = OpenRouterOptions(reasoning_effort=wanted).fields("", rung, 100)
    assert fields["reasoning"] == {"effort": asked, "exclude": True}


def test_only_models_that_list_reasoning_are_told_how_much_to_think() -> None:
    listed = rung_of("m", {"supported_parameters": ["max_tokens", "tools"]})
    assert "reasoning" not in OpenRouterOptions().fields("", listed, 100)
    assert "reasoning" in OpenRouterOptions().fields("", Rung("not looked up yet"), 100)
    assert "reasoning" not in RequestOptions().fields("", Rung("elsewhere"), 100)


def test_what_a_model_refuses_is_not_said_to_it() -> None:
    fields = RequestOptions().fields("", Rung("m"), 100)
    body = json.loads(chat_body("m", "Rules.", "Why?", [], fields, refused=("max_tokens", "temperature")))
    assert body.keys() == {"model", "messages", "stream", "stream_options", "max_completion_tokens"}
    assert body["max_completion_tokens"] == 100


def asking(*messages: str) -> Asking:
    return Asking("Rules.", [{"role": "user", "content": message} for message in messages], [])


@pytest.mark.parametrize("word", ["word ", "言葉"])
def test_what_is_asked_is_shortened_before_it_is_given_up(word: str) -> None:
    ask = asking(word * 500, "Why?")
    assert fit(ask, 0, 100) == (ask, 100)
    assert fit(ask, 100_000, 100) == (ask, 100)
    assert fit(ask, 600, 100) == (asking("Why?"), 100)
    shorter, answer_tokens = fit(ask, 310, 300) or (ask, 0)
    assert shorter == asking("Why?")
    assert LEAST_ANSWER_TOKENS <= answer_tokens < 300
    assert fit(ask, LEAST_ANSWER_TOKENS, 300) is None


def test_after_a_call_of_a_tool_nothing_is_left_out() -> None:
    ask = Asking("Rules.", asking("word " * 500, "Why?").items, [], may_call=False)
    assert fit(ask, 600, 100) is None


async def test_the_first_models_that_write_are_taken_where_none_is_configured(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = ["text-embedding-3", "whisper-large", "llama-guard-3", "b", "a", "dall-e-3", "c", "d", "e"]
    catalog = OpenCatalog(Listing(*({"id": name} for name in names)), ())
    assert not catalog.rungs
    await catalog.look_first()
    assert [rung.model for rung in catalog.rungs] == ["b", "a", "c", "d"]
    assert all(rung.chosen_by_rule and rung.is_free is None for rung in catalog.rungs)
    nothing = OpenCatalog(Listing({"id": "text-embedding-3"}), ())
    await nothing.refresh()
    assert nothing.rungs == ()
    assert "set AGENT_MODELS" in caplog.text


async def test_ollamas_names_are_known_without_their_tag() -> None:
    catalog = OpenCatalog(Listing({"id": "llama3.1:latest"}), ("llama3.1", "gone"))
    await catalog.refresh()
    assert [(rung.model, rung.is_listed) for rung in catalog.rungs] == [("llama3.1", True), ("gone", False)]
