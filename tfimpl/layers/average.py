"""The mean of several inputs."""

from dataclasses import dataclass

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Average(Merge):
    """Keras: ``Average``."""

    def forward(self, weights, x):
        return self.summed(self.aligned(x)) / len(x), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
