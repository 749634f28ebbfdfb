"""Settings every process has; each adds its own under its prefix. Read once, in `server.py`, then passed on."""

from typing import Literal, Self

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessSettings(BaseSettings):
    """What any process of ours can be told. Environment first, then `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", validation_alias="LOG_LEVEL")
    """Lowest level that is written. Texts of readers appear at DEBUG only."""
    log_format: Literal["text", "json"] = Field(default="text", validation_alias="LOG_FORMAT")
    """`json` for machines: one object a line."""
    otlp_endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """OpenTelemetry collector (gRPC); empty switches traces off."""
    caller_token: SecretStr = Field(default=SecretStr(""), validation_alias="DOCS_CHAT_CALLER_TOKEN")
    """Token that callers of our gRPC services must show, and that we show; empty switches the check off."""
    tls_ca: FilePath | None = Field(default=None, validation_alias="DOCS_CHAT_TLS_CA")
    """Authority that signs the certificates of our services (PEM). With it every call is encrypted."""
    tls_cert: FilePath | None = Field(default=None, validation_alias="DOCS_CHAT_TLS_CERT")
    """This process's certificate (PEM): shown by servers, and by clients when the servers ask for one (mTLS)."""
    tls_key: FilePath | None = Field(default=None, validation_alias="DOCS_CHAT_TLS_KEY")
    """Key of the certificate (PEM)."""

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("DOCS_CHAT_TLS_CERT and DOCS_CHAT_TLS_KEY belong together: set both or neither")
        return self


class ServiceSettings(ProcessSettings):
    """What each gRPC service can be told, under its own prefix (`RETRIEVER_PORT`, …)."""

    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` inside a container."""
    port: int = Field(ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of the Prometheus page; 0 switches it off."""
    reflection: bool = True
    """Let tools such as grpcurl ask for the contract."""
    require_client_certificate: bool = False
    """Refuse callers without a certificate signed by `DOCS_CHAT_TLS_CA` (mTLS)."""
    drain_timeout_s: float = Field(default=10.0, gt=0)
    """Time for calls in flight to end after SIGTERM before they are cut."""
    default_deadline_s: float = Field(default=30.0, gt=0)
    """Limit of a call whose caller set none."""
    max_concurrent_calls: int = Field(default=512, ge=1)
    """Calls in flight beyond which new ones are refused with RESOURCE_EXHAUSTED."""
    max_message_bytes: int = Field(default=16 * 1024 * 1024, ge=64 * 1024)
    """Largest message received or sent."""
