"""What every activation function has: a way forward and a way back."""

from typing import ClassVar

import keras

from tfimpl.counterpart import Counterpart, keras_activation


class Activation:
    """An activation; ``keras()`` is what a Keras layer takes as its ``activation``.

    It is a name or, where there are options, a function with them.
    """

    name: ClassVar[str]
    in_keras: ClassVar = Counterpart()

    def forward(self, x):
        raise NotImplementedError

    def backward(self, yb, x, y):
        raise NotImplementedError

    def keras(self):
        return keras_activation(self, keras.activations)
