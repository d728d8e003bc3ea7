"""What every schedule has: its rate."""

from typing import ClassVar

import keras

from tfimpl.counterpart import Counterpart, keras_object


class Schedule:
    """A learning rate that changes from step to step; ``keras()`` gives Keras's own."""

    in_keras: ClassVar = Counterpart()

    def rate(self, iterations):
        """Return the learning rate of a step, of how many were taken before it."""
        raise NotImplementedError

    def keras(self):
        return keras_object(self, keras.optimizers.schedules)
