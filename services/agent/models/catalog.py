"""Which models are asked: the configured ones that the provider offers now, and others by rule where none is left."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp

from services.agent.models.listed import (
    Rung,
    context_length,
    has_expired,
    is_free,
    rung_of,
    takes_tools,
    whole,
    writes_text,
)

logger = logging.getLogger(__name__)

ROUTER_MODEL = "openrouter/free"
LEAST_CONTEXT_TOKENS = 16_000
"""A question with its passages and a conversation fits below."""
_CHOSEN_BY_RULE = 4


class ModelList(Protocol):
    """Where the list of models is read."""

    async def list_models(self) -> list[dict[str, Any]]: ...


class Catalog:
    """The configured models, cut down to those on offer.

    Until the provider's list was read, all of them are believed: a start must not wait for the network.

    Args:
        provider: Where the list is read.
        configured: Models by name, first choice first.
        allow_paid: Keep models that cost money, or whose price is not told.
        choose_free: Choose free models by rule when none of the configured ones is on offer.
    """

    def __init__(
        self, provider: ModelList, configured: tuple[str, ...], *, allow_paid: bool = False, choose_free: bool = True
    ) -> None:
        self._provider = provider
        self._configured = configured
        self._allow_paid = allow_paid
        self._choose_free = choose_free
        self.rungs: tuple[Rung, ...] = tuple(Rung(name) for name in configured)
        self.left_out: dict[str, str] = {}
        """Configured models that are not asked, and why."""
        self.read_at: datetime | None = None
        """When the provider's list was last read."""

    async def refresh(self) -> bool:
        """Read the provider's list; keep what was known when it cannot be read. Tells whether it was read."""
        try:
            offered = {str(entry.get("id")): entry for entry in await self._provider.list_models()}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            logger.warning("list of models not read", extra={"error": type(error).__name__})
            return False
        if not offered:
            logger.warning("list of models is empty, keeping the configured ones")
            return False
        self.read_at = datetime.now(UTC)
        self._choose(offered, self.read_at)
        facts = {"models": [rung.model for rung in self.rungs], "missing": self.left_out}
        logger.info("models on offer", extra=facts)
        return True

    async def look_first(self) -> None:
        """Read the list before a turn that would have no model to ask without it."""
        if not self.rungs and self.read_at is None:
            await self.refresh()

    def _choose(self, offered: Mapping[str, dict[str, Any]], now: datetime) -> None:
        refusals = {name: self._refusal(name, offered, now) for name in self._configured}
        self.left_out = {name: why for name, why in refusals.items() if why}
        self.rungs = tuple(rung_of(name, offered.get(name)) for name, why in refusals.items() if not why)
        if not self.rungs:
            self._go_without(offered, now)

    def _refusal(self, name: str, offered: Mapping[str, dict[str, Any]], now: datetime) -> str:
        """Why a model is not asked; empty when it is."""
        entry = offered.get(name)
        if entry is None:
            # The router is not always listed; it picks a free model by itself.
            return "" if name == ROUTER_MODEL else "the provider does not list it any more"
        if not self._allow_paid and not is_free(entry):
            return "it costs money" if "pricing" in entry else "its price is not told"
        return "it has expired, as the provider announced" if has_expired(entry, now) else ""

    def _go_without(self, offered: Mapping[str, dict[str, Any]], now: datetime) -> None:
        """None of the configured models is on offer: choose others, loudly, or say what to change."""
        chosen = free_models(offered, now)[:_CHOSEN_BY_RULE] if self._choose_free else []
        self.rungs = tuple(rung_of(name, offered[name], chosen_by_rule=True) for name in chosen)
        if self.rungs:
            facts = {"models": [rung.model for rung in self.rungs], "missing": self.left_out}
            logger.warning(
                "no configured model is on offer; free ones are asked instead: set AGENT_MODELS", extra=facts
            )
        else:
            logger.error(_what_to_change(offered, self._configured))


class OpenCatalog(Catalog):
    """The models of a provider that is not OpenRouter: no prices, and a list that need not be whole.

    A company's gateway may list nothing, or only wildcards: a configured name is asked whatever the list says. Where
    none is configured, the first models that write text are.
    """

    def __init__(self, provider: ModelList, configured: tuple[str, ...]) -> None:
        super().__init__(provider, configured, allow_paid=True)

    def _choose(self, offered: Mapping[str, dict[str, Any]], now: datetime) -> None:
        self.rungs = tuple(rung_of(name, _entry(name, offered)) for name in self._configured)
        if self._configured:
            return
        names = [name for name, entry in offered.items() if writes_text(name, entry)][:_CHOSEN_BY_RULE]
        self.rungs = tuple(rung_of(name, offered[name], chosen_by_rule=True) for name in names)
        if not names:
            logger.error("the provider lists no model that writes text; set AGENT_MODELS")


def free_models(offered: Mapping[str, dict[str, Any]], now: datetime) -> list[str]:
    """Free models that can answer: they write text, read enough and have not expired; with tools and newest first."""
    names = [name for name, entry in offered.items() if is_free(entry) and _can_answer(name, entry, now)]
    return sorted(names, key=lambda name: (not takes_tools(offered[name]), -whole(offered[name].get("created")), name))


def _can_answer(name: str, entry: dict[str, Any], now: datetime) -> bool:
    return writes_text(name, entry) and not has_expired(entry, now) and context_length(entry) >= LEAST_CONTEXT_TOKENS


def _entry(name: str, offered: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of a model; Ollama lists `name:latest` for what it answers to as `name`."""
    return offered.get(name) or offered.get(f"{name}:latest")


def _what_to_change(offered: Mapping[str, dict[str, Any]], configured: tuple[str, ...]) -> str:
    """What to change when no model is left."""
    if any(name in offered and "pricing" not in offered[name] for name in configured):
        return (
            "the provider tells no prices; if it is not OpenRouter set AGENT_BASE_URL, or AGENT_ALLOW_PAID_MODELS=true"
        )
    return "no configured model is on offer; set AGENT_MODELS to current free models"
