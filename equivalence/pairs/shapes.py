"""The networks of the books and every optimizer in other shapes.

What one sample, one output or a matrix cannot tell apart: a bias gradient by a mean from one
by a sum, a mean over outputs from one over everything, an axis counted from the front from one
counted from behind.  ``equivalence mutants`` asks for each.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from equivalence import trees
from equivalence.pairs.layers.row import layer
from equivalence.pairs.layers.row import start as layer_start
from equivalence.pairs.numbers import normal
from equivalence.pairs.optimizers import MATRICES, OPTIMIZERS, SHAPES, given
from equivalence.steps.pair import Pair

SAMPLES = 3
RANKS = ((2, 3, 2), (2, 1, 2, 3), (1, 2, 1, 2, 3))


def _network(name, units, network, samples=SAMPLES, note=""):
    """Return the row of dense layers: ``units`` of the inputs and of each layer."""
    shapes = [s for i, o in pairwise(units) for s in ((i, o), (1, o))]
    return Pair(
        f"shape-{name}",
        "a network of the books with more samples and units",
        network=network,
        optimizer=lambda m: m.SGD(0.05),
        start=lambda: tuple(normal(shape, 30 + k) for k, shape in enumerate(shapes)),
        data=lambda: (normal((samples, units[0]), 40), normal((samples, units[-1]), 41)),
        epochs=20,
        note=note,
        group="shapes",
    )


def _root_mean_square(m):
    return m.OneLayer(m.Output(loss=m.RootMeanSquaredError()))


def _half_square(m):
    return m.OneLayer(m.Output(loss=m.HalfSquaredError()))


NETWORK_ROWS = (
    _network("one-layer", (4, 3), lambda m: m.OneLayer(m.Output(m.Sigmoid()))),
    _network("two-layer", (2, 4, 3), lambda m: m.TwoLayer(m.SiLU(), m.Output(m.Tanh()))),
    _network("two-layer-linear", (2, 2, 2), lambda m: m.TwoLayer()),
    _network("two-layer-relu", (4, 3, 3), lambda m: m.TwoLayer(m.ReLU(), m.Output(m.Sigmoid()))),
    _network("multilayer", (3, 4, 2, 3), lambda m: m.Multilayer(3, m.SiLU(), m.Output(m.Tanh()))),
    _network("multilayer-5", (2,) * 6, lambda m: m.Multilayer(5, m.SiLU(), m.Output(m.Sigmoid()))),
    _network("half-square", (2, 3), _half_square),
    _network("root-mean-square", (2, 3), _root_mean_square, samples=5),
)
# Adafactor and Muon of a variable of rank above 2 are not those of the matrix that it is here.
RANK_ROWS = tuple(
    given(f"shape-{name}", "the optimizer alone, kernels of rank 3 to 5", make, RANKS, "shapes")
    for name, make in OPTIMIZERS.items()
    if name not in MATRICES
)


def _zeros(row, position):
    """Return a row in which one variable starts from 0, and another one's gradient is 0."""

    def start():
        return tuple(0 * w if k == position else w for k, w in enumerate(row.start()))

    def data():
        gradients, targets = row.data()
        size = np.size(row.start()[0])
        return np.where(np.arange(gradients.shape[1]) < size, 0.0, gradients), targets

    return replace(row, start=start, data=data)


def _later(row):
    """Return a row whose first gradients are all 0, so that a weight of 0 moves in step 2."""

    def data():
        gradients, targets = row.data()
        return np.where(np.arange(len(gradients))[:, None] == 0, 0.0, gradients), targets

    return replace(row, data=data)


ALONE = "the optimizer alone, where its minimum or a length of 0 decides"
EDGE_ROWS = (
    *(
        given(
            f"shape-adafactor-{word}",
            ALONE,
            lambda m, relative=relative: m.Adafactor(0.3, -0.7, 1e-20, 0.3, 0.9, relative),
            MATRICES["adafactor"],
            "shapes",
        )
        for word, relative in (("relative-step", True), ("large-rate", False))
    ),
    _zeros(given("shape-lamb-zeros", ALONE, OPTIMIZERS["lamb"], SHAPES, "shapes"), 1),
    _zeros(
        given("shape-clipnorm-zeros", ALONE, lambda m: m.SGD(0.03, clipnorm=0.3), SHAPES, "shapes"),
        1,
    ),
    _zeros(
        given(
            "shape-global-clipnorm-zeros",
            ALONE,
            lambda m: m.SGD(0.03, global_clipnorm=30.0),
            SHAPES,
            "shapes",
        ),
        1,
    ),
)


