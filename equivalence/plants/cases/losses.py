"""The table of losses that are tried, and how every engine is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from equivalence import trees
from equivalence.arithmetic.enclosed import enclose
from equivalence.judge.certificate import rounding_model
from equivalence.plants.cases.activations import ENGINES, REFERENCE, TWINS, compiled

BATCH, UNITS, STEPS = 8, 4, 3
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
__all__ = ["ENGINES", "REFERENCE", "TWINS"]
PARTS = ("value", "gradient")


@dataclass(frozen=True)
class Case:
    """One loss: ``build`` of a namespace and more keywords; ``data`` of a generator.

    reduces: whether it runs with every reduction, and not with two only.
    masks: the engines that run it with masks too.
    compiled: whether graphs and XLA run it too.
    slow: whether the twin takes long to compile; graphs and XLA then run Keras's loss alone.
    """

    name: str
    build: Callable
    data: Callable
    reduces: bool = True
    masks: tuple = ()
    compiled: bool = True
    slow: bool = False


# ------------------------------------------------------------------------------ data


def real(rng):
    """Outputs and targets of both signs; some equal, some far apart."""
    O, T = 2 * rng.normal(size=(2, BATCH, UNITS))
    O[0], O[1] = T[0], 30 * O[1]
    O[2], T[2] = (1, -1, 2, 0), (0, 0, 1, 1)  # where Huber and the hinges bend
    return O, T


def positive(rng):
    O, T = rng.uniform(0.05, 3, (BATCH, UNITS)), rng.poisson(1.5, (BATCH, UNITS))
    return O, T.astype(float)


def counts(rng):
    """As ``positive``, with outputs and targets at and below 1e-7 too."""
    O, T = positive(rng)
    O[0] = 0, 1e-9, -1, 1e-6
    O[1, 0] = 1e-7
    return O, T


def units(rng):
    """Outputs between 0 and 1, some of them at the ends; targets 0 and 1."""
    O = rng.uniform(0.02, 0.98, (BATCH, UNITS))
    O[0] = 0, 1, 1e-9, 1 - 1e-9
    return O, rng.integers(0, 2, (BATCH, UNITS)).astype(float)


def inner_units(rng):
    return rng.uniform(0.02, 0.98, (BATCH, UNITS)), units(rng)[1]


def ends(rng):
    """Outputs at and beyond the ends of what is clipped, none of them what it should be."""
    O, T = units(rng)
    T[0] = 1, 0, 1, 0
    O[1, 0], T[1, 0] = 1e-7, 1
    return O, T


def signs(rng):
    return real(rng)[0] / 4, rng.choice([-1.0, 1.0], (BATCH, UNITS))


def labels(rng):
    """Real outputs, targets 0 and 1: the hinge losses make -1 and 1 of them."""
    return real(rng)[0] / 4, units(rng)[1]


def one_hot(rng):
    return np.eye(UNITS)[rng.integers(0, UNITS, BATCH)]


def hinges(rng):
    return real(rng)[0] / 4, one_hot(rng)


def logits(rng):
    """Logits, a row of them saturated; targets one-hot, but for two rows of distributions."""
    O, T = 2 * real(rng)[0], one_hot(rng)
    O[0] = 40, 0, -40, 1
    T[1:3] = rng.dirichlet(np.ones(UNITS), 2)
    return O, T


def binary_logits(rng):
    return logits(rng)[0], units(rng)[1]


def distributions(rng):
    """Two distributions a row; one output is certain, and so clipped."""
    O, T = rng.dirichlet(np.ones(UNITS), (2, BATCH))
    O[0], T[1] = (1, 0, 0, 0), (0, 1, 0, 0)
    return O, T


def shares(rng):
    """Outputs above 0 that sum to anything, as of no softmax; targets are distributions."""
    return rng.uniform(0.1, 2, (BATCH, UNITS)), rng.dirichlet(np.ones(UNITS), BATCH)


def certain(rng):
    """Two distributions a row; outputs at, below and above what is clipped."""
    O, T = rng.dirichlet(np.ones(UNITS), (2, BATCH))
    O[0], O[1, 0], O[2] = (1, 0, 0, 0), 1e-7, (1.5, 3, 1e-9, 0.5)
    return O, T


def short(rng):
    """Vectors, some of them shorter than what is divided by."""
    O, T = rng.normal(size=(2, BATCH, UNITS))
    O[0] *= 1e-9
    T[1] *= 1e-9
    O[2] *= 1e-9
    T[2] *= 1e-9
    O[3] *= 0.1
    return O, T


def on_the_margin(rng):
    O, T = wide_hinges(rng)
    O[2], T[2] = (1, 0, 0, 0), (1, 0, 0, 0)
    return O, T


def wide_hinges(rng):
    """Some samples beyond the margin, some whose largest other class is not alone."""
    O, T = 3 * rng.normal(size=(BATCH, UNITS)), one_hot(rng)
    O[:4] += 9 * T[:4]
    O[4], T[4] = (2, 2, 0, 1), (0, 0, 0, 1)
    return O, T


def inner_distributions(rng):
    O, T = rng.dirichlet(3 * np.ones(UNITS), (2, BATCH))
    return O, T


def sparse(of):
    def data(rng):
        return of(rng)[0], rng.integers(0, UNITS, (BATCH, 1)).astype(float)

    return data


def certain_classes(rng):
    return sparse(certain)(rng)


# ----------------------------------------------------------------------------- cases


def embeddings(rng):
    """Return vectors of length 1 of three classes, one of which has a single member."""
    O = rng.normal(size=(BATCH, UNITS))
    T = rng.permutation([0.0, 1, 1, 1, 1, 2, 2, 2])
    return O / np.linalg.norm(O, axis=-1, keepdims=True), T[:, None]


def near_embeddings(rng):
    """Vectors longer than 1, so that some are less than nothing apart; a class of one member."""
    O, T = embeddings(rng)
    return 1.5 * O, T


def one_class(rng):
    """Vectors that are all of one class, so that nothing is unlike."""
    O, T = embeddings(rng)
    return O, np.zeros_like(T)


def clusters(rng):
    """Vectors of length 1, near those of their class and far from others."""
    T = np.arange(BATCH) % 3.0
    O = np.eye(UNITS)[T.astype(int)] + 0.01 * rng.normal(size=(BATCH, UNITS))
    return O / np.linalg.norm(O, axis=-1, keepdims=True), T[:, None]


def as_meant(rng):
    """Distributions, one of which is the one that it should be, and certain."""
    O, T = distributions(rng)
    T[0] = O[0]
    return O, T


def gentle_logits(rng):
    return rng.normal(size=(BATCH, UNITS)), units(rng)[1]


def gentle_class_logits(rng):
    return rng.normal(size=(BATCH, UNITS)), one_hot(rng)


def ignorable(rng):
    """Labels of some classes; -1 is none of the outputs."""
    O, T = sparse(logits)(rng)
    T[4:6] = -1
    return O, T


def ignorable_probabilities(rng):
    return sparse(distributions)(rng)[0], ignorable(rng)[1]


def utterances(rng):
    """Logits of some steps, and labels: equal neighbours, none behind the others, none at all."""
    O = 2 * rng.normal(size=(BATCH, STEPS, 3))
    O[0] *= 10
    T = [[1, 2], [2, 2], [0, 0], [1, 1], [2, 0], [2, 1], [1, 0], [2, 2]]
    return O, np.array(T, float)


def long_utterances(rng):
    """As ``utterances``, but of three labels."""
    O = 2 * rng.normal(size=(BATCH, STEPS + 2, 3))
    T = [[1, 2, 1], [2, 2, 1], [1, 2, 2], [1, 1, 0], [2, 0, 0], [2, 1, 1], [1, 1, 1], [0, 0, 0]]
    return O, np.array(T, float)


def improbable(rng):
    """As ``utterances``, but every label costs 400."""
    O, T = utterances(rng)
    O[..., 0] += 400
    return O, T


def _case(name, data, *settings, reduces=True, masks=(), compiled=True, slow=False):
    words = [str(s) for s in settings]
    label = f"{name}({', '.join(words)})" if words else name

    def build(m, **keywords):
        return getattr(m, name)(*settings, **keywords)

    return Case(label, build, data, reduces, masks, compiled, slow)


CASES = (
    _case("MeanSquaredError", real, masks=ENGINES),
    _case("MeanAbsoluteError", real),
    _case("MeanAbsolutePercentageError", real),
    _case("MeanSquaredLogarithmicError", counts),
    _case("Huber", real),
    _case("Huber", real, 0.3),
    _case("LogCosh", real),
    _case("CosineSimilarity", real),
    _case("CosineSimilarity", short, reduces=False, compiled=False),
    _case("Hinge", signs),
    _case("Hinge", labels),
    _case("SquaredHinge", signs),
    _case("SquaredHinge", labels),
    _case("CategoricalHinge", hinges),
    _case("CategoricalHinge", wide_hinges, reduces=False, compiled=False),
    _case("CategoricalHinge", on_the_margin, reduces=False, compiled=False),
    _case("Poisson", positive),
    _case("KLDivergence", distributions),
    _case("KLDivergence", certain, reduces=False, compiled=False),
    _case("BinaryCrossentropy", units),
    _case("BinaryCrossentropy", units, 0.1),
    _case("BinaryCrossentropy", ends, reduces=False, compiled=False),
    _case("BinaryCrossentropyFromLogits", binary_logits),
    _case("BinaryCrossentropyFromLogits", binary_logits, 0.1),
    _case("BinaryFocalCrossentropy", inner_units),
    _case("BinaryFocalCrossentropy", inner_units, True, 0.3, 1.5, 0.1),
    _case("BinaryFocalCrossentropy", ends, reduces=False, compiled=False),
    _case("BinaryFocalCrossentropyFromLogits", gentle_logits, reduces=False, compiled=False),
    _case("BinaryFocalCrossentropyFromLogits", gentle_logits, True, 0.3, 1.5, 0.1),
    _case("CategoricalCrossentropyFromLogits", logits),
    _case("CategoricalCrossentropyFromLogits", logits, 0.1),
    _case("CategoricalCrossentropyFromProbabilities", distributions),
    _case("CategoricalCrossentropyFromProbabilities", distributions, 0.1),
    _case("CategoricalCrossentropyFromProbabilities", shares, reduces=False, compiled=False),
    _case("CategoricalFocalCrossentropy", distributions),
    _case("CategoricalFocalCrossentropy", shares, reduces=False, compiled=False),
    _case("CategoricalFocalCrossentropy", inner_distributions, 0.3, 1.5, 0.1),
    _case("CategoricalFocalCrossentropy", as_meant, 0.3, 0.5, reduces=False, compiled=False),
    _case(
        "CategoricalFocalCrossentropy",
        inner_distributions,
        (0.3, 0.1, 0.5, 1.0),
        3.0,
        reduces=False,
        compiled=False,
    ),
    _case(
        "CategoricalFocalCrossentropyFromLogits", gentle_class_logits, reduces=False, compiled=False
    ),
    _case("CategoricalFocalCrossentropyFromLogits", gentle_class_logits, 0.3, 1.5, 0.1),
    _case("SparseCategoricalCrossentropy", sparse(distributions)),
    _case("SparseCategoricalCrossentropy", certain_classes, reduces=False, compiled=False),
    _case(
        "SparseCategoricalCrossentropy", ignorable_probabilities, -1, reduces=False, compiled=False
    ),
    _case("SparseCategoricalCrossentropyFromLogits", sparse(logits)),
    _case("SparseCategoricalCrossentropyFromLogits", ignorable, -1, masks=("eager",)),
    _case(
        "SparseCategoricalCrossentropyFromLogits", sparse(logits), 2, reduces=False, compiled=False
    ),
    _case("CategoricalGeneralizedCrossEntropy", sparse(inner_distributions)),
    _case("CategoricalGeneralizedCrossEntropy", sparse(inner_distributions), 0.7),
    _case("Circle", embeddings, masks=("eager",), slow=True),
    _case("Circle", embeddings, 16.0, 0.25, False, reduces=False, compiled=False),
    _case("Circle", near_embeddings, 2.0, 0.25, False, reduces=False, compiled=False),
    _case("Circle", clusters, 4.0, 0.8, reduces=False, compiled=False),
    _case("Circle", one_class, 2.0, 0.25, reduces=False, compiled=False),
    _case("CTC", utterances, slow=True),
    _case("CTC", improbable, reduces=False, compiled=False),
    _case("CTC", long_utterances, reduces=False, compiled=False),
    _case("Dice", inner_units, reduces=False),
    _case("Dice", inner_units, -1, compiled=False),
    _case("Tversky", inner_units, 0.3, 0.6, reduces=False),
    _case("Tversky", inner_units, 0.3, 0.6, -1, reduces=False, compiled=False),
)
BY_NAME = {f"{case.name} {case.data.__name__}": case for case in CASES}

# reduction, and what samples have: "weights", a "mask", "weights and a mask" or nothing
DEFAULT, WEIGHTED = ("sum_over_batch_size", ""), ("mean_with_sample_weight", "weights")
ALL = tuple(product(REDUCTIONS, ("", "weights")))
MASKED = (
    ("sum_over_batch_size", "mask"),
    ("sum_over_batch_size", "weights and a mask"),
    ("sum", "mask"),
    ("mean_with_sample_weight", "weights and a mask"),
)


def name_of(name, run):
    """Return the name of a case's run, as "MeanSquaredError real, sum, mask"."""
    return ", ".join([name, *(words for words in run if words)])


