"""The default models are held against the provider's list as it was last seen."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from services.agent.settings import DEFAULT_MODELS

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "models" / "free_models.json").read_text(encoding="utf-8")
)


def test_every_default_model_was_seen_on_the_list() -> None:
    seen = {*RECORD["listed"]["models"], *RECORD["seen_later"]["models"]}
    assert set(DEFAULT_MODELS) <= seen
    assert len(set(DEFAULT_MODELS)) == len(DEFAULT_MODELS) >= 5


def test_no_default_model_is_known_to_have_left_or_to_refuse() -> None:
    assert not set(DEFAULT_MODELS) & RECORD["not_to_be_asked"].keys()


@pytest.mark.parametrize("part", ["listed", "seen_later"])
def test_the_record_names_its_date_and_its_source(part: str) -> None:
    assert datetime.date.fromisoformat(RECORD[part]["date"]) < datetime.datetime.now(datetime.UTC).date()
    assert RECORD[part]["source"]


def test_a_default_model_costs_nothing() -> None:
    assert all(model.endswith(":free") for model in DEFAULT_MODELS)
