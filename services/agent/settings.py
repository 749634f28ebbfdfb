"""What the agent can be told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from services.runtime.settings import ServiceSettings

# Free models of OpenRouter that take tools, strongest first. Those that `/models` no longer lists are skipped. A test
# compares them with the list as it was last seen.
DEFAULT_MODELS = (
    "z-ai/glm-5.2:free",
    "nvidia/nemotron-3-super-120b-a12b:free",
    "google/gemma-4-31b-it:free",
    "poolside/laguna-xs-2.1:free",
    "google/gemma-4-26b-a4b-it:free",
    "nvidia/nemotron-3.5-lightning:free",
    "qwen/qwen3.8-27b:free",
)


class AgentSettings(ServiceSettings):
    """Environment variables start with `AGENT_`; those of OpenRouter have its own names."""

    model_config = SettingsConfigDict(env_prefix="AGENT_")

    caller_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("AGENT_CALLER_TOKEN", "DOCS_CHAT_CALLER_TOKEN")
    )
    """Token that this process shows, where it has one of its own; otherwise `DOCS_CHAT_CALLER_TOKEN`."""
    port: int = Field(default=50052, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    default_deadline_s: float = Field(default=60.0, gt=0)
    """Limit of a turn whose caller set none."""
    retriever_target: str = "127.0.0.1:50051"
    """Where the retriever listens."""
    retriever_timeout_s: float = Field(default=5.0, gt=0)
    """Longest wait for the retriever."""
    data_dir: Path = Path(".data/agent")
    """Folder of the quota counters and the answer cache when no Redis is set."""
    redis_url: SecretStr = SecretStr("")
    """`redis://…` that replicas of the agent share quota and answers through; empty: files in `data_dir`."""

    base_url: str = ""
    """Address of another provider with OpenAI's API, asked instead of OpenRouter: Ollama, vLLM, LM Studio, Groq, a
    company's gateway. Its models are those in `AGENT_MODELS`, or the first that it lists; no price is asked for, and no
    limit of requests is kept unless you set one."""
    api_key: SecretStr = SecretStr("")
    """Key of the provider at `AGENT_BASE_URL`; empty where it asks for none."""
    openrouter_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="OPENROUTER_API_KEY")
    """Key of the account at OpenRouter; without it, and without `AGENT_BASE_URL`, answers are quotations."""
    openrouter_base_url: str = Field(default="https://openrouter.ai/api/v1", validation_alias="OPENROUTER_BASE_URL")
    """Address of OpenRouter's API."""
    models: Annotated[tuple[str, ...], NoDecode] = DEFAULT_MODELS
    """Models to ask, first choice first, separated by commas."""
    allow_paid_models: bool = False
    """Also ask models of the list that cost money."""
    data_collection: Literal["allow", "deny"] = "allow"
    """`deny` asks only providers of OpenRouter that do not keep or train on what they are sent; fewer free models
    remain."""
    site_url: str = ""
    """Address of the site, told to OpenRouter for its app page; empty tells nothing."""
    catalog_interval_s: float = Field(default=3600.0, gt=0)
    """Time between two readings of the provider's list of models."""

    requests_per_minute: int = Field(default=18, ge=1)
    """Requests we allow ourselves a minute; OpenRouter's limit for free models is 20."""
    requests_per_day: int = Field(default=50, ge=1)
    """Requests per UTC day until the provider tells the true limit (50, or 1,000 after buying 10 credits)."""
    daily_reserve: int = Field(default=5, ge=0)
    """Last requests of a day, kept for first attempts: no second looks and no second models."""
    network_minute_share: float = Field(default=0.35, gt=0, le=1)
    """Share of a minute's requests that the readers of one network may have together, at least one request; of the
    queue too. A network is the addresses around one (IPv4 /24, IPv6 /48), or one API key; 1 sets no limit."""
    network_day_share: float = Field(default=0.1, gt=0, le=1)
    """Share of a day's requests that the readers of one network may have together. Beyond it they get only what others
    will not miss. Set 1 where all readers sit behind one address, as in a company."""
    queue_length: int = Field(default=64, ge=0)
    """Turns that may wait for the model at once."""
    queue_wait_s: float = Field(default=20.0, ge=0)
    """Longest wait for the model before the turn is answered otherwise."""
    max_attempts: int = Field(default=3, ge=1)
    """Requests to the provider for one call of the model, over all models."""
    first_text_timeout_s: float = Field(default=10.0, gt=0)
    """Longest wait for the first text of one model."""
    text_gap_timeout_s: float = Field(default=20.0, gt=0)
    """Longest silence between two pieces of text."""
    answer_timeout_s: float = Field(default=90.0, gt=0)
    """Longest run of one answer, however long its caller would wait."""
    max_output_tokens: int = Field(default=1500, ge=64)
    """Longest answer, reasoning included."""
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] = "low"
    """How much a reasoning model may think before it writes, where OpenRouter says that this can be set."""
    tool_rounds: int = Field(default=1, ge=0, le=1)
    """Second looks into the docs that the model may take; each costs one more request."""
    passage_limit: int = Field(default=8, ge=1, le=20)
    """Passages shown to the reader before the answer."""
    evidence_passages: int = Field(default=24, ge=1, le=50)
    """Passages that an answer may rest on: those shown, and the next ones."""
    evidence_tokens: int = Field(default=6000, ge=300)
    """Most estimated tokens of passages handed to a model; one that can read little is given a third of that."""
    history_tokens: int = Field(default=1500, ge=0)
    """Estimated tokens of earlier turns handed to the model."""

    answer_cache_entries: int = Field(default=2000, ge=0)
    """Answers kept; 0 switches the cache off."""
    answer_cache_days: float = Field(default=7.0, gt=0)
    """Age at which a kept answer is forgotten."""
    trace_texts: bool = False
    """Write questions and answers into traces."""

    @field_validator("models", mode="before")
    @classmethod
    def _split_models(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("openrouter_base_url", "base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.lower().startswith(("http://", "https://")):
            raise ValueError("not an address; write it as in http://127.0.0.1:11434/v1")
        return value.rstrip("/")

    @property
    def has_provider(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self.base_url or self.openrouter_api_key.get_secret_value())

    @property
    def configured_models(self) -> tuple[str, ...]:
        """Models by name; none where another provider than OpenRouter is to be asked for its own."""
        return self.models if not self.base_url or "models" in self.model_fields_set else ()
