"""The retrieval half of a turn: queries out, numbered evidence in; an attempt repeated soon finds it at hand."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from cachetools import TTLCache
from docs_chat.retriever.v1.passages_pb2 import AnswerabilityVerdict, Scope

from services.agent.conversation import TurnRequest
from services.agent.evidence import Evidence
from services.agent.retriever_client import RetrieverClient
from services.agent.turn.queries import SearchPlan
from services.runtime.errors import InvalidQuery
from services.runtime.telemetry import tracer

_KEPT_TURNS = 512
_KEPT_S = 120.0


@dataclass(slots=True)
class EvidenceFinder:
    """Finds what a turn rests on.

    Args:
        retriever: Where to look.
        passage_limit: Passages shown to the reader when the request does not say.
        evidence_passages: Passages found then: those that are not shown are for the answer.
        clock: Seconds, from any beginning.
    """

    retriever: RetrieverClient
    passage_limit: int = 8
    evidence_passages: int = 24
    clock: Callable[[], float] = time.monotonic
    _recent: TTLCache[str, tuple[bytes, Evidence]] = field(init=False)
    """Per turn what was asked and what was found."""

    def __post_init__(self) -> None:
        self._recent = TTLCache(_KEPT_TURNS, _KEPT_S, timer=self.clock)

    async def find(self, request: TurnRequest, plan: SearchPlan) -> Evidence:
        """Evidence for the turn; the same turn asking again within two minutes gets the same without a search."""
        where = (request.site, request.default_site, request.page_uri, request.scope)
        fingerprint = repr((where, request.question, request.options.passage_limit)).encode()
        if request.turn_id and (kept := self._recent.get(request.turn_id)):
            kept_fingerprint, evidence = kept
            if kept_fingerprint == fingerprint:
                return replace(_copy(evidence), asked_before=True)
        evidence = await self._search(request, plan)
        if request.turn_id:
            self._recent[request.turn_id] = (fingerprint, _copy(evidence))
        return evidence

    async def _search(self, request: TurnRequest, plan: SearchPlan) -> Evidence:
        shown = request.options.passage_limit or self.passage_limit
        limit = request.options.passage_limit or max(self.passage_limit, self.evidence_passages)
        with tracer().start_as_current_span("retrieve") as span:
            try:
                evidence = await self.retriever.search(
                    plan.queries,
                    site=request.site,
                    scope=request.scope,
                    limit=limit,
                    page_uri=request.page_uri,
                    default_site=request.default_site,
                )
            except InvalidQuery:  # "???" has nothing to search for; that is an answer, not an error
                evidence = Evidence(passages=[], site=request.site or request.default_site)
            evidence.shown = shown
            if plan.about_page:
                await self._put_page_first(request, plan, evidence, limit)
            span.set_attribute("docs_chat.passages", len(evidence.passages))
        return evidence

    async def _put_page_first(self, request: TurnRequest, plan: SearchPlan, evidence: Evidence, limit: int) -> None:
        """A question about "this page" is answered from that page before all others."""
        scope = Scope()
        scope.CopyFrom(request.scope)
        scope.path_prefix = urlsplit(request.page_uri).path
        found = await self.retriever.search(plan.queries, site=evidence.site, scope=scope, limit=limit)
        page = request.page_uri.partition("#")[0].rstrip("/")
        own = [passage for passage in found.passages if passage.document_uri.rstrip("/") == page]
        if not own:
            return
        addresses = {passage.uri for passage in own}
        others = [passage for passage in evidence.passages if passage.uri not in addresses]
        evidence.passages = [*own, *others][:limit]
        if evidence.not_covered:
            evidence.answerability.verdict = AnswerabilityVerdict.ANSWERABILITY_VERDICT_ANSWERABLE


def _copy(evidence: Evidence) -> Evidence:
    return replace(evidence, passages=list(evidence.passages))
