"""What is searched and what is found."""

from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from services.retriever.reading.judging.verdict import Judgement, Verdict
from services.retriever.reading.passages import Passage
from services.retriever.reading.request import SearchResult
from services.retriever.reading.scope import Scope
from services.runtime.document_kind import kind_from_proto, kind_to_proto
from services.runtime.times import duration, timestamp

_VERDICTS = {
    Verdict.ANSWERABLE: passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE,
    Verdict.WEAK: passages_pb2.ANSWERABILITY_VERDICT_WEAK,
    Verdict.NOT_COVERED: passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED,
}


def result_to_proto(result: SearchResult) -> pb.SearchPassagesResponse:
    """What a search found, as the contract says."""
    return pb.SearchPassagesResponse(
        passages=[_passage_to_proto(passage) for passage in result.passages],
        answerability=_judgement_to_proto(result.judgement),
        revision=result.revision,
        widening=_widening_to_proto(result),
        degraded=bool(result.degraded_reason),
        degraded_reason=result.degraded_reason,
        timings=pb.SearchTimings(
            embed=duration(result.timings.embed_s),
            engine=duration(result.timings.engine_s),
            rerank=duration(result.timings.rerank_s) if result.timings.rerank_s is not None else None,
            total=duration(result.timings.total_s),
        ),
        site=result.site,
        corrections=[
            passages_pb2.Correction(written=correction.written, searched=correction.searched)
            for correction in result.corrections
        ],
        searched_for=result.searched_for,
    )


def _judgement_to_proto(judgement: Judgement | None) -> passages_pb2.Answerability | None:
    if judgement is None:
        return None
    return passages_pb2.Answerability(
        verdict=_VERDICTS[judgement.verdict], probability=judgement.probability, calibration=judgement.calibration
    )


def _widening_to_proto(result: SearchResult) -> passages_pb2.Widening | None:
    """Says from which versions the passages come, not which were looked at."""
    rung = result.widened_to
    if rung is None:
        return None
    versions = dict.fromkeys(passage.page.version for passage in result.passages if passage.page.version)
    return passages_pb2.Widening(versions=list(versions) if rung.other_versions else [], locale=rung.other_locale)


def _passage_to_proto(passage: Passage) -> passages_pb2.Passage:
    core, page, scores = passage.found.chunk.chunk, passage.page, passage.found.scores
    section = passage.found.chunk.section
    return passages_pb2.Passage(
        uri=f"{passage.page_uri}#{section.anchor}" if section.anchor else passage.page_uri,
        document_uri=passage.page_uri,
        anchor=section.anchor,
        title=page.title,
        heading_path=section.heading_path,
        text=passage.text,
        highlights=[passages_pb2.TextRange(start=start, end=end) for start, end in passage.highlights],
        relevance_score=passage.found.relevance,
        scores=passages_pb2.StageScores(
            dense=scores.dense, sparse=scores.sparse, fusion=scores.fusion, rerank=scores.rerank
        ),
        version=page.version,
        locale=page.locale,
        kind=kind_to_proto(page.kind),
        content_hash=passage.content_hash,
        first_ordinal=passage.chunks[0].chunk.ordinal,
        last_ordinal=passage.chunks[-1].chunk.ordinal,
        code_languages=list(
            dict.fromkeys(language for item in passage.chunks for language in item.chunk.code_languages)
        ),
        tabs=core.tabs,
        published_at=timestamp(page.published_s) if page.published_s is not None else None,
    )


def scope_from_proto(scope: passages_pb2.Scope) -> Scope:
    """A scope; where it names an unspecified kind, every kind is meant."""
    kinds = tuple(kind for number in scope.kinds if (kind := kind_from_proto(number)) is not None)
    everything = documents_pb2.DOCUMENT_KIND_UNSPECIFIED in scope.kinds
    return Scope(
        tuple(scope.versions), scope.locale, () if everything else kinds, scope.path_prefix, scope.docs_instance
    )
