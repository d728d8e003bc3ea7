"""The rules of a graph's operations: TensorFlow's kernels lie inside, small errors do not."""

import numpy as np
import pytest

from equivalence.graph.certificate import certify_operation, is_float
from equivalence.graph.replay import Execution, attributes
from equivalence.graph.rules import RULES
from equivalence.plants.cases.operations import CASES, IMAGES, IN_FLOAT32, POOL, RNG, run

pytestmark = pytest.mark.tensorflow


RUNS = [
    *((case, dtype) for case in CASES for dtype in ("float32", "float64")),
    *((case, "float32") for case in IN_FLOAT32),
]


@pytest.mark.parametrize(
    ("case", "dtype"), RUNS, ids=[f"{c[0]}-{n}-{dtype}" for n, (c, dtype) in enumerate(RUNS)]
)
def test_a_kernel_lies_inside_and_an_error_above_the_resolution_does_not(case, dtype):
    kind, operands, options = case
    execution = run(kind, operands, options, dtype)
    found = certify_operation(execution, attributes)
    assert not found.without, found.without
    assert not found.outside and not found.undecided, found
    for number, result in enumerate(execution.results):
        if not is_float(result) or not result.any():
            continue
        wrong = np.array(result, np.float64)
        index = np.unravel_index(np.argmax(np.abs(wrong)), wrong.shape)
        error = max(1e-5 if dtype == "float32" else 1e-12, 3 * (found.sharp_to or 0))
        wrong[index] *= 1 + error
        results = [*execution.results]
        results[number] = wrong.astype(dtype)
        again = certify_operation(
            Execution(execution.operation, execution.place, execution.operands, results), attributes
        )
        assert again.outside and again.outside.index == tuple(map(int, index)), (kind, again)


def test_the_largest_under_a_window_passes_its_gradient_on():
    pooled = run("MaxPool", (IMAGES,), POOL, "float32").results[0]
    flow = RNG.normal(size=pooled.shape)
    execution = run("MaxPoolGrad", (IMAGES, pooled, flow), POOL, "float32")
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside
    execution.results[0][0, 0, 0, 0] += 1e-3
    assert certify_operation(execution, attributes).outside.index == (0, 0, 0, 0)


def test_equal_places_of_a_volume_each_get_the_whole_gradient():
    equal = np.ones((1, 2, 2, 2, 1))
    options = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "VALID"}
    flow = np.full((1, 1, 1, 1, 1), 3.0)
    execution = run("MaxPool3DGrad", (equal, flow / 3, flow), options, "float32")
    found = certify_operation(execution, attributes)
    assert not found.without and not found.outside
    assert np.all(execution.results[0] == 3)


def test_every_kind_of_the_table_is_one_that_tensorflow_has():
    import tensorflow as tf

    missing = [kind for kind in RULES if not hasattr(tf.raw_ops, kind)]
    assert missing == []
