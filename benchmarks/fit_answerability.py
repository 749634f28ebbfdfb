"""Fits the answerability model and says how reliable it is.

`python -m benchmarks.fit_answerability` after `python -m benchmarks.corpora`. Needs DOCS_CHAT_EVAL. Writes
`services/retriever/answerability.json`. Questions: real ones with known answers, asked of their whole site and of the
part of it around the answer (a small site); questions about anything else; questions about other products. It is
cross-validated by leaving out one site at a time, so that no site judges itself.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import serving
from services.retriever.candidates import Query, gather_evidence, signals
from services.retriever.scope import Scope, scope_where
from services.retriever.search import Search, SearchRequest
from services.retriever.sites import Sites
from services.retriever.sparse import encoder_for

HERE = Path(__file__).parent
OUTPUT = Path("services/retriever/answerability.json")
_RIDGE = 0.02
_REFUSED_WRONGLY = 0.015
"""Share of answerable questions refused where the threshold is chosen: half of the bar, for unseen sites."""

Matrix = NDArray[np.float64]
OTHER_PRODUCT = {"redux": "go-kratos", "redux-toolkit": "go-kratos", "go-kratos": "redux"}
SMALL_SITES = {
    "redux": ("/usage", "/faq", "/tutorials/fundamentals"),
    "redux-toolkit": ("/rtk-query/usage", "/usage", "/api"),
    "go-kratos": ("/en/docs/component", "/en/docs/guide"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One question asked of one site, or of a part of it."""

    site: str
    kind: str
    text: str
    features: tuple[float, ...]

    @property
    def answerable(self) -> bool:
        return self.kind.startswith("answerable")


async def collect(sites: Sites) -> list[Sample]:
    """All samples, with the features of the search as it is."""
    observer = _Observer(sites)
    questions = _read(Path(os.environ["DOCS_CHAT_EVAL"]) / "questions.jsonl") + _read(HERE / "questions.jsonl")
    off_topic = (HERE / "off_topic.txt").read_text("utf-8").splitlines()
    samples = []
    for row in questions:
        site = row["site"]
        if site not in SMALL_SITES:
            continue
        samples.append(await observer.sample(site, "answerable", row["question"]))
        paths = [place.partition("#")[0] for place in row["gold"]]
        for prefix in SMALL_SITES[site]:
            if any(path.startswith(prefix) for path in paths):
                samples.append(await observer.sample(site, "answerable, small", row["question"], prefix))
    for site, prefixes in SMALL_SITES.items():
        for number, text in enumerate(off_topic):
            samples.append(await observer.sample(site, "off-topic", text))
            samples.append(await observer.sample(site, "off-topic, small", text, prefixes[number % len(prefixes)]))
        for row in questions:
            if OTHER_PRODUCT.get(row["site"]) == site:
                samples.append(await observer.sample(site, "other product", row["question"]))
    for row in _read(Path(os.environ["DOCS_CHAT_EVAL"]) / "unanswerable.jsonl"):
        samples.append(await observer.sample(row["site"], f"in-domain, {row['type']}", row["question"]))
    return samples


class _Observer:
    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._search = Search(sites, cached=0)

    async def sample(self, site: str, kind: str, text: str, prefix: str = "") -> Sample:
        published, query = await self._sites.published(site), Query(text)
        locale = "en"
        scope = Scope(locale=locale, path_prefix=prefix)
        result = await self._search.find(site, SearchRequest((query,), scope, context_tokens=-1))
        (evidence,) = await gather_evidence(
            published.store,
            [query],
            [await self._sites.embedder.embed_query(text)],
            published.visible & scope_where(scope, published.revision.profile),
            locale=locale,
            average_length=published.manifest.average_length,
        )
        chunks = [passage.found.chunk for passage in result.passages]
        encoder = encoder_for(locale, published.manifest.average_length)
        observed = signals(query, evidence, chunks, encoder=encoder)
        assert observed is not None
        return Sample(site, kind, text, tuple(observed.features()))


