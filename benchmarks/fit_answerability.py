"""Fits the answerability model and says how reliable it is.

`python -m benchmarks.fit_answerability` after `python -m benchmarks.corpora`. Needs DOCS_CHAT_EVAL. Writes
`services/retriever/reading/judging/answerability.json`, and a report to `benchmarks/results/answerability.{html,json}`.
Questions: real ones with known answers, asked of their whole site and of the part of it around the answer (a small
site); short ones in readers' words; everyday questions; questions about other products; questions that sound like the
product but that its docs do not answer. It is cross-validated by leaving out one site at a time, so that no site judges
itself.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.answerability_report import Judged, measures, page
from benchmarks.corpora import OWN_DOCS, json_lines, serving
from services.retriever.embedding.sparse import encoder_for
from services.retriever.embedding.usual_words import usual_words
from services.retriever.reading.candidates import Query, hybrid_search
from services.retriever.reading.judging.calibration import Calibration, DoubtModel, calibration_for
from services.retriever.reading.judging.judge import Judge, judged_leniently
from services.retriever.reading.judging.signals import DOUBTS, FEATURES, DoubtWeights, Signals, SignalWeights
from services.retriever.reading.judging.verdict import Verdict
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
_DOUBTED = 0.04
"""Share of answerable questions below `answerable_from`, those that are refused left out."""
_NOT_SURE = 0.08
"""Share of answerable questions below `sure_from`: for these other versions and languages are looked at, too."""
_RIDGE_OF_DOUBT = 0.02
_SHARE_OF_DOUBT = 0.35
"""What the questions that are not answered count in the model of doubt, all together: readers mostly ask what is."""

Matrix = NDArray[np.float64]
SMALL_SITES = {
    "redux": ("/usage", "/faq", "/tutorials/fundamentals"),
    "redux-toolkit": ("/rtk-query/usage", "/usage", "/api"),
    "go-kratos": ("/en/docs/component", "/en/docs/guide"),
    "react-native-website": ("/docs/text", "/docs/a", "/docs/s"),
    OWN_DOCS: (),
}
"""The sites, and parts of them that stand for small ones."""
NEAR_SITES = ("detox", "ent", "webdriverio")
"""Sites of `six_sites` with questions that their docs answer, and near ones that they do not."""
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
    signals: Signals

    @property
    def features(self) -> tuple[float, ...]:
        return tuple(feature(self.signals) for feature in FEATURES.values())

    @property
    def answerable(self) -> bool:
        return self.asked.kind.startswith("answerable")

    @property
    def tells_of_doubt(self) -> bool:
        """Whether the model of doubt is fitted to it: whole sites, and questions about their subject."""
        return not self.asked.prefix and self.asked.kind.startswith(("answerable", "undocumented"))


def questions(sites: Sequence[str]) -> Iterator[Asked]:
    """All questions for the sites that are indexed."""
    evaluation, own = Path(os.environ["DOCS_CHAT_EVAL"]), json_lines(HERE / "answerability.jsonl")
    files = (evaluation / "questions.jsonl", HERE / "questions.jsonl", HERE / "held_out.jsonl")
    near = evaluation / "six_sites"
    answered = [
        row for path in (*files, *near.glob("answerable.jsonl")) for row in json_lines(path) if row["site"] in sites
    ]
    for row in answered:
        yield from _answered(row)
    for number, row in enumerate(own):
        for site in [row["site"]] if "site" in row else [site for site in sites if site not in row.get("near", ())]:
            yield Asked(site, row["kind"], row["question"])
            prefixes = SMALL_SITES.get(site, ()) if "site" not in row else ()
            if prefixes:
                yield Asked(site, f"{row['kind']}, small", row["question"], prefixes[number % len(prefixes)])
    for row in answered + [row for row in own if row["kind"] == "answerable"]:
        for site in sites:
            if site != row["site"] and {site, row["site"]} not in _RELATIVES:
                yield Asked(site, "another site's question", row["question"])
    for path in (evaluation / "unanswerable.jsonl", *near.glob("near_topic.jsonl")):
        for row in json_lines(path):
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
        self._judge = Judge(usual_words(sites.embedder))

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
        encoder, chunks = encoder_for("en", average), [passage.found.chunk for passage in result.passages]
        covered = self._judge.coverage(asked.text, chunks, encoder)
        part = SitePart(published.store, where, (published.identity, scope))
        signals = await self._judge.signals(asked.text, found, chunks, covered=covered, encoder=encoder, part=part)
        return Sample(asked, signals)


def fit(inputs: Matrix, target: Matrix, importance: Matrix, *, ridge: float) -> tuple[Matrix, float]:
    """Weights and bias of a ridge logistic regression.

    Args:
        inputs: Shape (n, inputs).
        target: Shape (n,), 1 for what is answered, 0 for the rest.
        importance: Shape (n,), what each row counts, 1 in sum.
        ridge: Penalty of the weights of standardised inputs.

    Source:
        Newton's method for logistic regression: Hastie, Tibshirani, Friedman (2009), section 4.4.1.
    """
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    design = np.column_stack([(inputs - centre) / spread, np.ones(len(inputs))])
    penalty = np.diag([ridge] * inputs.shape[1] + [0.0])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-design @ solution))
        gradient = design.T @ (importance * (probability - target)) + penalty @ solution
        curvature = (design * (importance * probability * (1 - probability))[:, None]).T @ design + penalty
        solution -= np.linalg.solve(curvature + 1e-9 * np.eye(len(solution)), gradient)
    weights = solution[:-1] / spread
    return weights, float(solution[-1] - weights @ centre)


def fit_both(samples: Sequence[Sample], kept: Calibration | None = None) -> Calibration:
    """Both models, without thresholds: the model of doubt is fitted to what the first one says.

    Args:
        samples: What they are fitted to.
        kept: The first model, where it is to stay as it is.
    """
    first = kept or _fit_first(samples)
    telling = [sample for sample in samples if sample.tells_of_doubt]
    answerable = np.array([sample.answerable for sample in telling], dtype=float)
    share = np.where(answerable > 0, 1 - _SHARE_OF_DOUBT, _SHARE_OF_DOUBT)
    counts = np.where(answerable > 0, answerable.sum(), len(telling) - answerable.sum())
    inputs = [[value(first.log_odds(s.signals), s.signals) for value in DOUBTS.values()] for s in telling]
    doubts, doubt_bias = fit(np.array(inputs), answerable, share / counts, ridge=_RIDGE_OF_DOUBT)
    return replace(first, doubt=DoubtModel(DoubtWeights(*map(float, doubts)), doubt_bias))


def _fit_first(samples: Sequence[Sample]) -> Calibration:
    shared = [sample for sample in samples if sample.asked.kind in SHARES]
    weights, bias = fit(
        np.array([sample.features for sample in shared]),
        np.array([sample.answerable for sample in shared], dtype=float),
        importances([sample.asked.kind for sample in shared]),
        ridge=_RIDGE,
    )
    no_doubt = DoubtModel(DoubtWeights(*(0.0,) * len(DOUBTS)), 0.0)
    return Calibration("", SignalWeights(*map(float, weights)), bias, 0.0, no_doubt, 0.0, 0.0)


def importances(kinds: Sequence[str]) -> Matrix:
    """What each sample counts, 1 in sum."""
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    raw = np.array([SHARES.get(kind, 0.0) / counts[kind] for kind in kinds])
    return np.asarray(raw / raw.sum())


def cross_validated(samples: Sequence[Sample], kept: Calibration | None = None) -> list[Calibration]:
    """For each sample the models that never saw its site, but for a first model that is kept."""
    by_site = {
        site: fit_both([sample for sample in samples if sample.asked.site != site], kept)
        for site in {sample.asked.site for sample in samples}
    }
    return [by_site[sample.asked.site] for sample in samples]


def with_thresholds(
    samples: Sequence[Sample], models: Sequence[Calibration], kept: Calibration | None
) -> tuple[float, float]:
    """`not_covered_below` and `answerable_from`, from the answerable questions judged by models without their site."""
    pairs = [(sample, model) for sample, model in zip(samples, models, strict=True) if sample.answerable]
    refused_wrongly = float(np.quantile([_first(sample, model) for sample, model in pairs], _REFUSED_WRONGLY))
    threshold = kept.not_covered_below if kept else round(refused_wrongly, 3)
    whole = [
        model.doubt.probability(model.log_odds(sample.signals), sample.signals)
        for sample, model in pairs
        if sample.tells_of_doubt and _first(sample, model) >= threshold
    ]
    return threshold, round(float(np.quantile(whole, _DOUBTED)), 3)


def _sure_from(samples: Sequence[Sample], models: Sequence[Calibration]) -> float:
    pairs = zip(samples, models, strict=True)
    return round(
        float(np.quantile([_first(sample, model) for sample, model in pairs if sample.answerable], _NOT_SURE)), 3
    )


def _first(sample: Sample, model: Calibration) -> float:
    """The first model's probability; 1 where it is never refused by it."""
    lenient = judged_leniently(replace(model, not_covered_below=1.1).judge(sample.signals), sample.asked.text)
    return lenient.probability if lenient.verdict is Verdict.NOT_COVERED else 1.0


