"""Fits the answerability model and says how reliable it is.

`python -m benchmarks.fit_answerability` after `python -m benchmarks.corpora`. Needs DOCS_CHAT_EVAL. Writes
`services/retriever/reading/judging/answerability.json`, and a report to `benchmarks/results/answerability.{html,json}`.
Questions: real ones with known answers, asked of their whole site and of the part of it around the answer (a small
site); short ones in readers' words; everyday questions; questions about other products; questions that sound like the
product but that its docs do not answer. It is cross-validated by leaving out one site at a time, so that no site judges
itself.
"""

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.answerability_report import Judged, measures, page
from benchmarks.corpora import OWN_DOCS, json_lines, serving
from services.retriever.embedding.sparse import encoder_for
from services.retriever.reading.candidates import Query, hybrid_search
from services.retriever.reading.judging.judge import Judge
from services.retriever.reading.judging.signals import FEATURES
from services.retriever.reading.judging.vocabulary import SitePart
from services.retriever.reading.request import SearchRequest
from services.retriever.reading.scope import Scope, asked_rung
from services.retriever.reading.search import Search
from services.retriever.sites.sites import Sites

HERE = Path(__file__).parent
OUTPUT = Path("services/retriever/reading/judging/answerability.json")
REPORT = HERE / "results" / "answerability"
_RIDGE = 0.01
_REFUSED_WRONGLY = 0.02
"""Share of answerable questions refused where the threshold is chosen: two thirds of the bar, for unseen sites."""
_DOUBTED = 0.08
"""Share of answerable questions below `answerable_from`."""

Matrix = NDArray[np.float64]
SMALL_SITES = {
    "redux": ("/usage", "/faq", "/tutorials/fundamentals"),
    "redux-toolkit": ("/rtk-query/usage", "/usage", "/api"),
    "go-kratos": ("/en/docs/component", "/en/docs/guide"),
    "react-native-website": ("/docs/text", "/docs/a", "/docs/s"),
    OWN_DOCS: (),
}
"""The sites, and parts of them that stand for small ones."""
_RELATIVES = ({"redux", "redux-toolkit"}, {"redux", "react-native-website"}, {"redux-toolkit", "react-native-website"})
SHARES = {
    "answerable": 0.35,
    "answerable, small": 0.15,
    "other product": 0.25,
    "other product, small": 0.10,
    "off-topic": 0.10,
    "off-topic, small": 0.05,
}
"""What each kind counts in the fit. Kinds that are not named are only reported: another site's questions that do not
name their product ("write my own middleware") and undocumented ones may well have their answer here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question for one site, or for a part of it."""

    site: str
    kind: str
    text: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what the search said about it."""

    asked: Asked
    features: tuple[float, ...]
    names_unknown: bool

    @property
    def answerable(self) -> bool:
        return self.asked.kind.startswith("answerable")


def questions(sites: Sequence[str]) -> Iterator[Asked]:
    """All questions for the sites that are indexed."""
    evaluation, own = Path(os.environ["DOCS_CHAT_EVAL"]), json_lines(HERE / "answerability.jsonl")
    answered = [
        row
        for path in (evaluation / "questions.jsonl", HERE / "questions.jsonl", HERE / "held_out.jsonl")
        for row in json_lines(path)
        if row["site"] in sites
    ]
    for row in answered:
        yield from _answered(row)
    for number, row in enumerate(own):
        for site in [row["site"]] if "site" in row else [site for site in sites if site not in row.get("near", ())]:
            yield Asked(site, row["kind"], row["question"])
            prefixes = SMALL_SITES[site] if "site" not in row else ()
            if prefixes:
                yield Asked(site, f"{row['kind']}, small", row["question"], prefixes[number % len(prefixes)])
    for row in answered + [row for row in own if row["kind"] == "answerable"]:
        for site in sites:
            if site != row["site"] and {site, row["site"]} not in _RELATIVES:
                yield Asked(site, "another site's question", row["question"])
    for row in json_lines(evaluation / "unanswerable.jsonl"):
        yield Asked(row["site"], f"undocumented, {row['type']}", row["question"])


def _answered(row: dict[str, Any]) -> Iterator[Asked]:
    """A question that its site answers, and so does each small part of the site that has one of its pages."""
    yield Asked(row["site"], "answerable", row["question"])
    paths = [place.partition("#")[0] for place in row["gold"]]
    for prefix in SMALL_SITES.get(row["site"], ()):
        if any(path.startswith(prefix) for path in paths):
            yield Asked(row["site"], "answerable, small", row["question"], prefix)


class Sampler:
    """Asks the search as it is, and reads off the signals."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._search = Search(sites, cached=0)
        self._judge = Judge()

    async def sample(self, asked: Asked) -> Sample:
        published, query = await self._sites.published(asked.site), Query(asked.text)
        scope = Scope(locale="en", path_prefix=asked.prefix)
        where = published.visible & asked_rung(scope, published.revision.profile).parts[0].where
        result = await self._search.find(asked.site, SearchRequest((query,), scope, context_tokens=-1))
        vector = await self._sites.embedder.embed_query(asked.text)
        average, model = published.manifest.average_length, published.manifest.embedding_model
        (found,) = await hybrid_search(
            published.store, [query], [vector], where, locale="en", average_length=average, embedding_model=model
        )
        encoder = encoder_for("en", average)
        covered = self._judge.coverage(asked.text, [passage.found.chunk for passage in result.passages], encoder)
        part = SitePart(published.store, where, (published.identity, scope))
        signals = await self._judge.signals(asked.text, found, covered, encoder=encoder, part=part)
        features = tuple(feature(signals) for feature in FEATURES.values())
        return Sample(asked, features, signals.name_missing)


