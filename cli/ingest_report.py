"""An ingestion on the terminal: a bar with rate and remaining time for people, JSON lines for programs."""

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.account_table import print_account
from cli.problem_list import print_problem, print_problems
from cli.sites import describe

_STAGES = {
    pb.INGEST_STAGE_SCANNING: "comparing",
    pb.INGEST_STAGE_WRITING: "indexing",
    pb.INGEST_STAGE_PUBLISHING: "publishing",
}

_FAILED_SHOWN = 10
_LINE_EVERY_S = 10.0
"""In a log, where no bar can move, progress is a line now and then."""


class JsonReport:
    """One JSON object per line, in the names of the contract; a number of 0 and a `false` are written too."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, event: Message) -> None:
        """Print an event."""
        text = MessageToJson(
            event, indent=None, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        print(text, flush=True)


class TextReport:
    """Progress, problems and a summary for people.

    Args:
        console: Where to.
        now: Clock, in seconds.
        verbose: Print each problem as it comes, instead of all together at the end.
    """

    def __init__(
        self,
        console: Console | None = None,
        now: Callable[[], float] = time.monotonic,
        *,
        verbose: bool = False,
    ) -> None:
        self._console = console or Console(highlight=False)
        self._now = now
        self._verbose = verbose
        self._problems: list[pb.Problem] = []
        self._failed: list[str] = []
        self._last_line_s = now()
        self._writing_since_s = now()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("scanning", total=None, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()
        self._print_problems()

    def show(self, event: pb.IngestSiteResponse) -> None:
        """Show an event."""
        match event.WhichOneof("event"):
            case "source_recognised":
                self._console.print(recognised_line(event.source_recognised), markup=False, soft_wrap=True)
                print_account(self._console, event.source_recognised.profile.account)
            case "progress":
                self._show_progress(event.progress)
            case "page_ingested" if event.page_ingested.outcome == pb.PAGE_OUTCOME_FAILED:
                self._failed.append(event.page_ingested.uri)
            case "problem" if self._verbose:
                print_problem(self._console, event.problem)
            case "problem":
                self._problems.append(event.problem)
            case "summary":
                self._progress.stop()
                self._print_problems()
                self._console.print(summary_text(event.summary), markup=False, soft_wrap=True)

    def _print_problems(self) -> None:
        print_problems(self._console, self._problems)
        shown = self._failed if self._verbose else self._failed[:_FAILED_SHOWN]
        for uri in shown:
            self._console.print(f"failed: {uri}", markup=False, soft_wrap=True, style="red")
        if len(shown) < len(self._failed):
            self._console.print(f"failed: {len(self._failed) - len(shown)} more; --verbose lists all", style="red")
        self._problems, self._failed = [], []

    def _show_progress(self, progress: pb.IngestProgress) -> None:
        stage, note = _STAGES.get(progress.stage, "working"), self._note(progress)
        done, total, unit = progress.pages_done, progress.pages_total, "pages"
        if progress.stage == pb.INGEST_STAGE_WRITING and progress.chunks_total:
            done, total, unit = progress.chunks_written, progress.chunks_total, "chunks"
        self._progress.update(
            self._task,
            description=stage,
            completed=done,
            total=total or None,
            note=f"{unit} {note}",
        )
        if not self._console.is_terminal and self._now() - self._last_line_s >= _LINE_EVERY_S:
            self._last_line_s = self._now()
            line = f"{stage} {done}/{total} {unit} {note}"
            self._console.print(line.rstrip(), markup=False, soft_wrap=True)

    def _note(self, progress: pb.IngestProgress) -> str:
        """Chunks, their rate, and the time left, as far as they are known."""
        if progress.stage == pb.INGEST_STAGE_SCANNING:
            self._writing_since_s = self._now()
        notes = []
        if progress.stage == pb.INGEST_STAGE_WRITING and progress.chunks_total:
            notes.append(f"· {progress.pages_done} of {progress.pages_total} pages")
        elif progress.chunks_written:
            notes.append(f"· {progress.chunks_written} chunks")
        elapsed_s = self._now() - self._writing_since_s
        if progress.stage == pb.INGEST_STAGE_WRITING and progress.chunks_written and elapsed_s > 0:
            notes.append(f"· {progress.chunks_written / elapsed_s:.1f} a second")
        if progress.HasField("remaining"):
            notes.append(f"· {duration_text(progress.remaining.ToTimedelta().total_seconds())} left")
        return " ".join(notes)


def recognised_line(recognised: pb.SourceRecognised) -> str:
    """What was recognised, and why."""
    kind = "a built site" if recognised.kind == pb.SOURCE_KIND_BUILT_SITE else "a source tree"
    profile = recognised.profile
    pages = f"{recognised.page_count} pages"
    return f"{profile.site}: {pages} at {profile.base_url}, read as {kind} because {recognised.reason}"


def summary_text(summary: pb.IngestSummary) -> str:
    """What was done."""
    seconds = summary.duration.ToTimedelta().total_seconds()
    counts = {
        "new": summary.pages_added,
        "changed": summary.pages_changed,
        "unchanged": summary.pages_unchanged,
        "removed": summary.pages_removed,
        "failed": summary.pages_failed,
        "left out": summary.pages_skipped,
    }
    pages = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
    pages += left_out_text(summary.left_out)
    after = f"after {duration_text(seconds)}"
    head = f"Published {after}." if summary.published else f"Nothing had changed ({after}); the revision stays."
    chunks = (
        f" Chunks: {summary.chunks_embedded} embedded, {summary.chunks_reused} reused." if summary.published else ""
    )
    return f"{head} Pages: {pages}.{chunks}\n{describe(summary.site)}"


def left_out_text(left_out: Iterable[pb.PagesLeftOut]) -> str:
    """Why pages were left out: ` (12 draft, 3 unlisted)`; empty when none was."""
    reasons = ", ".join(f"{entry.page_count} {entry.reason}" for entry in left_out)
    return f" ({reasons})" if reasons else ""


def duration_text(seconds: float) -> str:
    """`0.8 s`, `45 s`, `3 min 20 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
