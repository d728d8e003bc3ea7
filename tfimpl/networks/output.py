"""The end of a network: the last activation together with the loss."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras

from tfimpl.activations import Linear, Sigmoid, Softmax
from tfimpl.losses import (
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
    """Softmax and categorical cross-entropy, which belong together."""

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
    """A sigmoid and binary cross-entropy, which belong together."""

    activation: Any = Sigmoid()
    loss: Any = BinaryCrossentropyFromLogits()

    of_logits: ClassVar = True

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(Z, T)

    def backward(self, Z, O, T):
        return self.loss.backward(Z, T)

    def keras(self):
        return keras.losses.BinaryCrossentropy()
