"""Constraints on the weights of any layer."""

from dataclasses import dataclass
from typing import ClassVar

import keras

from tfimpl.layers.multi_head_attention import MultiHeadAttention
from tfimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Constrained(Wrapper):
    """Keras: a layer with ``kernel_constraint``, ``bias_constraint`` and their kin."""

    constraints_of: tuple

    in_keras: ClassVar = None

    def build(self, input_shape):
        built = super().build(input_shape)
        each = zip(built.inner.weight_names, built.of_weights(self.constraints_of))
        parts = {name for name, constraint in each if constraint} & {*built.sparse_names}
        if parts:
            raise ValueError(
                f"a constraint on {', '.join(parts)}, whose gradient is in parts"
            )
        return built

    def forward(self, weights, x, *mask):
        y, kept = self.inner.forward(weights, x, *mask)  # (1)
        return y, (kept, x, *mask)

    def constrained(self, weights):
        each = zip(self.of_weights(self.constraints_of), self.inner.constrained(weights))
        return tuple(c.forward(w) if c else w for c, w in each)  # (2)

    def backward(self, weights, kept, yb):
        _, x, *mask = kept
        return self.pull_back(weights, x, yb, *mask)  # (3)

    def keras(self, dtype):
        made = {
            f"{name}_constraint": c.keras(self._axes(name))
            for name, c in self.constraints_of
        }
        serialize = keras.constraints.serialize
        return self._with({name: serialize(c) for name, c in made.items()}, dtype)

    def _axes(self, option):
        """Return how many axes Keras's variable has to which an option belongs."""
        each = zip(
            self.weight_names, self.weight_shapes, self.of_weights(((option, True),))
        )
        name, rows = next((name, shape[0]) for name, shape, belongs in each if belongs)
        inside = self.inner
        while isinstance(inside, Wrapper):
            inside = inside.inner
        if isinstance(inside, MultiHeadAttention):
            return None  # of heads, and each kernel has its own
        if "kernel" in name and hasattr(inside, "kernel_size"):
            return len(inside.input_shape) + 1  # places, channels and filters
        return 1 if rows == 1 and "kernel" not in name else 2
