"""Places on the internet as limits count them: one subscriber, and the network around them.

A subscriber has one IPv4 address, or an IPv6 /64 in which every device picks its addresses freely. The network around
them is an IPv4 /24 or an IPv6 /48: what a provider assigns to one site, or to a group of subscribers.
"""

import hashlib
import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gateway.readers.reader import PROGRAM_PREFIX

_TRANSLATED = ip_network("64:ff9b::/96")
"""How a translator (NAT64) in front of an IPv6 server writes IPv4 addresses: in the last 32 bits."""
_SUBSCRIBER_BITS = {4: 32, 6: 64}
_NETWORK_BITS = {4: 24, 6: 48}


def subscriber_of(address: str) -> str:
    """The subscriber behind an address; anything that is not an IP address stands for itself.

    >>> subscriber_of("2001:db8:1:2:aaaa::1"), subscriber_of("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7/32')
    """
    return _prefix(address, _SUBSCRIBER_BITS)


def network_of(address: str) -> str:
    """The network around an address.

    >>> network_of("2001:db8:1:2:aaaa::1"), network_of("192.0.2.7")
    ('2001:db8:1::/48', '192.0.2.0/24')
    """
    return _prefix(address, _NETWORK_BITS)


def opaque_network(secret: str, reader_id: str, address: str) -> str:
    """Network and subscriber of a reader as the agent sees them: keyed hashes, `network/subscriber`.

    A program with an API key is a network of its own, wherever it runs.
    """
    if reader_id.startswith(PROGRAM_PREFIX):
        return _keyed(secret, reader_id)
    return f"{_keyed(secret, network_of(address))}/{_keyed(secret, subscriber_of(address))}"


def _prefix(address: str, bits: dict[int, int]) -> str:
    parsed = _parsed(address)
    return address if parsed is None else str(ip_network((parsed, bits[parsed.version]), strict=False))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])  # without the name of the interface
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and (parsed.ipv4_mapped or parsed in _TRANSLATED):
        return IPv4Address(int(parsed) & 0xFFFF_FFFF)
    return parsed


def _keyed(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), f"network {text}".encode(), hashlib.sha256).hexdigest()[:24]
