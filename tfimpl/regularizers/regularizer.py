"""What every regularizer has: a way forward and a way back."""

from typing import ClassVar

import keras

from tfimpl.counterpart import Counterpart, keras_object


class Regularizer:
    """A penalty on the size of a weight, or of what a layer puts out."""

    in_keras: ClassVar = Counterpart()

    def forward(self, w):
        """Return the penalty of a matrix, (...): one number a net."""
        raise NotImplementedError

    def backward(self, yb, w):
        """Return the gradient times yb in parts, one for each term of the penalty."""
        raise NotImplementedError

    def keras(self):
        return keras_object(self, keras.regularizers)
