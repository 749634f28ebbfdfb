"""Who asks, from the headers of a request; readers who are new get a cookie."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from gateway.parts import Gateway
from gateway.readers.asker import Asker, first_language
from gateway.readers.networks import subscriber_of
from gateway.readers.page_context import CONTEXT_HEADER, PageContext, parse_page_context
from gateway.readers.reader import COOKIE, TOKEN_HEADER, TOKEN_MAX_AGE_S, Reader
from services.runtime.errors import CallerUnauthenticated

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks and, for readers who are new, the token to remember them by."""

    asker: Asker
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
    """Address the request came from; behind trusted proxies, the one they name."""
    return request.client.host if request.client else "unknown"


async def caller_of(request: Request, *, renew: bool = False) -> Caller:
    """The reader behind a request; an anonymous one is made when there is none.

    Args:
        request: The request.
        renew: Make a new reader in place of one whose token is no longer valid. A panel that sends a token keeps it
            itself, so everywhere else it has to be told.

    Raises:
        ServiceError: If what the page says about itself is malformed, a reader token is not valid, or the address makes
            too many readers.
    """
    gateway = gateway_of(request)
    page, language = _context_of(request)
    reader = _known_reader(request)
    if reader is not None:
        request.state.reader = reader
        return Caller(Asker(reader, page, language, network_of(request, reader)))
    if request.headers.get(TOKEN_HEADER) and not renew:
        raise CallerUnauthenticated("this reader token is not valid (any more): POST /v1/readers gives a new one")
    await gateway.limits.new_reader(address_of(request))
    reader, new_token = gateway.readers.new_reader()
    return Caller(Asker(reader, page, language, network_of(request, reader)), new_token)


async def program_of(request: Request) -> Asker:
    """Who asks at a door for programs: told by their credentials, else by their address.

    Raises:
        ServiceError: As `caller_of`.
    """
    gateway = gateway_of(request)
    page, language = _context_of(request)
    reader = _known_reader(request) or gateway.readers.at_address(subscriber_of(address_of(request)))
    return Asker(reader, page, language, network_of(request, reader))


def _context_of(request: Request) -> tuple[PageContext, str]:
    """The page that asks and the reader's first language, as the headers say."""
    headers = request.headers
    return parse_page_context(headers.get(CONTEXT_HEADER, "")), first_language(headers.get("accept-language", ""))


def _comes_from(request: Request) -> tuple[bool, bool]:
    """Whether the page that asks has another origin, and whether the browser reaches us over TLS.

    A proxy that ends TLS and is not in `GATEWAY_TRUSTED_PROXIES` hides it; the origin of our own pages shows it.
    """
    origin = urlsplit(request.headers.get("origin", ""))
    foreign = bool(origin.netloc) and origin.netloc != request.headers.get("host", "")
    return foreign, request.url.scheme == "https" or (origin.scheme == "https" and not foreign)


def _known_reader(request: Request) -> Reader | None:
    """The reader the door recognised; a route without a door fails here instead of letting everybody in."""
    reader: Reader | None = request.state.reader
    return reader


async def count_request(request: Request) -> None:
    """Count a request that asks no model towards the limits of its sender.

    Raises:
        Overloaded: If there were too many.
    """
    reader: Reader | None = request.state.reader
    await gateway_of(request).limits.request(address_of(request), reader.id if reader else "")


async def count_typed_search(request: Request) -> None:
    """Count a search of somebody who types: many a minute, each of them cheap; raises `Overloaded` as above."""
    reader: Reader | None = request.state.reader
    await gateway_of(request).limits.typed_search(address_of(request), reader.id if reader else "")


def network_of(request: Request, reader: Reader) -> str:
    """Opaque id of the network a reader's request came from."""
    _warn_of_untrusted_proxy(request)
    return gateway_of(request).readers.network_of(reader, address_of(request))


def _warn_of_untrusted_proxy(request: Request) -> None:
    """Warn once that all readers may look like one network, whose share of the model is too small for a whole site."""
    state = request.app.state
    forwarded = "x-forwarded-for" in request.headers and not gateway_of(request).settings.trusted_proxies
    if forwarded and not getattr(state, "has_warned_of_proxy", False):
        state.has_warned_of_proxy = True
        logger.warning(
            "a request was forwarded by a proxy that is not trusted: if all readers come through it, they share the "
            "limits of one network; name it in GATEWAY_TRUSTED_PROXIES"
        )
