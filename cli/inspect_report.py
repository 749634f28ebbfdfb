"""A dry run on the terminal: routes, problems, and statistics of the chunks."""

from collections import Counter
from collections.abc import Sequence
from typing import Self

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.retriever.v1 import documents_pb2
from rich.console import Console
from rich.table import Table

from cli.account_table import print_account
from cli.ingest_report import duration_text, left_out_text, recognised_line
from cli.problem_list import print_problem, print_problems


class InspectionReport:
    """Collects what an inspection says and prints it at the end.

    Args:
        console: Where to.
        verbose: Print every problem, instead of each kind with examples.
    """

    def __init__(self, console: Console | None = None, *, verbose: bool = False) -> None:
        self._console = console or Console(highlight=False)
        self._verbose = verbose
        self._problems: list[pb.Problem] = []
        self._groups: Counter[tuple[str, str]] = Counter()
        self._account: Sequence[documents_pb2.AccountEntry] = ()
        self._base_url = ""
        self._table = Table(box=None, pad_edge=False)
        for name in ("page", "file"):
            self._table.add_column(name, overflow="fold")  # an address that is cut short helps nobody
        for name in ("headings", "chunks", "tokens"):
            self._table.add_column(name, justify="right", no_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, event: pb.InspectSourceResponse) -> None:
        """Take an event."""
        match event.WhichOneof("event"):
            case "source_recognised":
                self._base_url = event.source_recognised.profile.base_url.rstrip("/")
                self._console.print(recognised_line(event.source_recognised), markup=False, soft_wrap=True)
                self._account = event.source_recognised.profile.account
            case "page":
                self._add_page(event.page)
            case "problem":
                self._problems.append(event.problem)
            case "summary":
                self._finish(event.summary)

    def _add_page(self, page: pb.InspectedPage) -> None:
        document = page.document
        path = document.source_paths[0] if document.source_paths else ""
        tokens = sum(page.chunk_tokens)
        address = document.uri.removeprefix(self._base_url)
        self._table.add_row(address, path, str(len(page.headings)), str(len(page.chunks)), str(tokens))
        self._groups[document.locale, document.version or "unversioned"] += 1

    def _finish(self, summary: pb.InspectSummary) -> None:
        console = self._console
        if self._table.row_count:
            console.print(self._table)
        if self._verbose:
            for problem in self._problems:
                print_problem(console, problem)
        else:
            print_problems(console, self._problems)
        print_account(console, self._account)
        groups = ", ".join(f"{locale}/{version}: {count}" for (locale, version), count in sorted(self._groups.items()))
        seconds = duration_text(summary.duration.ToTimedelta().total_seconds())
        console.print(
            f"{summary.page_count} pages would be indexed ({groups or 'none'}), {summary.pages_failed} cannot be read, "
            f"{summary.pages_skipped} left out on purpose"
            f"{left_out_text(summary.left_out)}.\n"
            f"{summary.chunk_count} chunks; tokens of a chunk: median {summary.chunk_tokens_median}, "
            f"longest {summary.chunk_tokens_max}. Read in {seconds}; nothing was written.",
            markup=False,
            soft_wrap=True,
        )
