"""A network of radial basis functions (text 003, A1; Broomhead and Lowe 1988).

d_bj = |x_b - c_j|^2              the squared distance from each centre
H_bj = exp(-d_bj / (2 width^2))
O = H W + B
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refimpl.losses import MeanSquaredError
from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class RadialBasis(Network):
    """X (..., batch, features) -> O (..., batch, units); the centres learn, too.

    C (..., centres, features), W (..., centres, units), B (..., 1, units).
    """

    width: float = 1.0
    loss: Any = MeanSquaredError()

    weight_names: ClassVar = ("C", "W", "B")
    activation_names: ClassVar = ("distances", "H", "O")

    def apart(self, C, X):
        """Return x_b - c_j, (..., batch, centres, features)."""
        return X[..., :, None, :] - C[..., None, :, :]  # (1)

    def forward(self, weights, X):
        C, W, B = weights
        distances = np.sum(np.square(self.apart(C, X)), axis=-1)  # (2)
        H = np.exp(-distances / (2 * self.width * self.width))  # (3)
        return distances, H, H @ W + B  # (4)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        C, W, _ = weights
        distances, H, O = self.forward(weights, X)
        E = self.loss.forward(O, T)  # (5)
        Ob = self.loss.backward(O, T)  # (6)
        distancesb = -(Ob @ W.mT) * H / (2 * self.width * self.width)  # (7)
        Cb = np.sum(-2 * distancesb[..., None] * self.apart(C, X), axis=-3)  # (8)
        gradients = Cb, H.mT @ Ob, np.sum(Ob, axis=-2, keepdims=True)  # (9)
        return Propagation((distances, H, O), E, gradients)
