"""The difference of two inputs."""

from dataclasses import dataclass

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Subtract(Merge):
    """Keras: ``Subtract``."""

    def forward(self, weights, x):
        left, right = self.aligned(x)
        return left - right, x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
