"""The table of limits names settings that exist, with the defaults they have."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from services.agent.settings import AgentSettings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "docs" / "operate" / "limits.md"
CLASSES: dict[str, type[BaseSettings]] = {"GATEWAY": GatewaySettings, "AGENT": AgentSettings}
ROWS = [
    [cell.strip() for cell in line.strip("|\n ").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and "_" in line
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row_tells_the_default_of_its_setting(row: list[str]) -> None:
    _, setting, default, whose, _ = row
    prefix, _, name = setting.strip("`").partition("_")
    assert str(CLASSES[prefix].model_fields[name.lower()].default) == default.strip("`")
    assert whose in ("reader", "key", "network", "site", "provider")


def test_every_limit_of_the_gateway_is_in_the_table() -> None:
    named = {row[1].strip("`") for row in ROWS}
    limits = [name for name in GatewaySettings.model_fields if "_per_" in name or name.startswith("streams")]
    assert {f"GATEWAY_{name.upper()}" for name in limits} <= named
