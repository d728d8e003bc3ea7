"""Hypothesis strategies: random training runs that both sides can take.

    from hypothesis import given
    from equivalence import pairs, strategies

    @given(strategies.programs(pairs.find("tanh-2-2-2"), "float64"), strategies.epochs())
    def test_my_implementation(program, epochs): ...

The numbers are chosen to be awkward but not hopeless: magnitudes from 1e-5 to 1e3 of
both signs, zeros and negative zeros, ties between the columns of a kernel (and so
between the logits of a softmax), pre-activations that saturate a sigmoid or a tanh.
An array spreads over three decades whose top is drawn for the whole array, so that a
run overflows now and then but not always.  Everything shrinks towards small arrays of
zeros and ones.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from equivalence import trees
from equivalence.ensemble.nets import stacked
from equivalence.steps.program import Program

# The powers of ten at which arrays end, most often 1; they begin three decades below.
TOPS = (0, 0, 0, -2, 1, 0, 3)
DECADES = 3
# Of the numbers, one in ten is 0 and one in twenty -0.
SIGNS = (0.0, 0.0, -0.0, *(1.0, -1.0) * 8)


@dataclass(frozen=True)
class Shapes:
    """The sizes of a run.

    weights: the shape of each weight, in the order of ``weight_names``.
    inputs, targets: (batches, batch, features) and (batches, batch, units).
    """

    weights: tuple
    inputs: tuple
    targets: tuple


# ----------------------------------------------------------------------- numbers


def sizes(largest=4):
    """Return a strategy for the number of inputs or units of a layer: 1 to ``largest``."""
    return st.integers(1, largest)


def epochs(most=5):
    """Return a strategy for a number of epochs: 1 to ``most``."""
    return st.integers(1, most)


def learning_rates(low=1e-5, high=1.0):
    """Return a strategy for learning rates, uniform in their logarithm."""
    return st.floats(np.log10(low), np.log10(high)).map(lambda exponent: float(10**exponent))


def numbers(dtype, low=1e-5, high=1e3):
    """Return a strategy for floats of ``dtype`` as Python floats.

    Both signs; magnitudes uniform in their logarithm between ``low`` and ``high``; some
    are 0 and -0.
    """
    cast = np.dtype(dtype).type
    exponents = st.floats(np.log10(low), np.log10(high))
    return st.builds(
        lambda sign, exponent: float(cast(sign * 10**exponent)), st.sampled_from(SIGNS), exponents
    )


# ------------------------------------------------------------------------ arrays


def arrays(shape, dtype, low=1e-5, high=1e3):
    """Return a strategy for arrays of numbers within three decades, which are drawn.

    low, high: where the decades lie.  Most arrays are ``dense``; the others have a few
    ``numbers`` of Hypothesis's own liking among many that are equal.
    """
    tops = [10.0**top for top in TOPS if low < 10.0**top <= high] or [high]

    def below(top):
        bottom = max(low, top / 10**DECADES)
        few = numbers(dtype, bottom, top)
        many = dense(shape, dtype, bottom, top)
        return st.one_of(hnp.arrays(dtype, shape, elements=few, fill=few), many, many, many)

    return st.sampled_from(tops).flatmap(below)


def dense(shape, dtype, low=1e-5, high=1e3):
    """Return a strategy for arrays of independent numbers, distributed as ``numbers``."""

    def of(seed):
        rng = np.random.default_rng(list(seed))
        magnitude = 10 ** rng.uniform(np.log10(low), np.log10(high), shape)
        return (rng.choice(SIGNS, shape) * magnitude).astype(dtype)

    return st.binary(min_size=8, max_size=8).map(of)


def tied(shape, dtype):
    """Return a strategy for kernels whose columns are all equal.

    What they make of any input is a tie: between the logits of a softmax, or the units
    of a layer.
    """
    column = arrays((*shape[:-1], 1), dtype)
    return column.map(lambda c: np.repeat(c, shape[-1], axis=-1))


def saturating(shape, dtype):
    """Return a strategy for weights that drive a sigmoid or tanh to its ends: 20 to 1000."""
    return dense(shape, dtype, 20, 1e3)


def weights_of(shapes, dtype):
    """Return a strategy for a tuple of weights: a tuple of arrays of these shapes.

    Most are ``arrays`` up to 100; some are ``tied``, ``saturating`` or zero.
    """

    def weight(shape):
        plain = arrays(shape, dtype, high=100)
        zero = st.just(np.zeros(shape, dtype))
        return st.one_of(plain, plain, plain, zero, tied(shape, dtype), saturating(shape, dtype))

    return st.tuples(*map(weight, shapes))


def inputs(shape, dtype):
    """Return a strategy for inputs: ``arrays`` of all magnitudes."""
    return arrays(shape, dtype)


def targets(shape, dtype):
    """Return a strategy for the targets of a regression: ``arrays`` of all magnitudes."""
    return arrays(shape, dtype)


def probabilities(shape, dtype):
    """Return a strategy for the targets of a softmax: each sample sums to exactly 1.

    Half of the arrays are one-hot; the others are quarters.
    """
    *samples, classes = shape

    def counted(parts):
        chosen = hnp.arrays(np.int64, (*samples, parts), elements=st.integers(0, classes - 1))
        return chosen.map(lambda c: np.eye(classes, dtype=dtype)[c].mean(axis=-2, dtype=dtype))

    return st.sampled_from((1, 4)).flatmap(counted)


# ------------------------------------------------------------------- whole runs


def shapes_of(pair, batches=3, batch=7, largest=4):
    """Return a strategy for the Shapes that a pair's network can take.

    One to ``batches`` batches of 1 to ``batch`` samples, layers of 1 to ``largest``
    units.  A Point and a parabola keep their (1, 1) weights, and a Point its one sample.
    """
    network = pair.network(trees.reference())
    widths = st.tuples(*(sizes(largest) for _ in range(_layers(network) + 1)))
    counts = st.integers(1, batches), st.integers(1, batch)
    return st.builds(lambda *drawn: shapes_for(network, *drawn), widths, *counts)


def shapes_for(network, widths, batches, batch):
    """Return the Shapes of a network with layers of the given widths, inputs first.

    Widths that the network has no layers for are left out.
    """
    layers = _layers(network)
    widths = widths[: layers + 1] if layers else (1, 1)
    kernels = [s for ends in pairwise(widths) for s in (ends, (1, ends[1]))]
    weights = tuple(kernels) if layers else ((1, 1),) * len(network.weight_names)
    batch = 1 if type(network).__name__ == "Point" else batch
    return Shapes(weights, (batches, batch, widths[0]), (batches, batch, widths[-1]))


def _layers(network):
    """Return how many Dense layers a network has; 0 where its weights are single numbers."""
    return len(network.weight_names) // 2 if network.end else 0


@st.composite
def programs_of(draw, pair, dtype, shapes):
    """Draw a Program of a pair with the given Shapes and the pair's hyperparameters."""
    m = trees.reference()
    network = pair.network(m)
    is_softmax = type(network.end).__name__ == "SoftmaxOutput"
    wanted = probabilities if is_softmax else targets
    return Program(
        network,
        pair.optimizer(m),
        draw(weights_of(shapes.weights, dtype)),
        draw(inputs(shapes.inputs, dtype)),
        draw(wanted(shapes.targets, dtype)),
    )


