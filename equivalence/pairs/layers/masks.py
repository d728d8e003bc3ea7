"""Tables of rows, and masks: where they come from, and what they do in the layers behind."""

import numpy as np

from equivalence.pairs.layers.row import chain, layer, wrong

WORDS, PLACES = 5, 4
FEATURES = 2
GAP = 0.5


def words(rng, rows):
    """Return sentences (rows, places): numbers below WORDS, 0 in front, and here and there."""
    numbers = rng.integers(0, WORDS, (rows, PLACES))
    starts = rng.integers(0, PLACES, (rows, 1))
    return np.where(np.arange(PLACES) < starts, 0, numbers).astype(float)


def ending(rng, rows):
    """Return sentences as ``words`` does, each of one word at least: its last."""
    return np.maximum(words(rng, rows), np.eye(PLACES)[-1])


def gaps(rng, rows):
    """Return sequences (rows, places * features), of which some time steps hold only GAP.

    In others one of the two numbers is GAP: these count.
    """
    x = rng.normal(size=(rows, PLACES, FEATURES))
    x[rng.random((rows, PLACES)) < 0.4] = GAP
    x[..., :1][rng.random((rows, PLACES, 1)) < 0.2] = GAP
    return x.reshape(rows, -1)


def masked(name, *layers):
    """Return the row of an Embedding with a mask, and layers behind it."""

    def build(m):
        return (m.Embedding(WORDS, FEATURES, mask_zero=True), *(f(m) for f in layers))

    return chain(name, (PLACES,), build, words)


ROWS = (
    layer("embedding", (PLACES,), lambda m: m.Embedding(WORDS, 3), inputs=words),
    masked("masked-simple-rnn", lambda m: m.SimpleRNN(3), lambda m: m.Dense(2)),
    masked(
        "masked-lstm",
        lambda m: m.LSTM(3, return_sequences=True, go_backwards=True),
        lambda m: m.Dense(2),
        lambda m: m.Flatten(),
    ),
    masked(
        "masked-gru",
        lambda m: m.GRU(3, return_sequences=True, zero_output_for_mask=True),
        lambda m: m.GRU(2, reset_after=False, zero_output_for_mask=True),
    ),
    masked(
        "masked-backwards-and-behind",
        lambda m: m.GRU(3, return_sequences=True, go_backwards=True),
        lambda m: m.SimpleRNN(3),
    ),
    chain(
        "masking-recurrent",
        (PLACES, FEATURES),
        lambda m: (
            m.Masking(GAP),
            m.Dense(3, use_bias=False),
            m.Masking(),
            m.Dense(3),
            m.GRU(3, reset_after=False, return_sequences=True),
            m.LSTM(2),
        ),
        gaps,
    ),
    masked(
        "mask-goes-on",
        lambda m: m.Dropout(0.25, seed=3),
        lambda m: m.LayerNormalization(),
        lambda m: m.GroupNormalization(1),
        lambda m: m.UnitNormalization(),
        lambda m: m.TimeDistributed(m.Dense(2)),
        lambda m: m.SimpleRNN(3),
    ),
    chain(
        "masked-moments-and-mean",
        (PLACES,),
        lambda m: (
            m.Embedding(WORDS, FEATURES, mask_zero=True),
            m.BatchNormalization(momentum=0.9),
            m.GlobalAveragePooling1D(),
            m.Dense(2),
        ),
        ending,
    ),
    chain(
        "mask-ends",
        (PLACES,),
        lambda m: (
            m.Embedding(WORDS, FEATURES, mask_zero=True),
            m.Reshape((PLACES, FEATURES)),
            m.SimpleRNN(3, unroll=True),
        ),
        words,
        note="Reshape passes no mask on: the recurrent layer sees every time step",
    ),
)

