"""Every planted defect is found, at its stage and step, and the right side is blamed.

Here those of the books' networks; the tests of layers, models, optimizers, losses, activations
and schedules try theirs, as ``equivalence plants`` tries all.
"""

import sys
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from helpers.turns import thinned

from equivalence import trees
from equivalence.pairs.plant import Plant
from equivalence.plants.groups import GROUPS
from equivalence.plants.killrate import certified, complaint, find, honest
from equivalence.plants.planting import changed, importers, planted
from equivalence.plants.tables.networks import PLANTS

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).parents[1]
RUNS = {plant.run: plant for plant in PLANTS}


@pytest.mark.parametrize("plant", thinned(8, PLANTS), ids=str)
def test_the_defect_is_found_at_its_stage_and_step_and_the_right_side_is_blamed(plant):
    finding = find(plant)
    assert finding.as_expected, complaint(finding)


@pytest.mark.parametrize(("name", "dtype"), thinned(4, product(RUNS, ("float32", "float64"))))
def test_the_same_runs_without_a_defect_are_certified(name, dtype):
    verdict = honest(replace(RUNS[name], dtype=dtype))[2]
    assert certified(verdict), verdict.reason


def test_every_wrong_line_of_our_trees_has_its_place():
    """In every ring: the ring of a commit tries one in eight, and a moved line is no defect."""
    ours = [plant for plants in GROUPS.values() for plant in plants if isinstance(plant, Plant)]
    ours = [plant for plant in ours if plant.tree in ("refimpl", "tfimpl")]
    for plant in ours:
        changed((ROOT / plant.tree / plant.file).read_text(encoding="utf-8"), plant)
    assert len(ours) > 600


def test_every_row_of_every_group_has_a_name_of_its_own():
    for group, plants in GROUPS.items():
        assert {plant.group for plant in plants} == {group}
        twice = [p for p, count in Counter(plants).items() if count > 1]
        assert twice == []
    assert sum(map(len, GROUPS.values())) > 750


def test_a_defect_that_is_found_elsewhere_is_no_success():
    for plant in (PLANTS[0], GROUPS["losses"][0]):
        assert find(plant).as_expected
        for other in (replace(plant, place="weights x"), replace(plant, step=1)):
            assert not find(other).as_expected
    silent = replace(PLANTS[0], after=PLANTS[0].before + "  ")
    assert not find(silent).as_expected
    value = GROUPS["losses"][0]
    assert not find(replace(value, after=value.before + "  ")).as_expected


def test_a_row_whose_line_is_gone_says_so():
    for plant in (PLANTS[0], GROUPS["losses"][0]):
        finding = find(replace(plant, before="no such line"))
        assert "has 'no such line' 0 times" in finding.problem and not finding.as_expected


def test_a_plant_that_no_longer_fits_the_source_is_refused():
    with pytest.raises(ValueError, match="0 times"):
        planted(Plant("", "refimpl", "optimizers/sgd.py", "no such line", "", "dense-2-2", ""))


def test_planting_leaves_the_real_tree_alone():
    before = trees.reference().SGD
    planted(PLANTS[0])
    import refimpl.optimizers

    assert refimpl.optimizers.SGD is before


def test_only_what_imports_the_changed_file_is_imported_again():
    import refimpl.layers
    from refimpl.layers import LSTM, Dense

    again = importers("refimpl", "refimpl.layers.lstm")
    assert {"refimpl.layers.lstm", "refimpl.layers"} <= again
    assert not {"refimpl", "refimpl.layers.dense", "refimpl.training"} & again
    before = "gate_count: ClassVar = 4"
    wrong = planted(Plant("", "refimpl", "layers/lstm.py", before, before + "  #", "", ""))
    assert wrong.LSTM is not LSTM and wrong.Dense is Dense
    assert refimpl.layers is sys.modules["refimpl.layers"] and refimpl.layers.LSTM is LSTM


def test_a_package_keeps_a_function_that_has_its_modules_name():
    import refimpl.random

    before = refimpl.random.philox
    line = "def philox("
    planted(Plant("", "refimpl", "random/philox.py", line, "# wrong\n" + line, "", ""))
    assert refimpl.random.philox is before and callable(before)
