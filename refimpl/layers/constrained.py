"""Constraints on the weights of any layer."""

from dataclasses import dataclass

from refimpl.layers.wrapper import Wrapper


@dataclass(frozen=True)
class Constrained(Wrapper):
    """w <- constraint(w) behind every step, for the weights w that have a constraint.

    constraints_of: (name, constraint) pairs, named as Keras's options but for _constraint:
        "kernel", "recurrent", "bias", "gamma", ...

    Raises ValueError for a table whose gradient comes in parts (``sparse_names``), of which
    no ball is known behind a constraint: a penalty on it makes its gradient whole.
    """

    constraints_of: tuple

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
        return y, (kept,)

    def constrained(self, weights):
        each = zip(self.of_weights(self.constraints_of), self.inner.constrained(weights))
        return tuple(c.forward(w) if c else w for c, w in each)  # (2)

    def backward(self, weights, kept, yb):
        return self.inner.backward(weights, kept[0], yb)  # (3)
