"""Settings of the retriever, under `RETRIEVER_`."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.runtime.settings import ServiceSettings


class RetrieverSettings(ServiceSettings):
    """What the retriever can be told."""

    model_config = SettingsConfigDict(env_prefix="RETRIEVER_")

    port: int = Field(default=50051, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    data_dir: Path = Path(".data/retriever")
    """Where the embedded index lives. Derived data: deleting it means ingesting again."""
    qdrant_url: str = ""
    """A Qdrant server, cluster or cloud to use instead of the embedded engine."""
    qdrant_api_key: SecretStr = SecretStr("")
    """Key of that server."""
    qdrant_timeout_s: float = Field(default=10.0, gt=0)
    """Longest wait for one call to that server."""
    qdrant_prefix: str = Field(default="docs_chat", pattern=r"[A-Za-z0-9_-]{1,40}")
    """What the names of our collections on that server begin with."""
    kept_revisions: int = Field(default=1, ge=0, le=20)
    """Revisions kept besides the published one, to roll back to."""
    embedding: str = Field(default="local", pattern=r"local|openrouter:.+")
    """Embedding model: `local` (offline, English), or `openrouter:` and a model's name there. Changing it means
    deleting the sites and ingesting them again."""
    embedding_dimension: int = Field(default=1536, ge=16, le=8192)
    """Length of the vectors of the OpenRouter model."""
    embedding_max_tokens: int = Field(default=512, ge=64, le=8192)
    """Tokens a chunk may have for the OpenRouter model."""
    embedding_timeout_s: float = Field(default=5.0, gt=0)
    """Longest wait for OpenRouter's embeddings; then searches go on with words alone."""
    rerank: str = Field(default="", pattern=r"(openrouter:.+)?")
    """A second model that puts the first passages in order: `openrouter:` and a rerank model's name there; empty: none.
    Each search is then a request to OpenRouter, on free models one of the daily quota."""
    rerank_timeout_s: float = Field(default=1.5, gt=0)
    """Longest wait for it; then the order of the search stands."""
    openrouter_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("RETRIEVER_OPENROUTER_API_KEY", "OPENROUTER_API_KEY")
    )
    """Key of the OpenRouter account, otherwise `OPENROUTER_API_KEY`; used only when its embeddings or its rerank models
    are switched on."""
    openrouter_base_url: str = Field(default="https://openrouter.ai/api/v1", validation_alias="OPENROUTER_BASE_URL")
    """Address of OpenRouter's API."""
    embedding_threads: int = Field(default=0, ge=0, le=256)
    """Texts embedded at once; 0 means one per core."""
    cached_searches: int = Field(default=2048, ge=0)
    """Searches whose result is kept while the site's revision stays the same; 0 switches it off."""
    typed_search_chunks: int = Field(default=100_000, ge=1)
    """Chunks of all sites together whose words are held in memory for search while typing, about 2.5 kB each; the sites
    that were searched longest ago are let go."""
