"""What an ingestion and a dry run print: for people, for logs, for programs."""

import io
import json
from datetime import timedelta

import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.retriever.v1 import documents_pb2 as docs
from rich.console import Console

from cli.ingest_report import JsonReport, TextReport, summary_text
from cli.inspect_report import InspectionReport


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def progress(pages: int, chunks: int, remaining_s: float) -> pb.IngestSiteResponse:
    message = pb.IngestProgress(stage=pb.INGEST_STAGE_WRITING, pages_done=pages, pages_total=40, chunks_written=chunks)
    message.remaining.FromTimedelta(timedelta(seconds=remaining_s))
    return pb.IngestSiteResponse(progress=message)


def test_a_log_gets_a_line_now_and_then_with_rate_and_remaining_time() -> None:
    clock, out = Clock(), io.StringIO()
    with TextReport(Console(file=out, width=80), clock) as report:
        clock.seconds = 5.0
        report.show(progress(5, 50, 35))
        clock.seconds = 10.0
        report.show(progress(10, 125, 30))
        clock.seconds = 12.0
        report.show(progress(12, 130, 28))
    assert out.getvalue().split("\n")[0] == "indexing 10/40 pages · 125 chunks · 12.5 a second · 30 s left"
    assert "12/40" not in out.getvalue()


@pytest.mark.parametrize(("published", "said"), [(True, "Published after 2.0 s."), (False, "Nothing had changed")])
def test_the_summary_says_whether_readers_see_something_new(published: bool, said: str) -> None:
    summary = pb.IngestSummary(published=published, pages_unchanged=3)
    summary.duration.FromTimedelta(timedelta(seconds=2))
    assert summary_text(summary).startswith(said)
    assert "3 unchanged" in summary_text(summary)


def test_json_has_every_count_even_when_it_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with JsonReport() as report:
        report.show(pb.IngestSiteResponse(summary=pb.IngestSummary(pages_unchanged=3)))
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert (summary["published"], summary["pages_failed"], summary["pages_unchanged"]) == (False, 0, 3)


def test_a_dry_run_shows_whole_addresses_however_narrow_the_log_is() -> None:
    out, path = io.StringIO(), "/docs/a-rather-long-folder/and-a-page-with-a-long-name"
    document = docs.Document(uri=f"https://docs.example.org{path}", source_paths=["docs/page.md"])
    profile = docs.SiteProfile(site="s", base_url="https://docs.example.org/")
    with InspectionReport(Console(file=out, width=60)) as report:
        report.show(pb.InspectSourceResponse(source_recognised=pb.SourceRecognised(profile=profile)))
        report.show(pb.InspectSourceResponse(page=pb.InspectedPage(document=document)))
        report.show(pb.InspectSourceResponse(summary=pb.InspectSummary(page_count=1)))
    printed = "".join(line[:30].strip() for line in out.getvalue().splitlines())
    assert "…" not in out.getvalue()
    assert path[:20] in printed
