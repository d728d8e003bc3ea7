"""Every optimizer on the same 100 given gradients, every hyperparameter off its default."""

from dataclasses import replace
from itertools import product

import pytest
from helpers.turns import in_turn, named

from equivalence.defects import DEPARTURES, ROWS
from equivalence.defects.holding import BROKEN, GONE, HOLDS, check
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL
from equivalence.pairs.optimizers import OPTIMIZER_ROWS
from equivalence.results.result import Spec
from equivalence.runs.run import run

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
    ("pair", "dtype"), in_turn(OPTIMIZER_ROWS, ("float32", "float64")), ids=named
)
def test_the_explicit_twin_gives_the_references_bits_wherever_only_ieee_operations_occur(
    pair, dtype
):
    result = run(Spec(pair.name, dtype, "tape", "eager", epochs=1))
    of_the_processor = (ROUNDING_IDENTICAL,) if pair.name in NOT_ONLY_IEEE else ()
    assert result.verdict in (BIT_IDENTICAL, *of_the_processor), result.reason


COMPILED = tuple(product(("graph", "xla"), ("float32", "float64")))


@pytest.mark.parametrize(("pair", "turn"), in_turn(OPTIMIZER_ROWS, COMPILED), ids=named)
def test_the_explicit_twin_is_certified_in_compiled_engines(pair, turn):
    engine, dtype = turn
    result = run(Spec(pair.name, dtype, "tape", engine, epochs=1))
    assert result.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL), result.reason


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("pair", OPTIMIZER_ROWS, ids=lambda pair: pair.name)
def test_kerass_class_is_certified_or_meets_a_known_defect_whose_model_is(pair, dtype):
    """A known defect is a strict expected failure: gone upstream, it fails here."""
    result = run(Spec(pair.name, dtype, "keras", "graph", epochs=1))
    assert result.expected, result.reason
    if result.verdict == DIFFERENT:
        assert "with its model" in result.reason


def test_the_names_of_defects_and_departures_are_unique():
    names = [row.name for row in (*ROWS, *DEPARTURES)]
    assert len(names) == len(set(names))


def test_defects_says_which_still_hold_and_notices_one_that_is_gone():
    """Every row's program runs; one that prints what is right is reported as gone."""
    mended = replace(ROWS[0], name="mended", repro='print(0.1, "is not", 0.1)')
    broken = replace(DEPARTURES[0], name="broken", repro="import no_such_module")
    found = {row.name: state for row, state, _ in check((*ROWS, *DEPARTURES, mended, broken))}
    assert found.pop("mended") == GONE
    assert found.pop("broken") == BROKEN
    old = {name for name, state in found.items() if state.startswith("mended")}
    assert old == {row.name for row in ROWS if not row.concerns_this_keras}
    assert {state for name, state in found.items() if name not in old} == {HOLDS}, found
