"""The product of several inputs, element by element."""

from dataclasses import dataclass
from functools import reduce
from operator import mul

from tfimpl.layers.merge import Merge


@dataclass(frozen=True)
class Multiply(Merge):
    """Keras: ``Multiply``."""

    def forward(self, weights, x):
        return reduce(mul, self.aligned(x)), x  # (1)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (2)