def fit(samples: Sequence[Sample]) -> tuple[Matrix, float]:
    """Weights and bias of a ridge logistic regression; both classes count the same.

    Source:
        Newton's method for logistic regression: Hastie, Tibshirani, Friedman (2009), section 4.4.1.
    """
    inputs = np.array([sample.features for sample in samples])
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    design = np.column_stack([(inputs - centre) / spread, np.ones(len(inputs))])
    target = np.array([sample.answerable for sample in samples], dtype=float)
    importance = np.where(target == 1, 0.5 / target.mean(), 0.5 / (1 - target.mean())) / len(target)
    penalty = np.diag([_RIDGE] * inputs.shape[1] + [0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-design @ solution))
        gradient = design.T @ (importance * (probability - target)) + penalty @ solution
        curvature = (design * (importance * probability * (1 - probability))[:, None]).T @ design + penalty
        solution -= np.linalg.solve(curvature + 1e-9 * np.eye(len(solution)), gradient)
    weights = solution[:-1] / spread
    return weights, float(solution[-1] - weights @ centre)


def predict(model: tuple[Matrix, float], samples: Sequence[Sample]) -> Matrix:
    """Probability of each sample."""
    inputs = np.array([sample.features for sample in samples])
    probabilities: Matrix = 1 / (1 + np.exp(-(inputs @ model[0] + model[1])))
    return probabilities


def cross_validated(samples: Sequence[Sample]) -> Matrix:
    """Each sample's probability from a model that never saw its site."""
    probabilities = np.zeros(len(samples))
    for site in SMALL_SITES:
        train = [sample for sample in samples if sample.site != site and not sample.kind.startswith("in-domain")]
        own = [index for index, sample in enumerate(samples) if sample.site == site]
        probabilities[own] = predict(fit(train), [samples[index] for index in own])
    return probabilities


def reliability(samples: Sequence[Sample], probabilities: Matrix, threshold: float) -> dict[str, Any]:
    """Refused shares by kind, and how often the answerable ones are what the probability says."""
    kinds = sorted({sample.kind for sample in samples})
    refused = {
        kind: [float(p < threshold) for sample, p in zip(samples, probabilities, strict=True) if sample.kind == kind]
        for kind in kinds
    }
    judged = [
        (p, sample.answerable)
        for sample, p in zip(samples, probabilities, strict=True)
        if not sample.kind.startswith("in-domain")
    ]
    bins = []
    for low in np.arange(0, 1, 0.2):
        inside = [(p, answerable) for p, answerable in judged if low <= p < low + 0.2 or (p == 1 and low > 0.75)]
        if inside:
            predicted, observed = (round(float(np.mean(column)), 3) for column in zip(*inside, strict=True))
            bins.append({"predicted": predicted, "observed": observed, "count": len(inside)})
    shares = {kind: {"refused": round(float(np.mean(v)), 4), "count": len(v)} for kind, v in refused.items()}
    return {"by_kind": shares, "bins": bins}


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


async def _main() -> None:
    async with serving() as (sites, _):
        samples = await collect(sites)
        model_id = sites.embedder.model_id
    probabilities = cross_validated(samples)
    answerable = [p for sample, p in zip(samples, probabilities, strict=True) if sample.answerable]
    threshold = round(float(np.quantile(answerable, _REFUSED_WRONGLY)), 3)
    report = reliability(samples, probabilities, threshold)
    weights, bias = fit([sample for sample in samples if not sample.kind.startswith("in-domain")])
    document = {
        "name": "docs-2026-11",
        "embedding_model": model_id,
        "weights": [round(float(weight), 4) for weight in weights],
        "bias": round(bias, 4),
        "not_covered_below": threshold,
        "answerable_from": round(min(0.9, float(np.quantile(answerable, 0.10))), 3),
        "provenance": "benchmarks/fit_answerability.py: three sites, questions with known answers, off-topic ones, "
        "questions about another product; figures are cross-validated by site",
        "reliability": report,
    }
    OUTPUT.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    print(json.dumps(document, indent=1))
    for sample, p in zip(samples, probabilities, strict=True):
        if sample.answerable == (p < threshold):
            print(f"{sample.kind:20} {sample.site:14} {p:.3f} {sample.text[:110]}")


if __name__ == "__main__":
    asyncio.run(_main())
