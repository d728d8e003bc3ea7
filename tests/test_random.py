"""Philox: the vectors of its authors, and TensorFlow's numbers, bit by bit, from the seed."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import refimpl.random
import tfimpl.random
from equivalence import trees
from equivalence.defects.function_models import dropout_of_upper_bits
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, ROUNDING_IDENTICAL, judge
from equivalence.pairs.table import PAIRS
from equivalence.steps.program import program
from refimpl.layers import Dropout

pytestmark = pytest.mark.tensorflow

# https://github.com/DEShawResearch/random123, tests/kat_vectors: philox4x32 10
KNOWN = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
SEEDS = st.tuples(st.integers(0, 2**31 - 3), st.integers(0, 2**20))
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_philox_gives_the_known_answers(counter, key, expected):
    arrays = [tuple(np.array([w], np.uint64) for w in part) for part in (counter, key)]
    assert tuple(int(w[0]) for w in refimpl.random.philox(*arrays)) == expected
    tensors = [tuple(tf.constant([w], tf.uint64) for w in part) for part in (counter, key)]
    assert tuple(int(w[0]) for w in tfimpl.random.philox(*tensors)) == expected


@DTYPES
@given(seed=SEEDS, count=st.integers(1, 9))
def test_both_twins_draw_what_tensorflow_draws(dtype, seed, count):
    drawn = tf.random.stateless_uniform((count,), seed=seed, dtype=dtype).numpy()
    assert np.array_equal(refimpl.random.uniform(np.array(seed), (count,), dtype), drawn)
    ours = tfimpl.random.uniform(tf.constant(seed, tf.int64), (count,), dtype)
    assert np.array_equal(ours.numpy(), drawn)


@DTYPES
def test_xla_draws_the_upper_bits_of_the_same_words(dtype):
    drawn = tf.function(
        lambda seed: tf.random.stateless_uniform((7,), seed=seed, dtype=dtype), jit_compile=True
    )
    model = dropout_of_upper_bits(Dropout(0.5))
    for seed in ((0, 0), (7, 3), (2**31 - 3, 1)):
        assert np.array_equal(model.numbers(np.array(seed), (7,), dtype), drawn(tf.constant(seed)))


@DTYPES
def test_many_seeds_at_once_are_one_after_the_other(dtype):
    seeds = np.array([[5, 0], [5, 1], [9, 0]])
    together = refimpl.random.uniform(seeds, (2, 3), dtype)
    each = [refimpl.random.uniform(seed, (2, 3), dtype) for seed in seeds]
    assert np.array_equal(together, each)
    tensors = tfimpl.random.uniform(tf.constant(seeds), (2, 3), dtype)
    assert np.array_equal(tensors.numpy(), each)


@pytest.mark.parametrize("engine", ["eager", "graph", "fit"])
@pytest.mark.parametrize("name", ["gaussian-noise", "gaussian-dropout"])
@DTYPES
def test_kerass_normal_numbers_lie_in_the_enclosures(name, engine, dtype):
    """Not XLA's, which are another function of other bits."""
    pair = PAIRS[f"layer-{name}"]
    reference, m = program(pair, dtype), trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    runner = tensorflow_runner.build(network, optimizer, reference, "keras", engine)
    record = runner.run(reference, runner.start(reference), 3)
    model = rounding_model(dtype, engine)
    found = judge(reference, record, model=model, start=reference.start())
    assert found.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL), found
