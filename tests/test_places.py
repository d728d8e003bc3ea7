"""What the tables of layers cannot say of convolutions and pooling, and their models.

Where Keras has a layer in float32 alone, it is certified here, by every engine.  And ties: where
several places of a window are equal, to the bit, a pooling layer has no derivative there, but
its gradient must go somewhere.
"""

from dataclasses import replace

import numpy as np
import pytest
from helpers.turns import named, thinned

from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import check, enclose_steps, rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, judge
from equivalence.machine.environment import uses_onednn
from equivalence.pairs.layers.row import layer
from equivalence.pairs.models import convolution
from equivalence.pairs.plant import Plant
from equivalence.pairs.table import PAIRS
from equivalence.plants.planting import planted
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

STEPS = 3
ENGINES = ("eager", "graph", "xla", "fit")
CERTIFIED = (BIT_IDENTICAL, ROUNDING_IDENTICAL)


def verdict(pair, twin, engine, network=None):
    """Return the judge's verdict on a few float32 steps; on another network, if one is given."""
    reference = program(pair, "float32")
    m = tensorflow_runner.trees.tensorflow()
    network, optimizer = network or pair.network(m), pair.optimizer(m)
    runner = tensorflow_runner.build(network, optimizer, reference, twin, engine)
    record = runner.run(reference, runner.start(reference), STEPS)
    return judge(
        reference, record, model=rounding_model("float32", engine), start=reference.start()
    )


def assert_certified_or_refused(pair, engine):
    """On a CPU oneDNN and XLA have such kernels, and TensorFlow itself has none.

    TensorFlow takes oneDNN by itself where the processor has instructions for networks, as
    AVX512_VNNI, and elsewhere where TF_ENABLE_ONEDNN_OPTS asks for it.
    """
    if engine == "xla" or uses_onednn():
        assert verdict(pair, "keras", engine).verdict in CERTIFIED
    else:
        with pytest.raises(Exception, match=r"NHWC|NDHWC|CPU"):
            verdict(pair, "keras", engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["maxpooling3d", "averagepooling3d-same"])
def test_keras_layers_that_a_cpu_has_in_float32_alone_are_certified(name, engine):
    pair = PAIRS[f"layer-{name}"]
    assert pair.keras is None
    assert verdict(pair, "keras", engine).verdict in CERTIFIED


@pytest.mark.parametrize("engine", ENGINES)
def test_a_dilated_transposed_convolution_is_certified_in_float32(engine):
    assert_certified_or_refused(PAIRS["layer-conv2d-transpose-dilated"], engine)


IN_FLOAT32 = [
    *((name, engine) for name in ("1d", "2d", "3d") for engine in ("eager", "xla", "fit")),
    # XLA's bilinear is another formula, a sum of weighted places, for which there is no bound yet.
    *(("bilinear", engine) for engine in ("eager", "graph", "fit")),
]


@pytest.mark.parametrize(("name", "engine"), thinned(3, IN_FLOAT32, row=2))
def test_what_a_cpu_convolves_and_resizes_in_float32_alone_is_certified(name, engine):
    if name == "bilinear":
        pair = PAIRS["layer-upsampling2d-bilinear"]
        assert verdict(pair, "keras", engine).verdict in CERTIFIED
    else:
        assert_certified_or_refused(PAIRS[f"layer-channels-first-{name}"], engine)


@pytest.mark.parametrize("kind", ["Conv1D", "Conv2D", "Conv1DTranspose", "Conv2DTranspose"])
def test_a_cpu_refuses_convolutions_with_channels_in_front_in_float64(kind):
    """Then ``equivalence/pairs/layers/channels_first.py`` can let Keras run its rows in both."""
    import keras
    import tensorflow as tf

    options = {"data_format": "channels_first", "dtype": "float64"}
    layer = getattr(keras.layers, kind)(3, 2, **options)
    x = tf.ones((1, 2, *[4] * int(kind[4])), "float64")
    with pytest.raises(Exception, match=r"NHWC|[Cc]onv2[Dd].*CPU"):
        layer(x)


# ----------------------------------------------------------------------------- ties


def tied(shape, build):
    """Return the row of a layer whose inputs are whole numbers, so that many are equal."""
    row = layer("tied", shape, build, 2)
    numbers = np.random.default_rng(0).integers(0, 2, (2, int(np.prod(shape))))
    return replace(row, start=lambda: (numbers,))


TIED = {
    "1d": tied((7, 2), lambda m: m.MaxPooling1D(3, 2, "same")),
    "2d": tied((4, 5, 2), lambda m: m.MaxPooling2D((2, 3), (1, 2), "same")),
    "3d": tied((2, 3, 4, 1), lambda m: m.MaxPooling3D(2, 1)),
    "global": tied((2, 3, 2), lambda m: m.GlobalMaxPooling2D()),
}


