"""Random runs of every optimizer, of layers and of small models: no honest one is different.

The gradients of an optimizer are random, and so are its weights, of every rank that a
variable can have.  A row of layers is drawn with its sizes, weights and data.
"""

import numpy as np
import pytest
from helpers.turns import in_turn, one_in, thinned
from hypothesis import given, settings
from hypothesis import strategies as st

from equivalence import trees
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.engines.build import build
from equivalence.fuzz import regimes, strategies
from equivalence.pairs.layers import ROWS as LAYERS
from equivalence.pairs.optimizers import MATRICES, OPTIMIZERS, RANKS
from equivalence.pairs.table import PAIRS
from equivalence.results.result import Spec
from equivalence.runs.run import judge_with_defects
from equivalence.steps.program import Program, program

pytestmark = pytest.mark.tensorflow

EVERY_RANK = (*RANKS, (1, 2, 1, 2, 2))
STEPS = 4
DEVICES = ("CPU:0", "GPU:0")
CHEAP = [row.name for row in LAYERS if sum(np.size(w) for w in row.start()) < 200]
FEW = settings(max_examples=max(3, settings().max_examples // 10))


@pytest.fixture(params=DEVICES)
def device(request):
    """Every kind of device, where TensorFlow lists it."""
    import tensorflow as tf

    listed = [d.name.removeprefix("/device:") for d in tf.config.list_logical_devices()]
    if request.param not in listed:
        pytest.skip(f"no {request.param}: TensorFlow lists {', '.join(listed)}")
    return request.param


def assert_as_expected(run, runner, spec):
    """Fail where the judge calls a run different that no known defect explains."""
    trajectory = runner.run(run, run.start(), STEPS)
    said = judge_with_defects(run, trajectory, spec, len(run.inputs))
    gone = said.cause == "defect-gone"  # at these numbers it need not show
    assert said.expected or said.cause == "overflow" or gone, said.reason


@pytest.mark.parametrize(("name", "dtype"), thinned(8, in_turn(OPTIMIZERS, DTYPES)))
def test_no_random_run_of_an_optimizer_is_different(name, dtype, device):
    make = OPTIMIZERS[name]
    shapes = MATRICES.get(name, EVERY_RANK)
    optimizer, runners = make(trees.reference()), {}

    @FEW
    @given(strategies.given_gradients(optimizer, shapes, dtype, STEPS))
    def holds(run):
        m = trees.tensorflow()
        for twin, engine in (("tape", "graph"), ("keras", "graph")):
            spec = Spec(f"given-{name}", dtype, twin, engine, device)
            if spec not in runners:
                network = m.GivenGradients(shapes)
                runners[spec] = build(network, make(m), run, twin, engine, device)
            assert_as_expected(run, runners[spec], spec)

    holds()


@pytest.mark.parametrize(("name", "dtype"), thinned(3, in_turn(one_in(8, CHEAP), DTYPES)))
def test_no_random_run_of_a_layer_is_different(name, dtype, device):
    pair, reference = PAIRS[name], program(PAIRS[name], dtype)
    m, built = trees.tensorflow(), []

    @FEW
    @given(st.sampled_from(sorted(regimes.REGIMES)), st.binary(min_size=8, max_size=8))
    def holds(regime, seed):
        rng = np.random.default_rng(list(seed))
        run = regimes.program_of(reference, STEPS, regime, rng, True)
        if not built:
            built.append(build(pair.network(m), pair.optimizer(m), run, "tape", "graph", device))
        spec = Spec(name, dtype, "tape", "graph", device)
        assert_as_expected(run, built[0], spec)

    holds()


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_random_small_model_is_different(dtype, device):
    @FEW
    @given(st.data())
    def holds(data):
        model = data.draw(strategies.small_models())
        run = data.draw(strategies.programs_of_model(model, dtype))
        m = trees.tensorflow()
        twin = data.draw(st.sampled_from(("tape", "keras")))
        network = model.network(m)
        runner = build(network, m.Momentum(0.125, 0.75), run, twin, "graph", device)
        assert_as_expected(run, runner, Spec("dense-2-2", dtype, twin, "graph", device))

    holds()


def test_a_wrong_small_model_is_different():
    """The check above would notice: the twin's learning rate is another."""
    model = strategies.SmallModel((3,), (("rows", "dense-tanh", 2, 1),), 2, False)
    rng, m = np.random.default_rng(0), trees.reference()
    network = model.network(m)
    run = Program(
        network,
        m.Momentum(0.125, 0.75),
        tuple(rng.normal(size=shape).astype("float32") for shape in network.weight_shapes),
        rng.normal(size=(2, 3, 3)).astype("float32"),
        rng.normal(size=(2, 3, 2)).astype("float32"),
    )
    m = trees.tensorflow()
    runner = build(model.network(m), m.Momentum(0.125000015, 0.75), run, "tape", "graph")
    trajectory = runner.run(run, run.start(), STEPS)
    said = judge_with_defects(run, trajectory, Spec("dense-2-2", "float32", "tape", "graph"), 2)
    assert (said.judgement.first.stage, said.judgement.first.step) == ("slots", 0)
