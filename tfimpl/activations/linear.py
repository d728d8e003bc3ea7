"""Linear activation: y = x (seed 001, 411)."""

from tfimpl.activations.activation import Activation


class Linear(Activation):
    """Keras: ``activation="linear"``, what a ``Dense`` layer has by itself."""

    name = "linear"

    def forward(self, x):
        return x  # (1)

    def backward(self, yb, x, y):
        return yb  # (2)
