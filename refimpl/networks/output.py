"""The end of a network: the last activation together with the loss."""

from dataclasses import dataclass
from typing import Any, ClassVar

from refimpl.activations import Linear, Sigmoid, Softmax
from refimpl.losses import (
    BinaryCrossentropyFromLogits,
    CategoricalCrossentropy,
    MeanSquaredError,
)


@dataclass(frozen=True)
class Output:
    """Any activation, and a loss of what comes out of it."""

    activation: Any = Linear()
    loss: Any = MeanSquaredError()

    of_logits: ClassVar = False  # whether the loss is one of Z, without O

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(O, T)

    def backward(self, Z, O, T):
        return self.activation.backward(self.loss.backward(O, T), Z, O)


@dataclass(frozen=True)
class SoftmaxOutput:
    """Softmax and categorical cross-entropy, which belong together.

    Their two derivatives cancel to O - T (seed 001, 417, line 29).
    """

    activation: Any = Softmax()
    loss: Any = CategoricalCrossentropy()

    of_logits: ClassVar = True

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(Z, T)

    def backward(self, Z, O, T):
        return self.loss.backward(O, T)


@dataclass(frozen=True)
class SigmoidOutput:
    """A sigmoid and binary cross-entropy, which belong together.

    Their two derivatives cancel to (O - T) / units: the delta rule w <- w + rate x (t - o)
    of seed 002, 3.12.
    """

    activation: Any = Sigmoid()
    loss: Any = BinaryCrossentropyFromLogits()

    of_logits: ClassVar = True

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(Z, T)

    def backward(self, Z, O, T):
        return self.loss.backward(Z, T)
