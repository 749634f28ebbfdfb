"""`docs-chat eval` against a real retriever: what it measures, when it fails, and what it writes down."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc

from cli.__main__ import build_parser, main
from cli.exit_codes import FAILED, OK, USAGE
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.server import serving
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel

BASE = "https://garden.example/"
VERSIONS = [
    docs.SiteVersion(name="2.0", label="2.0", is_last=True, plugin_id="default", path="/docs"),
    docs.SiteVersion(name="1.0", label="1.0", plugin_id="default", path="/docs/1.0"),
]
PAGES = {
    "docs/watering": (
        "Watering",
        "Drip hose",
        "drip-hose",
        "Connect the drip hose to the tap and open it slowly.",
        "2.0",
    ),
    "docs/compost": ("Compost", "Turning", "turning", "Turn the compost heap with a fork every second week.", "2.0"),
    "docs/1.0/watering": ("Watering", "Rubber hose", "rubber-hose", "Fix the rubber hose with two clamps.", "1.0"),
}
HOSE = {"question": "How do I connect the drip hose?", "gold": ["/docs/watering#drip-hose"], "kind": "task"}
HEAP = {"question": "how often is compost turned", "gold": ["/docs/compost#turning"], "kind": "fact"}
ELSEWHERE = {"question": "When do I prune roses?", "gold": ["/docs/roses#pruning"], "kind": "fact"}


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


@pytest.fixture
async def retriever(tmp_path: Path, embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A retriever with a small garden of two versions, where the terminal looks for it."""
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=tmp_path / "index")
    async with serving(settings, embedder) as running:
        target = f"127.0.0.1:{running.port}"
        async with open_channel(target, ChannelSecurity()) as channel:
            await _plant(index_rpc.IndexServiceStub(channel))
        monkeypatch.setenv("DOCS_CHAT_RETRIEVER_TARGET", target)
        yield


async def _plant(index: "index_rpc.IndexServiceAsyncStub") -> None:
    profile = docs.SiteProfile(site="garden", base_url=BASE, title="Garden", locales=["en"], versions=VERSIONS)
    begun = await index.BeginRevision(index_pb.BeginRevisionRequest(profile=profile, owner="test"))

    async def writes() -> AsyncIterator[index_pb.WriteDocumentsRequest]:
        yield index_pb.WriteDocumentsRequest(revision=index_pb.RevisionRef(site="garden", revision=begun.revision))
        for slug, (title, heading, anchor, text, version) in PAGES.items():
            document = docs.Document(
                uri=BASE + slug,
                title=title,
                kind=docs.DOCUMENT_KIND_DOC,
                version=version,
                locale="en",
                content_hash=text,
                source_hash=text,
                plugin_id="default",
            )
            chunk = docs.Chunk(anchor=anchor, heading_path=[heading], text=text, content_hash=text)
            yield index_pb.WriteDocumentsRequest(document=index_pb.DocumentWrite(document=document, chunks=[chunk]))

    await index.WriteDocuments(writes())
    await index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=begun.revision))


@pytest.fixture
def ask(retriever: None, tmp_path: Path) -> Callable[..., Any]:
    """Evaluates questions with some options; returns the exit code."""

    async def ask(*questions: dict[str, Any], options: tuple[str, ...] = ()) -> int:
        file = tmp_path / "questions.jsonl"
        file.write_text("\n".join(map(json.dumps, questions)), "utf-8")
        args = build_parser(["eval"]).parse_args(["eval", str(file), *options])
        code = await args.run(args)
        assert isinstance(code, int)
        return code

    return ask


async def test_what_is_found_is_measured_by_page_and_section(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert await ask(HOSE, HEAP) == OK
    shown = capsys.readouterr().out
    assert "section recall@1        1.000" in shown
    assert "task:" in shown
    assert "MISSED" not in shown


async def test_it_fails_below_what_is_required(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert await ask(HOSE, HEAP, options=("--require", "page recall@5=0.9")) == OK
    assert await ask(HOSE, ELSEWHERE, options=("--require", "page recall@5=0.9")) == FAILED
    shown = capsys.readouterr().out
    assert "FAILED: page recall@5 is 0.500, required 0.900" in shown
    assert "MISSED 2: When do I prune roses?" in shown


async def test_a_wanted_page_that_nobody_can_find_is_named(ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await ask(HOSE, ELSEWHERE)
    assert "wanted, but not indexed:\n   /docs/roses" in capsys.readouterr().out


async def test_a_question_may_be_about_an_older_version(ask: Any) -> None:
    older = {
        "question": "fix the rubber hose with clamps",
        "gold": ["/docs/1.0/watering#rubber-hose"],
        "version": "1.0",
    }
    assert await ask(older, options=("--require", "section recall@1=1")) == OK


async def test_two_runs_are_compared_question_by_question(ask: Any, tmp_path: Path, capsys: Any) -> None:
    run = tmp_path / "run.json"
    assert await ask(HOSE, HEAP, options=("--json", str(run))) == OK
    written = json.loads(run.read_text("utf-8"))
    assert written["metrics"]["page recall@5"]["mean"] == 1.0
    assert set(written["kinds"]) == {"task", "fact"}
    assert await ask(HOSE, HEAP, options=("--baseline", str(run), "--no-worse")) == OK
    assert "change against the earlier run:" in capsys.readouterr().out


async def test_it_fails_when_search_became_worse_than_an_earlier_run(ask: Any, tmp_path: Path, capsys: Any) -> None:
    run = tmp_path / "run.json"
    await ask({**HOSE, "id": "a"}, {**HEAP, "id": "b"}, options=("--json", str(run)))
    lost = [{**ELSEWHERE, "id": "a"}, {**ELSEWHERE, "id": "b"}]
    assert await ask(*lost, options=("--against", str(run), "--no-worse")) == FAILED
    assert "FAILED: page recall@5 fell by 1.000" in capsys.readouterr().out


async def test_the_report_for_people_shows_each_miss_with_what_was_found(ask: Any, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    await ask(HOSE, {**ELSEWHERE, "question": "When do I prune <b>roses</b>?"}, options=("--html", str(page)))
    text = page.read_text("utf-8")
    assert "When do I prune &lt;b&gt;roses&lt;/b&gt;?" in text
    assert "<code>/docs/roses#pruning</code>" in text
    assert "Compost › Turning" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"question": "no gold"}', "line 1"),
        ('{"question": "gold is no list", "gold": "/a"}', "gold is a list"),
        ("not json", "line 1"),
        ("", "has no questions"),
        (
            '{"id": "a", "question": "x", "gold": []}\n{"id": "a", "question": "y", "gold": []}',
            "another question has the id",
        ),
    ],
)
def test_a_file_that_is_no_evaluation_is_refused_with_its_line(
    line: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(line, "utf-8")
    assert _ends(["eval", str(file)]) == USAGE
    assert told in capsys.readouterr().err


def test_wrong_options_are_refused_before_anything_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(HOSE), "utf-8")
    assert _ends(["eval", str(file), "--require", "page recall@5=most"]) == USAGE
    assert _ends(["eval", str(file), "--no-worse"]) == USAGE
    other = tmp_path / "other.json"
    other.write_text("{}", "utf-8")
    assert _ends(["eval", str(file), "--against", str(other)]) == USAGE
    told = capsys.readouterr().err
    assert "METRIC=VALUE" in told
    assert "--against run.json" in told
    assert "is not a run" in told


def _ends(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code
