"""The credential a request shows: `Authorization: Bearer …`, or `x-api-key` as some clients write it."""

from starlette.datastructures import Headers

from services.runtime.errors import CallerUnauthenticated

API_KEY_HEADER = "x-api-key"


def credential_of(headers: Headers) -> str:
    """The one credential of a request; empty when it shows none.

    Raises:
        CallerUnauthenticated: If its kind is not known here, it is malformed, or another one contradicts it.
    """
    shown = {_bearer(line) for line in headers.getlist("authorization")}
    shown |= {key.strip() for key in headers.getlist(API_KEY_HEADER)}
    if len(shown) > 1:
        raise CallerUnauthenticated("this request shows two different credentials: send one")
    if "" in shown:
        raise CallerUnauthenticated("write the credential as `Authorization: Bearer …` or as `x-api-key: …`")
    return shown.pop() if shown else ""


def _bearer(line: str) -> str:
    """What follows `Bearer`; empty for anything else."""
    scheme, _, credential = line.strip().partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""
