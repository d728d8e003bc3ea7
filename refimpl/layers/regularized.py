"""Penalties on the weights and the outputs of any layer (Dense has them itself)."""

from dataclasses import dataclass

import numpy as np

from refimpl.functions import total
from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Regularized(Wrapper):
    """E + sum penalty(w) + penalty(y) / batch, over the weights w that have a penalty.

    penalties_of: (name, regularizer) pairs, named as Keras's options but for _regularizer:
        "kernel", "recurrent", "bias", "gamma", ...; "activity" is for the outputs.
    """

    penalties_of: tuple

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
        return y.reshape(*y.shape[: len(y.shape) - axes], -1)

    def forward(self, weights, x, *mask):
        y, kept = self.inner.forward(weights, x, *mask)  # (1)
        return y, (kept, y)

    def penalties(self, weights, kept):
        each = zip(self.of_weights(self.penalties_of), weights)
        found = tuple(penalty.forward(w) for penalty, w in each if penalty)  # (2)
        if self.activity:
            y = self.flat(kept[1])
            found += (self.activity.forward(y) / y.shape[-2],)  # (3)
        return found

    def penalties_back(self, kept):
        kept, y = kept
        found = self.inner.penalties_back(kept)
        if self.activity:
            flat = self.flat(y)
            share = np.ones_like(flat[..., :1, :1]) / flat.shape[-2]
            parts = self.activity.backward(share, flat)
            found = (*found, *(part.reshape(*y.shape) for part in parts))
        return found

    def backward(self, weights, kept, yb):
        xb, gradients = self.inner.backward(weights, kept[0], yb)  # (4)
        each = zip(gradients, self.of_weights(self.penalties_of), weights)
        return xb, tuple(total(g, p.backward(1, w)) if p else g for g, p, w in each)  # (5)
