"""Dropout (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, section 4)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.random import uniform


@dataclass(frozen=True)
class Dropout(Layer):
    """Keras: ``Dropout``."""

    rate: float
    noise_shape: Any = None
    seed: int = 0

    state_names: ClassVar = ("seed_generator_state",)
    passes_mask: ClassVar = True

    def start_states(self):
        return (tf.constant([[self.seed, 0.0]]),)

    def next_states(self, kept):
        _, state = kept
        return (state + tf.constant([[0.0, 1.0]], state.dtype),)  # (1)

    def keeps(self, state, x):
        """Return which numbers are kept: of the size of x, or 1 along an axis."""
        sizes = x.shape[-len(self.input_shape) - 1 :]
        noise = self.noise_shape or (None,) * len(sizes)
        shape = tuple(size if n is None else n for size, n in zip(sizes, noise))
        seed = tf.cast(state, tf.int64)[..., 0, :]
        return self.numbers(seed, shape, x.dtype) >= self.rate  # (2)

    def numbers(self, seed, shape, dtype):
        """Return the random numbers of a seed."""
        return uniform(seed, shape, dtype)

    def forward(self, weights, x):
        (state,) = weights
        keep = self.keeps(state, x)
        scale = 1 / (1 - self.rate)  # (3)
        return tf.where(keep, x * scale, tf.zeros_like(x)), (x, state)  # (4)

    def backward(self, weights, kept, yb):
        x, _ = kept
        return self.pull_back(weights, x, yb)  # (5)
