"""What a provider's list tells of one model; each field is read from wherever the providers we know put it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""How much a model may think, from nothing upwards."""
_NO_WRITERS = (
    *("safety", "guard", "moderation", "embed", "rerank", "classifier", "ocr", "coder-base"),
    *("whisper", "tts", "speech", "transcribe", "image", "dall-e", "diffusion"),
)
"""Parts of names of models that write no answers, though they are listed among those that do."""
_KINDS_THAT_WRITE = ("chat", "language", "text", "llm", "vlm", "model")
_CONTEXT_FIELDS = ("context_length", "max_model_len", "context_window", "max_context_length")
"""OpenRouter and Together; vLLM; Groq; Mistral and LM Studio."""
_LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Rung:
    """One model of the ladder."""

    model: str
    supports_tools: bool = True
    context_length: int = 0
    """Tokens; 0 while unknown."""
    is_free: bool | None = None
    """None while no price is told."""
    chosen_by_rule: bool = False
    """Not configured: taken from the provider's list."""
    is_listed: bool | None = None
    """Whether the provider lists it; None while its list was not read."""
    takes_reasoning: bool = True
    """Whether it can be told how much to think; OpenRouter drops the wish where it cannot."""
    efforts: tuple[str, ...] = ()
    """How much it can be told to think; empty while unknown."""

    @property
    def facts(self) -> str:
        """What is listed, in a word that changes when the list does; empty while nothing is."""
        return f"{self.context_length}/{self.supports_tools}" if self.is_listed else ""

    def effort(self, wanted: str) -> str:
        """How much to ask it to think: as wanted, or the next less that it knows, or the least."""
        known = [effort for effort in EFFORTS if effort in self.efforts]
        if not known or wanted in known:
            return wanted
        less = [effort for effort in known if EFFORTS.index(effort) < EFFORTS.index(wanted)]
        return less[-1] if less else known[0]


def rung_of(name: str, entry: Mapping[str, Any] | None, *, chosen_by_rule: bool = False) -> Rung:
    """The rung of a model, from its entry in a list that was read; without one little is known."""
    if entry is None:
        return Rung(name, is_listed=False)
    parameters = entry.get("supported_parameters")
    reasoning = entry.get("reasoning")
    efforts = reasoning.get("supported_efforts") if isinstance(reasoning, dict) else None
    return Rung(
        name,
        supports_tools=takes_tools(entry),
        context_length=context_length(entry),
        is_free=is_free(entry) if "pricing" in entry else None,
        chosen_by_rule=chosen_by_rule,
        is_listed=True,
        takes_reasoning="reasoning" in parameters if isinstance(parameters, list) else True,
        efforts=tuple(filter(EFFORTS.__contains__, efforts)) if isinstance(efforts, list) else (),
    )


def context_length(entry: Mapping[str, Any]) -> int:
    """Tokens a model can read and write together; 0 when it is not told."""
    told = [whole(entry.get(name)) for name in _CONTEXT_FIELDS]
    meta = entry.get("meta")  # llama.cpp
    told += [whole(meta.get(name)) for name in ("n_ctx", "n_ctx_train")] if isinstance(meta, dict) else []
    return next(filter(None, told), 0)


def takes_tools(entry: Mapping[str, Any]) -> bool:
    """Whether a model can be offered tools, as far as it is told."""
    parameters = entry.get("supported_parameters")
    return "tools" in parameters if isinstance(parameters, list) else True


def writes_text(name: str, entry: Mapping[str, Any]) -> bool:
    """Whether a model writes answers, judging by its name and by what is told of its kind."""
    if any(part in name.lower() for part in _NO_WRITERS):
        return False
    kind, architecture = entry.get("type"), entry.get("architecture")
    writes = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return (not isinstance(kind, str) or kind in _KINDS_THAT_WRITE) and (
        not isinstance(writes, list) or "text" in writes
    )


def is_free(entry: Mapping[str, Any]) -> bool:
    """Whether reading and writing cost nothing; a name that ends in `:free` alone proves nothing."""
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        return False
    try:
        return all(float(pricing.get(part, "1")) == 0 for part in ("prompt", "completion"))
    except (TypeError, ValueError):
        return False


def has_expired(entry: Mapping[str, Any], now: datetime) -> bool:
    """Whether the provider has announced an end that has come."""
    announced = entry.get("expiration_date")
    if not isinstance(announced, str) or not announced:
        return False
    try:
        end = datetime.fromisoformat(announced)
    except ValueError:
        return False
    return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= now


def whole(value: object) -> int:
    """A number that came over the wire; 0 for anything else, infinities and truth values too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if abs(value) < _LARGEST else 0
