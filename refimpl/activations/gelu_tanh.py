"""GELU by the hyperbolic tangent (Hendrycks and Gimpel 2016, section 2)."""

import numpy as np

from refimpl.activations.activation import Activation


class GELUTanh(Activation):
    """y = x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).

    The cube is that of |x|, with the sign of x: balls have no odd powers of negative
    numbers.  Keras calls it ``gelu(x, approximate=True)``: another function, up to
    5e-4 away.
    """

    name = "gelu_tanh"

    coefficient = 0.044715
    root_two_over_pi = 0.7978845608028654

    def forward(self, x):
        inner = x + self.coefficient * np.sign(x) * np.power(np.abs(x), 3)  # (1)
        t = np.tanh(self.root_two_over_pi * inner)  # (2)
        return 0.5 * x * (1 + t)  # (3)

    def backward(self, yb, x, y):
        inner = x + self.coefficient * np.sign(x) * np.power(np.abs(x), 3)  # (4)
        t = np.tanh(self.root_two_over_pi * inner)  # (5)
        left = yb * (1 + t) * 0.5  # (6)
        innerb = yb * (0.5 * x) * (1 - np.square(t)) * self.root_two_over_pi  # (7)
        cube = innerb * self.coefficient * 3 * np.square(x)  # (8)
        return left + innerb + cube  # (9)
