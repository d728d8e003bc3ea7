"""Penalties on the weights and the outputs of any layer (Dense has them itself)."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf

from tfimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Regularized(Wrapper):
    """Keras: a layer with ``kernel_regularizer``, ``bias_regularizer`` and their kin."""

    penalties_of: tuple

    in_keras: ClassVar = None

    @property
    def activity(self):
        """The regularizer of the outputs, or None."""
        return dict(self.penalties_of).get("activity")

    @property
    def sparse_names(self):
        each = zip(self.inner.weight_names, self.of_weights(self.penalties_of))
        whole = {name for name, penalty in each if penalty}
        return tuple(name for name in self.inner.sparse_names if name not in whole)

    def flat(self, y):
        """Return y as (..., batch, numbers)."""
        axes = len(self.output_shape)
        return tf.reshape(y, (*y.shape[: len(y.shape) - axes], -1))

    def forward(self, weights, x, *mask):
        y, kept = self.inner.forward(weights, x, *mask)  # (1)
        return y, (kept, y, x, *mask)

    def penalties(self, weights, kept):
        each = zip(self.of_weights(self.penalties_of), weights)
        found = tuple(penalty.forward(w) for penalty, w in each if penalty)  # (2)
        if self.activity:
            y = self.flat(kept[1])
            found += (self.activity.forward(y) / y.shape[-2],)  # (3)
        return found

    def backward(self, weights, kept, yb):
        _, _, x, *mask = kept
        return self.pull_back(weights, x, yb, *mask)  # (4)-(5)

    def keras(self, dtype):
        penalties = {f"{name}_regularizer": p.keras() for name, p in self.penalties_of}
        serialize = keras.regularizers.serialize
        return self._with({name: serialize(p) for name, p in penalties.items()}, dtype)