def _layer(name, input_shape, build, samples=2):
    row = layer(name, input_shape, build, samples, keras=None)
    return replace(row, name=f"shape-{name}", group="shapes")


def _ties(row):
    """Return a row whose numbers are whole, so that many are equal, and many 0."""
    start = lambda: tuple(np.round(weight) for weight in row.start())
    return replace(row, name=f"{row.name}-ties", start=start)


THREE = ((3,),) * 3
LAYER_ROWS = (
    _ties(_layer("global-max-pooling", (5, 2), lambda m: m.GlobalMaxPooling1D(), 3)),
    _ties(_layer("max-pooling", (6, 2), lambda m: m.MaxPooling1D(3, 1), 3)),
    _ties(_layer("maximum", THREE, lambda m: m.Maximum(), 4)),
    _ties(_layer("minimum", THREE, lambda m: m.Minimum(), 4)),
    _ties(_layer("masking", (5, 1), lambda m: m.Masking(), 3)),
    _layer("unit-normalization-first", (3, 4), lambda m: m.UnitNormalization(1)),
    _layer("rms-normalization-rows", (2, 3, 4), lambda m: m.RMSNormalization()),
    _layer("up-sampling-bilinear", (2, 3, 2), lambda m: m.UpSampling2D(2, "bilinear")),
    _layer("dense-activity", (2,), lambda m: m.Dense(3, activity_regularizer=m.L1(0.1)), 3),
    _layer("dropout-large-seed", (7,), lambda m: m.Dropout(0.4, seed=2**31 + 256)),
    _layer(
        "attention-gate-axes",
        ((2, 2, 3), (2, 2, 3)),
        lambda m: m.MultiHeadAttention(2, 2, attention_axes=2, use_gate=True),
    ),
    _layer(
        "attention-scaled-dropout",
        ((3, 2), (4, 2)),
        lambda m: m.Attention(use_scale=True, dropout=0.3, seed=7),
    ),
)
MORE_ROWS = (
    replace(
        _network("layers-of-adafactor", (3, 4, 2, 3), lambda m: m.Multilayer(3, m.SiLU())),
        optimizer=lambda m: m.Adafactor(0.03, -0.7, 1e-20, 0.3, 0.9),
    ),
    replace(_network("perceptron", (3, 2), lambda m: m.Perceptron()), keras=None),
    _later(_zeros(given("shape-lamb-later", ALONE, OPTIMIZERS["lamb"], SHAPES, "shapes"), 1)),
    _network(
        "focal-classes",
        (2, 3),
        lambda m: m.OneLayer(
            m.Output(m.Softmax(), m.CategoricalFocalCrossentropy((0.3, 0.1, 0.5), 1.5))
        ),
        note="an alpha for each class",
    ),
)


def _small(row):
    """Return a row whose numbers are so small that every length is below what divides."""
    return replace(row, start=lambda: tuple(1e-9 * weight for weight in row.start()))


def _on_data(name, network, start, data, batch_size=None):
    """Return a row of a network on data of its own; ``start`` and ``data`` give arrays."""
    return Pair(
        f"shape-{name}",
        "a network of the models, of other sizes",
        network=network,
        optimizer=lambda m: m.SGD(0.05),
        start=start,
        data=data,
        epochs=2,
        batch_size=batch_size,
        keras=None,
        group="shapes",
    )


def _of_shapes(name, network, data, batch_size=None):
    """Return such a row of a network that knows the shapes of its weights."""
    drawn = lambda: layer_start(network(trees.reference()))
    return _on_data(name, network, drawn, data, batch_size)


def _recurrent_and_dense(m):
    nodes = (
        ("a", m.LSTM(2, return_sequences=True), ("input1",)),
        ("b", m.GRU(3), ("a",)),
        ("end", m.Dense(1), ("b",)),
    )
    return m.Functional(((4, 3),), nodes)


def _three_inputs(m):
    """Return a network of inputs of three lengths, which a flat row has one behind the other."""
    nodes = (
        ("all", m.Concatenate(), ("input3", "input1", "input2")),
        ("end", m.Dense(2), ("all",)),
    )
    return m.Functional(((2,), (3,), (4,)), nodes)


