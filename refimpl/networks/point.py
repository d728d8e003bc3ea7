"""A single number p that descends its error parabola (seed 001, 421-434)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.losses import HalfSquaredError
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Point(Network):
    """E(p) = 1/2 (p - t)^2 with the target t = -2: E = 1/2 (p + 2)^2.

    There is no input; ``X`` only gives the shape, (..., 1, 1), of p and t.
    """

    loss: Any = HalfSquaredError()

    weight_names: ClassVar = ("p",)
    activation_names: ClassVar = ("Y",)

    def forward(self, weights, X):
        (p,) = weights
        Y = p  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradient dE/dp."""
        (Y,) = self.forward(weights, X)
        E = self.loss.forward(Y, T)  # (2)
        pb = self.loss.backward(Y, T)  # (3)
        return Propagation((Y,), E, (pb,))
