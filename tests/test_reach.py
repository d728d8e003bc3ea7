"""Each activation and gradient of the models and layers is sharp to 64 u, or has a reason.

The reason is computed: a long sum, or honest results that are farther apart.
``python -m equivalence.plants.reach`` asks every row in both engines.
"""

import numpy as np
import pytest
from helpers.turns import thinned

from equivalence import trees
from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.pairs.table import PAIRS
from equivalence.plants import reach as reaching
from equivalence.plants.honest import TIMES_APART, HonestRuns
from equivalence.plants.reach import (
    APART,
    ENGINES,
    MOST,
    PROCESSORS,
    SHARP,
    SUM,
    WIDE,
    Reach,
    reach,
    reach_of,
    stale,
    unexpected,
)
from equivalence.plants.sharp import GROUPS
from equivalence.plants.tables.wide_balls import WIDE_BALLS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

ROWS = {row.name: row for group in GROUPS.values() for row in group}
CASES = [(name, engine) for name in ROWS for engine in ENGINES]


@pytest.mark.parametrize(("name", "engine"), thinned(40, CASES))
def test_every_activation_and_gradient_is_sharp_or_has_a_computed_reason(name, engine):
    reached = reach_of(ROWS[name], engine)
    assert reached
    assert [str(one) for one in unexpected(name, reached)] == []


@pytest.mark.outer
@pytest.mark.parametrize("name", WIDE_BALLS)
def test_what_stands_in_the_table_is_still_nearly_so(name):
    assert stale(name, [one for engine in ENGINES for one in reach_of(ROWS[name], engine)]) == []


def _reach(median, of_sum=4.0, apart=0.0):
    return Reach("gradients", "c", median, 1, of_sum, apart)


REASONS = (
    (_reach(MOST), SHARP),
    (_reach(1.01 * MOST), WIDE),
    (_reach(1e3, of_sum=1e3), SUM),
    (_reach(1.01e3, of_sum=1e3), WIDE),
    (_reach(1e3, apart=1e3 / TIMES_APART), APART),
    # Honest results far apart are no reason for a ball that is wider still.
    (_reach(1e5, apart=110.0), WIDE),
)


@pytest.mark.parametrize(("reached", "reason"), REASONS)
def test_a_reason_says_how_wide_a_ball_may_be(reached, reason):
    assert reached.reason == reason
    assert (reached.excess > 1) == (reason == WIDE)


def test_the_table_holds_on_every_processor(monkeypatch):
    """What is wide on one and nearly so on another may stand in the table on both."""
    monkeypatch.setitem(WIDE_BALLS, "residual", ("c",))
    for factor, is_stale in ((1.1, False), (1 / 1.1, False), (1 / PROCESSORS**3, True)):
        reached = [_reach(factor * MOST)]
        assert unexpected("residual", reached) == []
        assert stale("residual", reached) == (["c"] if is_stale else [])
    assert unexpected("xor-2-2-1", [_reach(1.1 * MOST)])


def test_the_table_is_of_tensors_that_there_are():
    for name, tensors in WIDE_BALLS.items():
        network = ROWS[name].network(trees.reference())
        assert set(tensors) <= {*network.activation_names, *network.weight_names}, name


def _case(name):
    reference = program(PAIRS[name], "float32")
    record = numpy_runner.run(reference, reference.start(), 2)
    return reference, record, rounding_model("float32", "graph")


@pytest.mark.parametrize(
    "name",
    [
        "layer-conv1d",
        "layer-attention",
        "layer-layer-normalization",
        "layer-simple-rnn",
        "residual",
    ],
)
def test_honest_runs_lie_in_the_balls(name):
    """Drawn at random, and the worst of each element."""
    reference, record, model = _case(name)
    balls = enclose_steps(reference, record, model).balls
    runs = HonestRuns(reference, record, model, 1)
    stages = ("activations", "flows", "gradients")
    tensors = [at for at in runs.middle if at[0] in stages]
    assert len(tensors) > 2
    for apart in (runs.drawn(tensors), runs.worst(tensors)):
        assert any(farthest.any() for farthest in apart.values())
        for (stage, tensor), farthest in apart.items():
            ball = balls[stage][tensor]
            shape = record.computed(stage)[tensor].shape
            rad = np.broadcast_to(ball.rad, shape)[1].astype(np.float64)
            assert (farthest.reshape(rad.shape) <= 2 * rad * (1 + 1e-6)).all(), (stage, tensor)


def test_the_balls_of_a_convolution_are_as_narrow_as_they_can_be():
    """Of each element two honest results are as far apart as its ball is wide."""
    reference, record, model = _case("layer-conv1d")
    balls = enclose_steps(reference, record, model).balls
    at = ("gradients", "kernel")
    worst = HonestRuns(reference, record, model, 1).worst([at])[at]
    rad = np.asarray(balls["gradients"]["kernel"].rad[1], np.float64)
    assert worst.any() and (worst.reshape(rad.shape) >= 0.99 * 2 * rad).all()


def test_a_ball_that_is_too_wide_has_no_reason(monkeypatch):
    """Of a layer whose balls are as narrow as they can be, made a hundred times as wide."""
    reference, record, model = _case("layer-conv1d")
    before = [one.reason for one in reach(reference, record, model)]

    def wider(*args):
        found = enclose_steps(*args)
        for balls in found.balls.values():
            for ball in balls.values():
                ball.rad = 100 * ball.rad
        return found

    monkeypatch.setattr(reaching, "enclose_steps", wider)
    after = reach(reference, record, model)
    assert WIDE not in before and {SHARP, APART} == set(before)
    assert WIDE in [one.reason for one in after]
    assert unexpected("layer-conv1d", after)
