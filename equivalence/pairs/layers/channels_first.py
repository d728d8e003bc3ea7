"""Channels in front of the places: every layer that has the option data_format."""

from dataclasses import replace
from math import prod

from equivalence.pairs.layers.row import chain, layer, wrong

ONLY_FLOAT32 = (
    "a CPU has convolutions with channels in front in float32 alone (oneDNN's kernels), or by XLA; "
    "TensorFlow's own say: The Conv2D op currently only supports the NHWC tensor format on the "
    "CPU; tests/test_places.py runs Keras's float32"
)


def first(name, shape, layers):
    """Return the row of layers in a row, each with its channels in front."""

    def build(m):
        return tuple(m.ChannelsFirst(each) for each in layers(m))

    row = chain(name, shape, build, lambda rng, rows: rng.normal(size=(rows, prod(shape))))
    return replace(row, keras=None, note=ONLY_FLOAT32)


def alone(name, shape, build):
    """Return the row of one layer, with its channels in front."""
    return layer(name, shape, lambda m: m.ChannelsFirst(build(m)), 2)


ROWS = (
    first(
        "channels-first-1d",
        (2, 5),
        lambda m: (
            m.ZeroPadding1D((1, 0)),
            m.Conv1D(2, 2, activation=m.Tanh()),
            m.MaxPooling1D(2, 1),
            m.DepthwiseConv1D(2, 2, "same", use_bias=False),
            m.Conv1DTranspose(2, 2, dilation_rate=2, activation=m.Sigmoid()),
            m.SeparableConv1D(3, 2, dilation_rate=2, use_bias=False),
            m.AveragePooling1D(2, 1, "same"),
            m.Flatten(),
        ),
    ),
    first(
        "channels-first-2d",
        (2, 3, 4),
        lambda m: (
            m.ZeroPadding2D(((1, 0), (0, 1))),
            m.Conv2D(2, 2, padding="same", use_bias=False),
            m.MaxPooling2D(2, 1),
            m.DepthwiseConv2D(2, padding="same", activation=m.Tanh()),
            m.Cropping2D(((1, 0), (0, 1))),
            m.Conv2DTranspose(2, (1, 2), use_bias=False),
            m.SeparableConv2D(3, 2, 2, "same", depth_multiplier=2),
            m.UpSampling2D((1, 2)),
            m.AveragePooling2D((1, 2), (1, 2)),
            m.Flatten(),
        ),
    ),
    first(
        "channels-first-3d",
        (2, 1, 2, 3),
        lambda m: (
            m.ZeroPadding3D(((1, 0), (0, 0), (0, 1))),
            m.Conv3DTranspose(1, (1, 2, 1), dilation_rate=(1, 2, 1)),
            m.Cropping3D(((0, 0), (0, 2), (0, 0))),
            m.Conv3D(2, 2, activation=m.Tanh()),
            m.MaxPooling3D((1, 1, 2), 1),
            m.Conv3DTranspose(1, (1, 2, 1), (1, 2, 1), output_padding=(0, 1, 0), use_bias=False),
            m.Cropping3D(((0, 0), (0, 1), (0, 0))),
            m.UpSampling3D((1, 1, 2)),
            m.AveragePooling3D((1, 1, 2), 1),
            m.Flatten(),
        ),
    ),
    alone("channels-first-max-1d", (2, 4), lambda m: m.GlobalMaxPooling1D()),
    alone("channels-first-max-2d", (2, 3, 2), lambda m: m.GlobalMaxPooling2D(True)),
    alone("channels-first-max-3d", (2, 1, 2, 2), lambda m: m.GlobalMaxPooling3D(True)),
    alone("channels-first-average-1d", (2, 4), lambda m: m.GlobalAveragePooling1D(True)),
    alone("channels-first-average-2d", (2, 3, 2), lambda m: m.GlobalAveragePooling2D()),
    alone("channels-first-average-3d", (2, 1, 2, 2), lambda m: m.GlobalAveragePooling3D(True)),
)

FIRST = "layers/channels_first.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("the last places first", "tfimpl", FIRST, "return tnp.moveaxis(x, -axes, -1)", "return tnp.flip(tnp.moveaxis(x, -axes, -1), -2)", "channels-first-2d", "activations"),
    ("reshaped, not moved", "refimpl", FIRST, "return np.moveaxis(x, -axes, -1)", "return x.reshape(*x.shape[:-axes], *x.shape[len(x.shape) + 1 - axes :], x.shape[-axes])", "channels-first-1d", "activations"),
    ("reshaped back, not moved", "tfimpl", FIRST, "return tnp.moveaxis(y, -1, -axes)", "return tnp.reshape(y, (*y.shape[:-axes], y.shape[-1], *y.shape[-axes:-1]))", "channels-first-3d", "activations"),
    ("the gradient's channels not moved back", "refimpl", FIRST, "return self.first(xb, len(self.input_shape)), gradients", "return xb.reshape(*xb.shape[:-3], *self.input_shape), gradients", "channels-first-average-2d", "gradients"),
    ("the gradient's places in the other order", "refimpl", FIRST, "yb = self.last(yb, len(self.output_shape))", "yb = np.flip(self.last(yb, len(self.output_shape)), axis=-2 if len(self.output_shape) > 1 else -1)", "channels-first-1d", "flows"),
)
