"""Models of several inputs (text 003, C1), and what holds a model back (text 000, 4-8)."""

import numpy as np

from equivalence.pairs.models.row import model
from equivalence.steps.pair import Pair
from equivalence.texts import at

RANDOM = "the text has no data for it: normal numbers of NumPy's seed"


def two_inputs():
    """Return 32 samples of 64 and 128 normal numbers in a row, and a target of each."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(32, 64 + 128)), rng.normal(size=(32, 1))


def noisy_parabola():
    """Return 40 points of y = x^2 with normal noise, for x and its powers up to 8 in [-1, 1]."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1, 1, 40)[:, None]
    return x ** np.arange(1, 9), np.square(x) + 0.1 * rng.normal(size=x.shape)


def _several_inputs(m):
    return m.Functional(
        ((64,), (128,)),
        (
            ("y1", m.Dense(64, m.ReLU()), ("input2",)),
            ("x1", m.Dense(16, m.ReLU()), ("input1",)),
            ("y2", m.Dense(32, m.ReLU()), ("y1",)),
            ("x2", m.Dense(8, m.ReLU()), ("x1",)),
            ("y3", m.Dense(8, m.ReLU()), ("y2",)),
            ("result", m.Concatenate(), ("x2", "y3")),
            ("z1", m.Dense(2, m.ReLU()), ("result",)),
            ("z2", m.Dense(1), ("z1",)),
        ),
    )


def _shared_input(m):
    return m.Functional(
        ((3,),),
        (
            ("a", m.Dense(4, m.Tanh()), ("input1",)),
            ("b", m.Dense(4, m.Sigmoid(), kernel_regularizer=m.L2(0.01)), ("a",)),
            ("c", m.BatchNormalization(momentum=0.9), ("b",)),
            ("sum", m.Add(), ("a", "c")),
            ("end", m.Dense(1), ("sum",)),
        ),
    )


def _two_nodes(m):
    sum_of_two = ("a", m.Add(), ("input1", "input2"))
    return m.Functional(((1,), (1,)), (sum_of_two, ("b", m.Dense(1, use_bias=False), ("a",))))


def three_numbers():
    """Return 24 samples of three normal numbers, and the sine of their sum."""
    x = np.random.default_rng(0).normal(size=(24, 3))
    return x, np.sin(np.sum(x, axis=-1, keepdims=True))


def _held_back(m):
    return m.Sequential(
        (8,),
        (
            m.Dense(16, m.ReLU(), kernel_regularizer=m.L2(0.001)),
            m.Dropout(0.25, seed=1),
            m.Dense(16, m.Tanh(), kernel_regularizer=m.L2(0.001)),
            m.Dropout(0.25, seed=2),
            m.Dense(1),
        ),
    )


def above_a_plane():
    """Return 24 samples of three normal numbers, and 1 where their sum is above 0."""
    x, _ = three_numbers()
    return x, (np.sum(x, axis=-1, keepdims=True) > 0).astype(float)


def of_classes(features, classes):
    """Return a function that draws 64 samples of normal numbers, and a class of each one-hot."""

    def draw():
        rng = np.random.default_rng(0)
        return rng.normal(size=(64, features)), np.eye(classes)[rng.integers(classes, size=64)]

    return draw


def of_numbers(features):
    """Return a function that draws 64 samples of normal numbers, and 0 or 1 of each."""

    def draw():
        rng = np.random.default_rng(0)
        return rng.normal(size=(64, features)), rng.integers(2, size=(64, 1)).astype(float)

    return draw


def _in_a_row(features, layers, output=None):
    """Return a function that builds a Functional of layers in a row."""

    def network(m):
        nodes, before = (), "input1"
        for k, layer in enumerate(layers(m), 1):
            nodes, before = (*nodes, (f"dense{k}", layer, (before,))), f"dense{k}"
        return m.Functional(((features,),), nodes, *((output(m),) if output else ()))

    return network


ROWS = (
    Pair(
        "two-nodes",
        at("000", "1-6"),
        _two_nodes,
        lambda m: m.SGD(0.01),
        start=lambda: ([[5.0]],),
        data=lambda: (np.array([[2.0, 3.0]]), np.array([[20.0]])),
        epochs=1,
        note="a = 2 + 3 and b = 5 a, a product with a matrix of one number; the target of 20 is "
        "ours, so that there is a way back",
        group="models",
    ),
    model(
        "sequential-100-64-10",
        at("003", "C1"),
        lambda m: m.Sequential((100,), (m.Dense(64, m.ReLU()), m.Dense(10)), m.SoftmaxOutput()),
        lambda m: m.Nesterov(0.01, 0.9),
        of_classes(100, 10),
        epochs=5,
        batch_size=32,
        note=f"{RANDOM} 0",
    ),
    model(
        "functional-10-64-64-1",
        at("003", "C1"),
        _in_a_row(
            10,
            lambda m: (m.Dense(64, m.ReLU()), m.Dense(64, m.ReLU()), m.Dense(1)),
            lambda m: m.Output(m.Sigmoid(), m.CategoricalCrossentropyFromProbabilities()),
        ),
        lambda m: m.RMSprop(0.001),
        of_numbers(10),
        epochs=2,
        batch_size=32,
        keras=None,
        note="it learns nothing: the one class of a categorical cross-entropy has all the chance; "
        "Keras takes a sigmoid's logits for a softmax's there, so it runs on the tape alone",
    ),
    model(
        "functional-10-8-4-1",
        at("003", "C1"),
        _in_a_row(10, lambda m: (m.Dense(8, m.ReLU()), m.Dense(4, m.ReLU()), m.Dense(1))),
        lambda m: m.SGD(0.01),
        of_numbers(10),
        epochs=5,
        batch_size=32,
        note=f"{RANDOM} 0; nor an optimizer",
    ),
    model(
        "several-inputs",
        at("003", "C1"),
        _several_inputs,
        lambda m: m.Adam(0.001),
        two_inputs,
        epochs=20,
        batch_size=8,
        note=f"{RANDOM} 0; nor an optimizer",
    ),
    model(
        "linear-3-1",
        at("003", "C1"),
        lambda m: m.Sequential((3,), (m.Dense(1),)),
        lambda m: m.SGD(0.01),
        three_numbers,
        epochs=10,
        batch_size=8,
        note=f"{RANDOM} 0",
    ),
    model(
        "logistic-3-1",
        at("003", "C1"),
        lambda m: m.Sequential((3,), (m.Dense(1),), m.SigmoidOutput()),
        lambda m: m.SGD(m.PiecewiseConstantDecay((14,), (0.01, 0.001))),
        above_a_plane,
        epochs=10,
        batch_size=8,
        note=f"{RANDOM} 0; the rate is 0.001 after 5 epochs, as optimizer.learning_rate sets it "
        "between two fits",
    ),
    model(
        "residual",
        "a layer's output that goes two ways",
        _shared_input,
        lambda m: m.SGD(0.05),
        three_numbers,
        epochs=20,
        batch_size=8,
    ),
    model(
        "overfitting",
        at("000", "4-8"),
        _held_back,
        lambda m: m.Adam(0.01),
        noisy_parabola,
        epochs=50,
        batch_size=10,
        note="the text has the title alone: a parabola with noise of NumPy's seed 0, its powers, "
        "and a network that would learn the noise",
    ),
)
