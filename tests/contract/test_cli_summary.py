"""`docs-chat ingest --summary-markdown` after real runs: what the page of a CI job shows."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as pb

from cli.__main__ import build_parser
from cli.summary_markdown import summary_markdown
from services.runtime.errors import ServiceError
from tests.fakes.ingest_world import ROOT, Service, build, serving


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    async with serving(allowed_roots=(tmp_path,)) as service:
        monkeypatch.setenv("DOCS_CHAT_INGEST_TARGET", service.address)
        monkeypatch.setenv("DOCS_CHAT_RETRIEVER_TARGET", service.retriever_address)
        yield service


async def told_of(site: Path) -> str:
    """The Markdown of one run."""
    file = site.parent / "summary.md"
    file.write_text("# A job\n\n")
    args = build_parser(["ingest"]).parse_args(["ingest", str(site), "--summary-markdown", str(file)])
    with contextlib.suppress(ServiceError):
        await args.run(args)
    return file.read_text()


async def test_a_run_is_told_with_its_pages_and_with_what_leads_nowhere_any_more(
    service: Service, tmp_path: Path
) -> None:
    site = build(tmp_path / "build", "guide", "intro", "usage")
    first = await told_of(site)
    assert "Published as revision 1 after" in first
    assert "| new | changed | unchanged | removed | failed | left out |" in first
    assert "| 3 | 0 | 0 | 0 | 0 | 0 |" in first
    assert "lead nowhere" not in first
    guide = site / "guide/index.html"
    guide.write_text(guide.read_text().replace('id="more"', 'id="further"'))
    shutil.rmtree(site / "usage")
    second = await told_of(site)
    assert f"- changed: `guide/index.html` <{ROOT}guide>" in second
    assert "### Cited addresses that lead nowhere any more (2)" in second
    assert f"- <{ROOT}usage>\n- <{ROOT}guide#more>" in second
    assert "Nothing had changed" in await told_of(site)


async def test_a_refused_run_is_told_too_and_adds_to_what_the_file_has(service: Service, tmp_path: Path) -> None:
    site = build(tmp_path / "build", "guide", "intro", "usage")
    await told_of(site)
    for name in ("guide", "intro"):
        shutil.rmtree(site / name)
    told = await told_of(site)
    assert told.startswith("# A job\n\n## docs-chat: `docs-example-org`\n\n")
    assert "**Not published**; readers see what they saw before. `2 of the 3 indexed pages have vanished" in told


async def test_without_the_retriever_the_run_is_told_and_that_links_were_not_checked(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build(tmp_path / "build", "guide")
    await told_of(site)
    build(site, "guide", text="Another text.")
    monkeypatch.setenv("DOCS_CHAT_RETRIEVER_TARGET", "127.0.0.1:1")
    told = await told_of(site)
    assert "Published as revision 2" in told
    assert "was not checked" in told


def test_texts_of_a_site_mention_nobody_and_put_no_markup_in() -> None:
    page = pb.PageIngested(uri="javascript:alert(1)", source_path="docs/@team`x`.md", outcome=pb.PAGE_OUTCOME_ADDED)
    message = "![](https://evil.example/x.png)\n# Title\n``` <img src=x> " + "x" * 1000
    problem = pb.Problem(severity=pb.PROBLEM_SEVERITY_ERROR, code="mdx-broken", message=message, source_path="a|b.md")
    events = [pb.IngestSiteResponse(page_ingested=page)] * 100 + [pb.IngestSiteResponse(problem=problem)]
    told = summary_markdown(events, failure="", broken=[])
    assert "- new: `` docs/@team`x`.md `` `javascript:alert(1)`\n" in told
    assert "- and 70 more" in told
    last = told.splitlines()[-1]
    assert last.startswith("- error `mdx-broken` `a|b.md` ```` ![](https://evil.example/x.png) # Title ``` <img")
    assert last.endswith("… ````")
    assert len(told) < 10_000
