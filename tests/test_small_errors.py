"""A relative error of 1e-5 in each tensor of a row is found there, or a reason says why not.

``equivalence plants --group small-errors`` asks all rows of models.
"""

import pytest
from helpers.turns import thinned

from equivalence.pairs import models
from equivalence.plants import small_errors
from equivalence.plants.killrate import complaint, find
from equivalence.plants.small_errors import CARRIED, PLANTS, SmallErrors

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("plant", thinned(12, PLANTS), ids=str)
def test_1e_5_is_found_in_each_tensor_of_a_row_and_tensorflow_is_blamed(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)
    assert finding.place.split()[1].rstrip(",") == "found"


def test_every_model_is_asked_and_every_reason_is_of_one():
    rows = [row.name for row in models.ROWS]
    assert [plant.run for plant in PLANTS] == rows
    assert {run for run, _ in CARRIED} <= set(rows)


def test_a_reason_that_is_missing_makes_a_row_unexpected(monkeypatch):
    """The slope of a saturated sigmoid, without its reason and with it."""
    plant = SmallErrors("saturated-mean-square")
    with_reason = find(plant)
    monkeypatch.setattr(small_errors, "CARRIED", {})
    without = find(plant)
    assert with_reason.as_expected and "2 carried" in with_reason.place
    assert not without.as_expected and "missed: flows dense1b" in without.verdict.reason
