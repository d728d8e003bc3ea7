"""Layers of several inputs: x is a tuple, and so is what flows back."""

from dataclasses import dataclass

import numpy as np

from refimpl.functions import total
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class Merge(Layer):
    """``input_shape`` is a tuple of the inputs' shapes, which broadcast as NumPy's do.

    An input of fewer axes than another one has axes of 1 behind the batch, as Keras has it.
    Where an input has one sample alone, that one stands beside every sample of the others.

    Raises ValueError for shapes that do not broadcast.
    """

    def build(self, input_shape):
        try:
            np.broadcast_shapes(*input_shape)
        except ValueError:
            words = f"inputs to be merged have shapes that differ: {input_shape}"
            raise ValueError(words) from None
        return super().build(input_shape)

    @property
    def output_shape(self):
        return np.broadcast_shapes(*self.input_shape)

    def aligned(self, x):
        """Return the inputs with as many axes each."""
        rank = len(self.output_shape)
        each = zip(x, self.input_shape)
        return tuple(
            a.reshape(*a.shape[: a.ndim - len(s)], *(1,) * (rank - len(s)), *s)
            for a, s in each
        )  # (1)

    def summed(self, x):
        """Return one sum of all inputs."""
        first, *others = np.broadcast_arrays(*x)
        return total(first, others)  # (2)

    def back_to(self, x, yb):
        """Return the gradient of x, a sum of those of what x was broadcast to."""
        sizes = zip(x.shape, yb.shape)
        axes = tuple(k for k, (narrow, wide) in enumerate(sizes) if narrow < wide)
        return np.sum(yb, axis=axes, keepdims=True) if axes else yb

    def back_to_inputs(self, x, gradients):
        """Return the gradients of aligned inputs x as those of the inputs."""
        rank, each = len(self.output_shape), zip(x, gradients, self.input_shape)
        return tuple(
            self.back_to(a, g).reshape(*a.shape[: a.ndim - rank], *shape)
            for a, g, shape in each
        )
