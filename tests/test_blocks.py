"""A run in blocks says what the same run says in one piece, and notices what any run notices."""

import numpy as np
import pytest

from equivalence.judge.verdict import DIFFERENT
from equivalence.pairs.table import PAIRS
from equivalence.results.result import Spec
from equivalence.runs import blocks
from equivalence.runs.run import run
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow


def in_blocks_of(monkeypatch, name, steps, dtype="float32"):
    """Let a block of that pair have so many steps."""
    one = blocks.NUMBERS // blocks.steps_of_block(program(PAIRS[name], dtype))
    monkeypatch.setattr(blocks, "NUMBERS", steps * one)
    assert blocks.steps_of_block(program(PAIRS[name], dtype)) == steps


@pytest.mark.parametrize(
    ("name", "engine", "steps"),
    [
        ("iris-minibatch", "graph", 3),  # of the blocks' last steps some are the smaller batch
        ("iris-minibatch", "fit", 1),
        ("sigmoid-2-2-2", "xla", 7),
        ("layer-batch-normalization", "graph", 7),  # states go from block to block
    ],
)
def test_a_run_in_blocks_has_the_verdict_of_the_run_in_one_piece(name, engine, steps, monkeypatch):
    epochs = max(1, 20 // PAIRS[name].steps_per_epoch)
    spec = Spec(pair=name, twin="keras", engine=engine, dtype="float32", epochs=epochs)
    whole = run(spec)
    in_blocks_of(monkeypatch, name, steps)
    parts = run(spec)
    assert parts.expected and whole.expected
    for part in ("verdict", "ulp", "step_ulp", "usage"):
        assert getattr(parts, part) == getattr(whole, part)


def test_a_known_defect_is_expected_in_blocks_too(monkeypatch):
    in_blocks_of(monkeypatch, "adam", 5, "float64")
    result = run(Spec(pair="adam", twin="keras", engine="graph", dtype="float64"))
    assert result.expected and result.verdict == DIFFERENT
    assert "keras-float64-adam-betas" in result.reason


def test_what_is_wrong_in_a_later_block_is_found_there(monkeypatch):
    from equivalence.engines import base

    in_blocks_of(monkeypatch, "linear-2-2-2", 10)
    honest = base.Runner.run

    def late(self, program, start, steps):
        record = honest(self, program, start, steps)
        if record.first_step == 20:
            wrong = record.weights["WH"].copy()
            wrong[4:] *= np.float32(1.001)
            record.weights["WH"] = wrong
        return record

    monkeypatch.setattr(base.Runner, "run", late)
    result = run(Spec(pair="linear-2-2-2", twin="tape", engine="graph", dtype="float32", epochs=40))
    assert not result.expected
    first = result.first
    assert (first.step, first.stage, first.tensor) == (23, "weights", "WH")


def test_blocks_are_equal_but_for_the_last():
    class Few:
        weights = (np.zeros((1, 1)),)
        inputs = targets = np.zeros((1, 1, 1))

        class layout:
            slot_names = ()

    steps = blocks.steps_of_block(Few)
    assert blocks.sizes(2 * steps + 3, Few) == [steps, steps, 3]
    assert blocks.sizes(3, Few) == [3]
