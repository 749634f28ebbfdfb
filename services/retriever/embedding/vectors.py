"""The two kinds of vector a text becomes."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

DenseVector: TypeAlias = NDArray[np.float32]
"""An embedding: shape (dimension,), length 1."""


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term weights: parallel lists of term ids and weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]

    def __bool__(self) -> bool:
        return bool(self.indices)


def of_length_one(vector: DenseVector) -> DenseVector:
    """The vector in the same direction with length 1; a vector of zeros stays one."""
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-12))
