"""Hosts and ports, with and without brackets."""

import pytest

from services.runtime.addresses import bare_host, is_loopback, joined, reachable_host
from services.runtime.settings import ServiceSettings


@pytest.mark.parametrize("spelled", ["::", "[::]", " [::] "])
def test_an_address_means_the_same_with_brackets_and_without(spelled: str) -> None:
    assert ServiceSettings(_env_file=None, port=1, host=spelled).host == "::"
    assert joined(spelled, 8000) == "[::]:8000"
    assert reachable_host(spelled) == "::1"


def test_names_and_older_addresses_need_no_brackets() -> None:
    assert joined("127.0.0.1", 80) == "127.0.0.1:80"
    assert joined("agent", 80) == "agent:80"
    assert (bare_host("[fe80::1%eth0]"), reachable_host("0.0.0.0")) == ("fe80::1%eth0", "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"])
def test_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "10.0.0.1", "::ffff:10.0.0.1", "", "no.such.host.invalid"])
def test_others_may_reach_it(host: str) -> None:
    assert not is_loopback(host)
