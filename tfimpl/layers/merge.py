"""Layers of several inputs: x is a tuple, and so is what flows back."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from tfimpl.functions import total
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class Merge(Layer):
    """``input_shape`` is a tuple of the inputs' shapes, which broadcast as NumPy's do."""

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
            tf.reshape(a, (*a.shape[: len(a.shape) - len(s)], *(1,) * (rank - len(s)), *s))
            for a, s in each
        )  # (1)

    def summed(self, x):
        """Return one sum of all inputs."""
        shape = np.broadcast_shapes(*(each.shape for each in x))
        first, *others = (tf.broadcast_to(each, shape) for each in x)
        return total(first, others)  # (2)
