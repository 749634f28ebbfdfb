"""Settings of the retriever, under `RETRIEVER_`."""

from pathlib import Path

from pydantic import Field, SecretStr
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
    embedding_threads: int = Field(default=0, ge=0, le=256)
    """Texts embedded at once; 0 means one per core."""
    cached_searches: int = Field(default=2048, ge=0)
    """Searches whose result is kept while the site's revision stays the same; 0 switches it off."""
