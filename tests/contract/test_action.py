"""The GitHub Action: what its file promises, and its script on a real run."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.ingest_world import ROOT, build, serving
from tests.fakes.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def test_the_action_is_a_whole_composite_action() -> None:
    assert ACTION["name"]
    assert ACTION["runs"]["using"] == "composite"
    assert all(("uses" in step) != ("run" in step) for step in STEPS)
    assert all(step.get("shell") == "bash" for step in STEPS if "run" in step)
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)
    assert all(entry["description"] for entry in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    optional = [entry for entry in ACTION["inputs"].values() if not entry.get("required")]
    assert all(isinstance(entry["default"], str) for entry in optional)


def test_every_input_is_used_and_none_is_written_into_a_script() -> None:
    given = [value for step in STEPS for value in step.get("env", {}).values()]
    used = {name for value in given for name in re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", value)}
    assert used == set(ACTION["inputs"])
    assert not any("${{" in step.get("run", "") for step in STEPS)
    script = (REPOSITORY / "scripts/action.sh").read_text("utf-8")
    assert all(
        f"${name}" in script or f"${{{name}" in script or name == "DOCS_CHAT_CALLER_TOKEN" for name in _variables()
    )


def test_what_the_action_gives_is_what_its_script_writes() -> None:
    script = (REPOSITORY / "scripts/action.sh").read_text("utf-8")
    written = set(re.findall(r'"([a-z-]+)=\$', script))
    told = {re.findall(r"outputs\.([\w-]+)", output["value"])[0] for output in ACTION["outputs"].values()}
    assert told == written == set(ACTION["outputs"])


def _variables() -> set[str]:
    return {name for step in STEPS for name in step.get("env", {})}


@pytest.mark.parametrize(("kept", "code"), [(3, 0), (1, 3)], ids=["unchanged", "two-of-three-pages-vanished"])
async def test_the_script_indexes_with_a_service_of_its_own_and_tells_the_job(
    tmp_path: Path, kept: int, code: int
) -> None:
    site = build(tmp_path / "site", "guide", "intro", "usage")
    async with serving(allowed_roots=(tmp_path,)) as service:
        await service.ingest(site)
        for name in ("guide", "intro", "usage")[kept:]:
            (site / name / "index.html").unlink()
        for name in ("step-summary", "output"):
            (tmp_path / name).touch()
        environment = os.environ | {
            "BIN": str(Path(sys.executable).parent),
            "PYTHONPATH": str(REPOSITORY),
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "step-summary"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "SITE": str(site),
            "KIND": "build",
            "INGEST_PORT": str(free_port()),
            "DOCS_CHAT_RETRIEVER_TARGET": service.retriever_address,
            "DOCS_CHAT_INGEST_TARGET": "",
        }
        process = await asyncio.create_subprocess_exec(
            str(REPOSITORY / "scripts/action.sh"), cwd=tmp_path, env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == code
    told = (tmp_path / "step-summary").read_text()
    assert told.startswith("## docs-chat: `docs-example-org`")
    assert ("Not published" in told) == (code == 3)
    assert (tmp_path / "output").read_text().splitlines() == [
        f"exit-code={code}",
        f"summary-file={tmp_path}/docs-chat-summary.md",
    ]
    assert f"{ROOT}guide" in service.retriever.published
