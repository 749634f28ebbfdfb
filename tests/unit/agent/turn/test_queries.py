"""Which messages lean on the past, and what is searched for then."""

from typing import Any

import pytest

from services.agent.conversation import Message, TurnRequest, trimmed_history
from services.agent.turn.queries import leans_on_the_past, plan_search


def conversation(*texts: str, **fields: Any) -> TurnRequest:
    messages = [Message(from_reader=(len(texts) - at) % 2 == 1, text=text) for at, text in enumerate(texts)]
    return TurnRequest(tuple(messages), **fields)


@pytest.mark.parametrize(
    "message",
    [
        "And in v2?",
        "How do I turn that off?",
        "What about Windows?",
        "Does it work with TypeScript?",
        "Why?",
        "Can I use both?",
        "How do I change those?",
        "And for the other ones?",
        "Is this possible without Docker?",
        "Und mit TypeScript?",
    ],
)
def test_messages_that_lean_are_noticed(message: str) -> None:
    assert leans_on_the_past(message)


@pytest.mark.parametrize(
    "message",
    [
        "How do I configure the reverse proxy for a Docusaurus site?",
        "Is it possible to index several sites with one retriever?",
        "How do I set `AGENT_REQUESTS_PER_MINUTE` in the compose file?",
        "What does the --no-cache flag change when the site is built again?",
        "Both Gitea and Woodpecker run on the same machine and events of Gitea never arrive. What has to be allowed?",
        "It seems that createAsyncThunk swallows errors thrown by fetch in the payload creator, how can I see them?",
        "Does it make sense to run several replicas of the retriever behind a load balancer?",
    ],
)
def test_messages_that_stand_alone_are_left_alone(message: str) -> None:
    assert not leans_on_the_past(message)


def test_a_message_that_stands_alone_is_searched_as_it_is() -> None:
    question = "How do I configure the reverse proxy for a Docusaurus site?"
    plan = plan_search(conversation("How do I install it?", "With npm.", question))
    assert [query.text for query in plan.queries] == [question]


def test_a_leaning_message_carries_the_subject_along_and_is_searched_itself_too() -> None:
    plan = plan_search(conversation("How do I configure polling?", "Set `pollingInterval`.", "How do I turn that off?"))
    assert plan.queries[0].text == "How do I turn that off?"
    assert "polling" in plan.queries[1].text
    assert plan.queries[1].text.endswith("How do I turn that off?")


def test_a_chain_of_leaning_messages_reaches_back_to_its_subject() -> None:
    plan = plan_search(
        conversation("How do I write a createSlice reducer?", "…", "And with types?", "…", "And without it?")
    )
    assert "createSlice" in plan.queries[1].text


def test_the_first_message_has_nothing_to_lean_on() -> None:
    assert len(plan_search(conversation("And in v2?")).queries) == 1


def test_selected_text_is_searched_with_the_question() -> None:
    plan = plan_search(conversation("What does this mean?", selected_text="tree shaking"))
    assert "tree shaking" in plan.queries[-1].text


def test_this_page_is_only_understood_where_there_is_one() -> None:
    assert plan_search(conversation("What is this page about?", page_uri="https://x/docs/a", page_title="A")).about_page
    assert not plan_search(conversation("What is this page about?")).about_page


def test_no_more_than_four_queries_and_none_too_long() -> None:
    plan = plan_search(
        conversation(
            "a " * 3000, "…", "And it " + "b" * 7000, selected_text="c" * 3000, page_uri="https://x/a", page_title="A"
        )
    )
    assert len(plan.queries) <= 4
    assert all(len(query.text) <= 8000 for query in plan.queries)


def test_history_is_cut_in_whole_turns_from_the_oldest() -> None:
    turns = (
        Message(True, "first " * 50),
        Message(False, "answer " * 50),
        Message(True, "second"),
        Message(False, "two"),
    )
    assert trimmed_history(turns, 50) == turns[2:]
    assert trimmed_history(turns, 5000) == turns
    assert trimmed_history(turns, 0) == ()
