"""A relative error of 1e-5, in all elements of a tensor or in one, is found where it is."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.pairs.books import BOOK_ROWS
from equivalence.plants.nudges import Nudge, ask, by_enclosures, nudged, nudges_of
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

ROWS = {row.name: row for row in BOOK_ROWS}
STEPS = 2


def _record(name, dtype="float64"):
    """Return a row's record by NumPy and the check by its step enclosures."""
    reference = program(ROWS[name], dtype)
    record = numpy_runner.run(reference, reference.start(), STEPS)
    model = rounding_model(dtype, "eager")
    return record, by_enclosures(enclose_steps(reference, record, model))


@pytest.mark.parametrize("name", ROWS)
def test_every_tensor_of_a_books_network_is_sharp_to_a_relative_error_of_1e_5(name):
    """At the second step: the first gradient of iris's bias is 0 but for rounding."""
    record, check = _record(name)
    answers = ask(record, check, nudges_of(record, step=1))
    assert answers
    assert [str(a.nudge) for a in answers if not a.as_expected] == []


def test_an_error_below_the_enclosure_is_not_found():
    """So the answer is the check's, and not always yes."""
    record, check = _record("iris-softmax", "float32")  # a sum over 150 samples, in any order
    nudge = Nudge("gradients", "W", 1, None, 2.0**-23)
    (answer,) = ask(record, check, [nudge])
    assert answer.found is None and not answer.as_expected


def test_one_element_of_one_step_changes_and_the_record_stays_as_it_was():
    record, _ = _record("sigmoid-2-2-2")
    before = record.gradients["WH"].copy()
    found = nudged(record, Nudge("gradients", "WH", 1, (0, 1), 1e-3))
    apart = found.gradients["WH"] / before - 1
    assert np.argwhere(apart).tolist() == [[1, 0, 1]]
    assert apart[1, 0, 1] == pytest.approx(1e-3)
    assert np.array_equal(record.gradients["WH"], before)
    assert found.weights is record.weights


def test_a_nudge_of_a_weight_is_of_the_state_behind_its_step():
    record, _ = _record("sigmoid-2-2-2")
    found = nudged(record, Nudge("weights", "WH", 0))
    moved = (found.weights["WH"] != record.weights["WH"]).any(axis=(-2, -1))
    assert moved.tolist() == [False, True, False]


def test_what_cannot_be_nudged_is_refused_with_the_choices():
    record, check = _record("sigmoid-2-2-2")
    with pytest.raises(ValueError, match="no stage 'outputs': the stages are activations"):
        nudged(record, Nudge("outputs", "A", 0))
    with pytest.raises(ValueError, match="no tensor 'Q' among the gradients: there are WH"):
        nudged(record, Nudge("gradients", "Q", 0))
    with pytest.raises(ValueError, match="no element changes"):
        nudged(record, Nudge("gradients", "WH", 0, None, 1e-30))
    wrong = nudged(record, Nudge("loss", "E", 0))
    with pytest.raises(ValueError, match="without a nudge"):
        ask(wrong, check)
    silent = replace(record, gradients={"WH": 0 * record.gradients["WH"]}, activations={})
    assert nudges_of(silent) == []
