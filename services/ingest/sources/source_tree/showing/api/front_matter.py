"""The operation in the head of a generated page, `api: eJy…`: JSON, deflated, in base64; or JSON as it is."""

import base64
import binascii
import json
import zlib
from typing import Any

from services.ingest.sources.source_tree.parsing.front_matter import FrontMatter

MAX_PACKED_CHARS = 2_000_000
MAX_BYTES = 8_000_000
_ANY_HEADER = 47
"""For zlib: look whether it is zlib or gzip."""


def operation_of(front_matter: FrontMatter) -> dict[str, Any]:
    """The operation that a page describes; empty when there is none, or it cannot be read."""
    written = front_matter.values.get("api")
    if isinstance(written, dict):
        return written
    if not isinstance(written, str) or len(written) > MAX_PACKED_CHARS:
        return {}
    try:
        unpacker = zlib.decompressobj(_ANY_HEADER)
        text = unpacker.decompress(base64.b64decode(written, validate=True), MAX_BYTES)
        value = json.loads(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
