"""`docs-chat ingest`, `sites`, `rollback` and `delete-site` against services on a real port."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc
from docs_chat.retriever.v1 import documents_pb2 as documents
from docs_chat.retriever.v1 import index_service_pb2 as index
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from cli.__main__ import main
from cli.exit_codes import CONFLICT, NOT_FOUND, OK, PAGES_FAILED, SUSPICIOUS, UNREACHABLE, USAGE
from services.runtime.errors import InvalidSource, RevisionConflict, RevisionNotKept, SiteNotFound, SuspiciousSource
from tests.fakes.grpc_services import in_a_thread

ENTRY = documents.AccountEntry(
    part="docs default", known_from="docs.path docs", state=documents.ACCOUNT_STATE_READ, expected=2, read=2
)
REFUSING = documents.AccountEntry(part="docs api", state=documents.ACCOUNT_STATE_MISSING, refuses=True)
PROFILE = documents.SiteProfile(site="d", base_url="https://d.example/", title="D", locales=["en"], account=[ENTRY])
RECOGNISED = pb.SourceRecognised(
    kind=pb.SOURCE_KIND_SOURCE_TREE, reason="there is a config", profile=PROFILE, page_count=2
)
BROKEN = pb.Problem(
    severity=pb.PROBLEM_SEVERITY_ERROR, code="mdx-broken", message="never closed", source_path="docs/b.mdx", line=7
)


class Services(rpc.IngestServiceServicer, index_rpc.IndexServiceServicer, retriever_rpc.RetrieverServiceServicer):
    """One site with two kept revisions, and an ingestion that goes as the name of the site says."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.revisions = {"d": 2}

    async def IngestSite(self, request: pb.IngestSiteRequest, context: Any) -> AsyncIterator[pb.IngestSiteResponse]:
        self.asked.append(request)
        match request.source.site:
            case "busy":
                raise RevisionConflict("revision 3 is being written by another process")
            case "odd" if not request.force:
                raise SuspiciousSource("2 of the 2 indexed pages have vanished")
            case "missing":
                raise InvalidSource("nothing to read there")
        yield pb.IngestSiteResponse(source_recognised=RECOGNISED)
        yield pb.IngestSiteResponse(problem=BROKEN)
        page = pb.PageIngested(uri="https://d.example/b", outcome=pb.PAGE_OUTCOME_FAILED)
        yield pb.IngestSiteResponse(page_ingested=page)
        summary = pb.IngestSummary(
            site=self._site("d"), pages_added=1, pages_failed=1, chunks_embedded=3, published=True
        )
        yield pb.IngestSiteResponse(summary=summary)

    async def InspectSource(
        self, request: pb.InspectSourceRequest, context: Any
    ) -> AsyncIterator[pb.InspectSourceResponse]:
        self.asked.append(request)
        recognised = pb.SourceRecognised(profile=PROFILE)
        recognised.MergeFrom(RECOGNISED)
        if request.source.site == "odd":
            recognised.profile.account.append(REFUSING)
        yield pb.InspectSourceResponse(source_recognised=recognised)
        document = documents.Document(uri="https://d.example/a", locale="en", source_paths=["docs/a.md"])
        yield pb.InspectSourceResponse(page=pb.InspectedPage(document=document, chunk_tokens=[40]))
        yield pb.InspectSourceResponse(problem=BROKEN)
        summary = pb.InspectSummary(
            page_count=1, pages_failed=1, chunk_count=1, chunk_tokens_median=40, chunk_tokens_max=40
        )
        yield pb.InspectSourceResponse(summary=summary)

    async def ListSites(self, request: retriever.ListSitesRequest, context: Any) -> retriever.ListSitesResponse:
        return retriever.ListSitesResponse(sites=[self._site(name) for name in self.revisions])

    async def GetSite(self, request: retriever.GetSiteRequest, context: Any) -> retriever.GetSiteResponse:
        if request.site not in self.revisions:
            raise SiteNotFound("no site of that name", site=request.site)
        return retriever.GetSiteResponse(site=self._site(request.site))

    async def RollBack(self, request: index.RollBackRequest, context: Any) -> index.RollBackResponse:
        if request.revision not in (0, 1):
            raise RevisionNotKept("that revision of site 'd' is not kept; kept: 1, 2")
        self.revisions[request.site] = 1
        return index.RollBackResponse(site=self._site(request.site))

    async def DeleteSite(self, request: index.DeleteSiteRequest, context: Any) -> index.DeleteSiteResponse:
        return index.DeleteSiteResponse(deleted=self.revisions.pop(request.site, None) is not None)

    def _site(self, name: str) -> documents.Site:
        return documents.Site(
            profile=PROFILE, revision=self.revisions[name], kept_revisions=[1, 2], document_count=1, chunk_count=3
        )


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    served = Services()

    def register(server: Any) -> None:
        rpc.add_IngestServiceServicer_to_server(served, server)
        index_rpc.add_IndexServiceServicer_to_server(served, server)
        retriever_rpc.add_RetrieverServiceServicer_to_server(served, server)

    with in_a_thread("services", register) as target:
        for name in ("INGEST", "RETRIEVER"):
            monkeypatch.setenv(f"DOCS_CHAT_{name}_TARGET", target)
        yield served


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(str(ended.value.code))


