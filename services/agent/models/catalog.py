"""Which models the provider offers now: the configured ones, and others by rule when none of those is left."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp

logger = logging.getLogger(__name__)

ROUTER_MODEL = "openrouter/free"
LEAST_CONTEXT_TOKENS = 16_000
"""A question with its passages and a conversation fits below."""
_CHOSEN_BY_RULE = 4
_NO_WRITERS = ("safety", "guard", "moderation", "embed", "rerank", "classifier", "ocr", "coder-base")
"""Parts of names of models that write no answers, though they are listed among those that write text."""


class ModelList(Protocol):
    """Where the list of models is read."""

    async def list_models(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Rung:
    """One model of the ladder."""

    model: str
    supports_tools: bool = True
    context_length: int = 0
    """Tokens; 0 while unknown."""
    is_free: bool = True
    chosen_by_rule: bool = False
    """Not configured: taken because none of the configured ones is on offer."""


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
        now = datetime.now(UTC)
        # The router is not always listed; it picks a free model by itself.
        refusals = {name: self._refusal(name, offered, now) for name in self._configured}
        self.left_out = {name: why for name, why in refusals.items() if why}
        self.rungs = tuple(_rung(name, offered.get(name)) for name, why in refusals.items() if not why)
        logger.info("models on offer", extra={"models": [rung.model for rung in self.rungs], "missing": self.left_out})
        if not self.rungs:
            self._go_without(offered, now)
        return True

    def _refusal(self, name: str, offered: Mapping[str, dict[str, Any]], now: datetime) -> str:
        """Why a model is not asked; empty when it is."""
        entry = offered.get(name)
        if entry is None:
            return "" if name == ROUTER_MODEL else "the provider does not list it any more"
        if not self._allow_paid and not is_free(entry):
            return "it costs money" if "pricing" in entry else "its price is not told"
        return "its end has come, as the provider announced" if has_expired(entry, now) else ""

    def _go_without(self, offered: Mapping[str, dict[str, Any]], now: datetime) -> None:
        """None of the configured models is on offer: choose others, loudly, or say what to change."""
        chosen = free_models(offered, now)[:_CHOSEN_BY_RULE] if self._choose_free else []
        self.rungs = tuple(_rung(name, offered[name], chosen_by_rule=True) for name in chosen)
        if self.rungs:
            facts = {"models": [rung.model for rung in self.rungs], "missing": self.left_out}
            logger.warning(
                "no configured model is on offer; free ones are asked instead: set AGENT_MODELS", extra=facts
            )
        else:
            logger.error(_what_to_change(offered, self._configured))


def free_models(offered: Mapping[str, dict[str, Any]], now: datetime) -> list[str]:
    """Free models that can answer: they write text, read enough and have not expired; with tools and newest first."""
    names = [name for name, entry in offered.items() if is_free(entry) and _can_answer(name, entry, now)]
    return sorted(
        names, key=lambda name: (not _takes_tools(offered[name]), -_whole(offered[name].get("created")), name)
    )


def _can_answer(name: str, entry: dict[str, Any], now: datetime) -> bool:
    if any(part in name for part in _NO_WRITERS) or has_expired(entry, now):
        return False
    architecture = entry.get("architecture")
    writes = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return _whole(entry.get("context_length")) >= LEAST_CONTEXT_TOKENS and (writes is None or "text" in writes)


def _rung(name: str, entry: dict[str, Any] | None, *, chosen_by_rule: bool = False) -> Rung:
    if entry is None:
        return Rung(name)
    length = _whole(entry.get("context_length"))
    return Rung(name, _takes_tools(entry), length, is_free(entry), chosen_by_rule)


def _takes_tools(entry: dict[str, Any]) -> bool:
    parameters = entry.get("supported_parameters")
    return "tools" in parameters if isinstance(parameters, list) else True


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _what_to_change(offered: Mapping[str, dict[str, Any]], configured: tuple[str, ...]) -> str:
    """What to change when no model is left."""
    if any(name in offered and "pricing" not in offered[name] for name in configured):
        return "the provider tells no prices; if its models may be asked all the same, set AGENT_ALLOW_PAID_MODELS=true"
    return "no configured model is on offer; set AGENT_MODELS to current free models"


def is_free(entry: dict[str, Any]) -> bool:
    """Whether reading and writing cost nothing; a name that ends in `:free` alone proves nothing."""
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        return False
    try:
        return all(float(pricing.get(part, "1")) == 0 for part in ("prompt", "completion"))
    except (TypeError, ValueError):
        return False


def has_expired(entry: dict[str, Any], now: datetime) -> bool:
    """Whether the provider has announced an end that has come."""
    announced = entry.get("expiration_date")
    if not isinstance(announced, str) or not announced:
        return False
    try:
        end = datetime.fromisoformat(announced)
    except ValueError:
        return False
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= now
