"""What a watch prints: a line for each run that did something, and the problems that are new."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import PurePath

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from rich.console import Console

from cli.ingest_report import duration_text
from cli.problem_list import print_problem
from services.runtime.errors import ServiceError

_TOLD = {
    pb.PAGE_OUTCOME_ADDED: "new",
    pb.PAGE_OUTCOME_CHANGED: "changed",
    pb.PAGE_OUTCOME_REMOVED: "removed",
    pb.PAGE_OUTCOME_FAILED: "failed",
}
_NAMED = 3


class WatchReport:
    """Lines about the runs of a watch.

    Args:
        console: Where to.
        now: The time of day.
    """

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        self._console = console
        self._now = now
        self._saved: list[str] = []
        self._pages: dict[str, list[str]] = {}
        self._problems: dict[bytes, pb.Problem] = {}
        self._known: set[bytes] = set()
        self._summary = pb.IngestSummary()
        self._failure = ""

    def begin(self, saved: Iterable[str]) -> None:
        """A run begins, because these files were saved."""
        self._saved = sorted({PurePath(path).name for path in saved})
        self._pages, self._problems, self._summary = {}, {}, pb.IngestSummary()

    def take(self, event: pb.IngestSiteResponse) -> None:
        """Take note of an event."""
        match event.WhichOneof("event"):
            case "page_ingested":
                page = event.page_ingested
                self._pages.setdefault(_TOLD.get(page.outcome, ""), []).append(page.source_path or page.uri)
            case "problem":
                self._problems[event.problem.SerializeToString(deterministic=True)] = event.problem
            case "summary":
                self._summary = event.summary

    def told_already(self) -> None:
        """A run came to its end, and everything about it has been printed."""
        self._known, self._failure = set(self._problems), ""

    def done(self) -> None:
        """Tell of a run that came to its end."""
        for key, problem in self._problems.items():
            if key not in self._known:
                print_problem(self._console, problem)
        self.told_already()
        told = "; ".join(f"{name} {_listed(pages)}" for name, pages in self._pages.items() if name)
        if self._summary.published:
            seconds = duration_text(self._summary.duration.ToTimedelta().total_seconds())
            chunks = f"{self._summary.chunks_embedded} chunks embedded, {self._summary.chunks_reused} reused"
            self.line(f"indexed in {seconds}: {told or 'the settings of the site'}; {chunks}")
        elif told:
            self.line(f"nothing published: {told}")
        elif self._saved:
            self.line(f"nothing to index in {_listed(self._saved)}")

    def failed(self, error: ServiceError | ValueError) -> None:
        """Tell of a run that failed; of one that goes on failing for the same reason, once."""
        message = " ".join((error.message if isinstance(error, ServiceError) else str(error)).split())
        if message != self._failure:
            self.line(f"not indexed: {message}", style="red")
        self._failure = message

    def line(self, text: str, *, style: str = "") -> None:
        """Print a line with the time of day."""
        self._console.print(f"{self._now():%H:%M:%S} {text}", markup=False, soft_wrap=True, style=style)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
