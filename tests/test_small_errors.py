"""A relative error of 1e-5 in each tensor of a row is found there, or a reason says why not.

``equivalence plants --group small-errors`` asks all rows of models and layers.
"""

import pytest
from helpers.turns import thinned

from equivalence.pairs import layers, models
from equivalence.plants.honest import HonestRuns
from equivalence.plants.killrate import complaint, find
from equivalence.plants.small_errors import PLANTS, SmallErrors

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("plant", thinned(30, PLANTS), ids=str)
def test_1e_5_is_found_in_each_tensor_of_a_row_and_tensorflow_is_blamed(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)
    assert finding.place.split()[1].rstrip(",") == "found"


def test_every_model_and_layer_is_asked():
    assert [plant.run for plant in PLANTS] == [row.name for row in (*models.ROWS, *layers.ROWS)]


def test_a_reason_that_is_missing_makes_a_row_unexpected(monkeypatch):
    """The slope of a saturated sigmoid: as far as honest results get, and if they did not."""
    plant = SmallErrors("saturated-mean-square")
    with_reason = find(plant)
    for ask in ("drawn", "worst"):
        own = getattr(HonestRuns, ask)
        less = lambda runs, at, own=own: {key: 0 * far for key, far in own(runs, at).items()}
        monkeypatch.setattr(HonestRuns, ask, less)
    without = find(plant)
    assert with_reason.as_expected and "2 carried" in with_reason.place
    assert not without.as_expected and "missed: flows dense1b" in without.verdict.reason
