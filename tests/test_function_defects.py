"""The known defects of activations and losses, in whole runs of networks that have them."""

from dataclasses import replace

import numpy as np
import pytest

from equivalence import defects
from equivalence.defects import holding
from equivalence.defects.functions import FUNCTION_DEFECTS
from equivalence.defects.holding import BROKEN, GONE, HOLDS, check
from equivalence.engines import build as tensorflow_runner
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL
from equivalence.pairs.table import Pair
from equivalence.results.result import Spec
from equivalence.runs.run import judge_with_defects
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

STEPS, UNITS = 3, 4
AGREE = (BIT_IDENTICAL, ROUNDING_IDENTICAL)


@pytest.mark.outer  # its programs; that each defect shows, other tests say
def test_every_row_still_holds_and_one_that_is_mended_is_noticed():
    mended = replace(FUNCTION_DEFECTS[0], name="mended", repro='print(0.1, "is not", 0.1)')
    found = {row.name: state for row, state, _ in check((*FUNCTION_DEFECTS, mended))}
    assert found.pop("mended") == GONE
    assert found == {row.name: HOLDS for row in FUNCTION_DEFECTS}


def test_no_two_defects_or_departures_have_one_name():
    tables = (
        defects.ROWS,
        defects.SCHEDULE_ROWS,
        defects.FUNCTION_DEFECTS,
        defects.DEPARTURES,
        defects.SCHEDULE_DEPARTURES,
    )
    names = [row.name for table in tables for row in table]
    assert len(names) == len(set(names))


def _pair(hidden, loss, optimizer):
    shapes = ((2, UNITS), (1, UNITS), (UNITS, 2), (1, 2))
    rng = np.random.default_rng(1)
    return Pair(
        "made here",
        "test",
        network=lambda m: m.TwoLayer(hidden(m), m.Output(m.Tanh(), loss(m))),
        optimizer=optimizer,
        start=lambda: tuple(rng.normal(size=shape) for shape in shapes),
        data=lambda: (rng.normal(size=(8, 2)), rng.normal(size=(8, 2))),
        epochs=STEPS,
    )


def _mean_square(m):
    return m.MeanSquaredError()


def _tanh(m):
    return m.Tanh()


def _sgd(m):
    return m.SGD(0.01)


def _judged(
    hidden, loss=_mean_square, optimizer=_sgd, dtype="float64", engine="graph", theirs=None
):
    """Return (Verdict, expected, reason) of a run of Keras.

    theirs: the hidden activation of Keras, where it is another one.
    """
    pair = _pair(hidden, loss, optimizer)
    reference = program(pair, dtype)
    other = pair if theirs is None else _pair(theirs, loss, optimizer)
    runner = tensorflow_runner.runner(other, reference, "keras", engine)
    record = runner.run(reference, runner.start(reference), STEPS)
    spec = Spec(pair.name, dtype, "keras", engine)
    return judge_with_defects(reference, record, spec, epoch_steps=1)


# The row of the logarithmic error shows where outputs and targets are near 1e-7:
# tests/test_losses.py has such numbers.
MET = {
    "tensorflow-float64-gelu": {"hidden": lambda m: m.GELU()},
    "tensorflow-float64-gelu-tanh": {"hidden": lambda m: m.GELUTanh()},
    "keras-float64-leaky-relu": {"hidden": lambda m: m.LeakyReLU()},
    "keras-float64-relu-limits": {"hidden": lambda m: m.GeneralReLU(0.1, 0.9, 0.3)},
    "keras-float64-log-cosh": {"hidden": _tanh, "loss": lambda m: m.LogCosh()},
    "keras-sparsemax-threshold": {"hidden": lambda m: m.Sparsemax(), "dtype": "float32"},
}


@pytest.mark.parametrize("name", MET)
def test_a_run_that_meets_a_row_is_different_and_certified_with_its_model(name):
    said = _judged(**MET[name])
    assert said.judgement.verdict == DIFFERENT and said.expected
    assert (said.cause, said.defects) == ("known-defect", (name,))
    assert said.with_models in AGREE
    assert f"upstream defect {name}; " in said.reason and "with its model" in said.reason


@pytest.mark.parametrize("engine", ["eager", "xla", "fit"])
def test_every_engine_meets_it(engine):
    said = _judged(lambda m: m.LeakyReLU(), engine=engine)
    assert said.expected and said.defects == ("keras-float64-leaky-relu",)


def test_two_parts_and_an_optimizer_may_each_meet_one():
    said = _judged(lambda m: m.GELU(), lambda m: m.LogCosh(), lambda m: m.Adam(0.01, 0.9, 0.999))
    assert said.expected, said.reason
    met = {"keras-float64-adam-betas", "tensorflow-float64-gelu", "keras-float64-log-cosh"}
    assert set(said.defects) == met
    assert all(name in said.reason for name in met)


def test_in_float32_and_with_a_float32_slope_nothing_is_met():
    for how in ({"hidden": lambda m: m.GELU(), "dtype": "float32"},
                {"hidden": lambda m: m.LeakyReLU(0.25)}):  # fmt: skip
        said = _judged(**how)
        assert said.judgement.verdict in AGREE and said.expected and said.defects == ()


def test_a_run_that_never_comes_to_the_numbers_of_a_row_may_agree():
    """CELU's derivative is wrong at 0 alone."""
    said = _judged(lambda m: m.CELU())
    assert said.judgement.verdict in AGREE and said.expected
    assert said.cause in ("equal", "parted")


def test_a_row_that_shows_always_must_show(monkeypatch):
    """Against Keras's tanh a reference of tanh, taken for a GELU's row, is too good."""
    row = replace(next(r for r in FUNCTION_DEFECTS if r.always), name="x", part="Tanh")
    monkeypatch.setattr(defects, "matching_parts", lambda *run: (row,))
    said = _judged(_tanh)
    assert said.judgement.verdict in AGREE and not said.expected
    assert (said.cause, said.defects) == ("defect-gone", ("x",))
    assert said.reason == "the upstream defect x is gone: remove its row"


def test_what_is_beyond_the_model_is_not_excused():
    """Keras's slope is 0.3 where the reference has 0.2: no float32 of it."""
    said = _judged(lambda m: m.LeakyReLU(0.2), theirs=lambda m: m.LeakyReLU(0.3))
    assert said.judgement.verdict == DIFFERENT and not said.expected
    assert (said.cause, said.defects) == ("beyond-defect", ("keras-float64-leaky-relu",))
    assert said.reason.startswith("beyond the upstream defect keras-float64-leaky-relu")


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("1.0 is not 1.0", GONE),
        ("nan is not 1.0", HOLDS),
        ("[[1.0, 2.0], [1.0, 2.0]] is not [[1.0, 1.0], [2.0, 2.0]]", HOLDS),
        ("[[1.0, 2.0]] is not [[1.0, 2.0]]", GONE),
        ("[[1.0, 2.0]] is not [1.0, 2.0, 3.0]", BROKEN),
        ("a sentence is not a number", BROKEN),
        ("", BROKEN),
    ],
)
def test_what_a_program_prints_may_be_a_list_of_numbers(printed, state):
    row = next(row for row in FUNCTION_DEFECTS if row.name == "keras-merged-column-as-a-row")
    assert holding._state(row, True, printed) == state