@st.composite
def programs(draw, pair, dtype):
    """Draw a Program of a pair: sizes, batches, weights, data and learning rate are random.

    Some overflow, or meet a kink; the judge says so, and never calls them different.
    """
    program = draw(programs_of(pair, dtype, draw(shapes_of(pair))))
    return replace(
        program, optimizer=replace(program.optimizer, learning_rate=draw(learning_rates()))
    )


# --------------------------------------------------------- optimizers, layers, models


def given_gradients(optimizer, shapes, dtype, steps=4):
    """Return a strategy for Programs of an optimizer alone: weights and gradients are random.

    optimizer: of ``refimpl``; shapes: of the weights, of any rank.
    """
    network = trees.reference().GivenGradients(tuple(shapes))
    numbers = sum(rows * columns for rows, columns in network.matrices)
    weights = st.tuples(*(arrays(shape, dtype, high=100) for shape in network.matrices))
    return st.builds(
        lambda weights, given: Program(
            network, optimizer, weights, given, np.zeros((steps, 1, 1), dtype)
        ),
        weights,
        arrays((steps, 1, numbers), dtype, high=100),
    )


# What a small model is made of; each takes what the one before gives.  Of a layer on rows of
# numbers, and of one on time steps: a function of a namespace and of two drawn sizes.
ROW_LAYERS = {
    "dense-tanh": lambda m, a, b: m.Dense(a, m.Tanh()),
    "dense-relu": lambda m, a, b: m.Dense(a, m.ReLU()),
    "dense-sigmoid": lambda m, a, b: m.Dense(a, m.Sigmoid()),
    "dense-silu": lambda m, a, b: m.Dense(a, m.SiLU()),
    "layer-normalization": lambda m, a, b: m.LayerNormalization(),
    "batch-normalization": lambda m, a, b: m.BatchNormalization(momentum=0.75),
    "dropout": lambda m, a, b: m.Dropout(0.5, seed=7),
}
STEP_LAYERS = {
    "conv1d": lambda m, a, b: m.Conv1D(a, b, activation=m.ReLU()),
    "conv1d-same": lambda m, a, b: m.Conv1D(a, b, padding="same", activation=m.Tanh()),
    "simple-rnn": lambda m, a, b: m.SimpleRNN(a, return_sequences=True),
    "lstm": lambda m, a, b: m.LSTM(a, return_sequences=True),
    "gru": lambda m, a, b: m.GRU(a, return_sequences=True),
    "time-distributed": lambda m, a, b: m.TimeDistributed(m.Dense(a)),
    "layer-normalization": lambda m, a, b: m.LayerNormalization(),
}
ENDS = {
    "flatten": lambda m, a, b: m.Flatten(),
    "global-max-pooling": lambda m, a, b: m.GlobalMaxPooling1D(),
    "global-average-pooling": lambda m, a, b: m.GlobalAveragePooling1D(),
    "lstm": lambda m, a, b: m.LSTM(a),
}
TIME_STEPS = 5  # more than two kernels of 2 take away


