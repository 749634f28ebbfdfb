"""Who is who: tokens, logins, keys, and the secret that signs."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from gateway.logins import LoginPolicy
from gateway.readers import Reader, ReaderKind, ReaderPolicy, Readers, load_secret
from services.runtime.errors import CallerUnauthenticated

LOGIN_SECRET = "login-secret-of-at-least-32-characters"


async def test_a_token_brings_its_reader_back() -> None:
    readers = Readers(ReaderPolicy(secret="s"))
    reader, token = readers.new_reader()
    assert await Readers(ReaderPolicy(secret="s")).identify(token=token) == reader
    assert reader.kind is ReaderKind.ANONYMOUS


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "." * 5000])
async def test_what_we_did_not_sign_is_nobody(token: str) -> None:
    assert await Readers(ReaderPolicy(secret="s")).identify(token=token) is None


async def test_a_token_of_another_secret_is_nobody() -> None:
    _, token = Readers(ReaderPolicy(secret="other")).new_reader()
    assert await Readers(ReaderPolicy(secret="s")).identify(token=token) is None


async def test_a_bearer_token_means_nothing_while_nothing_is_configured() -> None:
    assert await Readers(ReaderPolicy(secret="s")).identify(bearer="sk-any") is None


async def test_a_login_is_its_subject_and_the_subject_is_not_stored() -> None:
    readers = Readers(ReaderPolicy(secret="s", login=LoginPolicy(secret=LOGIN_SECRET)))
    bearer = jwt.encode({"sub": "ada@example.com", "exp": time.time() + 60}, LOGIN_SECRET, algorithm="HS256")
    reader = await readers.identify(bearer=bearer)
    assert reader is not None
    assert reader.kind is ReaderKind.LOGIN
    assert "ada" not in reader.id
    assert len(reader.id) <= 80


async def test_a_program_shows_its_key() -> None:
    readers = Readers(ReaderPolicy(secret="s", api_keys=("key-1", "key-2")))
    first, second = await readers.identify(bearer="key-1"), await readers.identify(bearer="key-2")
    assert isinstance(first, Reader)
    assert first != second
    assert "key-1" not in first.id
    with pytest.raises(CallerUnauthenticated):
        await readers.identify(bearer="key-3")


def test_a_secret_is_made_once_by_whoever_comes_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_secret("", tmp_path / "data"), range(16)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 32
    assert load_secret("configured", tmp_path) == "configured"
