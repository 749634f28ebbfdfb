"""What is asked of a Qdrant server, in the words of its client."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, cast

import grpc
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ApiException

from services.retriever.embedding.vectors import DenseVector, SparseVector
from services.retriever.store.port import DENSE, HIT_FIELDS, Point, VectorSearch, Where
from services.runtime.errors import IndexUnavailable

_PAGE = 512
"""Points read in one call."""
_Result = TypeVar("_Result")


async def answer_of(call: Awaitable[_Result]) -> _Result:
    """The answer of the server; whatever goes wrong on the way as `IndexUnavailable`."""
    try:
        return await call
    except (ApiException, grpc.aio.AioRpcError, OSError, ValueError, RuntimeError) as error:
        first_line = str(error).strip().partition("\n")[0][:200]
        raise IndexUnavailable(f"the Qdrant server failed: {first_line}", retry_after_s=1.0) from error


async def scroll(client: AsyncQdrantClient, collection: str, where: Where, **wanted: Any) -> list[models.Record]:
    """All points that match, page after page; `wanted` says which payload and vectors come along."""
    found: list[models.Record] = []
    offset: Any = None
    while True:
        page = client.scroll(collection, filter_of(where), limit=_PAGE, offset=offset, **wanted)
        records, offset = await answer_of(page)
        found += records
        if offset is None:
            return found


def request_of(search: VectorSearch) -> models.QueryRequest:
    """Ids, scores and pages of one search."""
    return models.QueryRequest(
        query=vector_of(search.vector),
        using=search.using,
        filter=filter_of(search.where),
        limit=search.limit,
        with_payload=list(HIT_FIELDS),
    )


def vector_of(vector: DenseVector | SparseVector) -> Any:
    """A vector of either kind."""
    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=list(vector.indices), values=list(vector.values))
    return vector.tolist()


def point_of(point: Point) -> models.PointStruct:
    """A point with its vectors."""
    vectors: dict[str, Any] = {name: vector_of(vector) for name, vector in point.sparse.items() if vector}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return models.PointStruct(id=point.id, vector=vectors, payload=point.payload)


def filter_of(where: Where) -> models.Filter:
    """Conditions that must all hold."""
    conditions = [
        models.FieldCondition(key=key, match=models.MatchAny(any=cast("list[str]", list(values))))
        for key, values in where.any_of.items()
    ]
    conditions += _ranges(where.at_most.items(), lambda bound: models.Range(lte=bound))
    conditions += _ranges(where.above.items(), lambda bound: models.Range(gt=bound))
    conditions += [
        models.FieldCondition(key=key, match=models.MatchPrefix(prefix=text)) for key, text in where.prefix.items()
    ]
    return models.Filter(must=list(conditions))


def _ranges(
    bounds: Iterable[tuple[str, int]], comparison: Callable[[float], models.Range]
) -> list[models.FieldCondition]:
    return [models.FieldCondition(key=key, range=comparison(float(bound))) for key, bound in bounds]
