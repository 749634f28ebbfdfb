"""What a call to another service fails with."""

from collections.abc import AsyncIterator

import grpc
import pytest

from services.runtime.calls import calling
from services.runtime.errors import ServiceUnreachable


def unreachable() -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())


async def test_what_the_stub_raises_names_the_service() -> None:
    with pytest.raises(ServiceUnreachable, match="retriever") as caught, calling("retriever"):
        raise unreachable()
    assert isinstance(caught.value.__cause__, grpc.aio.AioRpcError)


async def test_other_failures_pass_as_they_are() -> None:
    with pytest.raises(ValueError, match="ours"), calling("retriever"):
        raise ValueError("ours")


async def test_a_stream_that_is_left_early_ends_without_a_failure() -> None:
    async def events() -> AsyncIterator[int]:
        with calling("agent"):
            yield 1
            raise unreachable()

    stream = events()
    assert await anext(stream) == 1
    await stream.aclose()  # type: ignore[attr-defined]
