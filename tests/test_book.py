"""Every figure that the books print, on both sides, to its last printed digit."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.book import check, sensitivity
from equivalence.book.figures import FIGURES
from equivalence.pairs.table import PAIRS

pytestmark = pytest.mark.tensorflow

SIDES = ("numpy", "tensorflow")
RUNS = check.runs()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("pair", "dtype"), RUNS, ids=lambda x: x)
def test_both_sides_print_what_the_book_prints(pair, dtype, side):
    readings = list(check.readings(pair, dtype, RUNS[pair, dtype], side))
    assert len(readings) == len(RUNS[pair, dtype])
    wrong = [
        (r.figure.epoch, r.figure.tensor, r.figure.printed, r.value)
        for r in readings
        if not r.agrees
    ]
    assert wrong == []


def test_the_data_table_and_the_worked_steps_come_out():
    readings = list(check.by_hand())
    assert {r.side for r in readings} == set(SIDES)
    assert [r for r in readings if not r.agrees] == []


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("printed", check.CELSIUS_STARTS)
def test_the_celsius_weights_come_out_from_a_start_within_glorots_limit(printed, side):
    start = check.CELSIUS_STARTS[printed]
    assert abs(start) <= np.sqrt(3)
    found = check.celsius_from(start, side)
    assert tuple(check.as_printed(v, p) for v, p in zip(found, printed.split())) == tuple(
        printed.split()
    )


def test_every_figure_is_run_or_says_why_not():
    run = {f for figures in RUNS.values() for f in figures} | {r.figure for r in check.by_hand()}
    assert all(f in run or f.why for f in FIGURES)


def test_a_changed_last_digit_is_noticed():
    figure = next(f for f in FIGURES if f.printed == "-1.4887778921304025")
    forged = replace(figure, printed="-1.4887778921304027")
    (reading,) = check.readings(figure.pair, "float64", [forged], "numpy")
    assert not reading.agrees


@pytest.mark.parametrize("change", ["the seed's picture has 0.66 where its listing has 0.55"])
def test_another_start_weight_is_noticed(change):
    pair = PAIRS["linear-2-2-2"]
    start = [np.array(w) for w in pair.start()]
    start[2] = np.array([[0.40, 0.50], [0.45, 0.66]])
    other = replace(pair, start=lambda: start)
    program = check.program(other, "float64")
    trajectory = check.numpy_runner.run(program, program.start(), 1)
    figure = next(f for f in FIGURES if f.pair == pair.name and (f.epoch, f.tensor) == (0, "O"))
    assert not check.read(figure, "numpy", trajectory.activations["O"][0]).agrees


@pytest.mark.parametrize("pair", ["quadratic-rmse-momentum", "quadratic-rmse-adam"])
def test_the_losses_that_do_not_come_out_lie_within_the_measured_spread(pair):
    spread = sensitivity.measure(pair)
    assert len(spread.printed) == 7
    for epoch, printed in spread.printed.items():
        low, high = spread.losses[epoch]
        assert low <= float(printed) <= high
        assert high - low > 1e-4  # the printed digits are not determined


def test_one_ulp_grows_beyond_all_digits_under_momentum_but_not_under_plain_descent():
    momentum = sensitivity.measure("quadratic-rmse-momentum")
    plain = sensitivity.measure("quadratic-rmse")
    assert momentum.growth > 1e5 > 1e3 > plain.growth
