"""npm2yarn's tabs: what npm-to-yarn 3.2 printed for the same commands stands in tests/fixtures/tables."""

import json
from pathlib import Path

import pytest

from services.ingest.sources.source_tree.showing.npm2yarn import convert, variants

TABLE = Path(__file__).parents[5] / "fixtures" / "tables" / "npm_to_yarn.json"
ROWS: list[tuple[str, str, str, str]] = json.loads(TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("npm", "yarn", "pnpm", "bun"), ROWS)
def test_commands_are_converted_as_the_plugin_does(npm: str, yarn: str, pnpm: str, bun: str) -> None:
    assert (convert(npm, "yarn"), convert(npm, "pnpm"), convert(npm, "bun")) == (yarn, pnpm, bun)


def test_a_converter_of_the_sites_own_is_left_out() -> None:
    assert [label for _, label, _ in variants("npm i x", ("bun", "Turbo"))] == ["npm", "Bun"]


@pytest.mark.parametrize("manager", ["yarn", "pnpm", "bun"])
def test_a_command_without_a_verb_is_left_to_the_reader(manager: str) -> None:
    assert convert("npm --", manager).endswith("\n# couldn't auto-convert command")
