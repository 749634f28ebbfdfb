"""The contracts are what the stubs say, and older callers still understand them."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from scripts.protoset import protoset

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
TOOLS = Path(sys.executable).parent


def test_the_committed_stubs_are_fresh(tmp_path: Path) -> None:
    sources = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "docs_chat").rglob("*.proto"))
    kinds = ("python_out=", "grpc_python_out=", "mypy_out=quiet:", "mypy_grpc_out=quiet:")
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I", str(PROTOS), *(f"--{kind}{tmp_path}" for kind in kinds)]
    subprocess.run(
        [*command, *sources], check=True, env=os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    )
    generated = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.py*"))
    committed = sorted(
        path.relative_to(PROTOS / "gen") for path in (PROTOS / "gen").rglob("*.py*") if "__pycache__" not in path.parts
    )
    assert generated == committed, "run `make protos`"
    stale = [str(path) for path in generated if not filecmp.cmp(tmp_path / path, PROTOS / "gen" / path, shallow=False)]
    assert stale == [], "run `make protos`"


def test_the_committed_protoset_is_fresh() -> None:
    assert protoset() == (PROTOS / "docs-chat.protoset").read_bytes(), "run `make protos`"


def test_the_protoset_holds_what_a_generator_needs() -> None:
    """Every import, in an order in which each file comes after those it imports, and `google.rpc` for failures."""
    known: set[str] = set()
    for file in FileDescriptorSet.FromString((PROTOS / "docs-chat.protoset").read_bytes()).file:
        assert known.issuperset(file.dependency), file.name
        known.add(file.name)
    assert {str(path.relative_to(PROTOS)) for path in (PROTOS / "docs_chat").rglob("*.proto")} <= known
    assert "google/rpc/error_details.proto" in known


@pytest.mark.parametrize("arguments", [["lint"], ["breaking", "--against", "baseline.binpb"]], ids=lambda a: a[0])
def test_the_contracts_pass(arguments: list[str]) -> None:
    outcome = subprocess.run([TOOLS / "buf", *arguments], cwd=PROTOS, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


BREAKING = {
    "an RPC is deleted": (
        "retriever/v1/retriever_service.proto",
        r"  rpc GetSite\(.*?\n  }\n",
        "",
    ),
    "a service is deleted": ("agent/v1/agent_service.proto", r"\nservice AgentService \{.*?\n}\n", "\n"),
    "a field is deleted": ("retriever/v1/passages.proto", r"  string title = 4;\n", ""),
    "an enum value is deleted": ("errors/v1/errors.proto", r"  ERROR_REASON_QUEUE_FULL = 34;\n", ""),
    "a field gets another number": ("retriever/v1/passages.proto", r"string title = 4;", "string title = 40;"),
    "a field gets another type": ("retriever/v1/passages.proto", r"string title = 4;", "bytes title = 4;"),
    "a field is renamed": ("retriever/v1/passages.proto", r"string title = 4;", "string heading = 4;"),
    "an enum value is renamed": ("errors/v1/errors.proto", r"ERROR_REASON_QUEUE_FULL", "ERROR_REASON_QUEUE_TOO_LONG"),
    "an RPC is renamed": ("retriever/v1/retriever_service.proto", r"rpc GetSite\(", "rpc FetchSite("),
    "a service is renamed": ("agent/v1/agent_service.proto", r"service AgentService \{", "service AnswerService {"),
    "a message is renamed": ("ingest/v1/ingest_service.proto", r"\bInspectedPage\b", "SeenPage"),
    "a stream becomes one message": (
        "agent/v1/agent_service.proto",
        r"returns \(stream RunTurnResponse\)",
        "returns (RunTurnResponse)",
    ),
}


@pytest.mark.parametrize(("file", "pattern", "instead"), BREAKING.values(), ids=BREAKING.keys())
def test_a_change_that_breaks_callers_is_refused(file: str, pattern: str, instead: str, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("gen")
    protos = Path(shutil.copytree(PROTOS, tmp_path / "protos", ignore=ignored))
    changed = protos / "docs_chat" / file
    text, found = re.subn(pattern, instead, changed.read_text("utf-8"), flags=re.DOTALL)
    assert found, "the contract has no such place any more"
    changed.write_text(text, "utf-8")
    subprocess.run([TOOLS / "buf", "build"], cwd=protos, check=True)
    outcome = subprocess.run(
        [TOOLS / "buf", "breaking", "--against", "baseline.binpb"],
        cwd=protos, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode != 0
    assert changed.name in outcome.stdout + outcome.stderr, outcome.stderr


def test_a_change_that_breaks_nobody_passes(tmp_path: Path) -> None:
    protos = Path(shutil.copytree(PROTOS, tmp_path / "protos", ignore=shutil.ignore_patterns("gen")))
    changed = protos / "docs_chat/retriever/v1/passages.proto"
    added = "  // Words of the passage.\n  int32 word_count = 90;\n}\n\n// AnswerabilityVerdict"
    changed.write_text(changed.read_text("utf-8").replace("}\n\n// AnswerabilityVerdict", added, 1), "utf-8")
    subprocess.run([TOOLS / "buf", "breaking", "--against", "baseline.binpb"], cwd=protos, check=True)
