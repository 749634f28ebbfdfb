"""The sender of one request: who they are, from which page they ask, and in which language."""

import re
from dataclasses import dataclass, field

from gateway.readers.page_context import PageContext
from gateway.readers.reader import Reader

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Asker:
    """A reader, the page they ask from, and their language."""

    reader: Reader
    page: PageContext = field(default_factory=PageContext)
    language: str = ""
    """First language the browser asks for, BCP 47; may be empty."""
    network: str = ""
    """Opaque id of the network the request came from, for the agent; see `gateway.readers.networks`."""


def first_language(accept_language: str) -> str:
    """First language of an `Accept-Language` header; empty when there is none."""
    first = accept_language.partition(",")[0].partition(";")[0].strip()
    return first if len(first) <= 35 and _LANGUAGE.fullmatch(first) else ""