def _unlike_players(m):
    """Return the players' layers: as many weights as neither half of all."""
    reads = m.Dense(3, m.Tanh()), m.Dense(3, m.Tanh()), m.Dense(1)
    return 2, 2, reads, (m.Dense(2, m.Tanh()),)


def _of_rounds(rounds=2, batch=3):
    """Return batches of either player in turn: whose turn, two features, two of noise."""
    turn = np.tile(np.repeat([0.0, 1.0], batch), rounds)[:, None]
    return np.concatenate([turn, normal((len(turn), 4), 50)], axis=1), 0 * turn


def _stars(rows):
    """Return ratings of 0 to 2 stars of five items, and what is recommended."""
    rng = np.random.default_rng(51)
    return rng.integers(0, 3, (rows, 5)).astype(float), np.eye(5)[rng.integers(0, 5, rows)]


def _looked_up():
    """Return numbers of 4 users and 3 items, in no order that undoes itself, and ratings."""
    users, items = [1, 2, 3, 0, 2], [2, 0, 1, 2, 1]
    return np.array([users, items], float).T, normal((5, 1), 52)


POINTS = np.array([[0.1, 0.2], [-0.3, 0.1], [5.2, 5.1], [9.3, 0.2], [8.8, -0.4]])
MEANS = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]])
MODEL_ROWS = (
    _of_shapes(
        "functional-recurrent",
        _recurrent_and_dense,
        lambda: (normal((6, 12), 53), normal((6, 1), 54)),
    ),
    replace(
        _of_shapes(
            "three-inputs",
            _three_inputs,
            lambda: (normal((3, 9), 58), normal((3, 2), 59)),
        ),
        keras="model",
    ),
    _of_shapes("gan", lambda m: m.GAN(*_unlike_players(m)), _of_rounds, 3),
    _of_shapes("gan-of-models", lambda m: m.GANOfModels(*_unlike_players(m)), _of_rounds, 3),
    _of_shapes(
        "vae",
        lambda m: m.VAE(4, 2, (m.Dense(4),), (m.Dense(3, m.Tanh()), m.Dense(4))),
        lambda: (normal((3, 6), 55), np.abs(normal((3, 4), 56))),
    ),
    _on_data("k-means", lambda m: m.KMeans(), lambda: (MEANS,), lambda: (POINTS, POINTS)),
    _on_data(
        "self-organizing-map",
        lambda m: m.SelfOrganizingMap(2, 2),
        lambda: (normal((4, 2), 57),),
        lambda: (np.concatenate([np.full((5, 1), 0.5), POINTS], axis=1), POINTS),
        1,
    ),
    _on_data(
        "rating-look-up",
        lambda m: m.RatingLookUp(),
        lambda: (normal((4, 2), 58), normal((3, 2), 59)),
        _looked_up,
    ),
    *(
        _on_data(
            f"recommender-by-{by}",
            lambda m, by=by: m.Recommender(by),
            lambda by=by: (np.abs(normal((5, 2), 60)) if by == "contents" else _stars(7)[0],),
            lambda: _stars(4),
        )
        for by in ("contents", "users", "items")
    ),
)
# So many time steps and weights that the steps' shares in a gradient are not noted apart.
LARGE_ROWS = (
    _layer(
        "frozen-activity",
        (2,),
        lambda m: m.Frozen(
            m.Dense(3, activity_regularizer=m.L1(0.1)), (normal((2, 3), 61), normal((1, 3), 62))
        ),
    ),
    _layer("chain-of-three", (3,), lambda m: m.Chain((m.Dense(4), m.Dense(5), m.Dense(2)))),
    _layer("simple-rnn-large", (5, 64), lambda m: m.SimpleRNN(64), 2),
    _layer("lstm-large", (3, 40), lambda m: m.LSTM(40), 2),
    _layer("gru-large", (4, 40), lambda m: m.GRU(40), 2),
    _layer(
        "attention-keys-and-scores",
        ((2, 3), (4, 3), (4, 2)),
        lambda m: m.MultiHeadAttention(2, 2, return_attention_scores=True),
    ),
    _small(_layer("dot-of-short", ((2, 3), (2, 3)), lambda m: m.Dot(2, normalize=True))),
)
SHAPE_ROWS = (*NETWORK_ROWS, *RANK_ROWS, *EDGE_ROWS)
# Asked by ``equivalence mutants`` alone.
MUTANT_ROWS = (*LAYER_ROWS, *MORE_ROWS, *MODEL_ROWS, *LARGE_ROWS)