RUNS = [("tape", "eager"), ("tape", "graph"), ("tape", "xla"), *(("keras", e) for e in ENGINES)]
# TensorFlow's own MaxPool3DGrad, which eager runs take, gives every tie the whole gradient, and
# oneDNN's the first; which of the two is in a compiled loop changes from one tracing to the next.
UPSTREAM = [("3d", "keras", engine) for engine in ("eager", "graph", "fit")]


@pytest.mark.parametrize(
    ("name", "twin", "engine"),
    thinned(
        3,
        [(name, *run) for name in TIED for run in RUNS if (name, *run) not in UPSTREAM],
        row=3,
    ),
)
def test_where_numbers_are_equal_the_first_has_the_gradient(name, twin, engine):
    """Of all windows; GlobalMaxPooling, which is a reduce_max, shares it among them."""
    assert verdict(TIED[name], twin, engine).verdict in CERTIFIED


def test_upstream_an_eager_max_pooling_3d_gives_every_tie_the_whole_gradient():
    """TensorFlow's MaxPool3DGrad on a CPU: 8 equal places get 8 times what came."""
    import tensorflow as tf

    x = tf.ones((1, 2, 2, 2, 1))

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.max_pool3d(x, 2, 2, "VALID")
        return tape.gradient(y, x)

    assert tf.reduce_sum(gradient(x)) == 8
    assert tf.reduce_sum(tf.function(gradient, jit_compile=True)(x)) == 1
    found = verdict(TIED["3d"], "keras", "eager")
    assert found.verdict == DIFFERENT
    assert (found.first.stage, found.first.wrong_side) == ("gradients", "tensorflow")


OTHER_TIES = {
    "the last of them": (
        "first = tf.argmax(seen, axis=-2)",
        "first = seen.shape[-2] - 1 - tf.argmax(tf.reverse(seen, [-2]), axis=-2)",
    ),
    "all of them": ("y = tf.reduce_sum(chosen, axis=-2)", "y = tf.reduce_max(seen, axis=-2)"),
}


@pytest.mark.parametrize("to", OTHER_TIES)
def test_a_gradient_to_other_ties_is_found(to):
    plant = Plant("ties", "tfimpl", "layers/max_pooling.py", *OTHER_TIES[to], "", "gradients")
    found = verdict(TIED["2d"], "tape", "eager", TIED["2d"].network(planted(plant)))
    assert found.verdict == DIFFERENT
    assert (found.first.stage, found.first.wrong_side) == ("gradients", "tensorflow")


def test_a_tie_that_rounding_decides_is_enclosed_both_ways():
    """Two equal patches give sums that an implementation may add in different orders."""

    def network(m):
        convolution = m.Conv1D(1, 3, padding="same", use_bias=False)
        return m.Sequential((6, 1), (convolution, m.MaxPooling1D(2), m.Flatten()))

    pair = replace(
        PAIRS["layer-conv1d"],
        network=network,
        start=lambda: (np.array([[0.1], [0.7], [0.1]]),),
        data=lambda: (np.full((1, 6), 0.3), np.ones((1, 3))),
        batch_size=None,
    )
    reference, model = program(pair, "float32"), rounding_model("float32", "eager")
    runner = tensorflow_runner.runner(pair, reference, "keras", "eager")
    record = runner.run(reference, reference.start(), 1)
    assert enclose_steps(reference, record, model).undecided == 0  # the sums were recorded
    enclosures = enclose_steps(reference, record, model, restarts=False)
    assert enclosures.undecided == 2  # both places of the second window
    checked = check(record, enclosures)
    assert (checked.outside, checked.undecided) == (None, None)


# --------------------------------------------------------------------------- models


ENGINE_OF = {
    "convolution-by-hand": ("keras", "train_on_batch", "float32"),
    "series-conv1d": ("keras", "fit", "float32"),
    "series-conv2d": ("keras", "xla", "float32"),
    "digits-cnn": ("keras", "graph", "float32"),
    "digits-autoencoder": ("tape", "graph", "float64"),
    "digits-autoencoder-transpose": ("keras", "eager", "float64"),
}


@pytest.mark.parametrize("row", thinned(3, convolution.ROWS), ids=named)
def test_an_epoch_of_a_model_is_certified(row):
    """Each by another engine; ``equivalence verify --group models`` runs all by all."""
    twin, engine, dtype = ENGINE_OF[row.name]
    result = run(Spec(pair=row.name, twin=twin, engine=engine, dtype=dtype, epochs=1))
    assert result.expected, result
