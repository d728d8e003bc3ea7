"""Every figure that the books print, on both sides, to its last printed digit."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence.book import check, programs, sensitivity
from equivalence.book.columns import EVERY
from equivalence.book.programs import PROGRAMS, SIDES
from equivalence.pairs.table import PAIRS
from equivalence.steps import numpy as numpy_runner

pytestmark = pytest.mark.tensorflow

RUNS = check.runs()
FEW = 5_000  # steps: what a book prints after more is outer, what it prints before is not


def _parts():
    """Return pytest's parameters (pair, dtype, until which step): the long run is outer."""
    for (pair, dtype), figures in RUNS.items():
        steps = [_steps(figure) for figure in figures]
        if min(steps) <= FEW:
            yield pair, dtype, FEW
        if max(steps) > FEW:
            yield pytest.param(pair, dtype, max(steps), marks=pytest.mark.outer)


def _steps(figure):
    return (figure.epoch + 1) * PAIRS[figure.pair].steps_per_epoch


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("pair", "dtype", "until"), list(_parts()))
def test_both_sides_print_what_the_book_prints(pair, dtype, until, side):
    figures = [figure for figure in RUNS[pair, dtype] if _steps(figure) <= until]
    readings = list(check.readings(pair, dtype, figures, side))
    assert len(readings) == len(figures)
    wrong = [
        (r.figure.epoch, r.figure.tensor, r.figure.printed, r.value)
        for r in readings
        if not r.agrees
    ]
    assert wrong == []


# A hundred thousand steps of a graph take TensorFlow several seconds: ``equivalence book`` has
# them; here it takes the first two thousand.
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != programs.LINE])
def test_a_program_that_is_no_pair_prints_what_the_book_prints(name):
    ((_, readings),) = check.of_programs([name])
    assert {r.side for r in readings} == set(SIDES)
    assert [(r.figure, r.side, r.value) for r in readings if not r.agrees] == []


def test_every_line_of_the_long_run_comes_out_of_the_one_before():
    """25 stretches of 100 000 steps, from printed bits to printed bits: one run of 2 500 000."""
    own = [f for f in EVERY if f.pair == programs.LINE]
    values = PROGRAMS[programs.LINE].run("numpy")
    readings = [check.read(f, "numpy", values[f.epoch, f.tensor]) for f in own]
    assert len(readings) == 3 * 26
    assert [(r.figure, r.value) for r in readings if not r.agrees] == []


def test_tensorflow_takes_the_same_steps_along_the_line_in_every_bit(monkeypatch):
    monkeypatch.setattr(programs, "STRETCH", 2000)
    ours, theirs = (PROGRAMS[programs.LINE].run(side) for side in SIDES)
    assert ours == theirs


def test_half_the_sum_moves_as_far_as_the_mean_where_there_are_two_outputs():
    """Text 001, 01: "the results hardly differ".  Of n outputs the gradients differ by n / 2."""
    mean, half = (_trained(name) for name in ("dense-2-2", "dense-2-2-half-sum"))
    assert all(np.array_equal(a, b) for a, b in zip(mean.values(), half.values()))
    mean, half = (_trained(name) for name in ("dense-3-3", "dense-3-3-half-sum"))
    apart = max(np.abs(a[-1] - b[-1]).max() for a, b in zip(mean.values(), half.values()))
    moved = max(np.abs(a[-1] - a[0]).max() for a in mean.values())
    assert 0 < apart < 1e-4 * moved


def _trained(name):
    one = check.program(PAIRS[name], "float64")
    return numpy_runner.run(one, one.start(), PAIRS[name].epochs).weights


@pytest.mark.parametrize("pair", sensitivity.NEURONS)
def test_what_the_random_neurons_print_is_what_random_starts_give(pair):
    """At each epoch the printed sum lies among those of other starts, which are apart."""
    for epoch, (printed, low, high) in sensitivity.of_starts(pair).items():
        assert low <= float(printed) <= high, epoch
        assert high - low > 1e-3 * abs(float(printed))


def test_every_figure_is_run_or_says_why_not():
    run = {f for figures in RUNS.values() for f in figures}
    assert all(f in run or f.pair in PROGRAMS or f.why for f in EVERY)
    assert {f.pair for f in EVERY} >= set(PROGRAMS)


def test_a_changed_last_digit_is_noticed():
    figure = next(f for f in EVERY if f.printed == "-1.4887778921304025")
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
    trajectory = numpy_runner.run(program, program.start(), 1)
    figure = next(f for f in EVERY if f.pair == pair.name and (f.epoch, f.tensor) == (0, "O"))
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
