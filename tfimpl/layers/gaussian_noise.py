"""Noise on what flows through, drawn anew in each step."""

from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

from tfimpl.layers.layer import Layer
from tfimpl.random import normal


@dataclass(frozen=True)
class Gaussian(Layer):
    """The base of layers that draw a normal number for each of x."""

    state_names: ClassVar = ("seed_generator_state",)
    passes_mask: ClassVar = True

    def start_states(self):
        return (tf.constant([[self.seed, 0.0]]),)

    def next_states(self, kept):
        return (kept[-1] + tf.constant([[0.0, 1.0]], kept[-1].dtype),)  # (1)

    def drawn(self, state, x, mean, deviation):
        """Return a normal number for each of x."""
        seed = tf.cast(state, tf.int64)[..., 0, :]
        return normal(seed, tf.zeros_like(x)) * deviation + mean  # (2)


@dataclass(frozen=True)
class GaussianNoise(Gaussian):
    """Keras: ``GaussianNoise``."""

    stddev: float
    seed: int = 0

    def forward(self, weights, x):
        (state,) = weights
        return x + self.drawn(state, x, 0, self.stddev), (x, state)  # (3)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[0], yb)  # (4)
