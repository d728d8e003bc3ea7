"""The difference of two inputs."""

from dataclasses import dataclass

from refimpl.layers.merge import Merge


@dataclass(frozen=True)
class Subtract(Merge):
    """y = x1 - x2."""

    def forward(self, weights, x):
        left, right = x = self.aligned(x)
        return left - right, x  # (1)

    def backward(self, weights, kept, yb):
        return self.back_to_inputs(kept, (yb, -yb)), ()  # (2)
