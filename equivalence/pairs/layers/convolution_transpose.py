"""Transposed convolutions over one, two and three axes."""

from equivalence.pairs.layers.row import layer, wrong

ONLY_FLOAT32 = (
    "Keras dilates it on a CPU in float32 alone (oneDNN's kernel); TensorFlow's own says: "
    "Current CPU implementations do not yet support dilation rates larger than 1"
)
ROWS = (
    layer("conv1d-transpose", (3, 2), lambda m: m.Conv1DTranspose(3, 3, 2, activation=m.Tanh()), 2),
    layer(
        "conv1d-transpose-same-output-padding",
        (3, 2),
        lambda m: m.Conv1DTranspose(
            2, 4, 3, "same", output_padding=2, activation=m.Tanh(), use_bias=False
        ),
        2,
    ),
    layer(
        "conv2d-transpose-same",
        (2, 3, 2),
        lambda m: m.Conv2DTranspose(3, (2, 3), (1, 2), "same", activation=m.Sigmoid()),
        2,
    ),
    layer(
        "conv2d-transpose-gaps",
        (2, 2, 2),
        lambda m: m.Conv2DTranspose(2, (1, 2), 3, activation=m.Sigmoid()),
        2,
    ),
    layer(
        "conv2d-transpose-output-padding",
        (2, 2, 2),
        lambda m: m.Conv2DTranspose(2, 2, (2, 3), output_padding=(1, 2), activation=m.Tanh()),
        2,
    ),
    layer(
        "conv2d-transpose-dilated",
        (2, 3, 2),
        lambda m: m.Conv2DTranspose(
            2, (2, 3), padding="same", dilation_rate=(2, 1), activation=m.Tanh()
        ),
        2,
        keras=None,
        note=ONLY_FLOAT32,
    ),
    layer(
        "conv3d-transpose",
        (2, 1, 2, 2),
        lambda m: m.Conv3DTranspose(2, (2, 3, 1), (1, 2, 2), "same", activation=m.Tanh()),
        2,
    ),
)

TRANSPOSE, WINDOWS = "layers/convolution_transpose.py", "layers/windows.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("cropped from the wrong side", "refimpl", WINDOWS, "(m // 2, m - m // 2)", "(m - m // 2, m // 2)", "conv2d-transpose-same", "activations"),
    ("cropped from the wrong side", "tfimpl", WINDOWS, "(m // 2, m - m // 2)", "(m - m // 2, m // 2)", "conv3d-transpose", "activations"),
    ("kernel turned", "tfimpl", WINDOWS, "back[self.table, np.arange(size)] =", "back[self.table, np.arange(size)[::-1]] =", "conv1d-transpose", "activations"),
    ("filters and channels not swapped", "refimpl", TRANSPOSE, "kernel.reshape(*kernel.shape[:-2], -1, self.filters, kernel.shape[-1]).mT", "kernel.reshape(*kernel.shape[:-2], -1, kernel.shape[-1], self.filters)", "conv2d-transpose-gaps", "activations"),
    ("dilation ignored", "refimpl", WINDOWS, "self.dilation[axis] * np.arange(", "np.arange(", "conv2d-transpose-dilated", "activations"),
    ("bias where no window lies alone", "tfimpl", TRANSPOSE, "z = z + bias[0]", "z = tf.where(z == 0, bias[0], z)", "conv2d-transpose-output-padding", "activations"),
    ("bias gradient of the first place of each row alone", "refimpl", TRANSPOSE, "np.sum(self.rows(zb), axis=-2", "np.sum(self.rows(zb[..., :1, :]), axis=-2", "conv3d-transpose", "gradients"),
    ("kernel turned on the way back", "refimpl", TRANSPOSE, "patches = self.under(zb, self.windows.table)", "patches = self.under(zb, self.windows.table[:, ::-1])", "conv2d-transpose-same", "gradients"),
    ("input gradient forgets the activation, the kernel's does not", "refimpl", TRANSPOSE, "xb = (patches @ kernel)", "xb = (self.under(yb, self.windows.table) @ kernel)", "conv1d-transpose", "gradients"),
)
