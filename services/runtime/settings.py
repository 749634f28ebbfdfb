"""Settings every process has; each adds its own under its prefix. Read once, in `server.py`, then passed on."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.addresses import bare_host
from services.runtime.callers import Callers, CallersUnreadable

Host = Annotated[str, AfterValidator(bare_host)]
"""An address to listen on; one of IPv6 with or without brackets."""


class ProcessSettings(BaseSettings):
    """What any of our processes can be told. Environment first, then `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", validation_alias="LOG_LEVEL")
    """Lowest level that is written. Texts of readers appear at DEBUG only."""
    log_format: Literal["text", "json"] = Field(default="text", validation_alias="LOG_FORMAT")
    """`json` for machines: one object per line."""
    otlp_endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """OpenTelemetry collector (gRPC); empty switches traces off."""
    caller_token: SecretStr = Field(default=SecretStr(""), validation_alias="DOCS_CHAT_CALLER_TOKEN")
    """Token that this process shows to our gRPC services. While no callers are listed it is also what a service asks
    for, one token shared by all; empty then lets everybody in."""
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

    callers: str = Field(default="", validation_alias="DOCS_CHAT_CALLERS")
    """Who may call: `name search,ask,write,operate sha256:<hash of the token>`, with `;` between callers."""
    callers_file: FilePath | None = Field(default=None, validation_alias="DOCS_CHAT_CALLERS_FILE")
    """File with one such entry per line, read again when it changes, so that tokens change without a restart."""
    allow_strangers: bool = Field(default=False, validation_alias="DOCS_CHAT_ALLOW_STRANGERS")
    """Start even though anybody who reaches the port may call: no token and no certificate is asked for."""
    host: Host = "127.0.0.1"
    """Address to listen on; `0.0.0.0` inside a container, `::` for IPv6. Beyond this machine it needs callers."""
    port: int = Field(ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of the Prometheus page; 0 switches it off."""
    reflection: bool = True
    """Let tools such as grpcurl ask for the contract; with a token, where calls need one."""
    require_client_certificate: bool = False
    """Refuse callers without a certificate signed by `DOCS_CHAT_TLS_CA` (mTLS). While no callers are listed, having one
    is enough to be allowed everything."""
    drain_timeout_s: float = Field(default=10.0, gt=0)
    """Time for calls in flight to end after SIGTERM before they are cut."""
    default_deadline_s: float = Field(default=30.0, gt=0)
    """Limit of a call whose caller set none."""
    max_concurrent_calls: int = Field(default=512, ge=1)
    """Calls in flight beyond which new ones are refused with RESOURCE_EXHAUSTED."""
    max_message_bytes: int = Field(default=16 * 1024 * 1024, ge=64 * 1024)
    """Largest message received or sent."""
    max_health_watches: int = Field(default=64, ge=1)
    """Callers that may watch the health at the same time; it needs no token."""
    health_watch_timeout_s: float = Field(default=600.0, gt=0)
    """Time after which such a watch ends and has to be asked for again."""

    @field_validator("callers")
    @classmethod
    def _callers_are_valid(cls, value: str) -> str:
        try:
            Callers(value)
        except CallersUnreadable as error:
            raise ValueError(str(error)) from error
        return value

    @field_validator("callers_file")
    @classmethod
    def _file_of_callers_is_valid(cls, value: FilePath | None) -> FilePath | None:
        try:
            Callers(file=value)
        except CallersUnreadable as error:
            raise ValueError(str(error)) from error
        return value

    @model_validator(mode="after")
    def _certificates_can_be_checked(self) -> Self:
        if self.require_client_certificate and not (self.tls_ca and self.tls_cert):
            prefix = self.model_config.get("env_prefix", "")
            raise ValueError(
                f"{prefix}REQUIRE_CLIENT_CERTIFICATE needs DOCS_CHAT_TLS_CA, DOCS_CHAT_TLS_CERT and DOCS_CHAT_TLS_KEY"
            )
        return self

    def known_callers(self) -> Callers:
        """Everybody who may call this process."""
        return Callers(self.callers, file=self.callers_file, shared_token=self.caller_token.get_secret_value())
