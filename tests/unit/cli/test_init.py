"""`docs-chat init`: fresh secrets where there are none, everything else as it was."""

import io
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from cli.__main__ import main
from services.runtime.callers import Callers
from services.runtime.permissions import Permission

TOKENS = {
    "GATEWAY_CALLER_TOKEN": ("gateway", {"search", "ask"}),
    "AGENT_CALLER_TOKEN": ("agent", {"search"}),
    "INGEST_CALLER_TOKEN": ("ingest", {"search", "write"}),
    "DOCS_CHAT_CALLER_TOKEN": ("cli", {permission.value for permission in Permission}),
}


def init(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main(["init"])
    assert ended.value.code == 0
    return {
        name: value or "" for name, value in dotenv_values(stream=io.StringIO((folder / ".env").read_text())).items()
    }


def test_an_empty_folder_gets_secrets_that_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = init(tmp_path, monkeypatch)
    callers = Callers(values["DOCS_CHAT_CALLERS"])
    for setting, (name, permissions) in TOKENS.items():
        caller = callers.find(values[setting])
        assert caller is not None
        assert (caller.name, {permission.value for permission in caller.permissions}) == (name, permissions)
    secrets = {values[name] for name in (*TOKENS, "GATEWAY_SECRET", "QDRANT_API_KEY")}
    assert len(secrets) == 6
    assert all(len(secret) >= 40 for secret in secrets)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    told = capsys.readouterr().out
    assert "GATEWAY_SECRET" in told
    assert not any(secret in told for secret in secrets)
    assert not any(token in values["DOCS_CHAT_CALLERS"] for token in secrets)


def test_a_second_time_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path, monkeypatch)
    before = (tmp_path / ".env").read_bytes()
    init(tmp_path, monkeypatch)
    assert (tmp_path / ".env").read_bytes() == before


def test_what_is_there_is_kept_and_what_stands_empty_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = (
        "# mine\nexport OPENROUTER_API_KEY='sk-or-mine' # key\nQDRANT_API_KEY=\nDOCS_CHAT_CALLER_TOKEN=my-own-token\n"
    )
    (tmp_path / ".env").write_text(mine)
    (tmp_path / ".env").chmod(0o644)
    values = init(tmp_path, monkeypatch)
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[:2] == mine.splitlines()[:2]
    assert lines[2].startswith("QDRANT_API_KEY=") and len(lines[2]) > 50  # noqa: PT018
    assert lines[3] == "DOCS_CHAT_CALLER_TOKEN=my-own-token"
    caller = Callers(values["DOCS_CHAT_CALLERS"]).find("my-own-token")
    assert caller is not None and caller.name == "cli"  # noqa: PT018
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_a_caller_that_is_missing_joins_those_that_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = init(tmp_path, monkeypatch)
    kept = [line for line in (tmp_path / ".env").read_text().splitlines() if "AGENT_CALLER_TOKEN" not in line]
    (tmp_path / ".env").write_text("\n".join(kept))
    after = init(tmp_path, monkeypatch)
    assert after["DOCS_CHAT_CALLERS"].startswith(before["DOCS_CHAT_CALLERS"] + "; agent search ")
    callers = Callers(after["DOCS_CHAT_CALLERS"])
    assert callers.find(after["AGENT_CALLER_TOKEN"]) is not None
    assert callers.find(before["AGENT_CALLER_TOKEN"]) is not None  # until whoever shows it has changed over


def test_a_list_of_callers_in_a_file_is_left_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DOCS_CHAT_CALLERS_FILE=callers\n")
    assert set(init(tmp_path, monkeypatch)) == {"DOCS_CHAT_CALLERS_FILE", "GATEWAY_SECRET", "QDRANT_API_KEY"}


def test_a_link_stays_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "env").write_text("LOG_LEVEL=DEBUG\n")
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere" / "env")
    assert init(tmp_path, monkeypatch)["LOG_LEVEL"] == "DEBUG"
    assert (tmp_path / ".env").is_symlink()


def test_a_folder_in_its_place_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    command = [sys.executable, "-m", "cli", "init", "--file", str(tmp_path / ".env")]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 2
    assert "cannot be read as text" in outcome.stderr
