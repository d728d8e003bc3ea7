"""Penalties on the kernels, biases and outputs of layers, and who divides them by what."""

from equivalence.pairs.layers.masks import PLACES, WORDS, words
from equivalence.pairs.layers.row import chain, layer, wrong

SEQUENCE = (4, 2)


def penalties(m, *names):
    """Return a penalty for each name, every second the other's kind."""
    return tuple((n, m.L1L2(0.25, 0.5) if k % 2 else m.L2(0.25)) for k, n in enumerate(names))


def everywhere(m, layer, *names):
    """Return a layer with penalties on these weights and on its outputs."""
    return m.Regularized(layer, penalties(m, *names, "activity"))


ROWS = (
    layer(
        "regularizer-l2",
        (3,),
        lambda m: m.Dense(2, m.Tanh(), kernel_regularizer=m.L2(0.25)),
    ),
    layer(
        "regularizer-l1",
        (3,),
        lambda m: m.Dense(2, kernel_regularizer=m.L1(0.3), bias_regularizer=m.L2(0.2)),
    ),
    layer(
        "regularizer-l1-l2",
        (2, 3),
        lambda m: m.Dense(2, bias_regularizer=m.L1(), kernel_regularizer=m.L1L2(0.3, 0.1)),
    ),
    layer(
        "regularizer-activity",
        (2, 3),
        lambda m: m.Dense(2, m.Tanh(), activity_regularizer=m.L2(0.7)),
        samples=3,
    ),
    layer(
        "regularizers-lstm",
        SEQUENCE,
        lambda m: everywhere(m, m.LSTM(2), "kernel", "recurrent", "bias"),
    ),
    layer(
        "regularizers-heads",
        (SEQUENCE, SEQUENCE),
        lambda m: m.Regularized(
            m.MultiHeadAttention(1, 2, use_gate=True), penalties(m, "kernel", "bias")
        ),
    ),
    chain(
        "regularizers-1d",
        (PLACES,),
        lambda m: (
            everywhere(m, m.Embedding(WORDS, 2), "embeddings"),
            everywhere(m, m.Conv1D(2, 2), "kernel", "bias"),
            everywhere(m, m.Conv1DTranspose(2, 2), "kernel", "bias"),
            everywhere(m, m.DepthwiseConv1D(2, 2, "same", use_bias=True), "depthwise", "bias"),
            everywhere(m, m.SeparableConv1D(2, 2), "depthwise", "pointwise", "bias"),
            everywhere(m, m.SimpleRNN(2, return_sequences=True), "kernel", "recurrent", "bias"),
            everywhere(m, m.GRU(2), "kernel", "recurrent", "bias"),
        ),
        words,
    ),
    chain(
        "regularizers-2d",
        (3, 2, 2),
        lambda m: (
            everywhere(m, m.Conv2D(2, 2, padding="same"), "kernel", "bias"),
            everywhere(m, m.Conv2DTranspose(2, 2), "kernel", "bias"),
            everywhere(m, m.DepthwiseConv2D(2), "depthwise", "bias"),
            everywhere(m, m.SeparableConv2D(2, 2), "depthwise", "pointwise", "bias"),
            everywhere(m, m.BatchNormalization(), "gamma", "beta"),
            everywhere(m, m.LayerNormalization(), "gamma", "beta"),
            everywhere(m, m.GroupNormalization(1), "gamma", "beta"),
            m.Flatten(),
        ),
        lambda rng, rows: rng.normal(size=(rows, 12)),
    ),
    layer(
        "regularizers-einsum-dense",
        (2, 3),
        lambda m: everywhere(
            m, m.EinsumDense("abc,cd->abd", (2, 2), bias_axes="bd"), "kernel", "bias"
        ),
    ),
    layer("regularizers-prelu", (2, 3), lambda m: everywhere(m, m.PReLU(), "alpha")),
    chain(
        "regularizers-3d",
        (2, 2, 2, 1),
        lambda m: (
            everywhere(m, m.Conv3D(2, 2), "kernel", "bias"),
            everywhere(m, m.Conv3DTranspose(1, 2), "kernel", "bias"),
            m.Flatten(),
        ),
        lambda rng, rows: rng.normal(size=(rows, 8)),
    ),
    layer(
        "regularizer-activity-l1",
        (3,),
        lambda m: m.Dense(2, activity_regularizer=m.L1L2(0.7, 0.3), kernel_regularizer=m.L2(0.1)),
        samples=5,
    ),
)