@dataclass(frozen=True)
class SmallModel:
    """A drawn row of layers, from which both twins are built.

    parts: (table, name, first size, second size) of each layer; units, softmax: its end.
    """

    input_shape: tuple
    parts: tuple
    units: int
    softmax: bool

    def network(self, m):
        """Return the network in one of the trees."""
        layers = [TABLES[table][name](m, a, b) for table, name, a, b in self.parts]
        end = m.SoftmaxOutput() if self.softmax else m.Output()
        return m.Sequential(self.input_shape, (*layers, m.Dense(self.units)), end)


TABLES = {"rows": ROW_LAYERS, "steps": STEP_LAYERS, "ends": ENDS}


def small_models(most=2):
    """Return a strategy for SmallModels: up to ``most`` layers of a kind in front of a Dense."""

    def parts(table):
        one = st.tuples(
            st.just(table), st.sampled_from(sorted(TABLES[table])), sizes(3), st.integers(1, 2)
        )
        return st.lists(one, min_size=1, max_size=1 if table == "ends" else most).map(tuple)

    def model(series):
        shape = (TIME_STEPS, 2) if series else (3,)
        tables = ("steps", "ends") if series else ("rows",)
        drawn = st.tuples(*map(parts, tables)).map(lambda found: sum(found, ()))
        return st.builds(SmallModel, st.just(shape), drawn, st.integers(2, 3), st.booleans())

    return st.booleans().flatmap(model)


@st.composite
def programs_of_model(draw, model, dtype, batches=2, batch=3):
    """Draw a Program of a SmallModel: random weights and data, trained by momentum."""
    m = trees.reference()
    network = model.network(m)
    numbers = int(np.prod(model.input_shape))
    wanted = probabilities if model.softmax else targets
    return Program(
        network,
        m.Momentum(0.125, 0.75),
        tuple(draw(arrays(shape, dtype, 1e-3, 10)) for shape in network.weight_shapes),
        draw(arrays((batches, batch, numbers), dtype, high=10)),
        draw(wanted((batches, batch, model.units), dtype)),
    )


# --------------------------------------------------------------------- ensembles


def ensembles(pair, dtype, most=64):
    """Return a strategy for ensembles of 1 to ``most`` nets of a pair (``equivalence.ensemble``).

    The nets of one are of one size; each has weights, data and a learning rate of its
    own, distributed as those of ``programs`` are.  They all come from one seed, since a
    draw of Hypothesis costs more than a net's run: what is shrunk is their number and
    their size.  ``ensemble.certified.cut_down`` finds the net that fails.
    """
    seeds = st.binary(min_size=8, max_size=8)
    return st.builds(
        lambda shapes, nets, seed: ensemble_for(pair, dtype, shapes, nets, seed),
        shapes_of(pair),
        st.integers(1, most),
        seeds,
    )


def ensemble_for(pair, dtype, shapes, nets, seed):
    """Return the ensemble of a seed, some bytes, with learning rates of the nets' own."""
    rng = np.random.default_rng(list(seed))
    return stacked([_net(rng, pair, dtype, shapes) for _ in range(nets)])


def _net(rng, pair, dtype, shapes):
    m = trees.reference()
    network = pair.network(m)
    is_softmax = type(network.end).__name__ == "SoftmaxOutput"
    wanted = _probabilities if is_softmax else _numbers
    return Program(
        network,
        replace(pair.optimizer(m), learning_rate=float(10 ** rng.uniform(-5, 0))),
        tuple(rng.choice(KINDS)(rng, shape).astype(dtype) for shape in shapes.weights),
        _numbers(rng, shapes.inputs).astype(dtype),
        wanted(rng, shapes.targets).astype(dtype),
    )


def _numbers(rng, shape, tops=TOPS):
    """Return numbers of both signs within three decades, with zeros among them."""
    top = rng.choice(tops)
    return rng.choice(SIGNS, shape) * 10 ** rng.uniform(top - DECADES, top, shape)


def _weights(rng, shape):
    return _numbers(rng, shape, [top for top in TOPS if top <= 2])


def _repeated(rng, shape):
    return rng.choice(_weights(rng, (2,)), shape)


def _tied(rng, shape):
    return np.repeat(_weights(rng, (*shape[:-1], 1)), shape[-1], axis=-1)


def _saturating(rng, shape):
    return rng.choice(SIGNS, shape) * rng.uniform(20, 1e3, shape)


def _zero(rng, shape):
    return np.zeros(shape)


def _probabilities(rng, shape):
    *samples, classes = shape
    chosen = rng.integers(classes, size=(*samples, rng.choice((1, 4))))
    return np.eye(classes)[chosen].mean(axis=-2)


# How a net of an ensemble gets each of its weights.
KINDS = (_weights, _weights, _weights, _repeated, _tied, _saturating, _zero)
