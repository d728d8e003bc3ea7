"""Which of equal inputs gets the gradient of a maximum; inputs that do not fit together.

The runs of these layers beside Keras are rows of ``equivalence/pairs/layers/merging.py``, where no
two numbers are equal.
"""

import numpy as np
import pytest
import tensorflow as tf

from equivalence import trees
from equivalence.pairs.plant import Plant
from equivalence.plants.planting import planted

pytestmark = pytest.mark.tensorflow

SHAPE = (1, 5)
TIED = tuple(
    np.array([row], dtype=float) for row in ([1, 2, 3, 3, 7], [1, 2, 3, 5, 5], [1, 2, 2, 5, 7])
)
YB = np.array([[2.0, 3.0, 5.0, 7.0, 11.0]])
# Where the first of the greatest stands in TIED, and the first of the smallest.
FIRST = {"Maximum": [0, 0, 0, 1, 0], "Minimum": [0, 0, 2, 0, 1]}


def _gradients(space, name):
    layer = getattr(space, name)().build((SHAPE[1:],) * 3)
    y, kept = layer.forward((), TIED)
    return np.array(layer.backward((), kept, YB)[0])[:, 0]


def _of_keras(name):
    inputs = [tf.constant(x) for x in TIED]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = getattr(trees.tensorflow(), name)().keras("float64")(inputs)
    return np.array(tape.gradient(y, inputs, output_gradients=tf.constant(YB)))[:, 0]


@pytest.mark.parametrize("name", FIRST)
def test_the_first_of_equals_gets_the_gradient_as_in_keras(name):
    expected = np.eye(3)[FIRST[name]].T * YB
    assert np.array_equal(_gradients(trees.reference(), name), expected)
    assert np.array_equal(_of_keras(name), expected)


@pytest.mark.parametrize(("name", "sign"), [("Maximum", ">="), ("Minimum", "<=")])
def test_a_tie_given_to_the_last_would_be_noticed(name, sign):
    before, after = f"best {sign} each", f"best {sign[0]} each"
    file = f"layers/{name.lower()}.py"
    wrong = planted(Plant("ties", "refimpl", file, before, after, "", "gradients"))
    assert not np.array_equal(_gradients(wrong, name), _of_keras(name))


@pytest.mark.parametrize("space", [trees.reference, trees.tensorflow])
@pytest.mark.parametrize("name", ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"])
def test_inputs_of_other_shapes_are_refused(space, name):
    with pytest.raises(ValueError, match="shapes that differ"):
        getattr(space(), name)().build(((2, 3), (1, 2)))
