"""Layers around layers: both directions, every time step, the same vector, two layers."""

from equivalence.pairs.layers.masks import FEATURES, PLACES, WORDS, words
from equivalence.pairs.layers.row import chain, layer, wrong

SEQUENCE = (PLACES, FEATURES)


def normal(rng, rows):
    """Return sequences (rows, places * features)."""
    return rng.normal(size=(rows, PLACES * FEATURES))


ROWS = (
    layer("bidirectional-concat", SEQUENCE, lambda m: m.Bidirectional(m.SimpleRNN(3))),
    layer(
        "bidirectional-concat-sequences",
        SEQUENCE,
        lambda m: m.Bidirectional(m.LSTM(2, return_sequences=True)),
    ),
    layer(
        "bidirectional-mul",
        SEQUENCE,
        lambda m: m.Bidirectional(m.LSTM(2, use_bias=False, return_sequences=True), "mul"),
    ),
    layer(
        "bidirectional-states",
        (SEQUENCE, (2,), (2,), (2,), (2,)),
        lambda m: m.Bidirectional(m.LSTM(2, return_state=True, return_sequences=True)),
    ),
    layer(
        "bidirectional-last-states",
        SEQUENCE,
        lambda m: m.Bidirectional(m.GRU(2, return_state=True), "sum"),
    ),
    layer("bidirectional-ave", SEQUENCE, lambda m: m.Bidirectional(m.GRU(2), "ave")),
    layer(
        "bidirectional-of-two-kinds",
        SEQUENCE,
        lambda m: m.Bidirectional(
            m.SimpleRNN(3, return_sequences=True),
            "sum",
            m.GRU(3, return_sequences=True, go_backwards=True),
        ),
    ),
    chain(
        "bidirectional-masked",
        (PLACES,),
        lambda m: (
            m.Embedding(WORDS, FEATURES, mask_zero=True),
            m.Bidirectional(m.LSTM(2, return_sequences=True), "sum"),
            m.Bidirectional(m.SimpleRNN(2)),
        ),
        words,
    ),
    chain(
        "bidirectional-masked-unrolled",
        (PLACES,),
        lambda m: (
            m.Embedding(WORDS, FEATURES, mask_zero=True),
            m.Bidirectional(m.LSTM(2, return_sequences=True, unroll=True)),
            m.Flatten(),
        ),
        words,
    ),
    layer(
        "time-distributed",
        SEQUENCE,
        lambda m: m.TimeDistributed(m.Dense(3, m.Tanh(), kernel_regularizer=m.L2(0.25))),
    ),
    layer("repeat-vector", (3,), lambda m: m.RepeatVector(4)),
    chain(
        "stacked",
        SEQUENCE,
        lambda m: (
            m.LSTM(3, return_sequences=True),
            m.LSTM(2, return_sequences=True),
            m.TimeDistributed(m.Dense(1)),
            m.Flatten(),
        ),
        normal,
    ),
)

BOTH, STEPS, REPEAT = (
    f"layers/{name}.py" for name in ("bidirectional", "time_distributed", "repeat_vector")
)
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("the second's outputs left in its order", "refimpl", BOTH, "np.flip(y, axis=-2) if self.layer.return_sequences else y", "y", "bidirectional-concat-sequences", "activations"),
    ("the second's gradients left in order", "refimpl", BOTH, "self.in_order(yb2), states2", "yb2, states2", "bidirectional-concat-sequences", "flows"),
    ("the second's last states before the first's", "refimpl", BOTH, "(y, states1, states2)", "(y, states2, states1)", "bidirectional-last-states", "activations"),
    ("each starts from the other's states", "tfimpl", BOTH, "(x, *states[:half]), (x, *states[half:])", "(x, *states[half:]), (x, *states[:half])", "bidirectional-states", "activations"),
    ("each has the gradients of the other's last states", "refimpl", BOTH, "rows[..., :half, :], rows[..., half:, :]", "rows[..., half:, :], rows[..., :half, :]", "bidirectional-last-states", "flows"),
    ("the gradients of one direction's states to start from for both", "refimpl", BOTH, "*xb1[1:], *xb2[1:]", "*xb1[1:], *xb1[1:]", "bidirectional-states", "gradients"),
    ("one layer's weights for both", "refimpl", BOTH, "(*weights[count:], *states[drawn:])", "(*weights[:count], *states[drawn:])", "bidirectional-concat", "activations"),
    ("both in one direction", "refimpl", BOTH, "zip(both, shapes)", "zip((both[0], replace(both[1], go_backwards=False)), shapes)", "bidirectional-ave", "activations"),
    ("a product's gradients the wrong way round", "refimpl", BOTH, "yb * y2, yb * y1", "yb * y1, yb * y2", "bidirectional-mul", "flows"),
    ("a mean's gradient not halved", "refimpl", BOTH, 'yb if self.merge_mode == "sum" else yb / 2', "yb", "bidirectional-ave", "flows"),
    ("halves of the gradient swapped", "refimpl", BOTH, "yb[..., :units], yb[..., units:]", "yb[..., units:], yb[..., :units]", "bidirectional-concat", "flows"),
    ("input gradient of one direction, weights' of both", "refimpl", BOTH, "return xb1 + xb2, gradients", "return xb1, gradients", "bidirectional-of-two-kinds", "gradients"),
    ("masked outputs not 0", "refimpl", BOTH, '"zero_output_for_mask": self.layer.return_sequences', '"zero_output_for_mask": False', "bidirectional-masked", "activations"),
    ("sum for mean", "tfimpl", BOTH, "else (y1 + y2) / 2", "else y1 + y2", "bidirectional-ave", "activations"),
    ("gradients at other time steps", "refimpl", STEPS, "yb = yb.reshape(", "yb = yb[..., ::-1, :].reshape(", "time-distributed", "gradients"),
    ("samples and time steps swapped", "tfimpl", STEPS, "tf.reshape(y, (*leading, -1, *self.output_shape))", "tf.experimental.numpy.swapaxes(tf.reshape(y, (*leading, self.input_shape[0], -1, self.output_shape[-1])), -2, -3)", "time-distributed", "activations"),
    ("gradient of the last time step alone", "refimpl", REPEAT, "np.sum(yb, axis=-2), ()", "yb[..., -1, :], ()", "repeat-vector", "gradients"),
    ("numbers repeated, not vectors", "refimpl", REPEAT, "np.repeat(x[..., None, :], self.n, axis=-2)", "np.repeat(x, self.n, axis=-1).reshape(*x.shape[:-1], self.n, -1)", "repeat-vector", "activations"),
)
