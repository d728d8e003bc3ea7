"""Layers of any place by itself, and layers that only reshape."""

from dataclasses import replace

import numpy as np

from equivalence import trees
from equivalence.pairs.layers.row import layer, wrong


def from_whole_inputs(row):
    """Return the row of a layer whose inputs start from whole numbers, a third of them 0."""
    names = row.network(trees.reference()).weight_names

    def start():
        each = zip(names, row.start(), strict=True)
        return tuple(np.round(w) if name.startswith("inputs") else w for name, w in each)

    return replace(row, start=start)


ROWS = (
    layer("dense", (3,), lambda m: m.Dense(4)),
    layer("dense-tanh-no-bias", (3,), lambda m: m.Dense(4, m.Tanh(), use_bias=False)),
    layer("dense-of-places", (2, 3), lambda m: m.Dense(4, m.Sigmoid())),
    layer("chain", (3,), lambda m: m.Chain((m.Dense(4, m.Tanh()), m.Dense(2)))),
    layer("einsum-dense", (2, 3), lambda m: m.EinsumDense("abc,cd->abd", (None, 4))),
    layer(
        "einsum-dense-heads",
        (2, 3),
        lambda m: m.EinsumDense("abc,cde->abde", (None, 2, 2), m.Tanh(), "de"),
    ),
    layer(
        "einsum-dense-of-heads",
        (2, 3, 2),
        lambda m: m.EinsumDense("abde,dec->abc", (None, 4), bias_axes="c"),
    ),
    layer(
        "einsum-dense-places",
        (3, 2),
        lambda m: m.EinsumDense("abc,bd->adc", (4, None), m.Softmax(), "d"),
    ),
    layer(
        "einsum-dense-groups",
        (3, 2, 2),
        lambda m: m.EinsumDense("abgi,gij->agbj", (2, None, 3), bias_axes="gj"),
    ),
    layer(
        "einsum-dense-in-front",
        (2, 3, 2),
        lambda m: m.EinsumDense("...xy,xz->...yz", (2, 4), bias_axes="z"),
    ),
    layer(
        "einsum-dense-behind",
        (4, 2, 1),
        lambda m: m.EinsumDense("ab...,bc->ac...", 3, bias_axes="c"),
    ),
    layer("flatten", (2, 3), lambda m: m.Flatten()),
    layer("reshape", (2, 3), lambda m: m.Reshape((3, -1))),
    layer("permute", (2, 3, 4), lambda m: m.Permute((3, 1, 2))),
    layer("rescaling", (2, 3), lambda m: m.Rescaling(1 / 127.5, -1.0)),
    layer("prelu", (2, 3), lambda m: m.PReLU()),
    from_whole_inputs(layer("prelu-at-its-kink", (2, 3), lambda m: m.PReLU())),
    layer("prelu-shared", (2, 3, 2), lambda m: m.PReLU((1, 2))),
)

