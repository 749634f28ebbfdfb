"""The public keys a login service publishes (JWKS): fetched when needed, kept, fetched again when a key is unknown."""

import asyncio
import json
import logging
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

import jwt

from services.runtime.errors import CallerUnauthenticated, ServiceUnreachable

logger = logging.getLogger(__name__)

_MAX_BYTES = 256 * 1024
_TIMEOUT_S = 5.0
_FRESH_S = 3600.0
"""Age at which keys are fetched again, so that a withdrawn one stops working."""
_PAUSE_S = 30.0
"""Shortest time between two fetches: tokens with invented key ids must not each cause a request."""


@dataclass(slots=True)
class KeySet:
    """Keys by id.

    Args:
        url: Where they are published.
        clock: Seconds since any fixed moment.
    """

    url: str
    clock: Callable[[], float] = time.monotonic
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _fetched_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def key(self, key_id: str) -> jwt.PyJWK:
        """The key a token names; a token that names none means the only one there is.

        Raises:
            CallerUnauthenticated: If there is no such key.
            ServiceUnreachable: If the keys were never fetched and cannot be.
        """
        if self._find(key_id) is None or self.clock() - self._fetched_at > _FRESH_S:
            await self._refresh()
        key = self._find(key_id)
        if key is None:
            raise CallerUnauthenticated("the login token is signed with a key that is not known here")
        return key

    def _find(self, key_id: str) -> jwt.PyJWK | None:
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        """Fetch the keys unless that was tried just now; earlier keys survive a failure."""
        async with self._fetching:
            if self.clock() - self._tried_at >= _PAUSE_S:
                self._tried_at = self.clock()
                try:
                    self._keys = _read(await asyncio.to_thread(_fetch, self.url))
                    self._fetched_at = self.clock()
                except (OSError, ValueError) as error:
                    logger.warning("login keys not fetched", extra={"url": self.url, "error": repr(error)[:200]})
            if not self._keys:
                raise ServiceUnreachable("the keys of the login service cannot be fetched")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Keys come from the configured address alone: a redirect must not lead to another."""

    def redirect_request(self, *args: object) -> None:
        return None


def _fetch(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  # settings allow https
    opener = urllib.request.build_opener(_NoRedirects)  # reads the environment's proxy and authority
    with opener.open(request, timeout=_TIMEOUT_S) as response:
        body: bytes = response.read(_MAX_BYTES + 1)
    if len(body) > _MAX_BYTES:
        raise ValueError("too large for a set of keys")
    return body


def _read(body: bytes) -> dict[str, jwt.PyJWK]:
    """The keys that verify signatures and that we understand; the others are skipped.

    Raises:
        ValueError: If there is none.
    """
    document = json.loads(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, jwt.PyJWK] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
            continue
        try:
            keys[str(entry.get("kid", ""))] = jwt.PyJWK(entry)
        except jwt.PyJWTError:
            continue
    if not keys:
        raise ValueError("no usable key is published there")
    return keys
