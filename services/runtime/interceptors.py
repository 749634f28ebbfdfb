"""What happens around every call a server gets: identity, deadline, limit, trace, log; errors become statuses."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from opentelemetry import propagate, trace
from opentelemetry.context import attach

from services.runtime.callers import Caller, Callers
from services.runtime.channels import TOKEN_KEY
from services.runtime.errors import (
    CallerUnauthenticated,
    DeadlineExceeded,
    InternalError,
    Overloaded,
    PermissionDenied,
    ServiceError,
    reason_name,
    to_status,
)
from services.runtime.permissions import required_permission
from services.runtime.request_context import REQUEST_ID_KEY, adopt_request_id, current_request_id
from services.runtime.telemetry import CALL_SECONDS, CALLS, tracer

logger = logging.getLogger(__name__)

# Health checks come every few seconds, from orchestrators that have no token: they need neither token nor log line.
_OPEN_SERVICES = ("grpc.health.v1.",)
# Reflection shows the contract, so it is for callers, whatever they may do.
_FOR_ALL_CALLERS = ("/grpc.reflection.",)

_closing: "set[asyncio.Task[None]]" = set()

_Handler: TypeAlias = Any  # grpc's stubs do not agree with its own handler type
_Continuation: TypeAlias = Callable[[grpc.HandlerCallDetails], Awaitable[_Handler | None]]


class CallInterceptor(grpc.aio.ServerInterceptor):
    """The one interceptor of our servers.

    Args:
        service: Short name of the service, in metrics and logs.
        callers: Whose tokens are known.
        default_deadline_s: Limit of a call whose caller set none, in seconds.
        max_concurrent_calls: Calls in flight beyond which new ones are refused.
    """

    def __init__(self, service: str, *, callers: Callers, default_deadline_s: float, max_concurrent_calls: int) -> None:
        self._service = service
        self._callers = callers
        self._default_deadline_s = default_deadline_s
        self._max_concurrent_calls = max_concurrent_calls
        self._in_flight = 0

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> _Handler | None:
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.lstrip("/").startswith(_OPEN_SERVICES):
            return handler
        pairs = handler_call_details.invocation_metadata or ()
        metadata = {key: value for key, value in pairs if isinstance(value, str)}
        call = _Call(self, method, metadata)
        return _rewrap(handler, call)

    def admit(self, method: str, caller: Caller | None) -> None:
        """Raise unless the caller may be served now."""
        if caller is None:
            raise CallerUnauthenticated("the caller's token is missing or wrong; set DOCS_CHAT_CALLER_TOKEN")
        if not method.startswith(_FOR_ALL_CALLERS):
            _check_permission(method, caller)
        if self._in_flight > self._max_concurrent_calls:  # the call itself is counted already
            raise Overloaded(f"{self._max_concurrent_calls} calls are in flight already", retry_after_s=1.0)

    def caller(self, metadata: dict[str, str], context: grpc.aio.ServicerContext[Any, Any]) -> Caller | None:
        """Who calls; None when the token is missing or wrong."""
        if not self._callers.are_asked:
            return Caller(_certificate_name(context))
        scheme, _, token = metadata.get(TOKEN_KEY, "").partition(" ")
        return self._callers.find(token.strip()) if scheme.lower() == "bearer" else None

    def deadline_s(self, context: grpc.aio.ServicerContext[Any, Any]) -> float:
        """Seconds the call may take from now."""
        remaining = context.time_remaining()  # an enormous number, or None, when the caller set no deadline
        return self._default_deadline_s if remaining is None or remaining > 86_400 else remaining

    def entered(self) -> None:
        self._in_flight += 1

    def left(
        self, method: str, caller: Caller | None, code: grpc.StatusCode, seconds: float, error: BaseException | None
    ) -> None:
        self._in_flight -= 1
        CALLS.labels(self._service, method, code.name).inc()
        CALL_SECONDS.labels(self._service, method).observe(seconds)
        facts: dict[str, object] = {"method": method, "code": code.name, "ms": round(seconds * 1000, 1)}
        if caller is not None and caller.name:
            facts["caller"] = caller.name
        if isinstance(error, ServiceError):
            facts["reason"] = reason_name(error.reason)
        logger.info("call served", extra=facts)


class _Call:
    """One call being served; each call has its own, so it may keep state."""

    def __init__(self, owner: CallInterceptor, method: str, metadata: dict[str, str]) -> None:
        self._owner = owner
        self._full_method = method
        self._method = method.rsplit("/", 1)[-1]
        self._metadata = metadata

    async def stream(
        self,
        behaviour: Callable[..., AsyncGenerator[Any, None]],
        request: Any,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncGenerator[Any, None]:
        """Serve a call, yielding its messages; a failure ends it with its status."""
        adopt_request_id(self._metadata.get(REQUEST_ID_KEY))
        started, code, error = time.perf_counter(), grpc.StatusCode.OK, None
        caller = self._owner.caller(self._metadata, context)
        parent = propagate.extract(self._metadata)
        span = tracer().start_span(self._method, context=parent, kind=trace.SpanKind.SERVER)
        self._owner.entered()
        try:
            # Not detached at the end: the context is the call's own, and a caller who leaves ends it from another.
            attach(trace.set_span_in_context(span))
            self._owner.admit(self._full_method, caller)
            async with (
                asyncio.timeout(self._owner.deadline_s(context)),
                contextlib.aclosing(behaviour(request, context)) as responses,
            ):
                async for response in responses:
                    yield response
        except ServiceError as failure:
            code, error = failure.code, failure
        except TimeoutError:
            error = DeadlineExceeded("the call's deadline passed")
            code = error.code
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception:
            logger.exception("call failed unexpectedly", extra={"method": self._method})
            error = InternalError("internal error; the server's log has it", request_id=current_request_id())
            code = error.code
        finally:
            span.end()
            self._owner.left(self._method, caller, code, time.perf_counter() - started, error)
        if error is not None:
            await context.abort_with_status(to_status(error))


def _check_permission(method: str, caller: Caller) -> None:
    permission = required_permission(method)
    if permission is None:
        raise PermissionDenied("the contract of this method declares no permission, so nobody may call it")
    if permission not in caller.permissions:
        raise PermissionDenied(
            f"the caller {caller.name} may not {permission.value}; give it that permission in DOCS_CHAT_CALLERS",
            permission=permission.value,
            caller=caller.name,
        )


def _certificate_name(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """What the client's certificate calls its owner; empty when it showed none."""
    shown = context.auth_context()
    names = shown.get("x509_subject_alternative_name") or shown.get("x509_common_name") or ()
    return next((name.decode(errors="replace")[:64] for name in names), "")


