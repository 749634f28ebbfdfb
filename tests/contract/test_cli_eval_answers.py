"""`docs-chat eval answers` against a real agent: what it measures, when it fails, and what it writes down."""

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import build_parser
from cli.exit_codes import FAILED, OK
from tests.fakes.agent_world import AgentWorld, agent_world

INSTALL = {"id": "install", "question": "How do I install the package?", "must": [["npm install"], ["docs-chat up"]]}
QUOTA = {"id": "quota", "question": "What limits requests to the model?", "must": [["default is 20"]], "kind": "fact"}
ROSES = {"id": "roses", "question": "When do I prune roses?", "gold": []}


@pytest.fixture
async def keyless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AgentWorld]:
    async with agent_world(tmp_path / "agent", openrouter_api_key="") as world:
        reach(world, monkeypatch)
        yield world


def reach(world: AgentWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal finds this agent and its retriever."""
    monkeypatch.setenv("DOCS_CHAT_AGENT_TARGET", f"127.0.0.1:{world.agent.port}")
    monkeypatch.setenv("DOCS_CHAT_RETRIEVER_TARGET", world.retriever_target)


async def evaluate(folder: Path, rows: list[dict[str, Any]], *options: str) -> int:
    file = folder / "answers.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    args = build_parser(["eval"]).parse_args(["eval", "answers", str(file), "--site", "docs", *options])
    code: int = await args.run(args)
    return code


@pytest.mark.usefixtures("keyless")
async def test_facts_refusals_citations_and_form_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run.json"
    assert await evaluate(tmp_path, [INSTALL, QUOTA, ROSES], "--json", str(run)) == OK
    written = json.loads(run.read_text("utf-8"))
    means = {name: value["mean"] for name, value in written["metrics"].items()}
    assert means == {
        "cited facts": 1.0,
        "doubted or refused": 1.0,
        "facts": 0.5,
        "form": 1.0,
        "no wrong fact": 1.0,
        "not doubted": 1.0,
        "not refused": 1.0,
    }
    assert written["sources"] == {"extractive": 2, "not_covered": 1}
    shown = capsys.readouterr().out
    assert "quota: What limits requests to the model?" in shown
    assert "does not say: default is 20" in shown
    assert "No language model was asked." in shown


@pytest.mark.usefixtures("keyless")
async def test_a_metric_below_what_is_required_fails_and_the_page_says_why(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert await evaluate(tmp_path, [INSTALL, QUOTA], "--require", "facts=0.9", "--html", str(page)) == FAILED
    assert "facts is 0.500, required 0.900" in page.read_text("utf-8")


async def test_a_run_is_compared_with_an_earlier_one_question_by_question(tmp_path: Path, keyless: AgentWorld) -> None:
    run = tmp_path / "main.json"
    rows = [INSTALL | {"id": str(number)} for number in range(8)]
    assert await evaluate(tmp_path, rows, "--json", str(run)) == OK
    assert await evaluate(tmp_path, rows, "--baseline", str(run), "--no-worse") == OK
    keyless.retriever.passages = [deepcopy(passage) for passage in keyless.retriever.passages]
    for passage in keyless.retriever.passages:
        passage.text = passage.text.replace("npm install", "npm add")
    assert await evaluate(tmp_path, rows, "--baseline", str(run), "--no-worse") == FAILED


async def test_doubt_counts_for_what_the_docs_do_not_answer_and_against_what_they_do(
    tmp_path: Path, keyless: AgentWorld
) -> None:
    keyless.retriever.doubtful = True
    run = tmp_path / "run.json"
    await evaluate(tmp_path, [INSTALL, ROSES | {"question": "How do I install roses?"}], "--json", str(run))
    metrics = json.loads(run.read_text("utf-8"))["metrics"]
    assert metrics["not doubted"]["mean"] == 0.0
    assert metrics["doubted or refused"]["mean"] == 1.0


async def test_with_a_key_written_answers_are_measured_with_what_they_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with agent_world(tmp_path / "agent") as world:
        reach(world, monkeypatch)
        run = tmp_path / "run.json"
        await evaluate(tmp_path, [INSTALL], "--json", str(run))
    (answer,) = json.loads(run.read_text("utf-8"))["answers"]
    assert (answer["source"], answer["requests"]) == ("model", 1)
    assert answer["input_tokens"] > 0
    assert "1 requests to the model" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"question": "x", "must": "fact"}, "must and must_not are lists"),
        ({"question": "x", "must": [["("]]}, "line 1"),
        ({"must": []}, "line 1"),
    ],
)
async def test_a_wrong_line_is_named(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        await evaluate(tmp_path, [row])


async def test_more_than_one_file_is_refused_with_what_to_write(tmp_path: Path) -> None:
    args = build_parser(["eval"]).parse_args(["eval", "one.jsonl", "two.jsonl"])
    with pytest.raises(ValueError, match="docs-chat eval answers FILE"):
        await args.run(args)
