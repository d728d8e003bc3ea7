"""The perceptron (text 003, A1; Rosenblatt 1958).

    Y = 1 where X W + B > 0, else 0
    W <- W + rate X' (T - Y),  B likewise

This is descent of E = sum (Y - T) Z: the derivative of a step is 0.  With the rate 1 and
whole inputs the weights stay as many whole numbers away from their start: all is exact.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.activations import BinaryStep
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class Perceptron(Network):
    """X (..., batch, inputs) -> Y (..., batch, units), 0 or 1; W, B as in ``OneLayer``."""

    step: Any = BinaryStep()

    weight_names: ClassVar = ("W", "B")
    activation_names: ClassVar = ("Z", "Y")

    def forward(self, weights, X):
        W, B = weights
        Z = X @ W + B  # (1)
        return Z, self.step.forward(Z)  # (2)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        Z, Y = self.forward(weights, X)
        E = np.sum((Y - T) * Z, axis=(-2, -1))  # (3)
        Zb = Y - T  # (4)
        return Propagation(
            (Z, Y), E, (X.mT @ Zb, np.sum(Zb, axis=-2, keepdims=True))
        )  # (5)
