"""The ingestion service over a real port, before a retriever that keeps its index in memory."""

import asyncio
import tarfile
import tempfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc
from docs_chat.retriever.v1 import documents_pb2 as documents

from services.ingest.server import build_server
from services.ingest.settings import IngestSettings
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import (
    EmbeddingModelMismatch,
    InvalidRequest,
    InvalidSource,
    PermissionDenied,
    RevisionConflict,
    ServiceUnreachable,
    SuspiciousSource,
    from_rpc_error,
)
from services.runtime.server import running
from tests.fakes.ingest_world import ROOT, RetrieverInMemory, Service, build, serving

SITE = "docs-example-org"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(allowed_roots=(tmp_path,)) as service:
        yield service


async def test_a_build_is_ingested_and_the_second_time_left_alone(service: Service, tmp_path: Path) -> None:
    site = build(tmp_path / "build", "guide", "intro", "usage")
    events = await service.ingest(site)
    assert events[0].source_recognised.kind == pb.SOURCE_KIND_BUILT_SITE
    assert events[0].source_recognised.profile.site == SITE
    assert (events[-1].summary.pages_added, events[-1].summary.published) == (3, True)
    chunks = service.retriever.published[f"{ROOT}guide"].chunks
    assert [(chunk.anchor, list(chunk.heading_path)) for chunk in chunks] == [("", []), ("more", ["More"])]
    again = (await service.ingest(site))[-1].summary
    assert (again.pages_unchanged, again.published, again.site.revision) == (3, False, 1)


async def test_an_inspection_writes_nothing(service: Service, tmp_path: Path) -> None:
    site = build(tmp_path / "build", "guide")
    request = pb.InspectSourceRequest(source=pb.SiteSource(path=str(site)), include_chunks=True)
    events = [event async for event in service.stub.InspectSource(request)]
    page = events[1].page
    assert [chunk.text for chunk in page.chunks] == ["Some text.", "Text of guide."]
    assert [(heading.level, heading.id) for heading in page.headings] == [(1, ""), (2, "more")]
    assert (events[-1].summary.page_count, events[-1].summary.chunk_count) == (1, 2)
    assert service.retriever.number == 0


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "https://evil.example/usage"])
async def test_a_page_with_a_foreign_address_is_reported_and_the_site_is_indexed(
    service: Service, tmp_path: Path, address: str
) -> None:
    site = build(tmp_path / "build", "guide", "intro", "usage")
    page = site / "usage" / "index.html"
    page.write_text(page.read_text().replace(f'href="{ROOT}usage"', f'href="{address}"'))
    events = await service.ingest(site)
    told = [(event.problem.code, event.problem.source_path) for event in events if event.HasField("problem")]
    assert told == [("address-refused", "usage/index.html")]
    assert (events[-1].summary.pages_added, events[-1].summary.pages_failed) == (2, 1)
    assert set(service.retriever.published) == {f"{ROOT}guide", f"{ROOT}intro"}
    request = pb.InspectSourceRequest(source=pb.SiteSource(path=str(site)))
    inspected = [event async for event in service.stub.InspectSource(request)]
    assert (inspected[-1].summary.page_count, inspected[-1].summary.pages_failed) == (2, 1)


async def test_an_archive_is_read_like_a_folder(service: Service, tmp_path: Path) -> None:
    site = build(tmp_path / "build", "guide")
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.write(site / "guide" / "index.html", "site/build/guide/index.html")
    with tarfile.open(tmp_path / "site.tar.gz", "w:gz") as packed:
        packed.add(site, "build")
    assert (await service.ingest(tmp_path / "site.zip"))[-1].summary.pages_added == 1
    assert (await service.ingest(tmp_path / "site.tar.gz"))[-1].summary.pages_unchanged == 1


