"""Questions to begin with: what a reader of this site can ask, kept for a while because pages change rarely."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import TTLCache
from docs_chat.retriever.v1.documents_pb2 import DocumentSummary

from services.agent.conversation import TurnRequest
from services.agent.retriever_client import RetrieverClient
from services.agent.turn.suggestions import questions_of_site
from services.runtime.errors import ServiceError

logger = logging.getLogger(__name__)

_PAGES = 500
_KEPT = 256
_KEPT_S = 600.0


@dataclass(slots=True)
class SiteQuestions:
    """Makes them from the titles of the site's pages.

    Args:
        retriever: Where the pages are listed.
        clock: Seconds, from any beginning.
    """

    retriever: RetrieverClient
    clock: Callable[[], float] = time.monotonic
    _kept: TTLCache[tuple[str, bytes, str], list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = TTLCache(_KEPT, _KEPT_S, timer=self.clock)

    async def for_turn(self, request: TurnRequest, language: str) -> list[str]:
        """Some questions; none when the pages cannot be listed, which is no reason to leave a greeting unanswered."""
        site = request.site or request.default_site
        key = (site, request.scope.SerializeToString(deterministic=True), language)
        if (kept := self._kept.get(key)) is not None:
            return kept
        try:
            pages = await self.retriever.list_pages(site=site, scope=request.scope, limit=_PAGES)
        except ServiceError as error:
            logger.info("no questions to begin with", extra={"reason": type(error).__name__})
            return []
        questions = questions_of_site(_of_one_locale(pages), language)
        self._kept[key] = questions
        return questions


def _of_one_locale(pages: list[DocumentSummary]) -> list[DocumentSummary]:
    """A list without a locale in its scope holds all of them; the default one is the one that is complete."""
    locales = Counter(page.locale for page in pages).most_common(1)
    return [page for page in pages if page.locale == locales[0][0]]
