"""`GET /openapi.json`: the signatures of the routes, and ChatKit's bodies, who may call, every status.

FastAPI sees only a route's parameters: not the bodies that ChatKit's SDK reads, not answers that are streams, and not
what the layers in front of the routes refuse.
"""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from gateway.chatkit.remarks import ACTION, MAX_TEXT, Reason
from gateway.readers.reader import COOKIE, TOKEN_HEADER
from gateway.routes.doors import Door
from services.runtime.errors import ServiceError, reason_name

router = APIRouter(route_class=Door)

_JSON = "application/json"
_STREAM = "text/event-stream"
_OPERATORS = ("/healthz", "/readyz", "/metrics")
_STATUSES = {
    "400": "The request is not valid; `violations` names the fields.",
    "401": "The token is wrong, or one is needed.",
    "403": "Pages of this origin, or this caller, may not use the service.",
    "404": "Not found.",
    "408": "The request did not arrive in time.",
    "413": "The body is too large.",
    "414": "The address is too long.",
    "421": "The service does not answer to this host name.",
    "429": "Too many requests; `Retry-After` says when to return.",
    "431": "The headers are too large.",
    "500": "A fault on our side; the request id finds it in the log.",
    "503": "A part that is needed does not answer.",
    "504": "A part that is needed did not answer in time.",
}
_EVERYWHERE = ("400", "403", "408", "413", "414", "421", "431", "500")
_ERROR = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string", "description": "For a person to read."},
        "reason": {"type": "string", "example": reason_name(ServiceError.reason)},
        "request_id": {"type": "string", "description": "Names this request in our log."},
        "violations": {"type": "object", "additionalProperties": {"type": "string"}},
        "error": {
            "type": "object",
            "description": "The same for OpenAI's clients.",
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "code": {"type": ["string", "null"]},
                "param": {"type": ["string", "null"]},
            },
        },
    },
}
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or a login of the site (JWT). Needed as the gateway's settings say.",
    },
    "reader_token": {"type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": "From POST /v1/readers."},
    "reader_cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
_EVENTS = {"description": "Events: `data: ` and JSON."}
_TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}
_TITLE = {"type": "string", "pattern": "^[A-Za-z0-9][^\\u0000]*$", "maxLength": 200}


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """What programs can call, for generators of clients."""
    return JSONResponse(request.app.openapi())


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        components = document.setdefault("components", {})
        components["securitySchemes"] = _SCHEMES
        components.setdefault("schemas", {})["Error"] = _ERROR
        document["paths"]["/chatkit"]["post"] |= _chatkit()
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _complete(path, operation)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Who may call it, and how it can end."""
    if path in _OPERATORS:
        operation["security"] = [{}, {"bearer": []}] if path == "/metrics" else []
    else:
        operation["security"] = [{}, *({name: []} for name in _SCHEMES)]
    responses = operation["responses"]
    responses.pop("422", None)  # ours is 400
    often = () if path == "/healthz" else ("401", "404", "429", "503", "504")
    for status in (*_EVERYWHERE, *often):
        responses.setdefault(status, _failure(status))
    for status in ("401", "429", "503"):
        if status in responses:
            responses[status]["headers"] = {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
            }
    if path == "/metrics":
        responses["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    if path == "/readyz":
        responses["503"] = {"description": "Something is missing.", "content": {_JSON: {"schema": {"type": "object"}}}}
    if path == "/v1/chat/completions":
        responses["200"]["content"] = {_JSON: {"schema": {"type": "object"}}, _STREAM: {"schema": _EVENTS}}


def _failure(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": _STATUSES[status], "content": {_JSON: {"schema": schema}}}


def _chatkit() -> dict[str, Any]:
    served = [_kind(name, params) for name, params in _ANSWERED.items()]
    streamed = [_streamed_kind(name, params) for name, params in _STREAMED.items()]
    content = {_JSON: {"schema": {"type": "object"}}, _STREAM: {"schema": _EVENTS}}
    return {
        "requestBody": {"required": True, "content": {_JSON: {"schema": {"oneOf": served + streamed}}}},
        "responses": {"200": {"description": "JSON, or a stream of ChatKit's events.", "content": content}},
    }


def _kind(name: str, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": name,
        "required": ["type", "params"],
        "properties": {"type": {"const": name}, "params": params},
    }


def _streamed_kind(name: str, params: dict[str, Any]) -> dict[str, Any]:
    """Errors in these are told as an event of the stream: ChatKit's client shows no others."""
    told = {"description": "Anything but the first form ends in an `error` event.", "anyOf": [params, {}]}
    return {
        "type": "object",
        "title": name,
        "required": ["type"],
        "properties": {"type": {"const": name}, "params": told},
    }


def _params(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_PAGE: dict[str, Any] = {
    "limit": {"type": ["integer", "null"], "minimum": 1, "description": "Rows of one page; at most 100 are given."},
    "order": {"enum": ["asc", "desc"], "default": "desc"},
}
_NEXT = {
    "description": "`after` takes the cursor of the page before and goes on from there; other values are refused (400)."
}
_QUESTION = _params(
    ("content", "attachments", "inference_options"),
    content={"type": "array", "items": _params(("type", "text"), type={"const": "input_text"}, text=_TEXT)},
    quoted_text={"type": ["string", "null"]},
    attachments={"type": "array", "maxItems": 0},
    inference_options={"type": "object", "description": "Not read: the operators choose models and tools."},
)
_REMARK = _params(
    ("type", "payload"),
    type={"const": ACTION},
    payload=_params(("reason",), reason={"enum": [*Reason]}, text=_TEXT | {"maxLength": MAX_TEXT})
    | {"additionalProperties": False},
)
_ANSWERED = {
    "threads.list": _params(**_PAGE) | _NEXT,
    "threads.get_by_id": _params(("thread_id",), thread_id=_TEXT),
    "items.list": _params(("thread_id",), thread_id=_TEXT, **_PAGE) | _NEXT,
    "threads.update": _params(("thread_id", "title"), thread_id=_TEXT, title=_TITLE),
    "threads.delete": _params(("thread_id",), thread_id=_TEXT),
    "items.feedback": _params(
        ("thread_id", "item_ids", "kind"),
        thread_id=_TEXT,
        item_ids={"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100},
        kind={"enum": ["positive", "negative"]},
    ),
    "threads.sync_custom_action": _params(
        ("thread_id", "item_id", "action"), thread_id=_TEXT, item_id=_TEXT | {"minLength": 1}, action=_REMARK
    ),
}
_STREAMED = {
    "threads.create": _params(("input",), input=_QUESTION),
    "threads.add_user_message": _params(("thread_id", "input"), thread_id=_TEXT, input=_QUESTION),
    "threads.retry_after_item": _params(("thread_id", "item_id"), thread_id=_TEXT, item_id=_TEXT),
}
