"""`docs-chat watch` against the real ingestion service, before a retriever that keeps its index in memory."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.__main__ import build_parser, main
from tests.fakes.ingest_world import ROOT, RetrieverInMemory, Service, serving

CONFIG = "module.exports = {url: 'https://docs.example.org', presets: [['classic', {docs: {path: '../docs'}}]]}"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose docs lie beside it, below the folder that `watch` is given."""
    write(tmp_path / "repository/website/docusaurus.config.js", CONFIG)
    write(tmp_path / "repository/website/blog/2026-01-01-news.md", "# News\n\nA post.")
    write(tmp_path / "repository/website/node_modules/tool/readme.md", "# Tool")
    write(tmp_path / "repository/docs/guide.md", "# Guide\n\nThe first text.")
    write(tmp_path / "repository/docs/usage.md", "# Usage\n\nAnother text.")
    return tmp_path / "repository"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(allowed_roots=(tmp_path,)) as service:
        yield service


@contextlib.asynccontextmanager
async def watching(service: Service, *arguments: str) -> AsyncIterator["asyncio.Task[int]"]:
    """The command, while it follows a site."""
    args = build_parser(["watch"]).parse_args(["watch", *arguments])
    task = asyncio.create_task(args.run(args))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def _reaches(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    monkeypatch.setenv("DOCS_CHAT_INGEST_TARGET", service.address)


async def text_of(retriever: RetrieverInMemory, path: str, wanted: str, task: "asyncio.Task[int]") -> None:
    """Wait until readers would find this text on a page."""
    while not any(wanted in chunk.text for chunk in getattr(retriever.published.get(ROOT + path), "chunks", ())):
        assert not task.done(), await task
        await asyncio.sleep(0.02)


async def indexed(retriever: RetrieverInMemory, revision: int, task: "asyncio.Task[int]") -> None:
    while retriever.site.revision < revision:
        assert not task.done(), await task
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("options", [(), ("--poll",)], ids=["events", "polling"])
async def test_a_page_that_is_saved_is_indexed_and_no_other(
    service: Service, site: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    async with watching(service, str(site), *options) as task:
        await text_of(service.retriever, "docs/guide", "first", task)
        write(site / "docs/guide.md", "# Guide\n\nThe second text.")
        await text_of(service.retriever, "docs/guide", "second", task)
        write(site / "docs/sub/added.md", "# Added\n\nA page of a new folder.")
        await text_of(service.retriever, "docs/sub/added", "new folder", task)
        write(site / "website/blog/2026-01-01-news.md", "# News\n\nAnother post.")
        await text_of(service.retriever, "blog/2026/01/01/news", "Another", task)
        (site / "docs/usage.md").unlink()
        told = ""
        while "removed ../docs/usage.md" not in told:
            await asyncio.sleep(0.02)
            told += capsys.readouterr().out
    assert f"{ROOT}docs/usage" not in service.retriever.published
    assert "changed ../docs/guide.md; 1 chunks embedded" in told
    assert "new ../docs/sub/added.md; " in told


async def test_polling_finds_a_second_save_in_the_same_second(service: Service, site: Path) -> None:
    os.utime(site / "docs/guide.md", (0, 0))  # so that the first save is another second
    async with watching(service, str(site), "--poll") as task:
        await indexed(service.retriever, 1, task)
        write(site / "docs/guide.md", "# Guide\n\nThe second text.")
        seen = os.stat(site / "docs/guide.md").st_mtime_ns
        await text_of(service.retriever, "docs/guide", "second", task)
        write(site / "docs/guide.md", "# Guide\n\nThe third text.")
        os.utime(site / "docs/guide.md", ns=(seen, seen))
        await text_of(service.retriever, "docs/guide", "third", task)


async def test_a_run_that_fails_is_told_in_a_line_and_the_watch_goes_on(
    service: Service, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watching(service, str(site)) as task:
        await indexed(service.retriever, 1, task)
        write(site / "website/docusaurus.config.js", "module.exports = {title: 'No address'}")
        told = ""
        while "not indexed: " not in told:
            await asyncio.sleep(0.02)
            told += capsys.readouterr().out
        assert "the site's url could not be read" in told.split("not indexed: ")[1].splitlines()[0]
        write(site / "website/docusaurus.config.js", CONFIG)
        write(site / "docs/guide.md", "# Guide\n\nThe text after it.")
        await text_of(service.retriever, "docs/guide", "after it", task)


async def test_another_run_is_waited_for_and_told_once(
    service: Service, site: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.watch._TRY_AGAIN_S", 0.05)
    service.retriever.is_busy = True
    async with watching(service, str(site)) as task:
        tried = ""
        while "another run is writing" not in tried:
            await asyncio.sleep(0.02)
            tried += capsys.readouterr().out
        service.retriever.is_busy = False
        await indexed(service.retriever, 1, task)
    assert (tried + capsys.readouterr().out).count("not indexed") == 1


async def test_a_folder_named_beside_the_site_is_followed_too(service: Service, site: Path, tmp_path: Path) -> None:
    write(site / "website/docusaurus.config.js", CONFIG.replace("../docs", "docs"))
    snippets = site / "snippets"
    write(snippets / "part.md", "The first part.")
    write(site / "website/docs/page.mdx", "import Part from '../../snippets/part.md'\n\n# Page\n\n<Part />\n")
    async with watching(service, str(site / "website"), "--also", str(snippets)) as task:
        (site / ".git").mkdir()
        write(site / "website/docs/other.md", "# Other\n\nThe text.")
        await text_of(service.retriever, "docs/page", "first part", task)
        write(snippets / "part.md", "The second part.")
        await text_of(service.retriever, "docs/page", "second part", task)


def test_only_a_folder_can_be_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.zip").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main(["watch", str(tmp_path / "site.zip")])
    assert ended.value.code == 2
    assert "only a folder can be followed" in capsys.readouterr().err


async def test_ctrl_c_ends_it_and_a_run_that_goes_on_is_taken_back(service: Service, site: Path) -> None:
    service.retriever.hold_writes = True
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "watch", str(site),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ.copy(),
    )  # fmt: skip
    await service.retriever.writing.wait()
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (0, "")
    assert "no longer followed" in out.decode()
    await service.retriever.abandoned.wait()
    assert service.retriever.published == {}
