"""Requests that are refused before the application sees them."""

import json

from uvicorn.protocols.http.httptools_impl import STATUS_LINE


class Refusal(Exception):
    """Ends the parsing of a request; the parser hands it on as the context of its own error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def response_to(refusal: Refusal) -> bytes:
    """The answer as it travels; the connection ends with it."""
    body = json.dumps({"message": refusal.text}).encode()
    head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    return STATUS_LINE[refusal.status] + head + body
