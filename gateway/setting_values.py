"""Kinds of values that settings of the gateway have: how they are written, and what is wrong with others."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from gateway.http.hosts import read_host
from gateway.readers.api_keys import digest_of, parse_api_key
from gateway.readers.limits import key_limits
from gateway.readers.logins import algorithms_of
from gateway.readers.signing_secret import MIN_SECRET_CHARS

_SITE_NAME = re.compile(r"[a-z0-9-]{1,64}")
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def _split(value: Any) -> Any:
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        if not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
            raise ValueError(f"{origin!r} is not an origin: write scheme and host only, like https://docs.example.com")
    return value


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(read_host, value))


def _rate_limits(value: str) -> str:
    try:
        parse_many(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a limit: write it like 10/minute;100/hour") from error
    return value


def _key_rate_limits(value: str) -> str:
    try:
        key_limits(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a limit for keys: write it like 600/minute,ci=50/minute") from error
    return value


def _public_key(value: str) -> str:
    pem = value.replace("\\n", "\n").strip()
    if pem:
        try:
            algorithms_of(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ValueError("this is not a public key in PEM (RSA, EC or Ed25519)") from error
    return pem


def _encrypted_address(value: str) -> str:
    parts = urlsplit(value)
    if value and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)):
        raise ValueError("write an https address (http only for this machine)")
    return value


def _signing_secrets(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(secret.get_secret_value()) < MIN_SECRET_CHARS for secret in value):
        raise ValueError(
            f"a secret has fewer than {MIN_SECRET_CHARS} characters (commas stand between secrets): "
            "`openssl rand -hex 32` makes one"
        )
    return value


def _shared_secret(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < MIN_SECRET_CHARS:
        raise ValueError(f"a secret of fewer than {MIN_SECRET_CHARS} characters can be guessed: take a longer one")
    return value


def _api_keys(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for key in value:
        parse_api_key(key.get_secret_value())
    return value


def _operators_token(value: SecretStr) -> SecretStr:
    digest_of(value.get_secret_value())
    return value


def named_values(value: tuple[SecretStr, ...]) -> list[tuple[str, str]]:
    """Names and values of entries such as `my-site=/srv/my-site`.

    Raises:
        ValueError: If one is not of this form; nothing of it is repeated, it may be a secret.
    """
    pairs = [tuple(map(str.strip, entry.get_secret_value().split("=", 1))) for entry in value]
    if any(len(pair) != 2 or not _SITE_NAME.fullmatch(pair[0]) or not pair[1] for pair in pairs):
        raise ValueError("write each entry as name=value, with the name the site is indexed under")
    return [(pair[0], pair[1]) for pair in pairs]


def _hook_secrets(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(secret) < MIN_SECRET_CHARS for _, secret in named_values(value)):
        raise ValueError(f"a secret of fewer than {MIN_SECRET_CHARS} characters can be guessed: take a longer one")
    return value


def _hook_sites(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    names = [name for name, _ in named_values(value)]
    if len(names) != len(set(names)):
        raise ValueError("a site is named twice")
    return value


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Written with commas between."""
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]
"""As above."""
Origins = Annotated[Texts, AfterValidator(_origins)]
"""Each a scheme and a host."""
HostNames = Annotated[Texts, AfterValidator(_hosts)]
"""In the form they are compared in."""
RateLimits = Annotated[str, AfterValidator(_rate_limits)]
"""`10/minute;100/hour`: each of them must hold."""
KeyRateLimits = Annotated[str, AfterValidator(_key_rate_limits)]
"""As above; `600/minute,ci=50/minute` gives one key limits of its own."""
PublicKey = Annotated[str, AfterValidator(_public_key)]
"""In PEM, or empty; `\\n` may stand for line breaks."""
EncryptedAddress = Annotated[str, AfterValidator(_encrypted_address)]
"""`https`, or empty."""
SigningSecrets = Annotated[Secrets, AfterValidator(_signing_secrets)]
SharedSecret = Annotated[SecretStr, AfterValidator(_shared_secret)]
"""Or empty."""
ApiKeys = Annotated[Secrets, AfterValidator(_api_keys)]
OperatorsToken = Annotated[SecretStr, AfterValidator(_operators_token)]
"""In plain, as `sha256:<hex>`, or empty."""
HookSites = Annotated[Secrets, AfterValidator(_hook_sites)]
"""Each `name=folder`."""
HookSecrets = Annotated[Secrets, AfterValidator(_hook_secrets)]
"""Each `name=secret`."""
