"""Who may enter which door: the one table, and the route class that enforces it.

A wrong credential is refused at every door that checks credentials, even where none is needed. They are ignored only
while neither API keys nor logins are configured, because OpenAI clients always send one. The page
`docs/docs/operate/access.md` says the same, and a test checks both against the doors.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.parts import Gateway
from gateway.readers.api_keys import digest_of
from gateway.readers.credentials import credential_of
from gateway.readers.reader import COOKIE, TOKEN_HEADER, Reader, ReaderKind
from gateway.reindexing.signatures import is_signed
from gateway.setting_values import named_values
from gateway.settings import GatewaySettings
from services.runtime.errors import CallerUnauthenticated


class Rule(StrEnum):
    """What a door asks for."""

    EVERYBODY = "everybody"
    """Nothing. These doors show neither pages nor questions."""
    READERS = "readers"
    """A login or an API key when logins are required; otherwise readers who are new are welcome too."""
    KNOWN_READERS = "known readers"
    """As above; once there are API keys, a key, a login or a reader's token: nobody new."""
    PROGRAMS = "programs"
    """A login or an API key, once there are API keys or logins are required."""
    SIGNED = "signed"
    """A signature with the secret of the site that the request names. Not there while no site has a hook."""
    OPERATORS = "operators"
    """The operators' token. Where none is set: open while neither API keys nor logins are configured, else closed."""


DOORS: dict[str, Rule] = {
    "/": Rule.EVERYBODY,  # the demo page and the panel's files
    "/healthz": Rule.EVERYBODY,
    "/readyz": Rule.EVERYBODY,  # only operators are told which part is missing
    "/chatkit": Rule.READERS,
    "/v1/readers": Rule.READERS,
    "/v1/readers/me": Rule.READERS,
    "/v1/threads/{thread_id}/link": Rule.READERS,
    "/v1/threads/{thread_id}/unlink": Rule.READERS,
    "/v1/shared/{token}": Rule.READERS,  # the token is the secret; who may read the docs may read it
    "/v1/search": Rule.KNOWN_READERS,
    "/v1/search/sections": Rule.KNOWN_READERS,
    "/v1/sites": Rule.KNOWN_READERS,
    "/v1/sites/{site}/llms.txt": Rule.KNOWN_READERS,
    "/v1/pages.md": Rule.KNOWN_READERS,
    "/docs": Rule.KNOWN_READERS,
    "/docs/{path:path}": Rule.KNOWN_READERS,
    "/v1/chat/completions": Rule.PROGRAMS,
    "/v1/models": Rule.PROGRAMS,
    "/v1/models/{model:path}": Rule.PROGRAMS,
    "/mcp": Rule.PROGRAMS,
    "/openapi.json": Rule.PROGRAMS,
    "/metrics": Rule.OPERATORS,
    "/hooks/site": Rule.SIGNED,
    "/hooks/site/runs/{run_id}": Rule.EVERYBODY,  # its name cannot be guessed, and only whoever signed was told it
}
"""Path of each route, as the route writes it, and its rule."""


class Door(APIRoute):
    """A route that enforces its rule; a route without a rule cannot be created."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, path = super().get_route_handler(), self.path
        if path not in DOORS:
            raise LookupError(f"{path} has no rule: add it to DOORS in {__name__}")

        async def enter_first(request: Request) -> Response:
            await enter(request, path)
            return await handle(request)

        return enter_first


async def enter(request: Request, path: str) -> None:
    """Let a request in at a door; its sender is then `request.state.reader`, None for somebody new.

    Args:
        request: The request.
        path: The door, as `DOORS` names it.

    Raises:
        CallerUnauthenticated: If a credential is wrong, or a required one is missing.
        ServiceUnreachable: If the keys of the site's login cannot be fetched.
    """
    gateway: Gateway = request.app.state.gateway
    rule = DOORS[path]
    if rule is Rule.OPERATORS and not is_operator(request):
        raise CallerUnauthenticated("this page needs the bearer token of GATEWAY_METRICS_TOKEN")
    if rule is Rule.SIGNED:
        await _check_signature(request, gateway.settings)
    if rule in (Rule.EVERYBODY, Rule.OPERATORS, Rule.SIGNED):
        return
    bearer = credential_of(request.headers) if has_credentials(gateway.settings) else ""
    token = request.headers.get(TOKEN_HEADER) or request.cookies.get(COOKIE, "")
    reader = await gateway.readers.identify(bearer=bearer, token=token)
    if problem := _refusal(rule, gateway.settings, reader):
        raise CallerUnauthenticated(problem)
    request.state.reader = reader


async def _check_signature(request: Request, settings: GatewaySettings) -> None:
    """Take note of the site a request is signed for; one without a hook is refused as a wrong signature is."""
    names = [name for name, _ in named_values(settings.hook_sites)]
    if not names:
        raise HTTPException(404, "Not Found")
    site = request.query_params.get("site") or (names[0] if len(names) == 1 else "")
    secrets = settings.hook_secrets_of(site)
    if not is_signed(request.headers, await request.body(), secrets, time.time()):
        raise CallerUnauthenticated(
            "this needs ?site=NAME and a signature with that site's secret: X-Hub-Signature-256, or webhook-id, "
            "webhook-timestamp and webhook-signature of the last five minutes"
        )
    request.state.hooked_site = site


def is_operator(request: Request) -> bool:
    """Whether the request shows the operators' token, or nothing is protected."""
    settings: GatewaySettings = request.app.state.gateway.settings
    expected = settings.metrics_token.get_secret_value()
    if not expected:
        return not has_credentials(settings)
    try:
        shown = credential_of(request.headers)
    except CallerUnauthenticated:
        return False
    return hmac.compare_digest(hashlib.sha256(shown.encode()).hexdigest(), digest_of(expected))


def has_credentials(settings: GatewaySettings) -> bool:
    """Whether there are API keys or logins: only then does a credential mean something."""
    return bool(settings.api_keys or settings.has_logins)


def _refusal(rule: Rule, settings: GatewaySettings, reader: Reader | None) -> str:
    """Why this reader may not enter; empty when they may."""
    if reader is not None and reader.kind in (ReaderKind.LOGIN, ReaderKind.PROGRAM):
        return ""
    if settings.require_login:
        return "please log in first: this site answers known readers only"
    if settings.api_keys and rule is Rule.PROGRAMS:
        return "this needs an API key, as `Authorization: Bearer …` or `x-api-key: …`, or a login"
    if settings.api_keys and rule is Rule.KNOWN_READERS and reader is None:
        return "this needs an API key, a login, or a reader's token: POST /v1/readers gives one"
    return ""
