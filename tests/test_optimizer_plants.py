"""Every planted optimizer defect is found by the second step, at its slot or update.

``conftest.py`` prints how many were: the kill rate.
"""

import sys
from dataclasses import replace

import keras
import pytest
from helpers.turns import thinned

from equivalence.cli.parser import main
from equivalence.pairs.plant import DoesNotFit
from equivalence.plants import keras_tests, killrate
from equivalence.plants.killrate import Finding, certified, find, honest, twin_of
from equivalence.plants.planting import planted_keras
from equivalence.plants.tables.optimizers import KERAS_VERSION, NO_OPS, PLANTS, RUNS, STEPS

pytestmark = pytest.mark.tensorflow

ROWS = (*PLANTS, *NO_OPS)


def _finding(plant):
    """Return the Finding; skip a row that was written for another version of Keras."""
    finding = find(plant)
    if finding.excused:
        pytest.skip(f"the row is of Keras {KERAS_VERSION}: {finding.problem}")
    assert not finding.problem, finding.problem
    return finding


@pytest.mark.parametrize("plant", thinned(16, PLANTS), ids=str)
def test_the_defect_is_found_by_the_second_step_where_it_starts(plant, record_property):
    finding = _finding(plant)
    record_property("planted defect found", finding.as_expected)
    assert finding.as_expected, killrate.complaint(finding)
    assert finding.verdict.first.step < STEPS == 2
    assert finding.verdict.first.usage > 1


@pytest.mark.parametrize("plant", NO_OPS, ids=str)
def test_what_no_arithmetic_can_show_does_not_show(plant):
    finding = _finding(plant)
    assert finding.as_expected, (finding.verdict, finding.same_bits)


@pytest.mark.parametrize(
    "plant",
    thinned(5, {(p.run, p.dtype, twin_of(p)): p for p in ROWS}.values()),
    ids=lambda p: f"{p.run}-{p.dtype}-{twin_of(p)}",
)
def test_the_same_run_without_a_defect_is_certified(plant):
    """So it is the plant that is found, and not something else."""
    verdict = honest(plant)[2]
    assert certified(verdict), verdict.reason


def test_a_defect_that_is_missed_or_found_elsewhere_is_no_success():
    silent, loud = NO_OPS[0], PLANTS[0]
    harmless = replace(silent, place="weights w1", reason="")
    elsewhere = replace(loud, place="weights w2")
    later = replace(loud, step=1)
    no_op = replace(loud, place="same bits", reason="it is none")
    assert find(loud).as_expected and find(silent).as_expected
    assert not any(find(plant).as_expected for plant in (harmless, elsewhere, later, no_op))


def test_the_kill_rate_counts_what_was_missed():
    missed = replace(NO_OPS[0], place="weights w1", reason="")
    unfit = Finding(PLANTS[1], problem="has the line 0 times")
    lines = killrate.summary([find(PLANTS[0]), find(missed), unfit])
    assert lines[0] == "planted defects: 1 of 2 (50.0%) found"
    assert lines[-1] == "not tried, since the source has other lines: 1"


def test_the_table_has_80_defects_with_names_of_their_own_for_every_optimizer_of_keras():
    assert len(PLANTS) >= 80
    assert len({str(plant) for plant in ROWS}) == len(ROWS)
    in_keras = [plant for plant in PLANTS if plant.tree == "keras"]
    assert len(in_keras) >= 60
    every = {name for name, c in vars(keras.optimizers).items() if isinstance(c, type)}
    no_update = {"Optimizer", "MultiOptimizer", "OptimizerMap"}
    files = {plant.file.removesuffix(".py").split("/")[-1].replace("_", "") for plant in in_keras}
    assert {name.lower() for name in every - no_update} <= files
    assert {plant.run for plant in PLANTS} == set(RUNS)


def test_planting_in_keras_leaves_keras_as_it_was():
    before = keras.optimizers.Adam, dict(vars(keras.optimizers)), dict(sys.modules)
    plant = next(p for p in PLANTS if p.file.endswith("base_optimizer.py"))
    with planted_keras(plant):
        wrong = keras.optimizers.Adam
        assert wrong is not before[0] and keras.optimizers.SGD is not before[1]["SGD"]
    assert (keras.optimizers.Adam, dict(vars(keras.optimizers)), dict(sys.modules)) == before
    config = keras.optimizers.serialize(keras.optimizers.Adam())
    assert type(keras.optimizers.deserialize(config)) is before[0]
    assert keras.src.optimizers.adam.Adam is before[0]


def test_a_row_that_this_keras_does_not_have_says_so(monkeypatch):
    row = replace(PLANTS[0], before="no such line")
    with pytest.raises(DoesNotFit, match="'no such line' 0 times"), planted_keras(row):
        pass
    finding = find(row)
    assert "sgd.py has 'no such line' 0 times" in finding.problem
    assert not finding.as_expected and not finding.excused
    monkeypatch.setattr(killrate, "version", lambda package: "0.0")
    assert finding.excused and not replace(finding, plant=PLANTS[-1]).excused


@pytest.mark.outer
def test_kerass_own_tests_are_asked_with_the_defect_planted():
    """They find that plain descent climbs; the names of their files come from Keras."""
    along_the_gradient = PLANTS[0]
    files = [file.name for file in keras_tests.test_files(along_the_gradient)]
    assert files[0] == "sgd_test.py" and "optimizer_test.py" in files
    assert "ftrl_test.py" not in files
    assert keras_tests.finds(along_the_gradient)


@pytest.mark.outer
def test_the_command_prints_the_table_and_the_kill_rate(capsys):
    assert main(["plants", "--only", "w2 takes the velocity"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "1 of 1 (100.0%) found" in printed and "the closest:" in printed
    assert main(["plants", "--only", "no such defect"]) == 2