def fit(samples: Sequence[Sample]) -> tuple[Matrix, float]:
    """Weights and bias of a ridge logistic regression; each kind counts as SHARES says.

    Source:
        Newton's method for logistic regression: Hastie, Tibshirani, Friedman (2009), section 4.4.1.
    """
    inputs = np.array([sample.features for sample in samples])
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    design = np.column_stack([(inputs - centre) / spread, np.ones(len(inputs))])
    target = np.array([sample.answerable for sample in samples], dtype=float)
    importance = importances([sample.asked.kind for sample in samples])
    penalty = np.diag([_RIDGE] * inputs.shape[1] + [0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-design @ solution))
        gradient = design.T @ (importance * (probability - target)) + penalty @ solution
        curvature = (design * (importance * probability * (1 - probability))[:, None]).T @ design + penalty
        solution -= np.linalg.solve(curvature + 1e-9 * np.eye(len(solution)), gradient)
    weights = solution[:-1] / spread
    return weights, float(solution[-1] - weights @ centre)


def importances(kinds: Sequence[str]) -> Matrix:
    """What each sample counts, 1 in sum."""
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    raw = np.array([SHARES.get(kind, 0.0) / counts[kind] for kind in kinds])
    return np.asarray(raw / raw.sum())


def cross_validated(samples: Sequence[Sample]) -> Matrix:
    """Each sample's probability from a model that never saw its site."""
    probabilities = np.zeros(len(samples))
    for site in {sample.asked.site for sample in samples}:
        weights, bias = fit([sample for sample in samples if sample.asked.site != site and sample.asked.kind in SHARES])
        for index, sample in enumerate(samples):
            if sample.asked.site == site:
                probabilities[index] = 1 / (1 + np.exp(-(weights @ np.array(sample.features) + bias)))
    return probabilities


async def _collect() -> tuple[list[Sample], str]:
    async with serving() as (sites, _):
        present = [m.site for m in await sites.all_published() if m.site in SMALL_SITES]
        sampler = Sampler(sites)
        samples = [await sampler.sample(asked) for asked in questions(present) if asked.site in present]
        return samples, sites.embedder.model_id


async def _main() -> None:
    samples, model_id = await _collect()
    probabilities = cross_validated(samples)
    answerable = [p for sample, p in zip(samples, probabilities, strict=True) if sample.answerable]
    threshold = round(float(np.quantile(answerable, _REFUSED_WRONGLY)), 3)
    answerable_from = round(float(np.quantile(answerable, _DOUBTED)), 3)
    counted = importances([sample.asked.kind for sample in samples])
    judged = [
        Judged(s.asked.site, s.asked.kind, s.asked.text, s.answerable, float(p), s.names_unknown, float(c))
        for s, p, c in zip(samples, probabilities, counted, strict=True)
    ]
    weights, bias = fit([sample for sample in samples if sample.asked.kind in SHARES])
    sites = sorted({sample.asked.site for sample in samples})
    document = {
        "name": "docs-2026-11c",
        "embedding_model": model_id,
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "bias": round(bias, 4),
        "not_covered_below": threshold,
        "answerable_from": answerable_from,
        "provenance": f"benchmarks/fit_answerability.py: {len(samples)} questions asked of {', '.join(sites)}; "
        "figures are cross-validated by site",
        "reliability": measures(judged, threshold, answerable_from),
    }
    OUTPUT.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    REPORT.with_suffix(".html").write_text(page(document, judged), "utf-8")
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    asyncio.run(_main())
