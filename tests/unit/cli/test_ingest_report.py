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


def test_the_bar_counts_chunks_once_their_number_can_be_estimated() -> None:
    clock, out = Clock(), io.StringIO()
    with TextReport(Console(file=out, width=80), clock) as report:
        clock.seconds = 10.0
        event = progress(10, 125, 30)
        event.progress.chunks_total = 500
        report.show(event)
    assert out.getvalue().split("\n")[0] == "indexing 125/500 chunks · 10 of 40 pages · 12.5 a second · 30 s left"


def note(page: int, message: str = "What <Chart> shows was left out.", code: str = "component-unread") -> pb.Problem:
    severity = pb.PROBLEM_SEVERITY_INFO
    return pb.Problem(severity=severity, code=code, message=message, source_path=f"docs/{page}.md", line=page)


def reported(problems: list[pb.Problem], *, verbose: bool = False) -> list[str]:
    out = io.StringIO()
    with TextReport(Console(file=out, width=400), verbose=verbose) as report:
        for problem in problems:
            report.show(pb.IngestSiteResponse(problem=problem))
    return [line for line in out.getvalue().splitlines() if "[" in line]


def test_the_same_note_of_many_pages_is_one_line_with_its_count_and_three_examples() -> None:
    error = pb.Problem(severity=pb.PROBLEM_SEVERITY_ERROR, code="content-missing", message="No docs.")
    lines = reported([*map(note, range(1, 41)), note(50, "What <Map> shows was left out."), error])
    assert lines == [
        "error [content-missing] No docs.",
        (
            "note [component-unread] What <Chart> shows was left out. "
            "(40 times, for example docs/1.md:1, docs/2.md:2, docs/3.md:3)"
        ),
        "note [component-unread] docs/50.md:50: What <Map> shows was left out.",
    ]


def test_many_different_notes_of_a_kind_are_three_and_a_count() -> None:
    lines = reported([note(page, f"Not {page}.", "expression-dropped") for page in range(1, 31)])
    assert len(lines) == 4
    assert lines[-1] == "note [expression-dropped] and 27 more like these; --verbose lists all"


def test_verbose_lists_every_note() -> None:
    assert len(reported([*map(note, range(1, 41))], verbose=True)) == 40


def test_what_was_left_out_is_explained() -> None:
    left_out = [pb.PagesLeftOut(reason="not translated", page_count=12), pb.PagesLeftOut(reason="draft", page_count=2)]
    summary = pb.IngestSummary(published=True, pages_added=3, pages_skipped=14, left_out=left_out)
    assert "Pages: 3 new, 14 left out (12 not translated, 2 draft)." in summary_text(summary)


def test_the_account_is_a_table_with_what_helps_under_it() -> None:
    out = io.StringIO()
    entry = docs.AccountEntry(
        part="docs default 2.0",
        known_from="versions.json",
        state=docs.ACCOUNT_STATE_MISSING,
        why="the folder is not there",
        advice="Bring [the] folder",
        refuses=True,
    )
    read = docs.AccountEntry(
        part="blog default", known_from="default", state=docs.ACCOUNT_STATE_READ, expected=3, read=2
    )
    profile = docs.SiteProfile(site="s", base_url="https://docs.example.org/", account=[read, entry])
    with TextReport(Console(file=out, width=40)) as report:
        report.show(pb.IngestSiteResponse(source_recognised=pb.SourceRecognised(profile=profile)))
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert "blog default read 3 2 – default" in lines
    assert "docs default 2.0 missing – – – versions.json: the folder is not there" in lines
    assert "docs default 2.0: This stops publication (--force overrides it). Bring [the] folder" in lines


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