def _rewrap(handler: _Handler, call: _Call) -> _Handler:
    """The same handler with `call` around its behaviour, whatever its shape."""
    if handler.response_streaming:
        inner = handler.stream_stream if handler.request_streaming else handler.unary_stream

        async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
            responses = call.stream(inner, request, context)
            # A caller who leaves while a message is being written leaves the generator behind, suspended: close it.
            context.add_done_callback(lambda _: _close_soon(responses))
            async for response in responses:
                yield response

        return _maker(handler, "stream")(stream, handler.request_deserializer, handler.response_serializer)
    behaviour = handler.stream_unary if handler.request_streaming else handler.unary_unary

    async def as_stream(request: Any, context: Any) -> AsyncGenerator[Any, None]:
        yield await behaviour(request, context)

    async def unary(request: Any, context: Any) -> Any:
        responses = [response async for response in call.stream(as_stream, request, context)]
        return responses[0]

    return _maker(handler, "unary")(unary, handler.request_deserializer, handler.response_serializer)


def _close_soon(responses: AsyncGenerator[Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(_closed(responses))
    _closing.add(task)  # the loop itself keeps only weak references
    task.add_done_callback(_closing.discard)


async def _closed(responses: AsyncGenerator[Any, None]) -> None:
    with contextlib.suppress(RuntimeError):  # it is running, so its own cancellation ends it
        await responses.aclose()


def _maker(handler: _Handler, response: str) -> Callable[..., _Handler]:
    request = "stream" if handler.request_streaming else "unary"
    maker: Callable[..., _Handler] = getattr(grpc, f"{request}_{response}_rpc_method_handler")
    return maker
