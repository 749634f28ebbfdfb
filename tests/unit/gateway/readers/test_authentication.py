"""Who is who: tokens, logins, keys, and the secret that signs."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from gateway.readers.api_keys import parse_api_key
from gateway.readers.authentication import ReaderPolicy, Readers
from gateway.readers.logins import LoginPolicy
from gateway.readers.reader import Reader, ReaderKind
from gateway.readers.signing_secret import load_secrets
from services.runtime.errors import CallerUnauthenticated
from services.runtime.starting import CannotStart

LOGIN_SECRET = "login-secret-of-at-least-32-characters"


async def test_a_token_brings_its_reader_back() -> None:
    readers = Readers(ReaderPolicy(secrets=("s",)))
    reader, token = readers.new_reader()
    assert await Readers(ReaderPolicy(secrets=("s",))).identify(token=token) == reader
    assert reader.kind is ReaderKind.ANONYMOUS


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "." * 5000])
async def test_what_we_did_not_sign_is_nobody(token: str) -> None:
    assert await Readers(ReaderPolicy(secrets=("s",))).identify(token=token) is None


async def test_a_token_of_another_secret_is_nobody() -> None:
    _, token = Readers(ReaderPolicy(secrets=("other",))).new_reader()
    assert await Readers(ReaderPolicy(secrets=("s",))).identify(token=token) is None


async def test_a_bearer_token_means_nothing_while_nothing_is_configured() -> None:
    assert await Readers(ReaderPolicy(secrets=("s",))).identify(bearer="sk-any") is None


async def test_a_login_is_its_subject_and_the_subject_is_not_stored() -> None:
    readers = Readers(ReaderPolicy(secrets=("s",), login=LoginPolicy(secret=LOGIN_SECRET)))
    bearer = jwt.encode({"sub": "ada@example.com", "exp": time.time() + 60}, LOGIN_SECRET, algorithm="HS256")
    reader = await readers.identify(bearer=bearer)
    assert reader is not None
    assert reader.kind is ReaderKind.LOGIN
    assert "ada" not in reader.id
    assert len(reader.id) <= 80


async def test_a_program_shows_its_key() -> None:
    readers = Readers(ReaderPolicy(secrets=("s",), api_keys=(parse_api_key("key-1"), parse_api_key("key-2"))))
    first, second = await readers.identify(bearer="key-1"), await readers.identify(bearer="key-2")
    assert isinstance(first, Reader)
    assert first != second
    assert "key-1" not in first.id
    with pytest.raises(CallerUnauthenticated):
        await readers.identify(bearer="key-3")


def test_a_secret_is_made_once_by_whoever_comes_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_secrets((), tmp_path / "data"), range(16)))
    ((secret,),) = secrets
    assert len(secret) >= 32
    assert load_secrets(("configured",), tmp_path) == ("configured",)


def test_a_secret_that_was_readable_by_all_is_no_longer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    (data / "reader-secret").write_text("s" * 40)
    (data / "reader-secret").chmod(0o644)
    assert load_secrets((), data) == ("s" * 40,)
    assert (data / "reader-secret").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700


def test_an_empty_secret_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "reader-secret").write_text("\n")
    with pytest.raises(CannotStart, match="delete it"):
        load_secrets((), tmp_path)


async def test_the_first_secret_signs_and_all_are_believed() -> None:
    old, new = "o" * 32, "n" * 32
    reader, old_token = Readers(ReaderPolicy(secrets=(old,))).new_reader()
    both = Readers(ReaderPolicy(secrets=(new, old)))
    assert await both.identify(token=old_token) == reader
    newer, new_token = both.new_reader()
    assert await Readers(ReaderPolicy(secrets=(new,))).identify(token=new_token) == newer
    assert await Readers(ReaderPolicy(secrets=(new,))).identify(token=old_token) is None
