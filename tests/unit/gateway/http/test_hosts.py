"""Host names: how they are read, and which are ours."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.hosts import HostCheck, host_name, is_loopback, is_one_address, read_host


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Chat.Example.com:8443", "chat.example.com"),
        ("chat.example.com.", "chat.example.com"),
        ("[::1]:8000", "::1"),
        ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ("[2001:DB8:0:0::1]", "2001:db8::1"),
        ("docs_chat:8000", "docs_chat"),
        ("user:secret@chat.example.com", ""),
        ("chat.example.com:", ""),
        ("chat.example.com:999999", ""),
        ("[chat.example.com]", ""),
        ("chat.example.com/path", ""),
        ("ch\u00e4t.example.com", ""),
    ],
)
def test_a_host_header_is_a_name_or_an_address_and_perhaps_a_port(header: str, name: str) -> None:
    assert host_name(header) == name


@given(st.text(max_size=200))
def test_no_header_breaks_the_reading(header: str) -> None:
    assert "@" not in host_name(header)


@pytest.mark.parametrize(
    "wrong", ["https://chat.example.com", "chat.example.com:8443", "a b", "*.", "a..b", "user@host"]
)
def test_a_setting_that_is_no_host_name_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        read_host(wrong)


def test_loopback_is_what_only_this_machine_reaches() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "[::]", "192.168.1.20", "chat.example.com", ""):
        assert not is_loopback(host)
    assert is_one_address("192.168.1.20")
    assert is_one_address("[2001:db8::1]")
    assert not any(map(is_one_address, ("0.0.0.0", "::", "[::]", "gateway", "")))


@pytest.mark.parametrize(
    ("server", "host", "answered"),
    [
        (("10.0.0.5", 8000), "10.0.0.5:8000", True),
        (("10.0.0.5", 8000), "10.0.0.6:8000", False),
        (("fd00::5", 8000), "[fd00:0::5]", True),
        (("::ffff:10.0.0.5", 8000), "10.0.0.5", True),
        (("/run/gateway.sock", None), "10.0.0.5", False),
        (None, "10.0.0.5", False),
    ],
)
async def test_the_address_a_request_came_in_at_is_ours(server: Any, host: str, answered: bool) -> None:
    """Load balancers and clusters check health under it; no name service can point a stranger's name at it."""
    reached = []

    async def app(*_: Any) -> None:
        reached.append(True)

    async def send(_: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())], "server": server}
    await HostCheck(app, ())(scope, send, send)  # type: ignore[arg-type]
    assert bool(reached) is answered