async def _collect() -> tuple[list[Sample], str]:
    async with serving() as (sites, _):
        present = [m.site for m in await sites.all_published() if m.site in (*SMALL_SITES, *NEAR_SITES)]
        sampler = Sampler(sites)
        samples = [await sampler.sample(asked) for asked in questions(present) if asked.site in present]
        return samples, sites.embedder.model_id


async def _main(*, keeps_first: bool) -> None:
    samples, model_id = await _collect()
    kept = calibration_for(model_id) if keeps_first else None
    models = cross_validated(samples, kept)
    threshold, answerable_from = with_thresholds(samples, models, kept)
    counted = importances([sample.asked.kind for sample in samples])
    judged = []
    for sample, model, importance in zip(samples, models, counted, strict=True):
        usual = replace(model, not_covered_below=threshold, answerable_from=answerable_from)
        verdict = judged_leniently(usual.judge(sample.signals), sample.asked.text).verdict
        probability = replace(model, not_covered_below=1.1).judge(sample.signals).probability
        asked = sample.asked
        judged.append(
            Judged(asked.site, asked.kind, asked.text, sample.answerable, probability, verdict, float(importance))
        )
    fitted = fit_both(samples, kept)
    sites = sorted({sample.asked.site for sample in samples})
    document = {
        "name": "docs-2026-11d",
        "embedding_model": model_id,
        "weights": _rounded(fitted.weights),
        "bias": round(fitted.bias, 4),
        "not_covered_below": threshold,
        "doubt": {"weights": _rounded(fitted.doubt.weights), "bias": round(fitted.doubt.bias, 4)},
        "answerable_from": answerable_from,
        "sure_from": kept.sure_from if kept else _sure_from(samples, models),
        "provenance": f"benchmarks/fit_answerability.py: {len(samples)} questions asked of {', '.join(sites)}; "
        "figures are cross-validated by site"
        + ("; the first model was kept, fitted to the first five of them" if kept else ""),
        "reliability": measures(judged),
    }
    OUTPUT.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    REPORT.with_suffix(".html").write_text(page(document, judged), "utf-8")
    print(json.dumps(document, indent=1))


def _rounded(weights: SignalWeights | DoubtWeights) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(weights).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep-first", action="store_true", help="fit the model of doubt alone")
    asyncio.run(_main(keeps_first=parser.parse_args().keep_first))
