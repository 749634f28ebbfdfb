"""The account of a site on the terminal: what it promises, and what became of it."""

from collections.abc import Iterable

from docs_chat.retriever.v1 import documents_pb2 as pb
from rich.console import Console
from rich.table import Table
from rich.text import Text

_STATES = {
    pb.ACCOUNT_STATE_READ: ("read", ""),
    pb.ACCOUNT_STATE_LEFT_OUT: ("left out", "dim"),
    pb.ACCOUNT_STATE_MISSING: ("missing", "red"),
    pb.ACCOUNT_STATE_NOT_UNDERSTOOD: ("not understood", "yellow"),
}


def print_account(console: Console, account: Iterable[pb.AccountEntry]) -> None:
    """Print the table, and under it what helps."""
    entries = list(account)
    if not entries:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("part", "known from", "state"):
        table.add_column(name, overflow="fold")
    for name in ("expected", "read", "left out"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for entry in entries:
        state, style = _STATES.get(entry.state, ("unknown", ""))
        counts = [str(count) if count else "–" for count in (entry.expected, entry.read, entry.left_out)]
        cells = (entry.part, entry.known_from, state, *counts, entry.why)
        table.add_row(*(Text(cell) for cell in cells), style=style)
    console.print(table)
    for entry in entries:
        if entry.refuses or entry.advice:
            refusal = "This stops publication (--force overrides it). " if entry.refuses else ""
            line = f"{entry.part}: {refusal}{entry.advice}".rstrip()
            console.print(line, markup=False, soft_wrap=True, style="red" if entry.refuses else "yellow")
