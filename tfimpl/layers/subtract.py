"""The difference of two inputs."""

from dataclasses import dataclass

import keras

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Subtract(Merge):
    """Keras: ``Subtract``."""

    def forward(self, weights, x):
        left, right = x
        return left - right, x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)

    def keras(self, dtype):
        return keras.layers.Subtract(dtype=dtype)
