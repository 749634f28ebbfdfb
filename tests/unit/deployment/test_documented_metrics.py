"""What the documentation tells to watch must be there to be watched."""

import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

import gateway.metrics
import services.agent.telemetry
import services.runtime.interceptors

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/docs/operate/health.md").read_text("utf-8")
OBSERVED = (gateway.metrics, services.agent.telemetry, services.runtime.interceptors)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(docs_chat_\w+)`", PAGE))))
def test_a_documented_metric_exists(name: str) -> None:
    assert OBSERVED  # importing them registers their metrics
    families = {family.name for family in REGISTRY.collect()}
    assert name.removesuffix("_total") in families or name in families
