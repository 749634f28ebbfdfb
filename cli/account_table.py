"""The account of a site on the terminal: what it promises, and what became of it."""

from collections.abc import Iterable

from docs_chat.retriever.v1 import documents_pb2 as pb
from rich.console import Console

_STATES = {
    pb.ACCOUNT_STATE_READ: ("read", ""),
    pb.ACCOUNT_STATE_LEFT_OUT: ("left out", "dim"),
    pb.ACCOUNT_STATE_MISSING: ("missing", "red"),
    pb.ACCOUNT_STATE_NOT_UNDERSTOOD: ("not understood", "yellow"),
}
_HEAD = ("part", "state", "expected", "read", "left out", "known from, and why")
_COUNTS = range(2, 5)


def print_account(console: Console, account: Iterable[pb.AccountEntry]) -> None:
    """Print a line for each entry, whole however narrow the log is, and under them what helps."""
    entries = list(account)
    if not entries:
        return
    rows = [_HEAD, *map(_cells, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    styles = ["bold", *(_STATES.get(entry.state, ("", ""))[1] for entry in entries)]
    for row, style in zip(rows, styles, strict=True):
        padded = [
            cell.rjust(width) if column in _COUNTS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        console.print("  ".join((*padded, row[-1])).rstrip(), markup=False, soft_wrap=True, style=style)
    for entry in entries:
        if entry.refuses or entry.advice:
            refusal = "This stops publication (--force overrides it). " if entry.refuses else ""
            line = f"{entry.part}: {refusal}{entry.advice}".rstrip()
            console.print(line, markup=False, soft_wrap=True, style="red" if entry.refuses else "yellow")


def _cells(entry: pb.AccountEntry) -> tuple[str, ...]:
    state, _ = _STATES.get(entry.state, ("unknown", ""))
    counts = (str(count) if count else "–" for count in (entry.expected, entry.read, entry.left_out))
    return entry.part, state, *counts, ": ".join(filter(None, (entry.known_from, entry.why)))
