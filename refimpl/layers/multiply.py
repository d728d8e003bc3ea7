"""The product of several inputs, element by element."""

from dataclasses import dataclass
from functools import reduce
from operator import mul

from refimpl.layers.merge import Merge


@dataclass(frozen=True)
class Multiply(Merge):
    """y = x1 x2 ...; each input gets yb times the product of the others."""

    def forward(self, weights, x):
        return reduce(mul, x), x  # (1)

    def backward(self, weights, kept, yb):
        x = kept
        others = ((*x[:k], *x[k + 1 :]) for k in range(len(x)))
        return tuple(reduce(mul, each, yb) for each in others), ()  # (2)
