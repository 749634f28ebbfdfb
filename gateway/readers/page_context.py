"""The page a question comes from. What a page says about itself is bounded and checked, never trusted."""

import base64
import binascii
from typing import Annotated

from docs_chat.retriever.v1 import passages_pb2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gateway.http.errors import violations_of
from services.runtime.errors import InvalidRequest

CONTEXT_HEADER = "x-docs-chat-context"
_MAX_HEADER_CHARS = 16_384


def _printable(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("control characters are not allowed")
    return text.strip()


_Line = Annotated[str, AfterValidator(_printable)]


class PageContext(BaseModel):
    """The page of the docs that a reader asks from; every field may be empty."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    site: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,64}$")] = ""
    page_uri: Annotated[_Line, Field(max_length=2000, pattern=r"^($|https?://)")] = ""
    page_title: Annotated[_Line, Field(max_length=300)] = ""
    docs_instance: Annotated[_Line, Field(max_length=100)] = ""
    """Instance of the docs plugin that `version` belongs to; pages of older panels do not name it."""
    version: Annotated[_Line, Field(max_length=100)] = ""
    locale: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,35}$")] = ""
    tabs: Annotated[list[Annotated[_Line, Field(max_length=200)]], Field(max_length=20)] = Field(default_factory=list)
    path_prefix: Annotated[_Line, Field(max_length=500, pattern=r"^($|/)")] = ""

    def scope(self) -> passages_pb2.Scope:
        """What to search for a reader who is here."""
        versions = [self.version] if self.version else []
        return passages_pb2.Scope(
            versions=versions,
            locale=self.locale,
            path_prefix=self.path_prefix,
            docs_instance=self.docs_instance,
        )


def parse_page_context(header: str) -> PageContext:
    """What a page sent about itself: base64url of JSON.

    Raises:
        InvalidRequest: If it is too long, is not base64url of a JSON object, or has a field that is not valid.
    """
    if not header:
        return PageContext()
    if len(header) > _MAX_HEADER_CHARS:
        raise InvalidRequest(f"{CONTEXT_HEADER} is longer than {_MAX_HEADER_CHARS} characters")
    try:
        decoded = base64.b64decode(header + "=" * (-len(header) % 4), altchars=b"-_", validate=True)
        return PageContext.model_validate_json(decoded)
    except (binascii.Error, ValueError) as error:
        found = error.errors(include_input=False, include_url=False) if isinstance(error, ValidationError) else []
        violations = {name or "json": text for name, text in violations_of(found).items()}
        raise InvalidRequest(f"{CONTEXT_HEADER} must be base64url of a JSON object", violations=violations) from error
