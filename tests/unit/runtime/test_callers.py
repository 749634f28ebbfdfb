"""Who may call: lists of callers, read without ever repeating them."""

import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.runtime.callers import Callers, CallersUnreadable, token_digest
from services.runtime.permissions import EVERYTHING, Permission
from services.runtime.settings import ServiceSettings


def entry(name: str, permissions: str, token: str) -> str:
    return f"{name} {permissions} {token_digest(token)}"


def name_of(callers: Callers, token: str) -> str | None:
    caller = callers.find(token)
    return caller.name if caller else None


def test_a_caller_is_known_by_its_token_and_may_do_what_is_listed() -> None:
    callers = Callers(f"{entry('gateway', 'search,ask', 'g')} ; {entry('ingest', 'write', 'i')}")
    gateway = callers.find("g")
    assert gateway is not None
    assert (gateway.name, gateway.permissions) == ("gateway", {Permission.SEARCH, Permission.ASK})
    assert [name_of(callers, token) for token in ("i", "x", "", "\udcff")] == ["ingest", None, None, None]


def test_old_and_new_token_of_a_name_work_side_by_side() -> None:
    callers = Callers(
        f"# changed over in May\n{entry('cli', 'search', 'old')}\n\n{entry('cli', 'search', 'new')} # new"
    )
    assert (name_of(callers, "old"), name_of(callers, "new")) == ("cli", "cli")


def test_without_callers_the_shared_token_may_do_everything() -> None:
    shared = Callers(shared_token="s").find("s")
    assert shared is not None
    assert shared.permissions == EVERYTHING
    assert not Callers().are_asked


def test_with_callers_a_token_that_is_not_listed_counts_for_nothing() -> None:
    assert Callers(entry("cli", "search", "c"), shared_token="s").find("s") is None


@pytest.mark.parametrize(
    "text",
    [
        "gateway search s3cret-token",
        "gateway sha256:" + "0" * 64,
        "gateway search,destroy sha256:" + "0" * 64,
        "gate way search sha256:" + "0" * 64,
        "gate/way search sha256:" + "0" * 64,
        "gateway search sha256:" + "0" * 63,
        "gateway  sha256:" + "0" * 64 + " search",
        "gateway , sha256:" + "0" * 64,
        "# nobody",
        ";;",
    ],
)
def test_a_list_that_is_not_valid_says_where_and_repeats_nothing(text: str) -> None:
    with pytest.raises(CallersUnreadable) as caught:
        Callers(text)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ValidationError, match=r"entry 1|no caller"):
        ServiceSettings(_env_file=None, port=0, callers=text)


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "callers"
    file.write_text(entry("gateway", "search", "old"))
    callers = Callers(file=file)
    assert name_of(callers, "old") == "gateway"
    file.write_text(f"{entry('gateway', 'search', 'old')}\n{entry('gateway', 'search', 'new')}\n")
    assert (name_of(callers, "old"), name_of(callers, "new")) == ("gateway", "gateway")
    file.write_text(f"{entry('gateway', 'search', 'new')}\n")
    assert (name_of(callers, "old"), name_of(callers, "new")) == (None, "gateway")


@pytest.mark.parametrize("broken", ["gateway search s3cret", "", "\x00\xff", None, "x" * 2_000_000])
def test_a_broken_file_keeps_the_last_good_callers_and_says_so(
    tmp_path: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "callers"
    file.write_text(entry("gateway", "search", "g"))
    callers = Callers(file=file)
    if broken is None:
        file.unlink()
    else:
        file.write_bytes(broken.encode("latin-1"))
    with caplog.at_level(logging.ERROR):
        assert [name_of(callers, "g"), name_of(callers, "g")] == ["gateway", "gateway"]
    assert [record.message for record in caplog.records] == ["callers not read, those from before stay"]
    assert "s3cret" not in str(vars(caplog.records[0]))
    file.write_text(f"{entry('cli', 'search', 'c')}   ")
    assert (name_of(callers, "g"), name_of(callers, "c")) == (None, "cli")


def test_a_file_that_is_broken_at_the_start_is_refused(tmp_path: Path) -> None:
    (tmp_path / "callers").write_text("nonsense")
    with pytest.raises(ValidationError, match=r"entry 1"):
        ServiceSettings(_env_file=None, port=0, callers_file=tmp_path / "callers")
