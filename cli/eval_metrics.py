"""How well searches found what people wanted: per question, overall, and two runs against each other."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from urllib.parse import unquote, urlsplit

CUTOFFS = (1, 3, 5, 10)
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked, and the places that answer it; the first place is the best."""

    id: str
    text: str
    gold: tuple[str, ...]
    """URL paths, with `#anchor` where it is known; any of them is a hit. Empty when the docs do not answer."""
    kind: str = ""
    site: str = ""
    version: str = ""
    """Version of the docs it is asked about; empty: the latest."""
    locale: str = ""
    """Locale it is asked in; empty: the site's default."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question with what was found for it."""

    question: Question
    found: tuple[str, ...]
    """Addresses of the passages in order, as path with `#anchor`."""
    verdict: str
    seconds: float
    titles: tuple[str, ...] = ()
    """Title and headings of each passage, for people."""

    @property
    def page_rank(self) -> int:
        """Rank of the first passage on a wanted page, from 1; 0 when there is none."""
        pages = {page_of(place) for place in self.question.gold}
        return _first(self.found, lambda place: page_of(place) in pages)

    @property
    def section_rank(self) -> int | None:
        """Rank of the first passage in a wanted section; None when no section is known."""
        if not self.question.gold or "#" not in self.question.gold[0]:
            return None
        gold = {normal(place) for place in self.question.gold}
        whole = {page_of(place) for place in self.question.gold if "#" not in place}
        return _first(self.found, lambda place: normal(place) in gold or page_of(place) in whole)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with the bounds between which it lies in 95 of 100 resamplings of the questions."""

    mean: float
    low: float
    high: float
    count: int


def summarize(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """All metrics: recall by page and section at each cutoff, mean reciprocal rank, nDCG@10."""
    metrics: dict[str, list[float]] = {}
    for outcome in outcomes:
        for name, value in scores(outcome).items():
            metrics.setdefault(name, []).append(value)
    return {name: estimate(values) for name, values in metrics.items()}


def scores(outcome: Outcome) -> dict[str, float]:
    """Every metric of one question; those by section only where a section is known."""
    if not outcome.question.gold:
        return {}
    found = _of_rank("page", outcome.page_rank)
    if (rank := outcome.section_rank) is not None:
        found |= _of_rank("section", rank)
    return found


def estimate(values: Sequence[float], *, seed: int = 20) -> Estimate:
    """Mean and bootstrap interval."""
    drawn = random.Random(seed)  # noqa: S311  # statistics, not secrets
    means = sorted(fmean(drawn.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return Estimate(fmean(values), means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)], len(values))


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, Estimate]:
    """Change of each metric, question by question; an interval without 0 is more than chance."""
    earlier = {outcome.question.id: scores(outcome) for outcome in before}
    changes: dict[str, list[float]] = {}
    for outcome in after:
        for name, value in scores(outcome).items():
            if name in earlier.get(outcome.question.id, {}):
                changes.setdefault(name, []).append(value - earlier[outcome.question.id][name])
    return {name: estimate(values) for name, values in changes.items()}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed; 0.0 without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def normal(place: str) -> str:
    """A place as path and fragment, decoded, without a trailing slash, so that two spellings are equal."""
    parts = urlsplit(place)
    path = unquote(parts.path).rstrip("/") or "/"
    return f"{path}#{unquote(parts.fragment)}" if parts.fragment else path


def page_of(place: str) -> str:
    """The page of a place."""
    return normal(place).partition("#")[0]


def _first(found: Sequence[str], wanted: Callable[[str], bool]) -> int:
    return next((rank for rank, place in enumerate(found, start=1) if wanted(place)), 0)


def _of_rank(name: str, rank: int) -> dict[str, float]:
    recalls = {f"{name} recall@{cutoff}": float(0 < rank <= cutoff) for cutoff in CUTOFFS}
    within = 0 < rank <= max(CUTOFFS)
    ndcg = 1 / math.log2(rank + 1) if within else 0.0  # one wanted place: its ideal gain is 1
    return recalls | {f"{name} MRR": 1 / rank if within else 0.0, f"{name} nDCG@10": ndcg}
