"""A dense layer whose sum is written in letters (Einstein 1916, 5)."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from string import ascii_letters
from typing import Any, ClassVar

import tensorflow as tf

from tfimpl.activations import Linear
from tfimpl.counterpart import Counterpart
from tfimpl.layers.layer import Layer


@dataclass(frozen=True)
class EinsumDense(Layer):
    """Keras: ``EinsumDense(equation, features, activation, bias_axes)``."""

    equation: str
    features: Any
    activation: Any = Linear()
    bias_axes: str | None = None

    in_keras: ClassVar = Counterpart(names={"features": "output_shape"})

    @cached_property
    def letters(self):
        """The axes of inputs, kernel and output; those of "..." by other letters."""
        x, _, rest = self.equation.partition(",")
        others = [letter for letter in ascii_letters if letter not in self.equation]
        count = len(self.input_shape) + 1 - len(x.replace("...", ""))
        kernel, _, y = rest.partition("->")
        elided = "".join(others[:count])
        return x.replace("...", elided), kernel, y.replace("...", elided)

    @cached_property
    def sizes(self):
        """The size of each letter's axis but the batch's."""
        x, _, y = self.letters
        _, _, written = self.equation.partition("->")
        own = written.replace("...", "") if written.startswith("...") else written[1:]
        several = isinstance(self.features, tuple)
        given = zip(own.replace("...", ""), self.features if several else (self.features,))
        return dict(given) | dict(zip(x[1:], self.input_shape))

    @property
    def kernel_shape(self):
        """The shape of Keras's kernel."""
        return tuple(self.sizes[letter] for letter in self.letters[1])

    @property
    def bias_shape(self):
        """The shape of Keras's bias: from the first axis that has one to the last."""
        y = self.letters[2]
        first = min(map(y.index, self.bias_axes))
        return tuple(
            self.sizes[each] if each in self.bias_axes else 1 for each in y[first:]
        )

    @property
    def weight_names(self):
        return ("kernel", "bias") if self.bias_axes else ("kernel",)

    @property
    def weight_shapes(self):
        shapes = (
            (self.kernel_shape, self.bias_shape) if self.bias_axes else (self.kernel_shape,)
        )
        return tuple((prod(shape[:-1]), shape[-1]) for shape in shapes)

    @property
    def output_shape(self):
        return tuple(self.sizes[letter] for letter in self.letters[2][1:])

    def with_bias(self, z, bias):
        """Return z + bias."""
        beside = (1,) * (len(self.letters[2]) - len(self.bias_shape))
        return z + tf.reshape(bias, (*bias.shape[:-2], *beside, *self.bias_shape))  # (1)

    def forward(self, weights, x):
        kernel, *bias = weights
        kernel = tf.reshape(kernel, (*kernel.shape[:-2], *self.kernel_shape))
        z = tf.einsum("...{},...{}->...{}".format(*self.letters), x, kernel)  # (2)-(4)
        if self.bias_axes:
            z = self.with_bias(z, bias[0])
        return self.activation.forward(z), x  # (5)

    def backward(self, weights, kept, yb):
        return self.pull_back(weights, kept, yb)  # (6)-(8)
