"""Pairs held operation by operation, by the route of ``certify``; in half precision by no other."""

import json
from dataclasses import replace

import pytest
from helpers.half_precision import needs_matmuls_in
from helpers.turns import named, one_in, thinned

from equivalence.arithmetic.precisions import POLICIES
from equivalence.judge.verdict import DIFFERENT, OVERFLOW, ROUNDING_IDENTICAL, SKIPPED
from equivalence.pairs.table import ROWS
from equivalence.results.journal import result_of
from equivalence.results.result import ONLY_BY_OPERATIONS, Spec
from equivalence.runs import operations
from equivalence.runs.run import run
from equivalence.runs.select import Request, specs

pytestmark = pytest.mark.tensorflow

HERE = [((), "CPU:0")]


@pytest.fixture(autouse=True)
def _one_step(monkeypatch):
    monkeypatch.setattr(operations, "STEPS", 1)


def held(pair, dtype="float32", twin="keras", engine="eager", **more):
    """Return the Result of a pair, held operation by operation."""
    return run(Spec(pair, dtype, twin, engine, operations=True, **more))


# ---------------------------------------------------------------------- in float32


def rows_of(*groups):
    """Return (row, twin) of each row: Keras where it has such classes, else the tape."""
    chosen = [row for row in ROWS if row.group in groups]
    return [(row, "tape" if row.in_turn or not row.keras else "keras") for row in chosen]


NETWORKS = one_in(24, [row for row, _ in rows_of("models")])
UPDATES = one_in(12, [row for row, _ in rows_of("optimizers", "options", "look-up")])
TWINS = {row.name: twin for row, twin in rows_of("models", "optimizers", "options", "look-up")}


@pytest.mark.parametrize("row", [*thinned(3, NETWORKS), *thinned(3, UPDATES)], ids=named)
def test_every_operation_of_a_row_is_certified(row):
    result = held(row.name, twin=TWINS[row.name])
    assert result.expected, result.reason
    assert result.cause in ("parted", "known-defect", "unbounded"), result.reason


def test_in_a_graph_what_has_other_bits_is_watched(monkeypatch):
    monkeypatch.setattr(operations, "STEPS", 3)
    result = held("given-rmsprop", engine="graph")
    assert result.verdict == ROUNDING_IDENTICAL, result.reason
    assert "not explained" not in result.reason
    # which bits part hangs on the processor; where none do there is nothing to watch
    assert ("other bits" in result.reason) == ("watched and certified" in result.reason)


def test_a_known_defect_of_an_optimizer_is_found_and_held_with_its_model(monkeypatch):
    monkeypatch.setattr(operations, "STEPS", 3)
    result = held("given-schedule-free-adamw")
    assert (result.verdict, result.cause) == (DIFFERENT, "known-defect")
    assert result.expected and result.with_models == ROUNDING_IDENTICAL


def test_a_variable_that_is_spared_the_decay_is_no_difference():
    result = held("option-weight-decay-but-for-two")
    assert result.verdict == ROUNDING_IDENTICAL, result.reason


# ---------------------------------------------------------------------- in half precision

IN_HALF = ("given-adam", "options-momentum", "sigmoid-2-2-2")


@pytest.mark.parametrize("dtype", ONLY_BY_OPERATIONS)
@pytest.mark.parametrize("pair", IN_HALF)
def test_a_row_is_certified_under_every_policy(pair, dtype):
    needs_matmuls_in(dtype)
    result = held(pair, dtype)
    assert result.expected and result.verdict == ROUNDING_IDENTICAL, result.reason
    assert result.ulp is None and result.steps == 1 and dtype in result.spec.name
    again = result_of(json.loads(json.dumps(result.record())))
    assert (again, again.lost) == (replace(result, seconds=again.seconds), result.lost)


def test_float16_s_range_is_left_honestly_and_the_loss_scale_leaves_such_a_step_out():
    scaled = held("dense-2-2", "mixed_float16")
    assert (scaled.verdict, scaled.expected) == (OVERFLOW, True)
    assert "loss scale" in scaled.reason and any("65504" in words for words in scaled.lost)
    whole = held("quadratic-rmsprop-batch", "float16")
    assert (whole.verdict, whole.expected) == (OVERFLOW, True)
    assert "float16 ends at 65504" in whole.reason and "step 0" in whole.reason


def test_a_row_that_keras_cannot_run_so_is_named_with_the_reason():
    """Where a group is asked for, and where the row is."""
    asked = specs(Request(groups=("books",), dtypes=("bfloat16",)), HERE)
    assert {spec.pair for spec in asked} == {row.name for row in ROWS if row.group == "books"}
    assert {(spec.twin, spec.engine) for spec in asked} == {("keras", "eager")}
    result = run(next(spec for spec in asked if spec.pair == "adam-textbook"))
    assert (result.verdict, result.cause, result.expected) == (SKIPPED, "not-in-keras", True)
    assert "no Keras twin" in result.reason
    for pair, dtype, lacks in (
        ("layer-lstm", "bfloat16", "orthogonal"),
        ("layer-regularizer-activity", "mixed_float16", "penalty"),
    ):
        result = held(pair, dtype)
        assert (result.verdict, result.cause, result.expected) == (SKIPPED, "refused", True)
        assert lacks in result.reason


def test_half_precision_is_asked_for_by_its_name_alone():
    usual = specs(Request(pairs=("given-adam",)), HERE)
    assert {spec.dtype for spec in usual} == {"float32", "float64"}
    assert not any(spec.operations for spec in usual)
    assert set(ONLY_BY_OPERATIONS) == set(POLICIES) - {"float32", "float64"}