RUNS = {
    name_of(name, run): (case, run)
    for name, case in BY_NAME.items()
    for run in dict.fromkeys((*ALL, *MASKED))
}


def twins(case, engine):
    return ("keras",) if case.slow and engine != "eager" else TWINS


def runs(case, engine):
    if engine != "eager":
        every = (WEIGHTED, *MASKED[:1]) if engine in case.masks else (WEIGHTED,)
        return every if case.compiled else ()
    masked = MASKED if engine in case.masks else ()
    return (ALL if case.reduces else (DEFAULT, WEIGHTED)) + masked


def built(case, m, reduction):
    return case.build(m, reduction=reduction)


def inputs(case, dtype, seed=3):
    """Return O, T and the weights of the samples, one of which is 0."""
    O, T = case.data(np.random.default_rng(seed))
    weights = np.random.default_rng(4).uniform(0.1, 2, BATCH)
    weights[3] = 0
    return O.astype(dtype), T.astype(dtype), weights.astype(dtype)


def arguments(case, dtype, run, seed=3):
    """Return what a loss is called with in a run: O, T, and weights and a mask, or None."""
    O, T, weights = inputs(case, dtype, seed)
    _, given = run
    mask = np.array([1, 1, 0, 1, 0, 1, 1, 1], dtype)
    return O, T, weights if "weights" in given else None, mask if "mask" in given else None


