"""A sample's axes in another order."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Permute(Layer):
    """x (..., batch, *shape) -> y, whose axis k is the axis ``dims[k]`` of x.

    dims: each of a sample's axes once; they are counted from 1.

    Raises ValueError for other dims.
    """

    dims: tuple

    def __post_init__(self):
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"dims={self.dims!r} are not the axes 1 to {len(self.dims)}, each once"
            )

    @property
    def output_shape(self):
        return tuple(self.input_shape[axis - 1] for axis in self.dims)

    def forward(self, weights, x):
        return self.turned(x, self.dims), None  # (1)

    def backward(self, weights, kept, yb):
        back = tuple(self.dims.index(axis) + 1 for axis in sorted(self.dims))
        return self.turned(yb, back), ()  # (2)

    def turned(self, x, dims):
        """Return x with a sample's axes in the order of dims."""
        first = x.ndim - len(dims)
        return np.transpose(x, (*range(first), *(first - 1 + axis for axis in dims)))
