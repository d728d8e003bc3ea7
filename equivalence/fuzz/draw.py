"""What is drawn of a random model: choices, sizes, options, and numbers of a regime."""

import numpy as np

from equivalence.fuzz.regimes import numbers

# Numbers from 1e-5 to 1e3, constants, ties, far means, zeros.
REGIMES = ("normal", "decades", "small decades", "constant", "ties", "far mean", "zeros")
# Not "sparsemax", which Keras computes wrongly: a row of ``equivalence.defects``.
ACTIVATIONS = (
    *(None, "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "softplus", "softsign"),
    *("gelu", "silu", "exponential", "hard_sigmoid", "relu6", "leaky_relu", "log_softmax", "mish"),
    *("hard_silu", "squareplus", "tanh_shrink", "celu", "log_sigmoid", "hard_shrink", "hard_tanh"),
    *("soft_shrink", "sparse_plus", "sparse_sigmoid"),
)


def draw_numbers(regime, rng, shape):
    """Return float32 numbers of a regime of REGIMES."""
    if regime == "ties":
        return (rng.integers(-2, 3, size=shape) / 2).astype(np.float32)
    if regime == "small decades":
        found = 10 ** rng.uniform(-5, -2, size=shape) * rng.choice((1.0, -1.0), size=shape)
        return found.astype(np.float32)
    return numbers(regime, rng, shape, "float32")


class Draw:
    """What is drawn of one model, by one generator."""

    def __init__(self, keras, rng):
        self.keras, self.layers, self.rng = keras, keras.layers, rng

    def one_of(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def whole(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def real(self, low, high):
        """Return a number between, in equal shares of its logarithm; with three digits."""
        return float(f"{np.exp(self.rng.uniform(np.log(low), np.log(high))):.3g}")

    def chance(self, share):
        return bool(self.rng.random() < share)

    @property
    def activation(self):
        return self.one_of(*ACTIVATIONS)

    @property
    def regularizer(self):
        if not self.chance(0.15):
            return None
        r = self.keras.regularizers
        return self.one_of(
            r.L1(self.real(1e-4, 1)),
            r.L2(self.real(1e-4, 1)),
            r.L1L2(self.real(1e-4, 1), self.real(1e-4, 1)),
            r.OrthogonalRegularizer(self.real(1e-4, 1)),
        )

    @property
    def constraint(self):
        if not self.chance(0.1):
            return None
        c = self.keras.constraints
        return self.one_of(c.NonNeg(), c.MaxNorm(self.real(0.1, 3)), c.UnitNorm(), c.MinMaxNorm())

    def weighted(self):
        """Return the options of a layer with a kernel and a bias."""
        return {
            "use_bias": self.chance(0.7),
            "activation": self.activation,
            "kernel_regularizer": self.regularizer,
            "kernel_constraint": self.constraint,
        }
