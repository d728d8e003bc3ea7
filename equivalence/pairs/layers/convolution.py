"""Convolutions over one, two and three axes."""

from equivalence.pairs.layers.row import layer, wrong

ROWS = (
    layer("conv1d", (5, 2), lambda m: m.Conv1D(3, 3, activation=m.Tanh()), 2),
    layer(
        "conv1d-causal-dilated",
        (6, 2),
        lambda m: m.Conv1D(3, 2, padding="causal", dilation_rate=2, activation=m.Tanh()),
        2,
    ),
    layer(
        "conv1d-same-strides-groups",
        (6, 2),
        lambda m: m.Conv1D(
            4, 3, strides=2, padding="same", groups=2, activation=m.Sigmoid(), use_bias=False
        ),
        2,
    ),
    layer("conv2d", (4, 5, 2), lambda m: m.Conv2D(3, (2, 3), (1, 2), activation=m.Sigmoid()), 2),
    layer(
        "conv2d-same-dilated",
        (4, 3, 2),
        lambda m: m.Conv2D(2, (2, 3), padding="same", dilation_rate=(2, 1), activation=m.Tanh()),
        2,
    ),
    layer(
        "conv2d-same-strides-groups",
        (3, 4, 4),
        lambda m: m.Conv2D(6, 2, strides=2, padding="same", groups=2, activation=m.Tanh()),
        2,
    ),
    layer("conv2d-1x1", (2, 2, 3), lambda m: m.Conv2D(2, 1, activation=m.Tanh()), 2),
    layer(
        "conv3d-same-strides-groups",
        (2, 4, 3, 2),
        lambda m: m.Conv3D(2, (2, 3, 1), (1, 2, 1), "same", groups=2, activation=m.Sigmoid()),
        2,
    ),
    layer(
        "conv3d-dilated-no-bias",
        (3, 2, 3, 2),
        lambda m: m.Conv3D(2, 2, dilation_rate=(2, 1, 1), activation=m.Tanh(), use_bias=False),
        2,
    ),
)

CONVOLUTION, WINDOWS = "layers/convolution.py", "layers/windows.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("kernel not turned on the way back", "refimpl", WINDOWS, "back[self.table, np.arange(size)] =", "back[self.table, np.arange(size)[::-1]] =", "conv2d", "gradients"),
    ("kernel turned on the way there", "tfimpl", WINDOWS, "padded[tuple(at)].reshape(prod(self.counts), prod(self.size))", "padded[tuple(at)].reshape(prod(self.counts), prod(self.size))[:, ::-1]", "conv1d", "activations"),
    ("the odd place of padding before instead of behind", "refimpl", WINDOWS, "(m // 2, m - m // 2)", "(m - m // 2, m // 2)", "conv2d-same-strides-groups", "activations"),
    ("causal padding behind", "tfimpl", WINDOWS, "((span - 1, 0)", "((0, span - 1)", "conv1d-causal-dilated", "activations"),
    ("dilation ignored", "tfimpl", WINDOWS, "self.dilation[axis] * np.arange(", "np.arange(", "conv2d-same-dilated", "activations"),
    ("stride ignored in the input gradient", "refimpl", WINDOWS, "back[self.table, np.arange(size)] =", "back[self.table // self.strides[-1], np.arange(size)] =", "conv1d-same-strides-groups", "gradients"),
    ("channels of a patch before its places", "tfimpl", CONVOLUTION, "tf.reshape(seen,", "tf.reshape(tnp.swapaxes(seen, -1, -2),", "conv3d-dilated-no-bias", "activations"),
    ("groups crossed", "tfimpl", CONVOLUTION, "return tnp.moveaxis(parts, -2, -3)", "return tf.reverse(tnp.moveaxis(parts, -2, -3), [-3])", "conv1d-same-strides-groups", "activations"),
    ("groups crossed in the input gradient", "refimpl", CONVOLUTION, "self.merge(taken @", "self.merge(np.flip(taken, axis=-3) @", "conv3d-same-strides-groups", "gradients"),
    ("bias gradient of the first place of each row alone", "refimpl", CONVOLUTION, "np.sum(self.rows(zb), axis=-2", "np.sum(self.rows(zb[..., :1, :]), axis=-2", "conv2d", "gradients"),
    ("filters and channels not swapped in the input gradient", "refimpl", CONVOLUTION, "self.merge(taken @ self.turned(kernel))", "self.merge(taken @ self.turned(kernel).reshape(*self.turned(kernel).shape[:-2], *self.turned(kernel).shape[:-3:-1]).mT)", "conv2d-1x1", "gradients"),
    ("input gradient forgets the activation, the kernel's does not", "refimpl", CONVOLUTION, "look_up(self.split(zb), self.windows.back)", "look_up(self.split(yb), self.windows.back)", "conv2d-same-dilated", "gradients"),
    ("half the gradient stopped", "tfimpl", CONVOLUTION, "z = patches @", "z = (patches + tf.stop_gradient(patches)) / 2 @", "conv1d", "gradients"),
)
