"""The mean of several inputs."""

from dataclasses import dataclass

from refimpl.layers.merge import Merge


@dataclass(frozen=True)
class Average(Merge):
    """y = (x1 + x2 + ...) / n."""

    def forward(self, weights, x):
        x = self.aligned(x)
        return self.summed(x) / len(x), x  # (1)

    def backward(self, weights, kept, yb):
        return self.back_to_inputs(kept, (yb / len(kept),) * len(kept)), ()  # (2)
