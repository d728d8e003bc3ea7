"""Vectors too short to be made of length 1: what is documented of them, and what comes back.

The runs of the layers beside Keras are rows of ``equivalence/pairs/layers/normalization.py``.
"""

import numpy as np
import pytest
import tensorflow as tf

from equivalence import trees

pytestmark = pytest.mark.tensorflow

SHORT = np.array([[0.0, 0.0, 0.0], [3e-13, 0.0, 4e-13]])


def _of_tape(layer, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    return y.numpy(), tape.gradient(y, x).numpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_short_vectors_are_multiplied_by_the_largest_factor_on_both_ways(dtype):
    x, m, n = SHORT.astype(dtype), trees.tensorflow(), trees.reference()
    layer = n.UnitNormalization().build((3,))
    y, kept = layer.forward((), x)
    xb, _ = layer.backward((), kept, np.ones_like(x))
    factor = np.dtype(dtype).type(1e12)
    assert np.array_equal(y, x * factor) and np.array_equal(xb, np.full_like(x, factor))
    twin = m.UnitNormalization().build((3,))
    for theirs in (lambda x: twin.forward((), x)[0], twin.keras(dtype)):
        found, back = _of_tape(theirs, x)
        assert np.array_equal(found, y) and np.array_equal(back, xb)