def applied(function, arguments):
    return [None if a is None else function(a) for a in arguments]


# --------------------------------------------------------------------------- engines


def _tape(case, reduction, dtype):
    loss = built(case, trees.tensorflow(), reduction)

    def answer(*arguments):
        return loss.forward(*arguments), loss.backward(*arguments)

    return answer


def keras_loss(case, reduction, dtype):
    """Return Keras's loss; its dtype is the floatx of the moment it is made."""
    import keras

    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        return built(case, trees.tensorflow(), reduction).keras()
    finally:
        keras.config.set_floatx(before)


def _keras(case, reduction, dtype):
    import keras
    import tensorflow as tf

    loss = keras_loss(case, reduction, dtype)

    def answer(O, T, weights, mask):
        if mask is not None:
            O = tf.identity(O)  # the mask stays on it
            keras.src.backend.set_keras_mask(O, tf.cast(mask, bool))
        with tf.GradientTape() as tape:
            tape.watch(O)
            E = loss(T, O, weights)
        return E, tape.gradient(E, O)

    return answer


BY_TWIN = {"tape": _tape, "keras": _keras}


@cache
def tensorflow(engine, dtype, cases=CASES):
    """Return {(case, reduction, weighted, twin): (E, Ob)} of cases, in one call."""
    import tensorflow as tf

    every = [(case, run) for case in cases for run in runs(case, engine)]
    keys = [(case, *run, twin) for case, run in every for twin in twins(case, engine)]
    answers = [BY_TWIN[twin](case, reduction, dtype) for case, reduction, _, twin in keys]
    every = [arguments(case, dtype, run) for case, *run, _ in keys]

    def everything(arguments):
        return [answer(*of) for answer, of in zip(answers, arguments)]

    with tf.device("/CPU:0"):
        tensors = [applied(tf.constant, of) for of in every]
        found = compiled(engine, everything)(tensors)
    return dict(zip(keys, [(E.numpy(), Ob.numpy()) for E, Ob in found]))


def reference(case, dtype, run=DEFAULT, loss=None):
    """Return (E, Ob) of the reference, or of ``loss`` in its place."""
    return _answer(loss or built(case, REFERENCE, run[0]), arguments(case, dtype, run))


def balls(case, dtype, engine, run=DEFAULT, loss=None):
    """Return (E, Ob) as rounding balls, of the reference or ``loss`` in its place."""
    model = rounding_model(dtype, engine)
    loss = enclose(loss or built(case, REFERENCE, run[0]))
    with np.errstate(all="ignore"):
        return _answer(loss, applied(model.array, arguments(case, dtype, run)))


def _answer(loss, arguments):
    with np.errstate(all="ignore"):
        return loss.forward(*arguments), loss.backward(*arguments)
