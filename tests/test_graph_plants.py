"""Would a certificate notice?  Defects planted in kernels, operands, gradients and modes.

A kernel that returns a wrong number is found at its operation and layer, whatever the number is
used for later.  A gradient that is another formula consists of honest operations, and is found
because it is not the derivative of the forward pass.  ``equivalence plants --group graph`` plants
the whole table.
"""

import pytest
from helpers.turns import EVERY, thinned

import equivalence
from equivalence.judge.verdict import DIFFERENT
from equivalence.plants.ordinary import build
from equivalence.plants.steps import find, gradient_of, planted_gradient, planted_kernel
from equivalence.plants.tables.steps import KERNELS, PLANTS, Scaled

pytestmark = pytest.mark.tensorflow

CHEAP = ("dense", "cnn", "transformer", "recurrent")
CHOSEN = [plant for plant in PLANTS if EVERY or plant.run in CHEAP]


def test_the_table_has_sixty_rows_over_twelve_models():
    assert len(PLANTS) >= 60 and len({plant.run for plant in PLANTS}) >= 12
    assert len({str(plant) for plant in PLANTS}) == len(PLANTS)


@pytest.mark.parametrize("plant", thinned(16, CHOSEN), ids=str)
def test_a_defect_is_found_at_its_operation_layer_and_line_and_nowhere_else(plant):
    found = find(plant)
    assert found.as_expected, found


def test_a_wrong_kernel_makes_a_step_different_and_the_sentence_says_where():
    plant = next(p for p in KERNELS if (p.run, p.kind) == ("dense", "MatMul"))
    model, x, y = build("dense")
    with planted_kernel(plant):
        report = equivalence.certify(model, x, y, steps=1, batch_size=4, engine="eager")
    assert report.verdict == DIFFERENT
    assert f"{report.first.kind} {report.first.operation}" in str(report.first)


def test_a_step_whose_gradient_is_no_derivative_is_different():
    model, x, y = build("dense")
    with planted_gradient("Tanh", Scaled(0)):
        report = equivalence.certify(model, x, y, steps=1, batch_size=4, engine="eager")
    assert report.verdict == DIFFERENT and report.first is None
    assert "are not the derivatives" in " ".join(str(report).split())


@pytest.mark.parametrize("name", thinned(3, [*CHEAP, "own_step"]))
def test_the_gradients_that_tensorflow_makes_are_derivatives(name):
    found, _ = gradient_of(name)
    assert found.proved, found
    assert found.apart < 1e-7
