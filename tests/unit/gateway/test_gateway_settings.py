"""Settings: lists, limits, and mistakes told by name."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from services.runtime.starting import CannotStart, read_settings


def settings(**values: Any) -> GatewaySettings:
    return GatewaySettings(_env_file=None, **values)


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("GATEWAY_API_KEYS", "one,two")
    read = settings()
    assert read.allowed_origins == ("https://a.example", "https://b.example")
    assert [key.get_secret_value() for key in read.api_keys] == ["one", "two"]


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_API_KEYS", "very-secret")
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://u:very-secret@h/d")
    assert "very-secret" not in repr(settings())


@pytest.mark.parametrize(
    "right",
    [
        {"host": "0.0.0.0", "allowed_hosts": "chat.example.com"},
        {"host": "::", "allowed_hosts": "*"},
        {"host": "192.168.1.20"},
        {"host": "[::1]"},
        {"host": "localhost"},
        {"require_login": True, "api_keys": "one"},
        {"secret": f"{'n' * 32},{'o' * 32}"},
    ],
)
def test_what_is_safe_is_taken(right: dict[str, object]) -> None:
    assert settings(**right)


def test_a_refusal_says_what_to_do_and_repeats_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, told in (
        ("GATEWAY_SECRET", "short-and-secret", "GATEWAY_SECRET: Value error, a secret has fewer than 32 characters"),
        ("GATEWAY_API_KEYS", "shop=sha256:short-and-secret", "GATEWAY_API_KEYS: Value error, after sha256:"),
        ("GATEWAY_HOST", "0.0.0.0", "set GATEWAY_ALLOWED_HOSTS to the host names that readers use"),
        ("GATEWAY_REQUIRE_LOGIN", "true", "needs one of GATEWAY_LOGIN_SECRET"),
    ):
        with monkeypatch.context() as environment:
            environment.setenv(name, value)
            with pytest.raises(CannotStart) as refused:
                read_settings(GatewaySettings)
        assert told in str(refused.value)
        assert "short-and-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "short"},
        {"secret": f"{'l' * 32},short"},
        {"api_keys": "sha256:abc"},
        {"metrics_token": "sha256:abc"},
        {"allowed_hosts": "https://chat.example.com"},
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "gateway.internal"},
        {"require_login": True},
        {"allowed_origins": "docs.example.com"},
        {"allowed_origins": "https://docs.example.com/path"},
        {"turns_per_reader": "many"},
        {"turns_per_key": "many"},
        {"turns_per_key": "ci=5/minute"},
        {"turns_per_key": "5/minute,6/minute"},
        {"requests_per_key": "5/minute,ci=many"},
        {"port": 70_000},
        {"limits_url": "localhost:6379"},
        {"quotation_reserve_s": 40},
    ],
)
def test_a_mistake_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
