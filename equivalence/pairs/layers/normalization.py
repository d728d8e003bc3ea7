"""Normalization over the batch, over a sample, in groups, by the root mean square, to length 1."""

from equivalence.pairs.layers.row import layer, wrong

ROWS = (
    layer("batch-normalization", (3,), lambda m: m.BatchNormalization(momentum=0.9)),
    layer(
        "batch-normalization-of-places",
        (2, 3, 2),
        lambda m: m.BatchNormalization(1, 0.7, 0.02, center=False, moving_variance=1.75),
    ),
    layer(
        "batch-normalization-no-scale",
        (2, 3),
        lambda m: m.BatchNormalization(epsilon=0.1, scale=False, moving_mean=0.25),
    ),
    layer(
        "batch-normalization-inference",
        (2, 2, 3),
        lambda m: m.BatchNormalization(
            epsilon=0.02, moving_mean=0.25, moving_variance=1.75, training=False
        ),
    ),
    layer("layer-normalization", (3,), lambda m: m.LayerNormalization()),
    layer(
        "layer-normalization-of-places",
        (2, 3, 2),
        lambda m: m.LayerNormalization((1, 2), 0.02, center=False),
    ),
    layer(
        "layer-normalization-no-scale",
        (3, 2),
        lambda m: m.LayerNormalization(1, 0.1, scale=False),
    ),
    layer("rms-normalization", (3,), lambda m: m.RMSNormalization()),
    layer("rms-normalization-of-places", (2, 3), lambda m: m.RMSNormalization((1, 2), 0.02)),
    layer("group-normalization", (3, 4), lambda m: m.GroupNormalization(2)),
    layer(
        "group-normalization-of-channels",
        (4, 2, 2),
        lambda m: m.GroupNormalization(2, 1, 0.02, center=False),
    ),
    layer(
        "instance-normalization",
        (3, 2),
        lambda m: m.GroupNormalization(-1, epsilon=0.1, scale=False),
    ),
    layer("unit-normalization", (3,), lambda m: m.UnitNormalization()),
    layer("unit-normalization-of-places", (2, 3), lambda m: m.UnitNormalization((1, 2))),
)

NORMALIZATION, BATCH = "layers/normalization.py", "layers/batch_normalization.py"
LAYER, GROUP = "layers/layer_normalization.py", "layers/group_normalization.py"
RMS, UNIT = "layers/rms_normalization.py", "layers/unit_normalization.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("the features normalized over the wrong axis", "refimpl", BATCH, "return self.axis % rank - rank", "return -1", "batch-normalization-of-places", "activations"),
    ("epsilon outside of the root", "refimpl", NORMALIZATION, "np.sqrt(variance + self.epsilon)", "(np.sqrt(variance) + self.epsilon)", "layer-normalization", "activations"),
    ("epsilon left out", "tfimpl", NORMALIZATION, "variance + self.epsilon", "variance", "group-normalization", "activations"),
    ("unbiased variance", "refimpl", NORMALIZATION, "keepdims=True) / n  # (6)", "keepdims=True) / (n - 1)  # (6)", "batch-normalization", "activations"),
    ("moving statistics with momentum and its rest swapped", "refimpl", BATCH, "keep = self.momentum", "keep = 1 - self.momentum", "batch-normalization", "slots"),
    ("moving variance not updated", "refimpl", BATCH, "for m, b in each)", "for m, b in [*each][:1]) + moving[1:]", "batch-normalization-no-scale", "slots"),
    ("unbiased variance in the moving one alone", "refimpl", BATCH, "return y, (kept, (mean, variance), moving)", "return y, (kept, (mean, variance * 4 / 3), moving)", "batch-normalization", "slots"),
    ("statistics of the batch at inference", "tfimpl", BATCH, "if self.training:\n            mean", "if True:\n            mean", "batch-normalization-inference", "activations"),
    ("gradient through mean and variance at inference", "refimpl", BATCH, "of_x=self.training", "of_x=True", "batch-normalization-inference", "gradients"),
    ("mean and variance taken for constants on the way back; gamma's is right", "refimpl", NORMALIZATION, "if not of_x:", "if True:", "batch-normalization", "gradients"),
    ("gradient through the mean forgotten", "refimpl", NORMALIZATION, "[by_variance, by_mean]", "[by_variance]", "layer-normalization-of-places", "gradients"),
    ("gradient through the variance stopped", "tfimpl", NORMALIZATION, "tf.math.rsqrt(variance", "tf.math.rsqrt(tf.stop_gradient(variance)", "group-normalization-of-channels", "gradients"),
    ("gamma left out on the way back", "refimpl", NORMALIZATION, "_summed(invb * gamma, r)", "_summed(invb, r)", "layer-normalization", "gradients"),
    ("gamma's gradient before the mean is taken off", "refimpl", NORMALIZATION, "_summed(yb * x, inv) + _summed(productb * mean, inv)", "_summed(yb * x, inv)", "batch-normalization", "gradients"),
    ("each place with its own moments", "tfimpl", LAYER, "self.moments(x)", "type(self)(-1, input_shape=self.input_shape).moments(x)", "layer-normalization-of-places", "activations"),
    ("one group of all channels", "refimpl", GROUP, "if self.groups == -1 else self.groups", "if self.groups == -1 else 1", "group-normalization", "activations"),
    ("the number of groups and their size swapped", "refimpl", GROUP, "(*before, groups, channels // groups, *after)", "(*before, channels // groups, groups, *after)", "instance-normalization", "activations"),
    ("the mean taken off before the root mean square", "tfimpl", RMS, "tf.square(x)", "tf.square(x - tf.reduce_mean(x, axis=self.over, keepdims=True))", "rms-normalization", "activations"),
    ("scale left out on the way back", "refimpl", RMS, "ub = yb * self.spread(scale)", "ub = yb", "rms-normalization-of-places", "gradients"),
    ("root mean square taken for a constant on the way back", "refimpl", RMS, "return ub * r + 2 * squareb * x", "return ub * r + 0 * squareb * x", "rms-normalization", "gradients"),
    ("sum of magnitudes for the length", "refimpl", UNIT, "root = np.sqrt(np.where(short, 1, square))", "root = np.sum(np.absolute(x), axis=self.over, keepdims=True)", "unit-normalization", "activations"),
    ("length taken for a constant on the way back", "tfimpl", UNIT, "return x * r, x", "return x * tf.stop_gradient(r), x", "unit-normalization-of-places", "gradients"),
)
