"""Who visits: from the headers of a request to a `Visit`, with a cookie for readers who are new."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from gateway.readers import COOKIE, TOKEN_HEADER, TOKEN_MAX_AGE_S, Reader
from gateway.visit import PLACE_HEADER, Visit, first_language, parse_place
from gateway.wiring import Gateway
from services.runtime.errors import CallerUnauthenticated


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visit and, for readers who are new, the token to remember them by."""

    visit: Visit
    new_token: str = ""

    def remember(self, request: Request, response: Response) -> None:
        """Give a new reader their cookie."""
        if not self.new_token:
            return
        foreign, https = _comes_from(request)
        response.set_cookie(
            COOKIE,
            self.new_token,
            max_age=TOKEN_MAX_AGE_S,
            httponly=True,
            secure=https,
            samesite="none" if foreign and https else "lax",
        )


def gateway_of(request: Request) -> Gateway:
    """The parts of this process."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def address_of(request: Request) -> str:
    """Address the request came from, behind trusted proxies the one they name."""
    return request.client.host if request.client else "unknown"


async def visitor_of(request: Request, *, renew: bool = False) -> Visitor:
    """The reader behind a request; an anonymous one is made when there is none.

    Args:
        request: The request.
        renew: Make a new reader in place of one whose token has become invalid. Whoever sends a token keeps it
            themselves, so everywhere else they must be told.

    Raises:
        ServiceError: If the login is wrong, the place is malformed, or the address makes too many readers.
    """
    gateway = gateway_of(request)
    headers = request.headers
    place = parse_place(headers.get(PLACE_HEADER, ""))
    language = first_language(headers.get("accept-language", ""))
    reader = _known_reader(request)
    if reader is not None:
        return Visitor(Visit(reader, place, language))
    if headers.get(TOKEN_HEADER) and not renew:
        raise CallerUnauthenticated("this reader token is not valid (any more): POST /v1/readers gives a new one")
    await gateway.limits.new_reader(address_of(request))
    reader, new_token = gateway.readers.new_reader()
    return Visitor(Visit(reader, place, language), new_token)


async def program_of(request: Request) -> Visit:
    """The caller of an interface for programs: by credentials, else by address.

    Raises:
        ServiceError: As `visitor_of`.
    """
    gateway = gateway_of(request)
    place = parse_place(request.headers.get(PLACE_HEADER, ""))
    language = first_language(request.headers.get("accept-language", ""))
    reader = _known_reader(request)
    return Visit(reader or gateway.readers.at_address(address_of(request)), place, language)


def _comes_from(request: Request) -> tuple[bool, bool]:
    """Whether the page that asks is of another origin, and whether the browser reaches us encrypted.

    A proxy that ends TLS and is not in `GATEWAY_TRUSTED_PROXIES` hides it from us, but not from a page of our own host.
    """
    origin = urlsplit(request.headers.get("origin", ""))
    foreign = bool(origin.netloc) and origin.netloc != request.headers.get("host", "")
    return foreign, request.url.scheme == "https" or (origin.scheme == "https" and not foreign)


def _known_reader(request: Request) -> Reader | None:
    """Whom the door recognised; a route without a door fails here rather than let everybody in."""
    reader: Reader | None = request.state.reader
    return reader
