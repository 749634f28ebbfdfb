"""The contracts are what the stubs say, and older callers still understand them."""

import filecmp
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("arguments", [["lint"], ["breaking", "--against", "baseline.binpb"]], ids=lambda a: a[0])
def test_the_contracts_pass(arguments: list[str]) -> None:
    outcome = subprocess.run([TOOLS / "buf", *arguments], cwd=PROTOS, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_change_that_breaks_callers_would_be_noticed(tmp_path: Path) -> None:
    subprocess.run(["cp", "-r", str(PROTOS), str(tmp_path)], check=True)
    proto = tmp_path / "protos/docs_chat/retriever/v1/passages.proto"
    proto.write_text(proto.read_text().replace("  string title = 4;", "  string title = 40;"))
    outcome = subprocess.run(
        [TOOLS / "buf", "breaking", "--against", "baseline.binpb"],
        cwd=tmp_path / "protos", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode != 0
    assert "passages.proto" in outcome.stdout
