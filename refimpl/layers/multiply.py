"""The product of several inputs, element by element."""

from dataclasses import dataclass
from itertools import accumulate
from operator import mul

from refimpl.layers.merge import Merge


@dataclass(frozen=True)
class Multiply(Merge):
    """y = x1 x2 ...; each input gets yb times the product of the others.

    The products are taken in the order of TensorFlow's tape: xk gets (yb xn ... x(k+1))
    times (x1 ... x(k-1)).  In another order one may overflow, or be flushed.
    """

    def forward(self, weights, x):
        x = self.aligned(x)
        products = tuple(accumulate(x, mul))
        return products[-1], (x, products)  # (1)

    def backward(self, weights, kept, yb):
        x, products = kept
        gradients = []
        for factor, before in zip(x[:0:-1], products[-2::-1]):
            gradients.append(yb * before)
            yb = self.back_to(before, yb * factor)
        return self.back_to_inputs(x, (yb, *gradients[::-1])), ()  # (2)
