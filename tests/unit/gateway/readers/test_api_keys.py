"""Keys of programs, as settings write them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.readers.api_keys import find_key, parse_api_key
from gateway.readers.credentials import credential_of
from services.runtime.errors import CallerUnauthenticated


def hashed(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@pytest.mark.parametrize(
    "written", ["a-key", hashed("a-key"), hashed("a-key").upper(), "shop=a-key", "shop=" + hashed("a-key")]
)
def test_a_key_is_recognised_however_it_is_written(written: str) -> None:
    keys = [parse_api_key("another"), parse_api_key(written)]
    assert find_key("a-key", keys) is keys[1]
    assert find_key(hashed("a-key"), keys) is None
    assert "a-key" not in repr(keys)


def test_an_id_follows_the_name_so_that_a_program_may_change_its_key() -> None:
    assert parse_api_key("shop=old").id == parse_api_key("shop=new").id == "program:name:shop"
    assert parse_api_key("old").id != parse_api_key("new").id
    assert parse_api_key("old").id == parse_api_key(hashed("old")).id
    assert max(len(parse_api_key(written).id) for written in ("x" * 500, f"{'n' * 40}=x")) <= 80


@pytest.mark.parametrize("written", ["c2VjcmV0LWtleQ==", "c2VjcmV0LWtleQ=", "=", "a key=with spaces", "name="])
def test_not_everything_before_an_equals_sign_is_a_name(written: str) -> None:
    assert parse_api_key(written).name == ""
    assert find_key(written, [parse_api_key(written)])


@pytest.mark.parametrize("written", ["", "sha256:", "sha256:abc", "shop=sha256:" + "g" * 64])
def test_what_is_no_key_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(ValueError, match=r"^(an API key is empty|after sha256: there must be 64 hexadecimal digits)$"):
        parse_api_key(written)


@given(st.text(), st.text(min_size=1))
def test_only_the_very_key_is_the_key(shown: str, written: str) -> None:
    try:
        key = parse_api_key(written)
    except ValueError:
        return
    if find_key(shown, [key]):
        assert written.endswith(shown)


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer  ")],
        [("authorization", "Basic YTpi")],
        [("authorization", "a-key")],
        [("authorization", "Bearer a-key"), ("authorization", "Bearer another")],
        [("authorization", "Bearer a-key"), ("authorization", "Basic YTpi")],
        [("authorization", "Bearer a-key"), ("x-api-key", "another")],
        [("x-api-key", "")],
        [("x-api-key", "a-key"), ("x-api-key", "another")],
    ],
)
def test_a_credential_that_is_written_wrongly_or_contradicts_another_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(CallerUnauthenticated):
        credential_of(Headers(raw=[(name.encode(), value.encode()) for name, value in headers]))


def test_a_credential_may_be_written_in_either_way_and_in_both() -> None:
    for headers in (
        {"authorization": "Bearer a-key"},
        {"authorization": "bearer   a-key "},
        {"x-api-key": "a-key"},
        {"authorization": "Bearer a-key", "x-api-key": "a-key"},
    ):
        assert credential_of(Headers(headers)) == "a-key"
    assert credential_of(Headers({})) == ""
