"""Which addresses the index takes: what a reader may click. Ingestion and retriever judge by the same rules."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

MAX_ADDRESS, MAX_ANCHOR = 2_048, 1_000
"""Characters."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A backslash is a slash to browsers and not to this library.
_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\\]")


def origin_of(address: str) -> str:
    """Scheme, host and port of a web page; empty when it is not an address, or one that readers must not be led to.

    >>> origin_of("https://Docs.example.org:443/guide")
    'https://docs.example.org'
    >>> origin_of("javascript:alert(1)"), origin_of("https://user:secret@docs.example.org/")
    ('', '')
    """
    if len(address) > MAX_ADDRESS or _NOT_IN_ADDRESSES.search(address):
        return ""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    told = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{told}"


def lies_under(page: str, base_url: str) -> bool:
    """Whether a page belongs to what is published under a base URL. Of one machine, `localhost` is `127.0.0.1`.

    >>> lies_under("https://docs.example.org/guide/a?x#y", "https://docs.example.org/guide/")
    True
    >>> lies_under("https://docs.example.org/guided", "https://docs.example.org/guide/")
    False
    """
    origin = origin_of(page)
    if not origin or _this_machine(origin) != _this_machine(origin_of(base_url)):
        return False
    path, base_path = urlsplit(page).path.rstrip("/") + "/", urlsplit(base_url).path.rstrip("/") + "/"
    return path.startswith(base_path)


def _this_machine(origin: str) -> str:
    return origin.replace("://localhost", "://127.0.0.1", 1)


def page_address_problem(uri: str, origins: Iterable[str]) -> str:
    """Why a page may not have this address; empty when it may.

    Args:
        uri: The address.
        origins: Where the site's pages are, as `origin_of` writes it.
    """
    own = origin_of(uri)
    if not own:
        return f"not an http or https address with a host, without user name or blanks, of {MAX_ADDRESS:,} characters"
    if "#" in uri:
        return "a page's address has no fragment"
    known = tuple(origins)
    return "" if own in known else f"not on the site, whose pages are at {', '.join(known[:3])}"


def anchor_problem(anchor: str) -> str:
    """Why this cannot be the fragment of an address; empty when it can."""
    if len(anchor) > MAX_ANCHOR or _CONTROLS.search(anchor):
        return f"an anchor has at most {MAX_ANCHOR:,} characters and no control characters"
    return ""
