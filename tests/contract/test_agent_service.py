"""AgentService over a real port, between a fake retriever and the emulated provider."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1.passages_pb2 import Widening

from services.runtime.errors import (
    DeadlineExceeded,
    IndexUnavailable,
    InvalidRequest,
    QuotaMinuteExhausted,
    ServiceUnreachable,
    SiteNotFound,
    from_rpc_error,
)
from tests.fakes.agent_world import BASE, AgentWorld, Heard, a_passage, agent_world, running_agent


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AgentWorld]:
    async with agent_world(tmp_path) as world:
        yield world


@pytest.fixture
async def keyless(tmp_path: Path) -> AsyncIterator[AgentWorld]:
    async with agent_world(tmp_path, openrouter_api_key="") as world:
        yield world


async def test_passages_come_before_text_and_completion_comes_last(world: AgentWorld) -> None:
    heard = await world.ask("How do I install the package?")
    kinds = heard.kinds
    assert kinds.index("passages_found") < kinds.index("text_delta")
    assert kinds.count("turn_completed") == 1
    assert kinds[-1] == "turn_completed"
    assert heard.completed.text == heard.text
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.model == world.emulator.models[0][0]
    assert heard.completed.generation_id.startswith("gen-")


async def test_an_answered_question_costs_one_request(world: AgentWorld) -> None:
    await world.ask("How do I install the package?")
    assert world.emulator.chat.counters.requests == 1


async def test_questions_one_after_the_other_share_a_connection(world: AgentWorld) -> None:
    connections = world.emulator.chat.counters.connections
    for number in range(3):
        assert (await world.ask(f"How do I install package {number}?")).completed
    assert world.emulator.chat.counters.requests == 3
    assert world.emulator.chat.counters.connections <= connections + 1


async def test_citations_carry_address_quote_and_place(world: AgentWorld) -> None:
    heard = await world.ask("How do I install the package with npm?")
    first = heard.citations[0]
    assert first.uri == f"{BASE}/install#quick-start"
    assert first.number == 1
    assert 0 < first.index <= len(heard.text)
    assert first.quote
    assert "[1]" not in heard.text


async def test_without_a_key_the_answer_is_quotations_and_says_so(keyless: AgentWorld) -> None:
    heard = await keyless.ask("How do I install the package?")
    assert events.NOTICE_CODE_EXTRACTIVE in heard.notices
    assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
    assert "npm install docs-chat" in heard.text
    assert heard.citations
    status = await keyless.stub.GetModelStatus(pb.GetModelStatusRequest())
    assert status.extractive_only


async def test_a_question_the_docs_do_not_cover_costs_no_request(world: AgentWorld) -> None:
    heard = await world.ask("Zubereitung einer Linsensuppe")
    assert heard.completed.source == events.ANSWER_SOURCE_NOT_COVERED
    assert events.NOTICE_CODE_NOT_COVERED in heard.notices
    assert world.emulator.chat.counters.requests == 0


async def test_thanks_are_answered_without_a_search_or_a_request(world: AgentWorld) -> None:
    heard = await world.ask("How do I install it?", "With npm.", "Thanks a lot!")
    assert heard.completed.source == events.ANSWER_SOURCE_SMALL_TALK
    assert heard.completed.text == heard.text
    assert "welcome" in heard.text
    assert heard.kinds == ["passages_found", "text_delta", "turn_completed"]
    assert world.retriever.searches == []
    assert world.emulator.chat.counters.requests == 0


async def test_a_greeting_is_told_what_this_site_answers(world: AgentWorld) -> None:
    heard = await world.ask("Hello! What can you do?")
    assert heard.completed.suggestions
    assert all(suggestion in heard.text for suggestion in heard.completed.suggestions)
    assert list(heard.completed.suggestions) == ["How does search work?"]


async def test_a_greeting_is_answered_while_the_retriever_is_away(world: AgentWorld) -> None:
    world.retriever.failure = IndexUnavailable("no index")
    heard = await world.ask("Hallo")
    assert heard.completed.source == events.ANSWER_SOURCE_SMALL_TALK
    assert heard.text.startswith("Hallo!")


async def test_a_question_that_begins_with_a_greeting_is_a_question(world: AgentWorld) -> None:
    heard = await world.ask("Hi, how do I install the package?")
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL


async def test_help_beside_selected_text_is_about_that_text(world: AgentWorld) -> None:
    heard = await world.ask("Help!", selected_text="npm install docs-chat")
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL


async def test_a_repeated_question_costs_no_request(world: AgentWorld) -> None:
    first = await world.ask("How do I install the package?")
    second = await world.ask("how do I install   the package")
    assert second.completed.source == events.ANSWER_SOURCE_CACHE
    assert (second.text, second.citations) == (first.text, first.citations)
    assert world.emulator.chat.counters.requests == 1


async def test_a_changed_passage_makes_the_kept_answer_stale(world: AgentWorld) -> None:
    await world.ask("How do I install the package?")
    world.retriever.passages[0].content_hash = "changed"
    heard = await world.ask("How do I install the package?")
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL


async def test_skipping_the_cache_asks_again(world: AgentWorld) -> None:
    await world.ask("How do I install the package?")
    heard = await world.ask("How do I install the package?", options={"skip_cache": True})
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert world.emulator.chat.counters.requests == 2


async def test_identical_questions_in_flight_share_one_request(world: AgentWorld) -> None:
    world.emulator.direct({"pace": {"first_token_s": 0.3}})
    answers = await asyncio.gather(*(world.ask("How do I install the package?") for _ in range(10)))
    assert world.emulator.chat.counters.requests == 1
    assert {heard.text for heard in answers} == {answers[0].text}
    assert all(heard.kinds[-1] == "turn_completed" for heard in answers)


async def test_one_reader_who_leaves_does_not_cut_the_others(world: AgentWorld) -> None:
    world.emulator.direct({"pace": {"tokens_per_s": 40}})
    leaving = world.stub.RunTurn(_question("How do I install the package?"))
    staying = asyncio.create_task(world.ask("How do I install the package?"))
    while not (await leaving.read()).HasField("text_delta"):
        pass
    leaving.cancel()
    heard = await staying
    assert heard.completed.text == heard.text
    assert world.emulator.chat.counters.abandoned == 0


async def test_the_last_reader_who_leaves_closes_the_connection_to_the_provider(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["hang-after-text"]})
    call = world.stub.RunTurn(_question("How do I install the package?"))
    while not (await call.read()).HasField("text_delta"):
        pass
    call.cancel()
    async with asyncio.timeout(1), world.emulator.chat.abandoned:
        await world.emulator.chat.abandoned.wait_for(lambda: world.emulator.chat.counters.abandoned == 1)


async def test_a_second_look_numbers_its_passages_on(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["tool"]})
    heard = await world.ask("What limits requests to the model?", options={"passage_limit": 1})
    assert events.TURN_STAGE_SEARCHING_AGAIN in heard.stages
    assert len(world.retriever.searches) == 2
    assert heard.kinds.count("passages_found") == 1
    assert heard.completed.usage.requests == 2
    tool_messages = [body for body in world.emulator.chat.bodies if body["messages"][-1]["role"] == "tool"]
    assert '<passage number="2"' in tool_messages[0]["messages"][-1]["content"]


async def test_another_version_is_announced(world: AgentWorld) -> None:
    world.retriever.widening = Widening(versions=["2.1"])
    heard = await world.ask("How do I install the package?")
    assert heard.notices == [events.NOTICE_CODE_WIDENED]
    assert list(heard.events[heard.kinds.index("passages_found")].passages_found.widening.versions) == ["2.1"]


async def test_a_search_with_a_part_missing_marks_the_answer(world: AgentWorld) -> None:
    world.retriever.degraded_reason = "no dense search"
    heard = await world.ask("How do I install the package?")
    assert events.NOTICE_CODE_DEGRADED_SEARCH in heard.notices
    assert heard.completed.degraded


async def test_doubt_is_told_to_the_reader_and_to_the_model(world: AgentWorld) -> None:
    world.retriever.doubtful = True
    heard = await world.ask("How do I install the package?")
    assert heard.notices == [events.NOTICE_CODE_DOUBTFUL]
    assert heard.kinds.index("notice") < heard.kinds.index("text_delta")
    assert "doubts that these passages answer" in world.emulator.chat.bodies[-1]["messages"][-1]["content"]
    world.retriever.doubtful = False
    assert (await world.ask("What limits requests to the model?")).notices == []
    assert "doubts that" not in world.emulator.chat.bodies[-1]["messages"][-1]["content"]


async def test_quotations_in_doubt_do_not_pose_as_the_answer(keyless: AgentWorld) -> None:
    keyless.retriever.doubtful = True
    heard = await keyless.ask("How do I install the package?")
    assert heard.text.startswith("The docs say nearest to this:\n\n")
    assert events.NOTICE_CODE_DOUBTFUL in heard.notices
    keyless.retriever.doubtful = False
    assert "nearest" not in (await keyless.ask("How do I install the package?")).text


async def test_a_corrected_word_is_told_and_quoted_for(keyless: AgentWorld) -> None:
    keyless.retriever.corrections = {"instal ": "install "}
    heard = await keyless.ask("How do I instal the package?")
    told = next(event.notice for event in heard.events if event.HasField("notice"))
    assert (told.code, list(told.details)) == (events.NOTICE_CODE_CORRECTED, ["install "])
    assert "npm install docs-chat" in heard.text


async def test_few_passages_are_shown_and_more_are_read(tmp_path: Path) -> None:
    async with agent_world(tmp_path, passage_limit=1, evidence_passages=3) as world:
        heard = await world.ask("What limits requests to the model?")
        (found,) = (event.passages_found for event in heard.events if event.HasField("passages_found"))
        assert len(found.passages) == 1
        assert world.emulator.chat.bodies[-1]["messages"][-1]["content"].count("<passage number=") == 3
        assert world.emulator.chat.counters.requests == 1
        explicit = await world.ask("What limits requests to a model?", options={"passage_limit": 2})
        (found,) = (event.passages_found for event in explicit.events if event.HasField("passages_found"))
        assert len(found.passages) == 2
        assert world.emulator.chat.bodies[-1]["messages"][-1]["content"].count("<passage number=") == 2


async def test_a_question_about_this_page_is_answered_from_it(world: AgentWorld) -> None:
    heard = await world.ask("What does this page say?", page_uri=f"{BASE}/configure", page_title="Configuration")
    found = heard.events[heard.kinds.index("passages_found")].passages_found
    assert found.passages[0].document_uri == f"{BASE}/configure"


async def test_selected_text_reaches_search_and_model(world: AgentWorld) -> None:
    await world.ask("What does it mean?", selected_text="fuses dense and sparse candidates")
    assert any("fuses dense" in query.text for query in world.retriever.searches[0].queries)
    assert "fuses dense and sparse" in world.emulator.chat.bodies[0]["messages"][-1]["content"]


async def test_the_answer_follows_the_language_of_the_question(world: AgentWorld) -> None:
    await world.ask("Wie installiere ich das npm package und was ist nicht enthalten?")
    assert "Answer in German" in world.emulator.chat.bodies[0]["messages"][0]["content"]


async def test_the_same_turn_again_searches_only_once(world: AgentWorld) -> None:
    await world.ask("How do I install the package?", turn_id="turn-1")
    await world.ask("How do I install the package?", turn_id="turn-1")
    assert len(world.retriever.searches) == 1


async def test_a_preferred_model_is_asked_first(world: AgentWorld) -> None:
    heard = await world.ask("How do I install it with npm?", options={"model": "google/gemma-4-31b-it:free"})
    assert heard.completed.model == "google/gemma-4-31b-it:free"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.RunTurnRequest(), "messages"),
        (pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_ASSISTANT, text="x")]), "messages"),
        (pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text="  ")]), "messages"),
        (pb.RunTurnRequest(messages=[pb.Message(text="x")]), "messages[0].role"),
        (pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text="x" * 8001)]), "messages[0].text"),
        (
            pb.RunTurnRequest(
                messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text="x")], options=pb.TurnOptions(model="gpt-9")
            ),
            "options.model",
        ),
    ],
)
async def test_wrong_turns_are_refused_by_field(keyless: AgentWorld, request_: pb.RunTurnRequest, field: str) -> None:
    heard = await _heard(keyless, request_)
    assert isinstance(heard, InvalidRequest)
    assert field in heard.violations


async def test_an_unknown_site_is_said(world: AgentWorld) -> None:
    request = _question("How do I install the package?")
    request.site = "elsewhere"
    assert isinstance(await _heard(world, request), SiteNotFound)


async def test_an_unreachable_retriever_is_said(tmp_path: Path) -> None:
    async with running_agent("127.0.0.1:1", tmp_path, openrouter_api_key="") as (_, stub):
        with pytest.raises(grpc.aio.AioRpcError, match="retriever") as caught:
            async for _ in stub.RunTurn(_question("How?")):
                pass
    assert isinstance(from_rpc_error(caught.value, service="agent"), ServiceUnreachable | DeadlineExceeded)


async def test_the_status_shows_models_and_quota(world: AgentWorld) -> None:
    await world.ask("How do I install the package?")
    status = await world.stub.GetModelStatus(pb.GetModelStatusRequest())
    assert [model.model for model in status.models] == [name for name, tools in world.emulator.models if tools]
    assert status.quota.minute_remaining == status.quota.minute_limit - 1
    assert not status.extractive_only


async def test_the_status_tells_what_is_listed_and_what_is_left_out(tmp_path: Path) -> None:
    async with agent_world(tmp_path, models=("gone/model:free", "z-ai/glm-5.2:free")) as world:
        await world.agent.ladder.catalog.refresh()
        await world.ask("How do I install the package?")
        status = await world.stub.GetModelStatus(pb.GetModelStatusRequest())
    (asked,), (left_out,) = status.models, status.left_out
    assert (asked.model, asked.on_offer, asked.is_free, asked.context_length) == (
        "z-ai/glm-5.2:free", True, True, 131_072,
    )  # fmt: skip
    assert asked.HasField("last_answer_at")
    assert (left_out.on_offer, left_out.left_out_reason) == (False, "the provider does not list it any more")
    assert not left_out.HasField("is_free")
    assert status.HasField("listed_at")


async def test_models_chosen_by_rule_are_marked_and_may_be_preferred(tmp_path: Path) -> None:
    async with agent_world(tmp_path, models=("gone/model:free",)) as world:
        await world.agent.ladder.catalog.refresh()
        status = await world.stub.GetModelStatus(pb.GetModelStatusRequest())
        assert all(state.chosen_by_rule for state in status.models)
        last = status.models[-1].model
        heard = await world.ask("How do I install the package?", options={"model": last})
        assert heard.completed.model == last


async def test_code_that_no_passage_has_is_reported(world: AgentWorld) -> None:
    world.emulator.direct({"text": "Run `npm install docs-chat` [1] and set `AGENT_TELEPATHY_LEVEL` [2]."})
    heard = await world.ask("How do I install the package?")
    assert list(heard.completed.grounding.not_found) == ["AGENT_TELEPATHY_LEVEL"]
    assert events.NOTICE_CODE_UNGROUNDED in heard.notices


async def test_suggestions_come_from_nearby_headings(world: AgentWorld) -> None:
    heard = await world.ask("How do I install the package?")
    assert list(heard.completed.suggestions) == ["How does search work?"]


async def test_empty_passages_are_an_answer(world: AgentWorld) -> None:
    world.retriever.passages = [a_passage("x", "Nothing alike.")]
    heard = await world.ask("How do I install the package?")
    assert heard.completed.source == events.ANSWER_SOURCE_NOT_COVERED


def _question(text: str) -> pb.RunTurnRequest:
    return pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text=text)], site="docs")


async def _heard(world: AgentWorld, request: pb.RunTurnRequest) -> Exception:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in world.stub.RunTurn(request):
            pass
    return from_rpc_error(caught.value, service="agent")


async def test_a_model_that_repeats_itself_is_stopped(world: AgentWorld) -> None:
    world.emulator.chat.scripted_text = "Install it with npm [1]. " + "Run the command again and again. " * 400
    heard = await world.ask("How do I install the package?")
    assert events.NOTICE_CODE_TRUNCATED in heard.notices
    assert len(heard.text) < 1_000
    assert heard.completed.text == heard.text
    assert heard.completed.degraded


async def test_an_answer_without_marks_gets_the_sources_its_words_come_from(world: AgentWorld) -> None:
    world.emulator.chat.scripted_text = "Install the package with npm, then run `docs-chat up` to start all services."
    heard = await world.ask("How do I install the package?")
    assert [citation.uri for citation in heard.completed.citations] == [f"{BASE}/install#quick-start"]
    assert not heard.completed.degraded


async def test_an_answer_without_any_source_says_so_and_is_not_kept(world: AgentWorld) -> None:
    world.emulator.chat.scripted_text = "Buy a boat and sail across the wide ocean until you see land. " * 3 + (
        "Then drop the anchor near the beach, row ashore, greet whoever you meet there, and ask where the harbour is. "
        "Most harbours sell bread and fresh water, and some of them repair sails while you wait."
    )
    heard = await world.ask("How do I install the package?")
    assert events.NOTICE_CODE_NO_SOURCES in heard.notices
    assert heard.completed.degraded
    assert (await world.ask("How do I install the package?")).completed.source == events.ANSWER_SOURCE_MODEL


async def test_a_short_answer_without_a_source_is_left_alone(world: AgentWorld) -> None:
    world.emulator.chat.scripted_text = "The passages do not say that."
    heard = await world.ask("How do I install the package?")
    assert events.NOTICE_CODE_NO_SOURCES not in heard.notices


async def test_leaked_delimiters_and_turns_do_not_reach_the_reader(world: AgentWorld) -> None:
    world.emulator.chat.scripted_text = (
        '<think>Hm.</think><passage number="1" from="Installation">\nInstall it with npm [1].\n</passage><|im_end|>\n'
        "<|im_start|>user\nAnother question"
    )
    heard = await world.ask("How do I install the package?")
    assert heard.text.strip() == "Install it with npm."
    assert heard.citations


async def test_a_long_conversation_goes_on_with_its_newest_messages(world: AgentWorld) -> None:
    said = [f"What about part {at}?" for at in range(250)]
    heard = await world.ask(*said, "How do I install the package?")
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    told = str(world.emulator.chat.bodies[-1])
    assert "part 249" in told
    assert "part 1?" not in told


async def test_of_an_earlier_message_no_more_is_read_than_a_message_may_hold(world: AgentWorld) -> None:
    heard = await world.ask("x" * 20_000, "y" * 50_000, "How do I install the package?")
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL


async def test_a_network_beyond_its_share_gets_quotations_and_hears_why(tmp_path: Path) -> None:
    two_of_a_million = {"network_day_share": 0.000_002, "requests_per_day": 1_000_000}  # as the emulator tells it too
    async with agent_world(tmp_path, queue_wait_s=0, answer_cache_entries=0, **two_of_a_million) as world:

        async def ask(number: int, network: str) -> Heard:
            return await world.ask("How do I install the package?", reader_id=f"new {number}", reader_network=network)

        crowd = [await ask(number, "crowd/1") for number in range(14)]
        sources = [heard.completed.source for heard in crowd]
        assert sources == [events.ANSWER_SOURCE_MODEL] * 2 + [events.ANSWER_SOURCE_EXTRACTIVE] * 12
        told = [event.notice.message for heard in crowd for event in heard.events if event.HasField("notice")]
        assert "Too many questions come from your network" in told[0]
        assert "Your network has used up its share" in told[-1]  # it has kept asking all the same
        assert (await ask(14, "elsewhere/1")).completed.source == events.ANSWER_SOURCE_MODEL


async def test_a_refusal_names_the_owner_of_the_limit(tmp_path: Path) -> None:
    async with agent_world(tmp_path, requests_per_minute=1, queue_wait_s=0, answer_cache_entries=0) as world:
        await world.ask("How do I install the package?", reader_network="home")
        fail = pb.FALLBACK_POLICY_FAIL
        heard = await world.ask("How do I install it?", reader_network="elsewhere", fallback=fail)
        assert isinstance(heard.error, QuotaMinuteExhausted)
        assert heard.error.facts["limit_owner"] == "provider"


async def test_nobody_shares_the_fate_of_a_network_that_was_refused(tmp_path: Path) -> None:
    async with agent_world(tmp_path, queue_wait_s=0, network_day_share=0.000_001, requests_per_day=1_000_000) as world:
        for number in range(2):
            await world.ask(f"How do I install package {number}?", reader_network="crowd")
        question = "How do I install the package?"
        crowd, honest = await asyncio.gather(
            world.ask(question, reader_network="crowd"), world.ask(question, reader_network="home")
        )
        assert crowd.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
        assert honest.completed.source == events.ANSWER_SOURCE_MODEL
