"""Calls to another service: one place that turns what a stub raises into what the service raised."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import grpc

from services.runtime.errors import from_rpc_error

_Answer = TypeVar("_Answer")


@contextmanager
def calling(service: str) -> Iterator[None]:
    """Around the calls to a service.

    Args:
        service: Its name, for messages about the connection.

    Raises:
        ServiceError: As the class that the service raised; `ServiceUnreachable` when the connection itself failed.
    """
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, service=service) from error


async def answered(call: Awaitable[_Answer], service: str) -> _Answer:
    """The answer of one call; raises as `calling` does."""
    with calling(service):
        return await call
