"""What every activation function has: a way forward and a way back."""

from typing import ClassVar


class Activation:
    """An activation: ``forward(x)``, and ``backward(yb, x, y)``, which goes back.

    ``x`` is what goes in, ``y = forward(x)``, and ``yb`` the gradient of the error with
    respect to ``y``; ``backward`` returns the gradient with respect to ``x``.  All are of
    one shape, (..., batch, units), but where an activation says otherwise.

    name: as Keras has it, where it does.
    """

    name: ClassVar[str]

    def forward(self, x):
        raise NotImplementedError

    def backward(self, yb, x, y):
        raise NotImplementedError
