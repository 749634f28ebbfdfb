"""Which of the configured models the provider offers at the moment, free of charge."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from services.agent.models.openrouter import OpenRouter

logger = logging.getLogger(__name__)

ROUTER_MODEL = "openrouter/free"


@dataclass(frozen=True, slots=True)
class Rung:
    """One model of the ladder."""

    model: str
    supports_tools: bool = True
    context_length: int = 0
    """Tokens; 0 while unknown."""


class Catalog:
    """The configured models, cut down to those on offer.

    Until the provider's list was read, all of them are believed: a start must not wait for the network.

    Args:
        provider: Where the list is read.
        configured: Models by name, first choice first.
        allow_paid: Keep models that cost money.
    """

    def __init__(self, provider: OpenRouter, configured: tuple[str, ...], *, allow_paid: bool = False) -> None:
        self._provider = provider
        self._configured = configured
        self._allow_paid = allow_paid
        self.rungs: tuple[Rung, ...] = tuple(Rung(name) for name in configured)

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
        self.rungs = tuple(rung for name in self._configured if (rung := self._rung(name, offered.get(name))))
        missing = sorted(set(self._configured) - {rung.model for rung in self.rungs})
        logger.info("models on offer", extra={"models": [rung.model for rung in self.rungs], "missing": missing})
        if not self.rungs:
            logger.error(_why_none(offered, self._configured))
        return True

    def _rung(self, name: str, entry: dict[str, Any] | None) -> Rung | None:
        if entry is None:
            # The router is not always listed; it picks a free model by itself.
            return Rung(name) if name == ROUTER_MODEL else None
        if not self._allow_paid and not is_free(entry):
            return None
        if has_expired(entry, datetime.now(UTC)):
            return None
        parameters = entry.get("supported_parameters")
        tools = "tools" in parameters if isinstance(parameters, list) else True
        length = entry.get("context_length")
        return Rung(name, supports_tools=tools, context_length=length if isinstance(length, int) else 0)


def _why_none(offered: dict[str, dict[str, Any]], configured: tuple[str, ...]) -> str:
    """What to change when no model is left."""
    unpriced = [name for name in configured if name in offered and "pricing" not in offered[name]]
    if unpriced:
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
