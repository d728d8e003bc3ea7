"""Every optimizer on the same 100 given gradients, every hyperparameter off its default."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from helpers.turns import in_turn, named, one_in, thinned

from equivalence import trees
from equivalence.defects import DEPARTURES, ROWS
from equivalence.defects.holding import (
    AT_START,
    BROKEN,
    ELSEWHERE,
    GONE,
    HOLDS,
    check,
    hangs_on_the_processor,
)
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.optimizers import OPTIMIZER_ROWS
from equivalence.pairs.table import find
from equivalence.pairs.training import TRAINING_ROWS
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program
from refimpl import optimizers

pytestmark = pytest.mark.tensorflow

# The explicit twin in eager mode does the same IEEE operations in the same order, one after the
# other, so the bits agree on every processor; these also call pow or sum in an order of their own.
NOT_ONLY_IEEE = {
    "given-adafactor": "sums, and pow of an array",
    "given-ftrl": "pow of an array",
    "given-lamb": "sums, and pow of an array",
    "given-muon": "sums and products of matrices",
    "given-muon-nesterov": "sums and products of matrices",
}


@pytest.mark.parametrize(
    ("pair", "dtype"), thinned(3, in_turn(OPTIMIZER_ROWS, ("float32", "float64"))), ids=named
)
def test_the_explicit_twin_gives_the_references_bits_wherever_only_ieee_operations_occur(
    pair, dtype
):
    result = run(Spec(pair.name, dtype, "tape", "eager", epochs=1))
    of_the_processor = (ROUNDING_IDENTICAL,) if pair.name in NOT_ONLY_IEEE else ()
    assert result.verdict in (BIT_IDENTICAL, *of_the_processor), result.reason


COMPILED = tuple(product(("graph", "xla"), ("float32", "float64")))


@pytest.mark.parametrize(
    ("pair", "turn"), thinned(3, in_turn(OPTIMIZER_ROWS, COMPILED), 1), ids=named
)
def test_the_explicit_twin_is_certified_in_compiled_engines(pair, turn):
    engine, dtype = turn
    result = run(Spec(pair.name, dtype, "tape", engine, epochs=1))
    assert result.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL), result.reason


@pytest.mark.parametrize(
    ("pair", "dtype"), thinned(3, product(OPTIMIZER_ROWS, ("float32", "float64")), 2), ids=named
)
def test_kerass_class_is_certified_or_meets_a_known_defect_whose_model_is(pair, dtype):
    """A known defect is a strict expected failure: gone upstream, it fails here."""
    result = run(Spec(pair.name, dtype, "keras", "graph", epochs=1))
    assert result.expected, result.reason
    if result.verdict == DIFFERENT:
        assert "with its model" in result.reason


# Nesterov's momentum by hand (seed 000, 1-9): v <- b v + a g(p - b v), p <- p - v with a = 1/10,
# b = 9/10, on E = (p + 2)^2 / 2, so g(p) = p + 2, from p = -5.
BY_HAND = (Fraction(-47, 10), Fraction(-4187, 1000), Fraction(-355277, 100000))


def test_nesterovs_steps_by_hand_are_those_of_the_books_rule():
    rate, momentum, p, v = Fraction(1, 10), Fraction(9, 10), Fraction(-5), Fraction(0)
    for expected in BY_HAND:
        v = momentum * v + rate * (p - momentum * v + 2)
        p = p - v
        assert p == expected


@pytest.mark.parametrize("side", ["numpy", "tape"])
def test_looking_ahead_gives_the_steps_by_hand_and_momentum_does_not(side):
    def run_of(name, optimizer=None):
        pair = find(name)
        pair = replace(pair, optimizer=optimizer) if optimizer else pair
        one = program(pair, "float64")
        if side == "numpy":
            return numpy_runner.run(one, one.start(), 3).weights["p"].ravel()[1:]
        from equivalence.engines import build

        made = build.runner(pair, one, "tape", "graph")
        return made.run(one, one.start(), 3).weights["p"].ravel()[1:]

    by_hand = [float(p) for p in BY_HAND]
    assert run_of("nesterov-look-ahead") == pytest.approx(by_hand, rel=1e-15)
    plain = run_of("nesterov-look-ahead", lambda m: m.Momentum(0.1, 0.9))
    assert plain[0] == by_hand[0] and abs(plain[1] - by_hand[1]) > 0.02


def test_the_two_forms_of_nesterovs_momentum_are_one_in_other_variables():
    """Keras's variable is the point ahead: x = theta - b v (``nesterov_look_ahead``'s algebra)."""
    one = program(find("train-sigmoid-softmax-2-2-2-nesterov-look-ahead"), "float64")
    book = numpy_runner.run(one, one.start(), 50)
    other = replace(one, optimizer=trees.reference().Nesterov(0.03, 0.85))
    keras = numpy_runner.run(other, other.start(), 50)
    for name, theta in book.weights.items():
        ahead = theta - 0.85 * book.slots[f"{name}/momentum"]
        assert keras.weights[name] == pytest.approx(ahead, rel=1e-13)
        assert abs(keras.weights[name] - theta).max() > 1e-5


LOOKING_AHEAD = [row.name for row in (*BOOK_ROWS, *TRAINING_ROWS) if "look-ahead" in row.name]


@pytest.mark.parametrize(("pair", "engine"), in_turn(LOOKING_AHEAD, ("eager", "graph", "xla")))
def test_looking_ahead_is_certified(pair, engine):
    result = run(Spec(pair, "float32", "tape", engine, epochs=16))
    assert result.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL), result.reason


def test_loss_scaling_takes_the_gradients_where_its_optimizer_does():
    inner = optimizers.NesterovLookAhead(0.1, 0.5)
    scaled = optimizers.LossScaleOptimizer(inner)
    assert scaled.points((8.0,), ((4.0, 0, 0, 1),)) == inner.points((8.0,), ((4.0,),)) == (6.0,)


def test_players_in_turn_refuse_to_look_ahead():
    with pytest.raises(ValueError, match="where they are"):
        optimizers.InTurn((optimizers.NesterovLookAhead(),) * 2, (0, 1))


def test_the_names_of_defects_and_departures_are_unique():
    names = [row.name for row in (*ROWS, *DEPARTURES)]
    assert len(names) == len(set(names))


# A share of the rows whose programs run in one process; all of them, some in their own.
SHARE = [row for row in one_in(6, (*ROWS, *DEPARTURES)) if AT_START not in row.repro]


@pytest.mark.outer
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(SHARE, id="a share"),
        pytest.param((*ROWS, *DEPARTURES), id="all", marks=pytest.mark.outer),
    ],
)
def test_defects_says_which_still_hold_and_notices_one_that_is_gone(rows):
    """Every row's program runs; one that prints what is right is reported as gone."""
    mended = replace(ROWS[0], name="mended", repro='print(0.1, "is not", 0.1)')
    broken = replace(DEPARTURES[0], name="broken", repro="import no_such_module")
    found = {row.name: state for row, state, _ in check((*rows, mended, broken))}
    assert found.pop("mended") == GONE
    assert found.pop("broken") == BROKEN
    old = {name for name, state in found.items() if state.startswith("mended")}
    defects = [row for row in rows if row in ROWS]
    assert old == {row.name for row in defects if not row.concerns_this_keras}
    hang = {row.name for row in rows if hangs_on_the_processor(row)}
    assert {name for name, state in found.items() if state == ELSEWHERE} <= hang
    states = {state for name, state in found.items() if name not in old}
    assert states - {ELSEWHERE} == {HOLDS}, found
