"""Parts of large arrays that are computed one after the other.

What some passes over a part make stays in the processor's cache; over a whole tensor each pass
would fetch all of it from memory.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

# Numbers of a part: a handful of float64 arrays of as many fit a core's cache.
SIZE = 1 << 15


def boxes(shape) -> Iterator[tuple]:
    """Return index ranges that cut a shape into parts of SIZE numbers, or one row."""
    axis = next((k for k in range(len(shape)) if prod(shape[k + 1 :]) <= SIZE), len(shape) - 1)
    rows = max(SIZE // max(prod(shape[axis + 1 :]), 1), 1)
    rest = tuple(slice(0, n) for n in shape[axis + 1 :])
    for index in np.ndindex(*shape[:axis]):
        before = tuple(slice(i, i + 1) for i in index)
        for start in range(0, shape[axis], rows):
            yield (*before, slice(start, min(start + rows, shape[axis])), *rest)