DENSE, PRELU, EINSUM = "layers/dense.py", "layers/prelu.py", "layers/einsum_dense.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("no bias", "refimpl", DENSE, "z = z + bias[0]", "z = z + 0 * bias[0]", "dense", "activations"),
    ("activation skipped", "tfimpl", DENSE, "self.activation.forward(z)", "z", "dense-of-places", "activations"),
    ("kernel not transposed on the way back", "refimpl", DENSE, "zb @ kernel.mT", "zb @ kernel.reshape(*kernel.mT.shape)", "dense", "gradients"),
    ("input gradient forgets the activation, the kernel's does not", "refimpl", DENSE, "xb = zb @", "xb = self.rows(yb) @", "dense-tanh-no-bias", "gradients"),
    ("bias gradient of the first place alone", "refimpl", DENSE, "np.sum(zb, axis=-2", "np.sum(zb[..., ::2, :], axis=-2", "dense-of-places", "gradients"),
    ("half the gradient stopped", "tfimpl", DENSE, "self.activation.forward(z)", "self.activation.forward((z + tf.stop_gradient(z)) / 2)", "dense", "gradients"),
    ("a chain whose links flow back twice", "refimpl", "layers/chain.py", "layer.backward(own, of_layer, yb)", "layer.backward(own, of_layer, 2 * yb)", "chain", "gradients"),
    ("axes back in the order in which they went", "refimpl", "layers/permute.py", "self.turned(yb, back)", "self.turned(yb.reshape(*yb.shape[:-3], 2, 3, 4), (1, 2, 3))", "permute", "gradients"),
    ("each axis to the place that is said instead of from it", "refimpl", "layers/permute.py", "self.turned(x, self.dims)", "self.turned(x, (2, 3, 1)).reshape(*x.shape[:-3], 4, 2, 3)", "permute", "activations"),
    ("no offset", "tfimpl", "layers/rescaling.py", "x * self.scale + self.offset", "x * self.scale", "rescaling", "activations"),
    ("scaled there and not back", "refimpl", "layers/rescaling.py", "return yb * self.scale", "return yb", "rescaling", "gradients"),
    ("a gradient at 0, as from below", "refimpl", PRELU, "np.where(x < 0, yb * alpha", "np.where(x <= 0, yb * alpha", "prelu-at-its-kink", "gradients"),
    ("one slope below 0 for all", "refimpl", PRELU, "alpha * x), (alpha, x)", "0.1 * x), (alpha, x)", "prelu", "activations"),
    ("the slope below 0 forgotten on the way back", "refimpl", PRELU, "yb * alpha, np", "yb, np", "prelu", "gradients"),
    ("the slope's gradient from both sides", "refimpl", PRELU, "each = np.where(x > 0, np.zeros_like(yb), yb * x)", "each = yb * x", "prelu", "gradients"),
    ("the slope's gradient of a mean", "refimpl", PRELU, "alphab = np.sum(each", "alphab = np.mean(each", "prelu-shared", "gradients"),
    ("a slope for every place where it is shared", "tfimpl", PRELU, "tf.nn.relu(x) - alpha", "tf.nn.relu(x) - alpha * (1 + 1e-4)", "prelu-shared", "activations"),
    ("heads and their features exchanged", "refimpl", EINSUM, "columns = kernel.reshape(*kernel.shape[:-2], *self.kernel_shape)", "columns = kernel.reshape(*kernel.shape[:-2], 3, 2, 2).mT", "einsum-dense-heads", "activations"),
    ("axes left as the product has them", "refimpl", EINSUM, "return _turned(z, of_z, [[letter] for letter in self.letters[2]])", "return z.reshape(*lead, self.batch(x), *self.output_shape)", "einsum-dense-places", "activations"),
    ("half of the bias", "tfimpl", EINSUM, "self.with_bias(z, bias[0])", "self.with_bias(z, bias[0] / 2)", "einsum-dense-groups", "activations"),
    ("a bias's gradient of one place", "refimpl", EINSUM, "return np.sum(zb, axis=axes,", "return np.sum(zb[..., :1, :, :], axis=axes,", "einsum-dense-in-front", "gradients"),
    ("a group's kernel with the next one's gradient", "refimpl", EINSUM, "rows.mT @ zbs, of", "np.flip(rows.mT, axis=-3) @ zbs, of", "einsum-dense-groups", "gradients"),
    ("half of a kernel's gradient stopped", "tfimpl", EINSUM, "x, kernel)", "x, (kernel + tf.stop_gradient(kernel)) / 2)", "einsum-dense-behind", "gradients"),
    ("columns before rows", "refimpl", "layers/reshape.py", "y = x.reshape(", "y = x.mT.reshape(", "reshape", "activations"),
    ("columns before rows on the way back", "refimpl", "layers/flatten.py", "yb.reshape(*kept.shape), ()", "yb.reshape(*kept.mT.shape).mT, ()", "flatten", "gradients"),
)
