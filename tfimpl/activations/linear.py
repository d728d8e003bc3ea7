"""Linear activation: y = x (seed 001, 411)."""

from typing import ClassVar

from tfimpl.activations.activation import Activation
from tfimpl.counterpart import Counterpart


class Linear(Activation):
    """Keras: ``activation="linear"``, as a ``Dense`` layer has, or ``Identity``."""

    name = "linear"
    in_keras: ClassVar = Counterpart(also=("Identity",))

    def forward(self, x):
        return x  # (1)

    def backward(self, yb, x, y):
        return yb  # (2)
