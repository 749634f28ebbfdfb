"""Search on sites that nobody tuned it on: what is found, by kind of question, and what becomes of slips of the pen.

`python -m benchmarks.six_sites` after `python -m benchmarks.corpora`. Asks the questions of the file
`six_sites/answerable.jsonl` in the folder DOCS_CHAT_EVAL. Of the sites in alphabetical order the first, third and fifth
are for development; the others are looked at when a change is finished. Each question is also asked with one and with
two of its words misspelt.
"""

import asyncio
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import SIX_SITES, json_lines, serving
from cli.eval_metrics import Outcome, Question, summarize
from cli.eval_questions import read_questions
from cli.eval_search import ask_all
from services.language.terms import STOP_WORDS

SHOWN = ("page recall@1", "page recall@5", "section recall@1", "section recall@5")
DEVELOPMENT = frozenset(sorted(SIX_SITES)[::2])
_FILE = Path(os.environ.get("DOCS_CHAT_EVAL", "")) / "six_sites" / "answerable.jsonl"
_WORD = re.compile(r"(?<![\w`./@-])[A-Za-z]{4,}(?![\w`./-])")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
Row = dict[str, Any]


def groups(rows: Sequence[Row]) -> Iterator[tuple[str, Callable[[Row], bool]]]:
    """The kinds of questions of one half, each with what belongs to it."""
    yield "all", lambda row: True
    yield "answered by the docs", lambda row: row.get("gold_kind") == "doc"
    yield "answered by a post", lambda row: row.get("gold_kind") == "blog"
    yield "needs without a name", lambda row: bool(row.get("need"))
    for kind in sorted({row["kind"] for row in rows}):
        yield kind, _whose("kind", kind)
    for site in sorted({row["site"] for row in rows}):
        yield site, _whose("site", site)


def _whose(field: str, value: str) -> Callable[[Row], bool]:
    return lambda row: bool(row[field] == value)


def misspelt(text: str, count: int, dice: random.Random) -> str:
    """A question with so many of its words misspelt, each by one slip; empty when it has too few.

    >>> misspelt("How do I turn it off?", 2, random.Random(1))
    ''
    """
    words = [match for match in _WORD.finditer(text) if match[0].lower() not in STOP_WORDS]
    if len(words) < count:
        return ""
    for match in sorted(dice.sample(words, count), key=lambda match: -match.start()):
        text = text[: match.start()] + _slip(match[0], dice) + text[match.end() :]
    return text


def _slip(word: str, dice: random.Random) -> str:
    """A word with two letters swapped, one left out, one doubled or one replaced."""
    at = dice.randrange(len(word) - 1)
    start, letter, rest = word[:at], word[at], word[at + 1 :]
    slips = (
        f"{start}{rest[0]}{letter}{rest[1:]}",
        f"{start}{rest}",
        f"{start}{letter}{letter}{rest}",
        f"{start}{dice.choice(_LETTERS)}{rest}",
    )
    chosen = dice.choice(slips)
    return chosen if chosen != word else _slip(word, dice)


def _print_half(name: str, rows: Sequence[Row], found: dict[str, Outcome]) -> None:
    print(f"\n{name:<24}{'n':>5}" + "".join(f"{metric:>18}" for metric in SHOWN) + f"{'refused':>10}{'weak':>7}")
    for group, belongs in groups(rows):
        outcomes = [found[row["id"]] for row in rows if belongs(row)]
        if outcomes:
            metrics = summarize(outcomes)
            shares = (f"{metrics[metric].mean:18.3f}" if metric in metrics else f"{'—':>18}" for metric in SHOWN)
            verdicts = [outcome.verdict for outcome in outcomes]
            counts = f"{verdicts.count('NOT_COVERED'):>10}{verdicts.count('WEAK'):>7}"
            print(f"{group:<24}{len(outcomes):>5}{''.join(shares)}{counts}", flush=True)


async def _print_slips(retriever: "rpc.RetrieverServiceAsyncStub", questions: Sequence[Question]) -> None:
    print(f"\n{'misspelt words':<24}{'n':>5}{'page recall@5':>18}{'refused':>10}{'weak':>7}")
    for count in (0, 1, 2):
        dice = random.Random(count)  # the same slips in every run
        asked = [replace(question, text=misspelt(question.text, count, dice)) for question in questions]
        outcomes = await ask_all(retriever, [question for question in asked if question.text], timeout_s=60)
        verdicts = [outcome.verdict for outcome in outcomes]
        shares = [verdicts.count(verdict) / len(verdicts) for verdict in ("NOT_COVERED", "WEAK")]
        recall = summarize(outcomes)["page recall@5"].mean
        print(f"{count:<24}{len(outcomes):>5}{recall:18.3f}{shares[0]:>10.3f}{shares[1]:>7.3f}", flush=True)


async def _main() -> None:
    rows, questions = json_lines(_FILE), read_questions(_FILE, "")
    async with serving() as (sites, channel):
        indexed = {manifest.site for manifest in await sites.all_published()}
        retriever = rpc.RetrieverServiceStub(channel)
        asked = [question for question in questions if question.site in indexed]
        found = {outcome.question.id: outcome for outcome in await ask_all(retriever, asked, timeout_s=60)}
        if not asked:
            raise SystemExit("none of the six sites is indexed: python -m benchmarks.corpora")
        present = [row for row in rows if row["id"] in found]
        _print_half("development", [row for row in present if row["site"] in DEVELOPMENT], found)
        _print_half("kept aside", [row for row in present if row["site"] not in DEVELOPMENT], found)
        await _print_slips(retriever, asked)


if __name__ == "__main__":
    asyncio.run(_main())
