"""What every constraint has: a way forward."""

from typing import ClassVar

import keras

from tfimpl.counterpart import Counterpart, keras_object
from tfimpl.keras_axes import keras_axis


class Constraint:
    """What a step may not leave a weight as; ``keras(axes)`` gives Keras's own."""

    in_keras: ClassVar = Counterpart(without=("axis",))

    def forward(self, w):
        """Return the matrix w as a step leaves it."""
        raise NotImplementedError

    def keras(self, axes):
        """Return Keras's own, for a variable of so many axes."""
        axis = {"axis": keras_axis(self.axis, axes)} if hasattr(self, "axis") else {}
        return keras_object(self, keras.constraints, **axis)
