"""Places on the internet, as limits count them."""

import pytest

from gateway.readers.networks import network_of, opaque_network, subscriber_of


@pytest.mark.parametrize(
    ("address", "subscriber", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:c000:207", "192.0.2.7/32", "192.0.2.0/24"),
        ("64:ff9b::192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:DB8:0001:2::", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("unknown", "unknown", "unknown"),
        ("", "", ""),
    ],
)
def test_an_address_stands_for_its_subscriber_and_its_network(address: str, subscriber: str, network: str) -> None:
    assert (subscriber_of(address), network_of(address)) == (subscriber, network)


def test_what_the_agent_is_told_depends_on_the_secret_and_not_on_the_reader() -> None:
    told = opaque_network("a", "anonymous:1", "192.0.2.7")
    assert told == opaque_network("a", "anonymous:2", "192.0.2.7")
    assert told != opaque_network("b", "anonymous:1", "192.0.2.7")


def test_a_program_with_a_key_is_a_network_of_its_own_wherever_it_runs() -> None:
    told = opaque_network("a", "program:1", "192.0.2.7")
    assert told == opaque_network("a", "program:1", "198.51.100.1")
    assert told != opaque_network("a", "program:2", "192.0.2.7")
