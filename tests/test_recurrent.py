"""What the seeds' sequences come to: the sentences, from NumPy's weights and from Keras's.

And that a mask says what cutting the sequence says.
"""

import numpy as np
import pytest
from flint import arb
from helpers.turns import thinned

from equivalence import trees
from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.derivative import BITS
from equivalence.pairs.layers import masks
from equivalence.pairs.models.recurrent import LENGTH, next_words, sentence
from equivalence.pairs.table import PAIRS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

# Text 003, C2: the word to start from, how many follow, and what comes out.  The text prints the
# first two sentences; the third is the last of those that it learns from.
SENTENCES = (
    ("경마장에", 4, "경마장에 있는 말이 뛰고 있다"),
    ("그의", 2, "그의 말이 법이다"),
    ("가는", 5, "가는 말이 고와야 오는 말이 곱다"),
)


def said(network, weights):
    return [sentence(network, weights, first, count) for first, count, _ in SENTENCES]


@pytest.mark.parametrize("name", thinned(2, ["recurrent-next-word", "recurrent-next-word-lstm"]))
def test_the_sentences_of_seed_003_come_out_of_numpys_weights_and_of_kerass(name):
    """After the seed's 200 epochs; Keras's layers are trained by ``Model.fit``."""
    own = program(PAIRS[name], "float32")
    weights = numpy_runner.run(own, own.start(), 200).last_state.weights.values()
    fit = tensorflow_runner.runner(PAIRS[name], own, "keras", "fit")
    trained = fit.run(own, fit.start(own), 200)
    sentences = [words for *_, words in SENTENCES]
    assert said(own.network, tuple(weights)) == sentences
    assert said(own.network, tuple(trained.last_state.weights.values())) == sentences


def test_the_sentences_do_not_come_out_of_untrained_weights():
    own = program(PAIRS["recurrent-next-word"], "float32")
    assert said(own.network, own.weights) != [words for *_, words in SENTENCES]


def test_the_beginnings_are_those_that_the_seed_prints():
    inputs, targets = next_words()
    assert inputs.shape == (11, LENGTH)
    assert inputs[3].tolist() == [0, 2, 3, 1, 4] and inputs[-1].tolist() == [8, 1, 9, 10, 1]
    assert targets.argmax(axis=1).tolist() == [3, 1, 4, 5, 1, 7, 1, 9, 10, 1, 11]


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_masked_sequence_says_what_the_sequence_without_the_masked_steps_says(kind, backwards):
    m, rng = trees.reference(), np.random.default_rng(0)
    layer = getattr(m, kind)(3, go_backwards=backwards).build((6, 2))
    x, counts = rng.normal(size=(1, 6, 2)), np.array([0, 1, 0, 1, 1, 0], bool)
    with precision(BITS):  # exactly: how a matmul of 6 rows rounds is not how one of 3 does
        weights = tuple(ExactArray(rng.normal(size=shape)) for shape in layer.weight_shapes)
        mask = ExactArray(counts[None].astype(float))
        whole, _ = layer.forward(weights, ExactArray(x), mask)
        short, _ = layer.build((3, 2)).forward(weights, ExactArray(x[:, counts]))
        apart = np.abs((whole - short).values)
        assert np.all(apart < arb(10) ** -60)
        assert np.all(np.abs(short.values) > 1e-3)  # which is what would be seen


def test_the_data_of_the_masked_rows_have_every_kind_of_time_step():
    rng = np.random.default_rng(5)
    numbers = masks.words(rng, 80)
    assert (numbers[:, 0] == 0).any() and (numbers[:, 0] != 0).any()
    assert ((numbers[:, 1] != 0) & (numbers[:, 2] == 0)).any()
    x = masks.gaps(rng, 80).reshape(80, masks.PLACES, masks.FEATURES) == masks.GAP
    assert x.all(axis=-1).any() and (x.any(axis=-1) & ~x.all(axis=-1)).any()


def test_time_distributed_refuses_what_keras_does_otherwise():
    for m in (trees.reference(), trees.tensorflow()):
        with pytest.raises(ValueError, match="states"):
            m.TimeDistributed(m.BatchNormalization()).build((3, 2))
        regularized = m.Regularized(m.Dense(1), (("activity", m.L2()),))
        for layer in (m.Dense(1, activity_regularizer=m.L2()), regularized):
            with pytest.raises(ValueError, match="activity_regularizer"):
                m.TimeDistributed(layer).build((3, 2))


def test_bidirectional_refuses_other_modes_and_two_layers_in_one_direction():
    for m in (trees.reference(), trees.tensorflow()):
        with pytest.raises(ValueError, match="none of"):
            m.Bidirectional(m.LSTM(1), "max")
        with pytest.raises(ValueError, match="direction"):
            m.Bidirectional(m.LSTM(1), "sum", m.GRU(1))
