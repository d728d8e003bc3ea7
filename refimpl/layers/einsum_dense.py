"""A dense layer whose sum is written in letters (Einstein 1916, 5)."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from string import ascii_letters
from typing import Any

import numpy as np

from refimpl.activations import Linear
from refimpl.checks import sum_of_products
from refimpl.layers.layer import Layer


@dataclass(frozen=True)
class EinsumDense(Layer):
    """y = activation(sum of x kernel + bias), over the letters that the output lacks.

    equation: "abc,cd->abd": the axes of the inputs, of the kernel and of the output, the
        batch first.  "..." stands for axes that the kernel lacks, in front or behind.
    features: the output's sizes, but for the batch and what "..." stands for, one number or
        several; None where an axis of the inputs says it.
    bias_axes: the letters of the output's axes that have a bias; None: there is none.

    The kernel's axes but the last are one here, and those of the bias.

    Raises ValueError for an equation whose letters repeat within an operand, or stand in
    one alone, or whose batch is not first.
    """

    equation: str
    features: Any
    activation: Any = Linear()
    bias_axes: str | None = None

    def __post_init__(self):
        if self.input_shape is not None:
            sum_of_products(self.equation, self.letters, len(self.input_shape) + 1)

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

    @property
    def _groups(self):
        """Letters of all three; of inputs and y, inputs and kernel, kernel and y alone."""
        x, kernel, y = self.letters
        every = [each for each in y if each in x and each in kernel]
        places = [each for each in y if each not in kernel]
        summed = [each for each in x if each not in y]
        made = [each for each in y if each not in x]
        return every, places, summed, made

    def with_bias(self, z, bias):
        """Return z + bias."""
        return z + bias.reshape(*bias.shape[:-2], *self._beside(self.bias_shape))  # (1)

    def _bias_back(self, zb, bias):
        """Return the bias's gradient."""
        lead = bias.ndim - 2
        shape = (*bias.shape[:-2], *self._beside(self.bias_shape))
        axes = tuple(lead + k for k, size in enumerate(shape[lead:]) if size == 1)
        return np.sum(zb, axis=axes, keepdims=True).reshape(*bias.shape)

    def _beside(self, shape):
        """Return a shape with axes of 1 for those of the output in front of it."""
        return (*(1,) * (len(self.letters[2]) - len(shape)), *shape)

    def forward(self, weights, x):
        kernel, *bias = weights
        every, places, summed, made = self._groups
        rows = _turned(x, self.letters[0], (every, places, summed))  # (2)
        columns = kernel.reshape(*kernel.shape[:-2], *self.kernel_shape)
        columns = _turned(columns, self.letters[1], (every, summed, made))  # (3)
        z = self._in_order(rows @ columns, x)  # (4)
        if self.bias_axes:
            z = self.with_bias(z, bias[0])
        y = self.activation.forward(z)  # (5)
        return y, (x, rows, columns, z, y)

    def _in_order(self, z, x):
        """Return a product of rows and columns as the output has its axes."""
        every, places, _, made = self._groups
        of_z, lead = [*every, *places, *made], self.leading(x)
        sizes = {**self.sizes, self.letters[0][0]: self.batch(x)}
        z = z.reshape(*lead, *(sizes[letter] for letter in of_z))
        return _turned(z, of_z, [[letter] for letter in self.letters[2]])

    def backward(self, weights, kept, yb):
        x, rows, columns, z, y = kept
        every, places, summed, made = self._groups
        zb = self.activation.backward(yb, z, y)  # (6)
        zbs = _turned(zb, self.letters[2], (every, places, made))  # (7)
        xb = _turned_back(
            zbs @ columns.mT, x.shape, self.letters[0], (every, places, summed)
        )
        of_kernel = (*weights[0].shape[:-2], *self.kernel_shape)
        kernelb = _turned_back(
            rows.mT @ zbs, of_kernel, self.letters[1], (every, summed, made)
        )  # (8)
        kernelb = kernelb.reshape(*weights[0].shape)
        return xb, (kernelb, self._bias_back(zb, weights[1])) if self.bias_axes else (
            kernelb,
        )


def _order(letters, groups, lead):
    """Return in which order axes are taken: behind the leading ones, group by group."""
    return (
        *range(lead),
        *(lead + letters.index(each) for group in groups for each in group),
    )


def _turned(x, letters, groups):
    """Return x with its axes in groups, the letters of each group as one axis."""
    lead = x.ndim - len(letters)
    turned = np.transpose(x, _order([*letters], groups, lead))
    ends = [lead]
    for group in groups:
        ends.append(ends[-1] + len(group))
    sizes = (prod(turned.shape[start:end]) for start, end in pairwise(ends))
    return turned.reshape(*turned.shape[:lead], *sizes)


def _turned_back(x, shape, letters, groups):
    """Return what ``_turned`` made of an array of this shape as that array."""
    lead = len(shape) - len(letters)
    order = _order([*letters], groups, lead)
    turned = x.reshape(*(shape[axis] for axis in order))
    return np.transpose(turned, [order.index(axis) for axis in range(len(order))])
