"""The sum of several inputs."""

from dataclasses import dataclass

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Add(Merge):
    """Keras: ``Add``."""

    def forward(self, weights, x):
        return self.summed(self.aligned(x)), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
