"""API keys of programs: how the settings write them, and how a key that is shown is recognised.

The settings hold a key itself, or `sha256:` and its hash; `name=` in front says whose it is.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.readers.reader import PROGRAM_PREFIX

NAMED_PREFIX = f"{PROGRAM_PREFIX}name:"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_HASHED = "sha256:"
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as we keep it: by its hash.

    Args:
        digest: SHA-256 of the key, in hexadecimal.
        name: Whose it is; empty when the settings do not say.
    """

    digest: str
    name: str = ""

    @property
    def id(self) -> str:
        """Stands for the program in limits and owns its conversations; a named program keeps it under a new key."""
        return f"{NAMED_PREFIX}{self.name}" if self.name else f"{PROGRAM_PREFIX}{self.digest[:40]}"


def parse_api_key(text: str) -> ApiKey:
    """A key as the settings write it: `key`, `sha256:<hex>`, `name=key` or `name=sha256:<hex>`.

    Raises:
        ValueError: If it is empty or its hash is malformed. The message does not repeat it.
    """
    name, written = split_name(text)
    if not written:
        raise ValueError("an API key is empty")
    return ApiKey(digest_of(written), name)


def split_name(text: str) -> tuple[str, str]:
    """Name and key; the `=` signs at the end of a key in base64 do not separate a name."""
    name, equals, rest = text.partition("=")
    if equals and rest.strip("=") and _NAME.fullmatch(name):
        return name, rest
    return "", text


def digest_of(written: str) -> str:
    """SHA-256 of a secret as the settings write it, in plain or as `sha256:<hex>`.

    Raises:
        ValueError: If the hash is malformed.
    """
    if not written.lower().startswith(_HASHED):
        return hashlib.sha256(written.encode()).hexdigest()
    digest = written.lower().removeprefix(_HASHED)
    if not _HEX_DIGEST.fullmatch(digest):
        raise ValueError("after sha256: there must be 64 hexadecimal digits")
    return digest


def find_key(shown: str, keys: Iterable[ApiKey]) -> ApiKey | None:
    """The key that was shown, found in constant time."""
    digest = hashlib.sha256(shown.encode()).digest()
    found = None
    for key in keys:
        if hmac.compare_digest(digest, bytes.fromhex(key.digest)):
            found = key
    return found
