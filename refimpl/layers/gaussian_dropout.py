"""Dropout by normal factors (Srivastava et al. 2014, section 10)."""

from dataclasses import dataclass

from refimpl.checks import fraction, positive
from refimpl.layers.gaussian_noise import Gaussian


@dataclass(frozen=True)
class GaussianDropout(Gaussian):
    """y = x n, n normal around 1 with the variance rate / (1 - rate), as Dropout's factors.

    Raises ValueError for a rate that is not above 0 and below 1.
    """

    rate: float
    seed: int = 0

    def __post_init__(self):
        fraction("rate", positive("rate", self.rate))

    def forward(self, weights, x):
        (state,) = weights
        deviation = (self.rate / (1 - self.rate)) ** 0.5  # (1)
        factors = self.drawn(state, x, 1, deviation)  # (2)
        return x * factors, (factors, state)  # (3)

    def backward(self, weights, kept, yb):
        factors, _ = kept
        return yb * factors, ()  # (4)
