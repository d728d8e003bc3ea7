"""Sums of lists of tensors, which nobody sees, and of more than two terms come in any order."""

import numpy as np
import pytest

import equivalence

pytestmark = pytest.mark.tensorflow
START = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)


def read_four_times(dtype):
    """Return a step in which four gradients of one list are added: of all that is read of it."""
    import tensorflow as tf

    start = np.random.default_rng(1).normal(size=(3, 3))
    weight, dtype = tf.Variable(tf.cast(start, dtype)), tf.as_dtype(dtype)

    def step(x):
        with tf.GradientTape() as tape:
            h, kept = tf.cast(x, dtype), tf.TensorArray(dtype, size=4, element_shape=(5, 3))
            for k in range(4):
                h = h @ weight
                kept = kept.write(k, h)
            whole, some = kept.stack(), kept.gather([0, 2])
            joined = whole if dtype.is_complex else kept.concat()
            parts = tf.reduce_mean(whole * whole), tf.reduce_sum(some), kept.read(3)[0, 0]
            loss = tf.math.real(sum(parts) + tf.reduce_mean(joined * joined * joined))
        weight.assign_sub(tf.cast(0.1, dtype) * tape.gradient(loss, weight))

    return step


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "complex64"])
def test_no_order_in_which_lists_are_added_is_taken_for_the_kernels(dtype):
    report = equivalence.certify(read_four_times(dtype), START, steps=1, watch=True)
    taken = [each for each in report.operations if each.kind == "TensorListGetItem"]
    assert len(taken) >= 4 and sum(each.checked for each in taken) >= 4 * START.size
    assert report.verdict == "rounding-identical" and report.complete
    assert report.watch.covered == 1 and not report.watch.unexplained


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_sum_of_lists_that_is_no_sum_is_found(monkeypatch, dtype):
    from equivalence.graph import lists

    plain = lists.add_lists

    def forgetful(given):
        return plain(given[:-1])

    monkeypatch.setattr(lists, "add_lists", forgetful)
    monkeypatch.setitem(lists.OF_LISTS, "AddN", forgetful)
    report = equivalence.certify(read_four_times(dtype), START, steps=1)
    assert report.first.kind == "TensorListGetItem" and report.first.usage > 1


def test_a_subnormal_number_in_a_list_is_held_where_it_is_taken_out():
    """What a loop keeps for its gradient may have one, as data have; a kernel may take it for 0."""
    import tensorflow as tf

    weight = tf.Variable(np.eye(3, dtype=np.float32))

    def step(x):
        with tf.GradientTape() as tape:
            h = x
            for _ in tf.range(2):
                h = tf.tanh(h @ weight)
            loss = tf.reduce_mean(h * h)
        weight.assign_sub(0.1 * tape.gradient(loss, weight))

    report = equivalence.certify(step, np.where(START > 0, START, 1e-40), steps=1)
    assert "TensorListPopBack" in {each.kind for each in report.operations}
    assert report.verdict == "rounding-identical" and report.complete, report.without
