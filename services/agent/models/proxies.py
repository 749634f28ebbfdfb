"""The proxy of the environment, for requests that leave this machine: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`.

`aiohttp` could look for it (`trust_env`), but reads the environment again for each request, and with it `~/.netrc`,
whose entries it then refuses to combine with our key.
"""

import urllib.request
from dataclasses import dataclass, field

from aiohttp import encode_basic_auth
from yarl import URL


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a request goes through; `url` is None when it goes straight."""

    url: URL | None = None
    headers: dict[str, str] = field(default_factory=dict)
    """What is shown to the proxy: its user and password, when the environment has them."""


def proxy_for(address: str) -> Proxy:
    """What the environment says about requests to an address.

    Raises:
        ValueError: If it names a proxy that is not spoken to over HTTP.
    """
    target = URL(address)
    named = urllib.request.getproxies().get(target.scheme)
    if not named or urllib.request.proxy_bypass(f"{target.host}:{target.port}"):
        return Proxy()
    proxy = URL(named if "://" in named else f"http://{named}")
    if proxy.scheme not in {"http", "https"}:
        raise ValueError(f"{target.scheme.upper()}_PROXY names a {proxy.scheme} proxy; only http and https work")
    headers = {}
    if proxy.user is not None:
        headers = {"Proxy-Authorization": encode_basic_auth(proxy.user, proxy.password or "")}
    return Proxy(proxy.with_user(None), headers)
