"""Arrays of 1 to 33 elements and steps of every width and batch lie in the rounding model."""

from itertools import product

import numpy as np
import pytest
from helpers.turns import in_turn, named, thinned

from equivalence.measure import positions
from equivalence.measure.positions import DTYPES, ENGINES, FUNCTIONS, LENGTHS

pytestmark = pytest.mark.tensorflow

# Compiling for XLA takes most of a second a length.
KINDS = [
    *product(FUNCTIONS, product(ENGINES[:2], DTYPES)),
    *in_turn(FUNCTIONS, tuple(product(("xla",), DTYPES))),
]


@pytest.mark.parametrize(("name", "turn"), thinned(4, KINDS), ids=named)
def test_every_element_of_every_length_lies_in_the_rounding_models_ball(name, turn):
    engine, dtype = turn
    spread = positions.measure(name, engine, dtype, values=3)
    assert spread.holds, spread
    # Equal inputs are spread by no more than two errors of the largest size.
    assert spread.ulp <= 2 * _bound(name, dtype, engine)


def _bound(name, dtype, engine):
    """Return the radius of the rounding model's balls in ULP, at most."""
    from equivalence.judge.certificate import rounding_model

    x = positions.inputs(name, dtype)[:, 0]
    ball = positions.ball(name, x, rounding_model(dtype, engine))
    spacing = np.spacing(np.abs(ball.mid).astype(dtype))
    return float((ball.rad / np.where(spacing > 0, spacing, 1)).max())


# Here XLA has the sizes about which a vector ends, all by ``equivalence positions``.
XLA_LENGTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33)
STEPS = (
    *(
        (kind, engine, dtype)
        for kind in positions.SIZES
        for engine in ENGINES[:2]
        for dtype in DTYPES
    ),
    ("width", "xla", "float32"),
    ("batch", "xla", "float64"),
)


@pytest.mark.parametrize(("kind", "engine", "dtype"), thinned(24, STEPS, row=3))
def test_a_step_of_every_width_and_batch_lies_in_its_enclosure(kind, engine, dtype):
    lengths = XLA_LENGTHS if engine == "xla" else LENGTHS
    spread = positions.measure_steps(kind, engine, dtype, lengths)
    assert spread.holds, spread


def test_float64_tanh_gives_different_results_for_equal_inputs_at_the_lengths_seen():
    """Full vectors by one code, what is left over by another."""
    spread = positions.measure("tanh", "eager", "float64")
    if not spread.lengths:
        pytest.skip("this build computes every position alike")
    assert spread.distinct > 1
    vector = min(spread.lengths) - 1  # the elements of a vector on this machine
    assert all(n % vector for n in spread.lengths)
    assert {vector + 1, 2 * vector + 1} <= set(spread.lengths)


def _with_a_wrong_remainder(function, vector, error):
    """Return an evaluator that is ``error`` ULP off in what a full vector leaves over."""

    def evaluate(arrays):
        results = []
        for x in arrays:
            y = function(x.astype(np.longdouble)).astype(x.dtype)
            rest = len(x) // vector * vector
            y[rest:] += error * np.spacing(y[rest:])
            results.append(y)
        return results

    return evaluate


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_remainder_that_is_computed_wrongly_is_found_at_its_lengths(dtype):
    wrong = _with_a_wrong_remainder(np.exp, vector=8, error=40)
    spread = positions.measured("exp", "eager", dtype, wrong, values=4)
    assert not spread.holds
    assert spread.lengths == tuple(n for n in LENGTHS if n > 8 and n % 8)
    assert spread.distinct == 2
    assert spread.ulp == pytest.approx(40, abs=1)
    right = _with_a_wrong_remainder(np.exp, vector=8, error=1)
    spread = positions.measured("exp", "eager", dtype, right, values=4)
    assert spread.holds
    assert spread.distinct == 2


def test_one_wrong_element_of_one_step_is_found(monkeypatch):
    """A hidden activation of the last unit, at width 9 only."""
    honest = positions._one_by_one

    def planted(programs, engine):
        for program, record in zip(programs, honest(programs, engine), strict=True):
            if program.weights[0].shape[1] == 9:
                hidden = record.activations["H"] = record.activations["H"].copy()
                hidden[0, -1, -1] *= 1 + 2e-6
            yield record

    monkeypatch.setattr(positions, "_one_by_one", planted)
    spread = positions.measure_steps("width", "graph", "float32", range(7, 12))
    assert not spread.holds
    assert spread.lengths == (9,)
