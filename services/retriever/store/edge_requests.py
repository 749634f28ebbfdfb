"""What is asked of the embedded engine, in its own words."""

from collections.abc import Iterable
from typing import Any, cast

import qdrant_edge as edge

from services.retriever.embedding.vectors import DenseVector, SparseVector
from services.retriever.store.port import DENSE, Point, VectorSearch, Where


def request_of(search: VectorSearch) -> edge.QueryRequest:
    """Ids and scores of an exact search."""
    return edge.QueryRequest(
        limit=search.limit,
        query=edge.Query.Nearest(vector_of(search.vector), using=search.using),
        filter=filter_of(search.where),
        params=edge.SearchParams(exact=True),
        with_payload=False,
    )


def vector_of(vector: DenseVector | SparseVector) -> Any:
    """A vector of either kind."""
    if isinstance(vector, SparseVector):
        return edge.SparseVector(list(vector.indices), list(vector.values))
    return vector.tolist()


def point_of(point: Point) -> edge.Point:
    """A point with its vectors."""
    vectors: dict[str, Any] = {name: vector_of(vector) for name, vector in point.sparse.items() if vector}
    if point.dense is not None:
        vectors[DENSE] = point.dense.tolist()
    return edge.Point(point.id, vectors, point.payload)


def filter_of(where: Where) -> edge.Filter:
    """Conditions that must all hold."""
    conditions: list[Any] = [
        edge.FieldCondition(key, match=edge.MatchAny(cast("list[str]", list(values))))
        for key, values in where.any_of.items()
    ]
    conditions += _ranges(where.at_most.items(), "lte")
    conditions += _ranges(where.above.items(), "gt")
    conditions += [edge.FieldCondition(key, match=edge.MatchPrefix(text)) for key, text in where.prefix.items()]
    return edge.Filter(must=conditions)


def _ranges(bounds: Iterable[tuple[str, int]], comparison: str) -> list[edge.FieldCondition]:
    return [edge.FieldCondition(key, range=edge.RangeFloat(**{comparison: float(bound)})) for key, bound in bounds]