def monorepo(folder: Path) -> Path:
    """A repository without `.git` whose docs lie beside its site folder."""
    config = "module.exports = {url: 'https://docs.example.org', presets: [['classic', {docs: {path: '../docs'}}]]}"
    for name, text in {
        "website/docusaurus.config.js": config,
        "website/blog/2026-01-01-a.md": "A post.",
        "docs/a.md": "A doc.",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


async def test_the_folders_a_site_is_made_of_are_named_so_that_they_can_be_followed(tmp_path: Path) -> None:
    site = monorepo(tmp_path)
    async with serving(allowed_roots=(tmp_path,)) as service:
        told = (await service.ingest(site / "website"))[0].source_recognised
        assert list(told.folders) == [str(site / "website"), str(site / "docs")]
        built = build(tmp_path / "build", "guide")
        assert list((await service.ingest(built, force=True))[0].source_recognised.folders) == [str(built)]
        with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
            archive.write(built / "guide" / "index.html", "build/guide/index.html")
        assert not (await service.ingest(tmp_path / "site.zip", force=True))[0].source_recognised.folders


async def test_a_build_beside_the_sources_gives_texts_and_they_give_what_authors_know(
    service: Service, tmp_path: Path
) -> None:
    site, built = tmp_path / "site", build(tmp_path / "site" / "build", "guide", "made-by-a-plugin", text="As shown.")
    (site / "docs").mkdir()
    config = "docs: {routeBasePath: '/'}, blog: false"
    (site / "docusaurus.config.js").write_text(
        f"module.exports = {{url: '{ROOT[:-1]}', presets: [['classic', {{{config}}}]]}}"
    )
    front_matter = "---\ntitle: The guide\ntags: [start]\nlast_update: {date: 2026-01-02}\n---\n"
    (site / "docs/guide.md").write_text(f"{front_matter}<Unknown />")
    (site / "docs/late.md").write_text("# Late\n\nWritten after the build.")
    source = {"build_path": str(built)}
    events = await service.ingest(site, source=source)
    assert events[0].source_recognised.reason.endswith("with the addresses and texts of its build")
    assert set(service.retriever.published) == {f"{ROOT}guide", f"{ROOT}made-by-a-plugin"}
    guide = service.retriever.published[f"{ROOT}guide"]
    assert [chunk.text for chunk in guide.chunks] == ["As shown.", "Text of guide."]
    document = guide.document
    assert (document.title, list(document.tags), list(document.source_paths)) == (
        "The guide",
        ["start"],
        ["docs/guide.md"],
    )
    assert document.last_updated_at.ToJsonString().startswith("2026-01-02")
    warnings = {event.problem.code: event.problem.message for event in events if event.HasField("problem")}
    assert "docs/late.md" in warnings["build-incomplete"]
    assert (await service.ingest(site, source=source))[-1].summary.pages_unchanged == 2
    (site / "docs/guide.md").write_text(front_matter.replace("The guide", "Another title"))
    assert (await service.ingest(site, source=source))[-1].summary.pages_changed == 1
    build(built, "guide", text="Built again.")
    assert (await service.ingest(site, source=source))[-1].summary.pages_changed == 1


async def test_a_build_outside_the_allowed_folders_or_without_sources_is_refused(
    service: Service, tmp_path: Path
) -> None:
    site = build(tmp_path / "build", "guide")
    with pytest.raises(InvalidSource):
        await service.ingest(site, source={"build_path": str(site)})
    with pytest.raises(InvalidRequest):
        await service.ingest(monorepo(tmp_path / "mono"), source={"build_path": "/etc"})


async def test_an_instance_that_may_not_be_read_refuses_to_publish_and_the_advice_works(tmp_path: Path) -> None:
    async with serving() as service:
        site = monorepo(tmp_path) / "website"
        with pytest.raises(SuspiciousSource, match="docs default is not read") as caught:
            await service.ingest(site)
        assert service.retriever.number == 0
        assert f"Name the folder that holds both ({tmp_path})" in caught.value.message
        assert (await service.ingest(tmp_path))[-1].summary.pages_added == 2
        assert (await service.ingest(site, force=True))[-1].summary.pages_removed == 1


async def test_a_site_file_or_the_callers_settings_open_the_folder_beside_the_site(tmp_path: Path) -> None:
    async with serving() as service:
        site = monorepo(tmp_path) / "website"
        source = pb.SiteSource(path=str(site))
        source.settings.update({"docs": [{"path": "../docs"}]})
        request = pb.InspectSourceRequest(source=source)
        events = [event async for event in service.stub.InspectSource(request)]
        assert events[-1].summary.page_count == 2
        (site / "docs-chat.site.yaml").write_text("docs: [{path: ../docs}]")
        assert (await service.ingest(site))[-1].summary.pages_added == 2


async def test_what_lies_outside_the_allowed_folders_stays_closed_and_the_message_names_the_setting(
    tmp_path: Path,
) -> None:
    site = monorepo(tmp_path) / "website"
    (site / "docs-chat.site.yaml").write_text("docs: [{path: ../docs}]")
    async with serving(allowed_roots=(site,)) as service:
        with pytest.raises(SuspiciousSource, match="INGEST_ALLOWED_ROOTS"):
            await service.ingest(site)


async def test_the_account_is_told_by_both_calls_and_kept_with_the_revision(service: Service, tmp_path: Path) -> None:
    monorepo(tmp_path)
    (tmp_path / "docs" / "draft.md").write_text("---\ndraft: true\n---\nx")
    source = pb.SiteSource(path=str(tmp_path))
    inspected = [e async for e in service.stub.InspectSource(pb.InspectSourceRequest(source=source))]
    ingested = await service.ingest(tmp_path)
    account = ingested[0].source_recognised.profile.account
    lines = [(entry.part, entry.state, entry.expected, entry.read, entry.left_out) for entry in account]
    assert lines[0] == ("docs default", documents.ACCOUNT_STATE_READ, 2, 1, 1)
    assert inspected[0].source_recognised.profile.account == account
    assert ingested[-1].summary.site.profile.account == account
    for summary in (inspected[-1].summary, ingested[-1].summary):
        assert [(left.reason, left.page_count) for left in summary.left_out] == [("draft", 1)]


async def test_another_state_in_the_account_is_published_and_another_count_alone_is_not(
    service: Service, tmp_path: Path
) -> None:
    await service.ingest(monorepo(tmp_path))
    (tmp_path / "docs" / "broken.md").write_text("---\na: [\n---\nx")
    assert not (await service.ingest(tmp_path))[-1].summary.published
    (tmp_path / "website" / "i18n" / "fr" / "docusaurus-plugin-content-docs").mkdir(parents=True)
    assert (await service.ingest(tmp_path))[-1].summary.published


async def test_a_path_outside_the_allowed_folders_is_refused(service: Service) -> None:
    with pytest.raises(InvalidRequest, match="INGEST_ALLOWED_ROOTS") as caught:
        await service.ingest(Path("/usr"))
    assert "source.path" in caught.value.violations


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("way", ["plain", "through a link", "with dots", "through what is not there"])
async def test_a_refusal_does_not_tell_what_exists(service: Service, tmp_path: Path, way: str, there: bool) -> None:
    (tmp_path / "link").symlink_to("/usr")
    name = "lib" if there else "no-such-folder"
    path = {
        "plain": f"/usr/{name}",
        "through a link": f"{tmp_path}/link/{name}",
        "with dots": f"{tmp_path}/{'../' * 40}usr/{name}",
        "through what is not there": f"{tmp_path}/nothing/{'../' * 40}usr/{name}",
    }[way]
    with pytest.raises(InvalidRequest) as caught:
        await service.ingest(Path(path))
    assert caught.value.message == "the path lies outside the folders that INGEST_ALLOWED_ROOTS allows"
    assert set(caught.value.violations) == {"source.path"}


async def test_a_link_in_a_circle_is_refused_like_any_other_way_out(service: Service, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(InvalidRequest, match="INGEST_ALLOWED_ROOTS"):
        await service.ingest(tmp_path / "circle")


async def test_a_build_behind_a_link_out_of_the_allowed_folders_is_not_read(
    service: Service, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = build(tmp_path_factory.mktemp("outside"), "secret")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "build").symlink_to(outside)
    with pytest.raises(InvalidRequest, match="INGEST_ALLOWED_ROOTS"):
        await service.ingest(tmp_path / "site")


@pytest.mark.parametrize(
    "settings",
    [
        {"docs": [{"path": "../../etc"}]},
        {"docs": {"path": "/etc"}},
        {"blog": [{"path": "ok"}, {"path": "../.."}]},
        {"pages": [{"path": "a/../../../etc"}]},
        {"staticDirectories": ["/etc"]},
        {"static_directories": ["../../../etc"]},
        {"i18n": {"path": "/etc"}},
        {"i18n": {"localeConfigs": {"fr": {"path": "../../../../etc"}}}},
    ],
)
async def test_settings_that_name_a_folder_elsewhere_are_refused_the_same_way(
    service: Service, tmp_path: Path, settings: dict[str, Any]
) -> None:
    (tmp_path / "docs").mkdir()
    source = pb.SiteSource(path=str(tmp_path))
    source.settings.update({"url": "https://docs.example.org", **settings})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in service.stub.InspectSource(pb.InspectSourceRequest(source=source)):
            pass
    error = from_rpc_error(caught.value, service="ingest")
    assert isinstance(error, InvalidRequest)
    assert (set(error.violations), error.message) == (
        {"source.settings"},
        "the path lies outside the folders that INGEST_ALLOWED_ROOTS allows",
    )


@pytest.mark.parametrize("path", ["/", "/etc", "/no-such-folder", "/usr/lib"])
async def test_a_service_that_others_reach_reads_nothing_until_told_what(path: str) -> None:
    async with serving(host="0.0.0.0", allow_strangers=True) as service:
        with pytest.raises(InvalidRequest, match=r"no folder may be read here: INGEST_ALLOWED_ROOTS is not set"):
            await service.ingest(Path(path))


async def test_the_root_of_the_file_system_lists_no_names() -> None:
    async with serving() as service:
        with pytest.raises(InvalidSource) as caught:
            await service.ingest(Path("/"))
    assert caught.value.message == "that is the root of the file system: give the folder of the site itself"


async def test_a_config_is_not_run_unless_the_service_was_told_so(service: Service, tmp_path: Path) -> None:
    for path in (tmp_path, Path("/usr"), tmp_path / "missing"):
        with pytest.raises(PermissionDenied) as caught:
            await service.ingest(path, source={"run_config": True})
        assert caught.value.facts == {"setting": "INGEST_ALLOW_RUN_CONFIG"}


async def test_a_config_may_be_asked_for_once_the_service_was_told_so(tmp_path: Path) -> None:
    async with serving(allow_run_config=True) as service:
        with pytest.raises(InvalidSource, match=r"docusaurus\.config"):
            await service.ingest(tmp_path, source={"run_config": True})


async def test_a_caller_who_leaves_stops_the_unpacking(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}/index.md", b"# Page")
    source = pb.SiteSource(path=str(tmp_path / "site.zip"))
    call = service.stub.IngestSite(pb.IngestSiteRequest(source=source))
    reading = asyncio.create_task(_drain(call))
    async with asyncio.timeout(60):
        while not any(temporary.glob("docs-chat-*/*")):
            await asyncio.sleep(0.01)
        call.cancel()
        while any(temporary.iterdir()):
            await asyncio.sleep(0.01)
    await asyncio.wait([reading])
    assert service.retriever.number == 0


async def test_wrong_fields_are_named(service: Service, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await service.ingest(tmp_path, source={"site": "Not A Name", "base_url": "docs"})
    assert set(caught.value.violations) == {"source.site", "source.base_url"}


async def test_a_folder_without_a_site_says_what_was_looked_for(service: Service, tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match=r"docusaurus\.config"):
        await service.ingest(tmp_path)


async def test_a_base_url_that_is_not_in_the_sitemap_is_suspicious(service: Service, tmp_path: Path) -> None:
    site = build(tmp_path / "build", "guide")
    (site / "sitemap.xml").write_text(f"<urlset><url><loc>{ROOT}guide</loc></url></urlset>")
    elsewhere = {"base_url": "https://elsewhere.example.org"}
    with pytest.raises(SuspiciousSource, match="sitemap"):
        await service.ingest(site, source=elsewhere)
    forced = await service.ingest(site, source=elsewhere, force=True)
    assert forced[-1].summary.site.profile.base_url == "https://elsewhere.example.org/"


async def test_another_run_in_progress_is_told(service: Service, tmp_path: Path) -> None:
    service.retriever.is_busy = True
    with pytest.raises(RevisionConflict) as caught:
        await service.ingest(build(tmp_path / "build", "guide"))
    assert caught.value.facts == {"owner": "elsewhere"}


async def test_a_format_of_chunks_that_is_not_known_is_refused_by_name(service: Service, tmp_path: Path) -> None:
    service.retriever.input_format = "poem-7"
    with pytest.raises(EmbeddingModelMismatch, match=r"'poem-7'.*run the same version of both") as caught:
        await service.ingest(build(tmp_path, "a"))
    assert caught.value.facts["input_format"] == "poem-7"
    assert service.retriever.number == 0


async def test_a_caller_who_leaves_has_the_revision_abandoned(service: Service, tmp_path: Path) -> None:
    service.retriever.hold_writes = True
    source = pb.SiteSource(path=str(build(tmp_path / "build", "guide")))
    call = service.stub.IngestSite(pb.IngestSiteRequest(source=source))
    reading = asyncio.create_task(_drain(call))
    await service.retriever.writing.wait()
    call.cancel()
    await service.retriever.abandoned.wait()
    await asyncio.wait([reading])
    assert service.retriever.site.revision == 0


async def test_a_retriever_that_is_away_is_named(tmp_path: Path) -> None:
    """Takes 5 s: so long a retriever may take to come before it counts as away."""
    async with AsyncExitStack() as stack:
        settings = IngestSettings(_env_file=None, port=0, retriever_target="127.0.0.1:1")
        server = await stack.enter_async_context(running(build_server(settings, stack)))
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{server.port}", ChannelSecurity()))
        service = Service(rpc.IngestServiceStub(channel), RetrieverInMemory())
        with pytest.raises(ServiceUnreachable) as caught:
            await service.ingest(build(tmp_path / "build", "guide"))
    assert caught.value.facts["service"] == "retriever"


async def _drain(call: Any) -> None:
    async for _ in call:
        pass
