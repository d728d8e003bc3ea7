"""Dropout (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, section 4)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.checks import fraction, positive
from refimpl.layers.layer import Layer
from refimpl.random import uniform


@dataclass(frozen=True)
class Dropout(Layer):
    """y = x / (1 - rate) where a random number is ``rate`` or more, else 0.

    Scaled while training instead of afterwards, as the paper's section 10 has it.

    rate: the fraction that is dropped, above 0 and below 1.
    noise_shape: of the random numbers, with the batch; None is an axis's own size.
    seed: of the generator, whose state is [seed, how often it was drawn from]; to be held
        in a float32 it must be below 2^24.

    Raises ValueError for a rate out of range.
    """

    rate: float
    noise_shape: Any = None
    seed: int = 0

    state_names: ClassVar = ("seed_generator_state",)
    passes_mask: ClassVar = True

    def __post_init__(self):
        fraction("rate", positive("rate", self.rate))

    def start_states(self):
        return (np.array([[self.seed, 0.0]]),)

    def next_states(self, kept):
        _, state = kept
        return (state + np.array([[0.0, 1.0]]),)  # (1)

    def keeps(self, state, x):
        """Return which numbers are kept: of the size of x, or 1 along an axis."""
        sizes = x.shape[-len(self.input_shape) - 1 :]
        noise = self.noise_shape or (None,) * len(sizes)
        shape = tuple(size if n is None else n for size, n in zip(sizes, noise))
        seed = state.astype(np.int64)[..., 0, :]
        return self.numbers(seed, shape, x.dtype) >= self.rate  # (2)

    def numbers(self, seed, shape, dtype):
        """Return the random numbers of a seed."""
        return uniform(seed, shape, dtype)

    def forward(self, weights, x):
        (state,) = weights
        keep = self.keeps(state, x)
        scale = 1 / (1 - self.rate)  # (3)
        return np.where(keep, x * scale, 0), (keep, state)  # (4)

    def backward(self, weights, kept, yb):
        keep, _ = kept
        scale = 1 / (1 - self.rate)
        return np.where(keep, yb * scale, 0), ()  # (5)
