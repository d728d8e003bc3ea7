"""Dropout by normal factors (Srivastava et al. 2014, section 10)."""

from dataclasses import dataclass

from tfimpl.layers.gaussian_noise import Gaussian


@dataclass(frozen=True)
class GaussianDropout(Gaussian):
    """Keras: ``GaussianDropout``."""

    rate: float
    seed: int = 0

    def forward(self, weights, x):
        (state,) = weights
        deviation = (self.rate / (1 - self.rate)) ** 0.5  # (1)
        factors = self.drawn(state, x, 1, deviation)  # (2)
        return x * factors, (x, state)  # (3)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept[0], yb)  # (4)
