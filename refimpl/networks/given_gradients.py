"""A loss whose gradients are given: optimizers are compared on the same gradients.

E = sum of w * g over all weights, so dE/dw is g, whatever w is.  The gradients of one
step are its inputs: all weights' gradients flat, one after the other.
"""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from refimpl.networks.network import Network, Propagation


@dataclass(frozen=True)
class GivenGradients(Network):
    """X of the shape (..., 1, numbers) -> Y, the sum of w * g, (..., 1, 1).

    shapes: the shape of each weight as Keras has it, of any rank.  Here a weight is a
        matrix: a number is (1, 1), a vector one row, and of more axes than two all but
        the last are one.
    """

    shapes: tuple

    activation_names: ClassVar = ("Y",)

    @property
    def weight_names(self):
        return tuple(f"w{k}" for k in range(1, len(self.shapes) + 1))

    @property
    def matrices(self):
        """The shapes of the weights as matrices, (rows, columns)."""
        return tuple(
            (prod(shape[:-1]), shape[-1]) if shape else (1, 1) for shape in self.shapes
        )

    def gradients(self, X):
        """Return the gradients that X holds, in the shapes of the weights."""
        gradients, begin = (), 0
        for rows, columns in self.matrices:
            end = begin + rows * columns
            flat = X[..., 0, begin:end]
            gradients += (flat.reshape(*X.shape[:-2], rows, columns),)
            begin = end
        return gradients

    def forward(self, weights, X):
        Y = 0
        for weight, gradient in zip(weights, self.gradients(X)):
            Y = Y + np.sum(weight * gradient, axis=(-2, -1), keepdims=True)  # (1)
        return (Y,)

    def propagate(self, weights, X, T):
        """Return the activations, the error and the gradients."""
        (Y,) = self.forward(weights, X)
        E = np.sum(Y, axis=(-2, -1))  # (2)
        return Propagation((Y,), E, self.gradients(X))  # (3)
