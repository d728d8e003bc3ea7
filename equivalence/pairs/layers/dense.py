"""Layers of any place by itself, and layers that only reshape."""

from equivalence.pairs.layers.row import layer, wrong

ROWS = (
    layer("dense", (3,), lambda m: m.Dense(4)),
    layer("dense-tanh-no-bias", (3,), lambda m: m.Dense(4, m.Tanh(), use_bias=False)),
    layer("dense-of-places", (2, 3), lambda m: m.Dense(4, m.Sigmoid())),
    layer("chain", (3,), lambda m: m.Chain((m.Dense(4, m.Tanh()), m.Dense(2)))),
    layer("flatten", (2, 3), lambda m: m.Flatten()),
    layer("reshape", (2, 3), lambda m: m.Reshape((3, -1))),
)

DENSE = "layers/dense.py"
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
    ("columns before rows", "refimpl", "layers/reshape.py", "y = x.reshape(", "y = x.mT.reshape(", "reshape", "activations"),
    ("columns before rows on the way back", "refimpl", "layers/flatten.py", "yb.reshape(*kept.shape), ()", "yb.reshape(*kept.mT.shape).mT, ()", "flatten", "gradients"),
)