AROUND, NAMES = "layers/regularized.py", "layers/wrapper.py"
L1, L2, L1L2 = "regularizers/l1.py", "regularizers/l2.py", "regularizers/l1_l2.py"
DENSE = "layers/dense.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("L2's gradient without the 2", "refimpl", L2, "* (2 * w)", "* w", "regularizer-l2", "gradients"),
    ("L2 with a half in front", "tfimpl", L2, "return self.l2 * tf", "return self.l2 / 2 * tf", "regularizer-l2", "loss"),
    ("L2 of a mean", "refimpl", L2, "axis=(-2, -1))", "axis=(-2, -1)) / w.shape[-1]", "regularizer-l2", "loss"),
    ("L1's gradient without the sign", "refimpl", L1, "np.sign(w)", "np.ones_like(w)", "regularizer-l1", "gradients"),
    ("L1 of the square root of the squares", "tfimpl", L1, "tf.reduce_sum(tf.abs(w), axis=(-2, -1))", "tf.norm(w, axis=(-2, -1))", "regularizer-l1", "loss"),
    ("L1's part left out of the elastic net", "refimpl", L1L2, "return magnitudes + ", "return 0 * magnitudes + ", "regularizer-l1-l2", "loss"),
    ("L2's part left out of the gradient", "refimpl", L1L2, "np.sign(w), yb * self.l2 * (2 * w)", "np.sign(w),", "regularizer-l1-l2", "gradients"),
    ("penalty counted twice", "refimpl", "networks/alone.py", "axis=(-2, -1)), penalties)", "axis=(-2, -1)), (*penalties, *penalties))", "regularizer-l2", "loss"),
    ("penalty in the error alone, not in the gradient", "refimpl", DENSE, "total(g, p.backward(1, w)) if p else g", "g", "regularizer-l2", "gradients"),
    ("the kernel's penalty on the bias", "refimpl", DENSE, "penalties = (self.kernel_regularizer, self.bias_regularizer)", "penalties = (self.bias_regularizer, self.kernel_regularizer)", "regularizer-l1", "gradients"),
    ("penalty of the outputs not divided by the batch", "refimpl", DENSE, ".forward(y) / self.batch(x)", ".forward(y)", "regularizer-activity", "loss"),
    ("its gradient not divided by the batch", "refimpl", DENSE, "y[..., :1, :1]) / self.batch(x)", "y[..., :1, :1])", "regularizer-activity", "gradients"),
    ("penalty of the outputs divided by all places", "tfimpl", DENSE, "self.activity_regularizer.forward(y) / self.batch(x)", "self.activity_regularizer.forward(y) / y.shape[-2]", "regularizer-activity", "loss"),
    ("penalty of the outputs before the activation", "refimpl", DENSE, "x, _, y = kept", "x, y, _ = kept", "regularizer-activity", "loss"),
    ("the recurrent kernel's penalty left out", "refimpl", NAMES, "\"recurrent_kernel\": \"recurrent\",", "", "regularizers-lstm", "loss"),
    ("the recurrent kernel has the kernel's penalty", "tfimpl", NAMES, "\"recurrent_kernel\": \"recurrent\",", "\"recurrent_kernel\": \"kernel\",", "regularizers-lstm", "loss"),
    ("penalty of the outputs not divided by the batch, around", "refimpl", AROUND, "self.activity.forward(y) / y.shape[-2]", "self.activity.forward(y)", "regularizers-2d", "loss"),
    ("the outputs' penalty hands nothing back", "refimpl", AROUND, "part.reshape(*y.shape) for part", "0 * part.reshape(*y.shape) for part", "regularizers-3d", "flows"),
    ("penalty of the first head's kernel alone", "tfimpl", NAMES, "for part in (\"query\", \"key\", \"value\", \"gate\", \"output\")},\n    **{f\"{part}_bias", "for part in (\"query\",)},\n    **{f\"{part}_bias", "regularizers-heads", "loss"),
    ("a table's penalty of the rows that are looked up", "tfimpl", AROUND, "found = tuple(penalty.forward(w)", "found = tuple(penalty.forward(w[..., 1:, :] if w.shape[-2] > 4 else w)", "regularizers-1d", "loss"),
)