NETWORK, TIME = "networks/sequential.py", "layers/recurrent.py"
NORMAL, MEAN = "layers/normalization.py", "layers/global_average_pooling.py"
TABLE, MASKING = "layers/embedding.py", "layers/masking.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("numbers from 1", "tfimpl", TABLE, "tf.cast(x, tf.int32), batch_dims", "tf.cast(tf.abs(x - 1), tf.int32), batch_dims", "embedding", "activations"),
    ("a row that is found twice gets one gradient", "refimpl", TABLE, "one_hot.mT @ given", "np.max(one_hot[..., None] * given[..., None, :], axis=-3)", "embedding", "gradients"),
    ("every second place without a gradient", "refimpl", TABLE, "one_hot.mT @ given", "one_hot[..., ::2, :].mT @ given[..., ::2, :]", "masked-simple-rnn", "gradients"),
    ("masked places in the mean of a batch", "refimpl", NORMAL, "np.sum(np.where(counts, x, nothing)", "np.sum(np.where(counts, x, x)", "masked-moments-and-mean", "activations"),
    ("masked places in its variance", "tfimpl", NORMAL, "tf.square(tf.where(counts, x - mean, nothing))", "tf.square(x - mean)", "masked-moments-and-mean", "activations"),
    ("the mean of all places, of which some are 0", "refimpl", MEAN, "n = np.sum(np.where(counts, np.ones_like(x), 0), axis=-2)  # (2)", "n = x.shape[-2]  # (2)", "masked-moments-and-mean", "activations"),
    ("masked places get a part of the mean's gradient", "refimpl", MEAN, "np.where(counts, yb / n, np.zeros_like(x))", "np.broadcast_to(yb / n, x.shape)", "masked-moments-and-mean", "flows"),
    ("masked places get a part of the moment's gradient", "refimpl", NORMAL, "np.where(counts, meanb / n, nothing)", "meanb / n + nothing", "masked-moments-and-mean", "flows"),
    ("mask dropped", "refimpl", NETWORK, "(mask,) if layer.takes_mask else ()", "()", "masked-simple-rnn", "activations"),
    ("mask the other way round", "tfimpl", TABLE, "!= 0, 1, 0)", "!= 0, 0, 1)", "masked-simple-rnn", "activations"),
    ("mask ends at a Dense", "refimpl", "layers/dense.py", "passes_mask: ClassVar = True", "passes_mask: ClassVar = False", "masking-recurrent", "activations"),
    ("mask goes on behind a Reshape", "refimpl", "layers/reshape.py", "    def forward(", "    passes_mask = True\n\n    def forward(", "mask-ends", "activations"),
    ("masked steps change the state", "tfimpl", TIME, "tf.where(counts, new, old)", "new", "masked-simple-rnn", "activations"),
    ("masked outputs 0 without being asked", "refimpl", TIME, "counts if zeros else [None] * len(counts)", "counts", "masked-lstm", "activations"),
    ("mask not reversed with its sequence", "refimpl", TIME, "mask = self.in_order(mask[..., None])", "mask = mask[..., None]", "masked-lstm", "activations"),
    ("mask in the order of the inputs behind reversed outputs", "refimpl", TIME, "np.flip(mask, axis=-1) if self.go_backwards else mask", "mask", "masked-backwards-and-behind", "activations"),
    ("gradient ends at a masked step", "refimpl", "layers/lstm.py", "through_back(zb, of_h, recurrent_kernel), hb)", "through_back(zb, of_h, recurrent_kernel), 0 * hb)", "masked-lstm", "flows"),
    ("gradient goes into masked steps", "refimpl", "layers/lstm.py", "yb = masked(counts, hb)", "yb = hb", "masked-lstm", "flows"),
    ("carry changed by masked steps, the state not", "tfimpl", "layers/lstm.py", "chosen(counts, carry, c)", "carry", "masking-recurrent", "activations"),
    ("one number that is the mask's is enough", "tfimpl", MASKING, "tf.reduce_max(tf.abs", "tf.reduce_min(tf.abs", "masking-recurrent", "activations"),
    ("masked time steps keep their numbers", "refimpl", MASKING, "np.where(furthest > 0, x, np.zeros_like(x))", "x", "masking-recurrent", "activations"),
)
