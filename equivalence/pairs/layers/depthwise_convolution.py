"""Convolutions of every channel by itself, and separable ones, which mix them afterwards."""

from equivalence.pairs.layers.row import layer, wrong

ROWS = (
    layer(
        "depthwise1d",
        (6, 2),
        lambda m: m.DepthwiseConv1D(3, dilation_rate=2, depth_multiplier=2, activation=m.Tanh()),
        2,
    ),
    layer(
        "depthwise2d",
        (4, 3, 2),
        lambda m: m.DepthwiseConv2D((2, 3), 2, "same", 2, activation=m.Sigmoid()),
        2,
    ),
    layer(
        "depthwise2d-strides-dilated-no-bias",
        (5, 4, 2),
        lambda m: m.DepthwiseConv2D(
            2, 2, "same", dilation_rate=2, activation=m.Tanh(), use_bias=False
        ),
        2,
    ),
    layer(
        "separable1d",
        (5, 2),
        lambda m: m.SeparableConv1D(
            3, 3, strides=2, padding="same", depth_multiplier=2, activation=m.Tanh()
        ),
        2,
    ),
    layer(
        "separable2d-dilated-no-bias",
        (3, 4, 2),
        lambda m: m.SeparableConv2D(
            3, 2, dilation_rate=(1, 2), activation=m.Tanh(), use_bias=False
        ),
        2,
    ),
)

DEPTHWISE, SEPARABLE = "layers/depthwise_convolution.py", "layers/separable_convolution.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("multiplier before the channel", "tfimpl", DEPTHWISE, "return tf.reshape(kernel, (*kernel.shape[:-2], -1, self.grouped.filters))", "parts = tf.reshape(kernel, (-1, self.grouped.groups, self.depth_multiplier))\n        return tf.reshape(tf.linalg.matrix_transpose(parts), (-1, self.grouped.filters))", "depthwise2d", "activations"),
    ("channels mixed", "refimpl", DEPTHWISE, "self.grouped.forward((self.in_groups(kernel)", "self.grouped.forward((self.in_groups(kernel)[..., ::-1]", "depthwise1d", "activations"),
    ("strides ignored", "tfimpl", "layers/windows.py", "self.strides[axis] * np.arange(", "np.arange(", "depthwise2d-strides-dilated-no-bias", "activations"),
    ("kernel gradient reshaped column by column", "refimpl", DEPTHWISE, "return xb, (kernelb.reshape(*kernel.shape)", "return xb, (kernelb.reshape(*kernel.mT.shape).mT", "depthwise2d", "gradients"),
    ("input gradient by a kernel turned the other way", "refimpl", DEPTHWISE, "of_groups = (self.in_groups(kernel)", "of_groups = (self.in_groups(kernel)[..., ::-1, :]", "depthwise1d", "gradients"),
    ("activation between the two", "refimpl", SEPARABLE, "self.pointwise.forward(pointwise, h)", "self.pointwise.forward(pointwise, self.pointwise.activation.forward(h))", "separable1d", "activations"),
    ("pointwise kernel's gradient by the inputs' order of channels", "refimpl", SEPARABLE, "return xb, (kernelb, *gradients)", "return xb, (kernelb, gradients[0][..., ::-1, :], *gradients[1:])", "separable2d-dilated-no-bias", "gradients"),
    ("depthwise gradient without the pointwise kernel", "refimpl", SEPARABLE, "of_depthwise, hb)", "of_depthwise, hb * 0 + 1)", "separable1d", "gradients"),
)