def test_an_ingestion_tells_what_it_found_what_is_broken_and_what_it_did(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ingest", str(tmp_path), "--base-url", "https://d.example/", "--full") == OK
    told = capsys.readouterr().out
    assert "d: 2 pages at https://d.example/, read as a source tree because there is a config" in told
    assert "error [mdx-broken] docs/b.mdx:7: never closed" in told
    assert "Pages: 1 new, 1 failed. Chunks: 3 embedded, 0 reused." in told
    assert services.asked[0].source.path == str(tmp_path)
    assert services.asked[0].full


def test_a_dry_run_lists_pages_and_problems_and_asks_for_no_ingestion(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ingest", str(tmp_path), "--dry-run") == OK
    told = capsys.readouterr().out
    assert "docs/a.md" in told
    assert "docs/b.mdx:7: never closed" in told
    assert "1 pages would be indexed (en/unversioned: 1), 1 cannot be read" in told
    assert [type(request) for request in services.asked] == [pb.InspectSourceRequest]


@pytest.mark.parametrize("mode", [(), ("--dry-run",)])
def test_json_is_one_object_a_line_in_the_names_of_the_contract(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: tuple[str, ...]
) -> None:
    assert run("ingest", str(tmp_path), "--json", *mode) == OK
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "source_recognised" in lines[0]
    assert lines[-1]["summary"]["pages_failed"] == 1


@pytest.mark.parametrize("mode", [(), ("--dry-run",)])
def test_strict_makes_a_failed_page_an_exit_code(services: Services, tmp_path: Path, mode: tuple[str, ...]) -> None:
    assert run("ingest", str(tmp_path), "--strict", *mode) == PAGES_FAILED


@pytest.mark.parametrize(("site", "code"), [("busy", CONFLICT), ("odd", SUSPICIOUS), ("missing", USAGE)])
def test_each_refusal_has_its_own_exit_code_and_says_why(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str], site: str, code: int
) -> None:
    assert run("ingest", str(tmp_path), "--site", site) == code
    assert capsys.readouterr().err.startswith("docs-chat: ")


def test_a_suspicious_site_is_published_by_force(services: Services, tmp_path: Path) -> None:
    assert run("ingest", str(tmp_path), "--site", "odd", "--force") == OK


def test_settings_come_from_a_file_and_a_wrong_file_is_told(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "site.yaml"
    settings.write_text("url: https://d.example\nblog: []\n")
    assert run("ingest", str(tmp_path), "--settings", str(settings)) == OK
    assert services.asked[0].source.settings["url"] == "https://d.example"
    settings.write_text("- a list\n")
    assert run("ingest", str(tmp_path), "--settings", str(settings)) == USAGE
    assert "must be a mapping of settings" in capsys.readouterr().err


def test_nobody_there_is_told_with_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCS_CHAT_INGEST_TARGET", "127.0.0.1:1")
    assert run("ingest", str(tmp_path)) == UNREACHABLE
    assert "the ingest service cannot be reached at 127.0.0.1:1" in " ".join(capsys.readouterr().err.split())


def test_sites_are_listed_for_people_and_for_programs(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sites") == OK
    assert "revision 2" in capsys.readouterr().out
    assert run("sites", "--json") == OK
    assert json.loads(capsys.readouterr().out)["profile"]["site"] == "d"
    services.revisions.clear()
    assert run("sites") == OK
    assert "No site is published yet" in capsys.readouterr().out


def test_a_site_is_told_about_with_its_account(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sites", "d") == OK
    told = " ".join(capsys.readouterr().out.split())
    assert "revision 2" in told
    assert "docs default read 2 2 – docs.path docs" in told
    assert run("sites", "nowhere") == NOT_FOUND


def test_a_dry_run_ends_as_the_run_itself_would_when_the_account_refuses(services: Services, tmp_path: Path) -> None:
    assert run("ingest", str(tmp_path), "--site", "odd", "--dry-run") == SUSPICIOUS
    assert run("ingest", str(tmp_path), "--site", "odd", "--dry-run", "--force") == OK


def test_a_roll_back_tells_what_readers_see_now(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rollback", "d") == OK
    assert "revision 1" in capsys.readouterr().out
    assert run("rollback", "d", "--revision", "9") == NOT_FOUND
    assert "kept: 1, 2" in capsys.readouterr().err


def test_a_site_is_deleted_only_when_it_is_meant(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert run("delete-site", "d") == USAGE
    assert "--yes" in capsys.readouterr().err
    assert services.revisions == {"d": 2}
    assert run("delete-site", "d", "--yes") == OK
    assert run("delete-site", "d", "--yes") == NOT_FOUND
    assert "there is no site d" in capsys.readouterr().out
