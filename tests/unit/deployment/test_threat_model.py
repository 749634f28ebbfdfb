"""The threat model names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = (ROOT / "docs/docs/operate/threat-model.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    defined = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert named - defined == set()
    assert len(named) > 30


def test_the_report_of_a_vulnerability_leads_to_pages_that_exist() -> None:
    links = re.findall(r"\]\((docs/[^)#]+)\)", (ROOT / "SECURITY.md").read_text())
    assert links
    assert all((ROOT / link).is_file() for link in links)
