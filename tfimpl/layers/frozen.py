"""A layer that does not learn: trained before, and held (text 000, 7-5 and 7-7)."""

from dataclasses import dataclass
from functools import wraps
from typing import ClassVar

import numpy as np

from tfimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Frozen(Wrapper):
    """Keras: ``layer.trainable = False``.  Gradients flow through it, and move nothing."""

    values: tuple

    in_keras: ClassVar = None

    @property
    def share_names(self):
        return ()

    @property
    def weight_names(self):
        return ()

    @property
    def weight_shapes(self):
        return ()

    @property
    def sparse_names(self):
        return ()

    @property
    def state_names(self):
        return (*self.inner.weight_names, *self.inner.state_names)

    def start_states(self):
        return (*map(np.array, self.values), *self.inner.start_states())

    def forward(self, weights, x, *mask):
        y, kept = self.inner.forward(weights, x, *mask)  # (1)
        return y, (kept, tuple(weights), x, *mask)

    def next_states(self, kept):
        kept, held, *_ = kept
        held = held[: len(self.inner.weight_names)]
        return (*held, *self.inner.next_states(kept))  # (2)

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept[0])

    def constrained(self, weights):
        return tuple(weights)

    def backward(self, weights, kept, yb):
        _, _, x, *mask = kept
        xb, _ = self.pull_back(weights, x, yb, *mask)  # (3)
        return xb, ()

    def keras(self, dtype):
        """Return Keras's layer, which takes the values when it is built."""
        layer = self.layer.keras(dtype)
        layer.trainable = False
        build = layer.build

        @wraps(build)  # Keras looks at the names of its arguments
        def build_with_values(*shapes, **named):
            build(*shapes, **named)
            variables = layer.weights[: len(self.values)]
            for variable, value in zip(variables, self.values, strict=True):
                variable.assign(np.reshape(value, variable.shape))

        layer.build = build_with_values
        return layer
