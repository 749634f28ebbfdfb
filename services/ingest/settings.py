"""Settings of the ingestion service, prefix `INGEST_`."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from services.runtime.addresses import is_loopback
from services.runtime.settings import ServiceSettings

_HOURS = 3600.0


class IngestSettings(ServiceSettings):
    """What the ingestion service can be told."""

    model_config = SettingsConfigDict(env_prefix="INGEST_")

    caller_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("INGEST_CALLER_TOKEN", "DOCS_CHAT_CALLER_TOKEN")
    )
    """Token that this process shows, where it has one of its own; otherwise `DOCS_CHAT_CALLER_TOKEN`."""
    port: int = Field(default=50053, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    default_deadline_s: float = Field(default=6 * _HOURS, gt=0)
    """Limit of a call whose caller set none; embedding a large site for the first time takes its time."""
    max_concurrent_calls: int = Field(default=8, ge=1)
    """Ingestions and inspections at the same time, beyond which new ones are refused."""
    retriever_target: str = "127.0.0.1:50051"
    """Where the retriever listens: `host:port`, or any gRPC name."""
    retriever_timeout_s: float = Field(default=30.0, gt=0)
    """Longest wait for one small call to the retriever."""
    write_timeout_s: float = Field(default=900.0, gt=0)
    """Longest wait for a batch of pages to be embedded and written, and for a revision to be published."""
    lease_s: float = Field(default=60.0, ge=5, le=600)
    """How long a revision stays ours without a sign of life; it is renewed after every third of that time."""
    allowed_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders below which a source must lie, separated like PATH. Empty allows every folder this process can read while
    only this machine reaches it (`INGEST_HOST`), and none otherwise."""
    allow_run_config: bool = False
    """Let callers have a site's config run by Node: that runs the site's code, confined as far as the system can."""
    archive_max_bytes: int = Field(default=2 * 1024**3, ge=1024)
    """Most bytes an archive may unpack to."""
    archive_max_files: int = Field(default=200_000, ge=1)
    """Most files an archive may hold."""

    @field_validator("allowed_roots", mode="before")
    @classmethod
    def _split_roots(cls, value: object) -> object:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    def readable_roots(self) -> tuple[Path, ...] | None:
        """Folders below which a source must lie; None allows all."""
        return self.allowed_roots or (None if is_loopback(self.host) else ())
