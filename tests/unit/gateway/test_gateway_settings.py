"""Settings: lists, limits, and mistakes told by name."""

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings


def settings(**values: object) -> GatewaySettings:
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
    "wrong",
    [
        {"allowed_origins": "docs.example.com"},
        {"allowed_origins": "https://docs.example.com/path"},
        {"turns_per_reader": "many"},
        {"turns_per_key": "many"},
        {"turns_per_key": "ci=5/minute"},
        {"turns_per_key": "5/minute,6/minute"},
        {"requests_per_key": "5/minute,ci=many"},
        {"port": 70_000},
        {"quotation_reserve_s": 40},
    ],
)
def test_a_mistake_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
