"""The HTTP application: routes, layers around them, and the life of what they share."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.http.errors import error_body, http_error_body, http_status, retry_after_s, violations_of
from gateway.http.hosts import HostCheck
from gateway.http.middleware import RequestMiddleware, RequestPolicy
from gateway.mcp.server import mcp_sessions
from gateway.openai.errors import OpenAIErrors, invalid_request, is_openai_path, openai_body, openai_status
from gateway.parts import Gateway, open_gateway
from gateway.readers.reader import COOKIE
from gateway.routes import (
    chat_completions,
    chatkit,
    hooks,
    markdown,
    openapi,
    operations,
    preview,
    readers,
    search,
    shared,
    sites,
    typed_search,
)
from gateway.routes.mcp import McpEndpoint, McpRoute
from gateway.routes.pages import STATIC, Pages
from gateway.settings import GatewaySettings
from services.runtime.errors import InternalError, InvalidRequest, ServiceError, reason_name
from services.runtime.request_context import REQUEST_ID_KEY

logger = logging.getLogger(__name__)

_FORGET_EVERY_S = 3600.0
# Our middleware makes the spans: FastAPI's would carry query strings, which are readers' texts.
_OWN_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: GatewaySettings) -> FastAPI:
    """The application of one gateway process."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_gateway(settings) as gateway,
            mcp_sessions(gateway.retriever, settings.site) as app.state.mcp,
        ):
            app.state.gateway = gateway
            forgetting = asyncio.create_task(_forget_regularly(gateway))
            yield
            forgetting.cancel()

    app = FastAPI(title="docs-chat", lifespan=lifespan, openapi_url=None, telemetry=_OWN_TELEMETRY)
    for routes in (chatkit, chat_completions, search, typed_search, readers, shared, markdown):
        app.include_router(routes.router)
    for routes in (operations, openapi, sites, preview, hooks):
        app.include_router(routes.router)
    app.router.routes.append(McpRoute("/mcp", McpEndpoint()))
    if STATIC.is_dir():  # after all routes, so that a wrong method on one of them is a 405 and not a missing file
        app.router.default = Pages(STATIC)
    app.openapi = functools.partial(openapi.describe, app)  # type: ignore[method-assign]  # the way FastAPI's documentation does it
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    _add_layers(app, settings)
    return app


def _add_layers(app: FastAPI, settings: GatewaySettings) -> None:
    """Innermost first."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_credentials=True,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],  # the origin decides; every SDK sends headers of its own
        expose_headers=[REQUEST_ID_KEY, "retry-after"],
        max_age=3600,
    )
    app.add_middleware(HostCheck, allowed=frozenset(settings.allowed_hosts))
    app.add_middleware(
        RequestMiddleware,
        policy=RequestPolicy(
            max_body_bytes=settings.max_body_bytes,
            own_cookie=COOKIE,
            max_head_bytes=settings.max_header_bytes,
            max_headers=settings.max_headers,
            max_path_chars=settings.max_path_chars,
            allowed_origins=frozenset(settings.allowed_origins),
        ),
    )
    app.add_middleware(OpenAIErrors)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))


async def _service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    logger.info("request failed", extra={"reason": reason_name(error.reason), "detail": error.message})
    wait_s = retry_after_s(error)
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    if http_status(error) == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="docs-chat"'
    if is_openai_path(request.url.path):
        return JSONResponse(openai_body(error), status_code=openai_status(error), headers=headers)
    return JSONResponse(error_body(error), status_code=http_status(error), headers=headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if is_openai_path(request.url.path):
        return await _service_error(request, invalid_request(error))
    violations = violations_of(error.errors())
    first = next(iter(violations.items()))
    return await _service_error(request, InvalidRequest(f"{first[0]}: {first[1]}", violations=violations))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    body = http_error_body(error.status_code, str(error.detail))
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    """A bug: Starlette logs it, and the reader gets the request id to report it with."""
    return await _service_error(request, InternalError("unexpected failure"))


async def _forget_regularly(gateway: Gateway) -> None:
    """Delete what is older than its retention, at start and every hour."""
    settings = gateway.settings
    while True:
        try:
            deleted = await gateway.records.forget(
                threads_days=settings.thread_retention_days, records_days=settings.record_retention_days
            )
            deleted += await gateway.shared.forget()
            logger.log(logging.INFO if deleted else logging.DEBUG, "old rows deleted", extra={"rows": deleted})
        except Exception:
            logger.exception("old rows could not be deleted; trying again in an hour")
        await asyncio.sleep(_FORGET_EVERY_S)
