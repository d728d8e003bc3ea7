"""Noise on what flows through, drawn anew in each step."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from refimpl.checks import positive
from refimpl.layers.layer import Layer
from refimpl.random import normal


@dataclass(frozen=True)
class Gaussian(Layer):
    """The base of layers that draw a normal number for each of x.

    seed: as in ``Dropout``.
    """

    state_names: ClassVar = ("seed_generator_state",)
    passes_mask: ClassVar = True

    def start_states(self):
        return (np.array([[self.seed, 0.0]]),)

    def next_states(self, kept):
        return (kept[-1] + np.array([[0.0, 1.0]]),)  # (1)

    def drawn(self, state, x, mean, deviation):
        """Return a normal number for each of x."""
        seed = state.astype(np.int64)[..., 0, :]
        return normal(seed, np.zeros_like(x)) * deviation + mean  # (2)


@dataclass(frozen=True)
class GaussianNoise(Gaussian):
    """y = x + n, n normal around 0.

    stddev: the standard deviation of n, above 0.
    """

    stddev: float
    seed: int = 0

    def __post_init__(self):
        positive("stddev", self.stddev)

    def forward(self, weights, x):
        (state,) = weights
        return x + self.drawn(state, x, 0, self.stddev), (state,)  # (3)

    def backward(self, weights, kept, yb):
        return yb, ()  # (4)
