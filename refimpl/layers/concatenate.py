"""Several inputs one behind the other."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Concatenate(Layer):
    """y has the inputs along ``axis``, which is counted with the batch as 0.

    ``input_shape`` is a tuple of shapes that differ along this axis alone.
    """

    axis: int = -1

    @property
    def place(self):
        """The axis, counted from the last."""
        rank = len(self.input_shape[0]) + 1
        return self.axis % rank - rank

    @property
    def output_shape(self):
        shape = list(self.input_shape[0])
        shape[self.place] = sum(each[self.place] for each in self.input_shape)
        return tuple(shape)

    def forward(self, weights, x):
        return np.concatenate(x, axis=self.place), x  # (1)

    def backward(self, weights, kept, yb):
        behind = (slice(None),) * (-self.place - 1)
        gradients, start = (), 0
        for shape in self.input_shape:
            end = start + shape[self.place]
            gradients += (yb[(..., slice(start, end), *behind)],)  # (2)
            start = end
        return gradients, ()
