"""What can be set for the gateway. Read once, in `__main__.py`, then passed on."""

from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from gateway.http.hosts import is_loopback, is_one_address
from gateway.openai.completion_request import Citations
from gateway.setting_values import (
    ApiKeys,
    EncryptedAddress,
    HookSecrets,
    HookSites,
    HostNames,
    KeyRateLimits,
    OperatorsToken,
    Origins,
    PublicKey,
    RateLimits,
    SharedSecret,
    SigningSecrets,
    Texts,
    named_values,
)
from services.runtime.settings import Host, ProcessSettings


class GatewaySettings(ProcessSettings):
    """Settings under `GATEWAY_`; lists are written with commas between."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    caller_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("GATEWAY_CALLER_TOKEN", "DOCS_CHAT_CALLER_TOKEN")
    )
    """Token that this process shows, where it has one of its own; otherwise `DOCS_CHAT_CALLER_TOKEN`."""
    host: Host = "127.0.0.1"
    """Address to listen on; `0.0.0.0` inside a container, `::` for IPv6; both need `GATEWAY_ALLOWED_HOSTS`."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    drain_timeout_s: float = Field(default=20.0, gt=0)
    """Time for streams to end after SIGTERM before they are cut."""
    agent_target: str = "127.0.0.1:50052"
    """Where the agent service is."""
    retriever_target: str = "127.0.0.1:50051"
    """Where the retriever service is."""
    ingest_target: str = "127.0.0.1:50053"
    """Where the ingestion service is; called only for the sites of `GATEWAY_HOOK_SITES`."""
    hook_sites: HookSites = ()
    """Sites that a signed `POST /hooks/site` indexes again, each as `name=/folder/of/the/site` as seen by the
    ingestion service. Empty keeps that door closed."""
    hook_secrets: HookSecrets = ()
    """Secrets that sign these requests, each as `name=secret`, 32 characters or more; a site may have two while one is
    being changed. As Standard Webhooks writes them (`whsec_…`), or any text."""
    hook_run_timeout_s: float = Field(default=21600.0, gt=0)
    """Longest run that a hook starts."""

    site: str = ""
    """Site to answer from when a reader's page names none; empty while only one is published."""
    turn_deadline_s: float = Field(default=60.0, ge=5, le=600)
    """Longest time a reader waits for a whole answer, including retries."""
    patience_s: float = Field(default=8.0, ge=0, le=600)
    """Longest time a reader waits for a model before the first text; after it, quotations answer."""
    quotation_reserve_s: float = Field(default=4.0, gt=0)
    """Part of the deadline reserved for a last attempt that answers with quotations."""
    turn_attempts: int = Field(default=4, ge=1, le=10)
    """Attempts at one turn, including the first and the last."""
    backoff_base_s: float = Field(default=0.5, gt=0)
    """Full jitter: the n-th wait is random in [0, base · 2ⁿ], on top of the server's own hint."""
    backoff_cap_s: float = Field(default=8.0, gt=0)
    """Longest random wait."""
    search_timeout_s: float = Field(default=5.0, gt=0)
    """Longest wait for a search or a page."""
    health_timeout_s: float = Field(default=2.0, gt=0)
    """Longest wait for the health of a service."""
    ping_interval_s: float = Field(default=15.0, gt=0)
    """A silent stream carries a comment this often, so that no proxy closes it."""
    completion_citations: Citations = "markdown"
    """How the OpenAI-compatible API shows sources: `markdown` in the text, `annotations` beside it, or `none`."""

    data_dir: Path = Path(".data/gateway")
    """Folder of the SQLite file and of the generated secret."""
    database_url: SecretStr = SecretStr("")
    """`postgresql://user:password@host/name`; empty keeps the threads in SQLite under `data_dir`."""
    thread_retention_days: int = Field(default=90, ge=0)
    """Threads idle for longer are deleted; 0 keeps them."""
    record_retention_days: int = Field(default=365, ge=0)
    """Records of turns that are older are deleted; 0 keeps them."""
    store_texts: bool = False
    """Keep the question in the record of its turn, for reports to the docs team."""

    share_links: bool = False
    """Let readers make read-only links to their conversations; whoever has a link reads the questions and answers."""
    share_link_days: int = Field(default=30, ge=0)
    """Links to conversations are dead after so many days; 0: they live as long as the conversation."""

    secret: SigningSecrets = ()
    """Signs readers' cookies and tokens, 32 characters or more; empty generates one in `data_dir`. Replicas must share
    it. To change it, put the new one in front of the old one: the first signs, all are accepted."""
    login_secret: SharedSecret = SecretStr("")
    """Shared secret (HS256) of the site's own login, 32 characters or more: tokens signed with it name the reader."""
    login_public_key: PublicKey = ""
    """Public key of the login in PEM, instead of a secret: RSA, EC or Ed25519; `\\n` may stand for line breaks."""
    login_jwks_url: EncryptedAddress = ""
    """Where the login service publishes its keys (JWKS), instead of either: keys may change, `https` only."""
    login_audience: str = ""
    """Audience such tokens must carry; empty accepts any."""
    login_issuer: str = ""
    """Issuer such tokens must carry; empty accepts any."""
    require_login: bool = False
    """Refuse everybody who shows neither a login nor an API key; the panel's own files and `/healthz` stay open."""
    api_keys: ApiKeys = ()
    """Keys for programs, each as `key`, `name=key`, or hashed as `sha256:<hex>` or `name=sha256:<hex>`. When set, the
    doors for programs ask for one of them or a login; the panel's doors stay open to anonymous readers."""
    metrics_token: OperatorsToken = SecretStr("")
    """Bearer token of operators, for `/metrics` and the details of `/readyz`; may be `sha256:<hex>`. When empty, both
    are open while there are neither API keys nor logins, and closed otherwise."""

    allowed_origins: Origins = ()
    """Origins of docs sites on other hosts, for example `https://docs.example.com`."""
    allowed_hosts: HostNames = ()
    """Host names the gateway is reached by, without port, such as `chat.example.com`; `*.example.com` stands for those
    below, `*` for any. `localhost` and the address a request arrived at are always accepted."""
    trusted_proxies: Texts = ()
    """Addresses or networks of proxies whose `X-Forwarded-*` headers are trusted."""
    image_domains: Texts = ()
    """Hosts from which ChatKit may load images of an answer; none by default."""

    limits_url: str = Field(default="memory://", pattern=r"^(memory|rediss?|redis\+(cluster|sentinel|unix))://")
    """Where the counts of the limits live: `memory://`, or `redis://host:6379/0` for several replicas."""
    turns_per_reader: RateLimits = "10/minute;100/hour"
    """Questions of one reader."""
    turns_per_address: RateLimits = "200/minute;2000/hour"
    """Questions from one address (of IPv6: from one /64): schools and offices share one."""
    turns_per_network: RateLimits = "400/minute;4000/hour"
    """Questions from the network around an address (IPv4 /24, IPv6 /48)."""
    turns_per_key: KeyRateLimits = "600/minute;20000/day"
    """Questions of a program with an API key, in place of those above; `600/minute,ci=50/minute` gives the key named
    `ci` a limit of its own."""
    requests_per_address: RateLimits = "600/minute"
    """Everything else from one address."""
    requests_per_network: RateLimits = "2400/minute"
    """Everything else from the network around an address."""
    requests_per_key: KeyRateLimits = "6000/minute"
    """Everything else from a program with an API key; single keys as above."""
    typed_searches_per_reader: RateLimits = "600/minute"
    """Searches while typing, of one reader: one at each keystroke. They count towards no other limit."""
    typed_searches_per_address: RateLimits = "3000/minute"
    """Searches while typing from one address; of a program with an API key they are requests like others."""
    typed_searches_per_network: RateLimits = "12000/minute"
    """Searches while typing from the network around an address."""
    new_readers_per_address: RateLimits = "1000/hour"
    """Anonymous readers made from one address."""
    new_readers_per_network: RateLimits = "2000/hour"
    """Anonymous readers made from the network around an address."""
    streams_per_reader: int = Field(default=3, ge=1)
    """Answers being written for one reader at the same time."""
    streams_per_key: int = Field(default=50, ge=1)
    """Answers being written for a program with an API key at the same time."""
    streams_per_network: int = Field(default=200, ge=1)
    """Answers being written for the readers of one network at the same time."""
    streams: int = Field(default=400, ge=1)
    """Answers being written at the same time, beyond which readers are asked to come back."""

    header_timeout_s: float = Field(default=10.0, gt=0)
    """Longest wait for the headers of a request; a connection that sends none is closed after it."""
    body_timeout_s: float = Field(default=30.0, gt=0)
    """Longest wait for the whole body of a request."""
    write_timeout_s: float = Field(default=30.0, gt=0)
    """A client that reads none of its answer for this long is cut off."""
    idle_timeout_s: float = Field(default=75.0, gt=0)
    """How long a connection without a request stays open after an answer."""
    max_waiting_connections: int = Field(default=500, ge=1)
    """Connections that wait for their client at the same time; one more closes the one that has waited longest."""

    max_body_bytes: int = Field(default=256 * 1024, ge=4096)
    """Largest request body."""
    max_header_bytes: int = Field(default=32 * 1024, ge=4096)
    """Largest head of a request: its address and all its headers."""
    max_headers: int = Field(default=100, ge=20)
    """Most headers of a request."""
    max_path_chars: int = Field(default=4096, ge=256)
    """Longest path of a request, as it travels and without the query."""
    max_question_chars: int = Field(default=8000, ge=100, le=8000)
    """Longest question."""
    max_quote_chars: int = Field(default=4000, ge=100, le=4000)
    """Longest selected text."""
    max_title_chars: int = Field(default=200, ge=10)
    """Longest title a reader may give a conversation."""
    history_messages: int = Field(default=20, ge=1, le=100)
    """Messages of a conversation that the agent receives, including the question."""

    @property
    def has_logins(self) -> bool:
        """Whether the site's own logins are accepted."""
        return bool(self.login_secret.get_secret_value() or self.login_public_key or self.login_jwks_url)

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        ways = (self.login_secret.get_secret_value(), self.login_public_key, self.login_jwks_url)
        if sum(map(bool, ways)) > 1:
            raise ValueError("set one of GATEWAY_LOGIN_SECRET, GATEWAY_LOGIN_PUBLIC_KEY and GATEWAY_LOGIN_JWKS_URL")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if not self.allowed_hosts and not is_loopback(self.host) and not is_one_address(self.host):
            raise ValueError(
                f"GATEWAY_HOST={self.host} is reached from other machines: set GATEWAY_ALLOWED_HOSTS to the host names "
                "that readers use, for example chat.example.com (* answers to any name, which lets web pages of "
                "strangers in)"
            )
        return self

    @model_validator(mode="after")
    def _somebody_can_log_in(self) -> Self:
        if self.require_login and not self.has_logins and not self.api_keys:
            raise ValueError(
                "GATEWAY_REQUIRE_LOGIN=true needs one of GATEWAY_LOGIN_SECRET, "
                "GATEWAY_LOGIN_PUBLIC_KEY, GATEWAY_LOGIN_JWKS_URL or GATEWAY_API_KEYS"
            )
        return self

    def hook_secrets_of(self, site: str) -> list[str]:
        """Secrets that may sign for a site; none when it has no hook."""
        return [secret for name, secret in named_values(self.hook_secrets) if name == site]

    @model_validator(mode="after")
    def _hooks_are_whole(self) -> Self:
        if set(dict(named_values(self.hook_sites))) != set(dict(named_values(self.hook_secrets))):
            raise ValueError("GATEWAY_HOOK_SITES and GATEWAY_HOOK_SECRETS must name the same sites")
        return self

    @model_validator(mode="after")
    def _last_attempt_fits(self) -> Self:
        if self.quotation_reserve_s * 2 > self.turn_deadline_s:
            raise ValueError("GATEWAY_QUOTATION_RESERVE_S must be at most half of GATEWAY_TURN_DEADLINE_S")
        return self
