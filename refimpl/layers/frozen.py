"""A layer that does not learn: trained before, and held (text 000, 7-5 and 7-7)."""

from dataclasses import dataclass

import numpy as np

from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Frozen(Wrapper):
    """Keras: ``layer.trainable = False``.  A gradient flows through it, and moves nothing.

    values: its weights, each as rows of numbers.  They are states that every step hands on.
    """

    values: tuple

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
        return y, (kept, tuple(weights))

    def next_states(self, kept):
        kept, held = kept
        held = held[: len(self.inner.weight_names)]
        return (*held, *self.inner.next_states(kept))  # (2)

    def penalties(self, weights, kept):
        return self.inner.penalties(weights, kept[0])

    def constrained(self, weights):
        return tuple(weights)

    def backward(self, weights, kept, yb):
        xb, _ = self.inner.backward(weights, kept[0], yb)  # (3)
        return xb, ()
