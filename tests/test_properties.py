"""Random runs of every pair: no honest one is ever called different.

An example of the tape twin is an ensemble of nets.  Most run in a graph that serves all
sizes and learning rates; a share runs eagerly.  XLA and Keras's own classes compile for
one size, and take random numbers of that size.  A failing ensemble is cut down to its
first failing net, which is shown with a program that runs it alone.
"""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from helpers.turns import in_turn, named, one_in, thinned
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from equivalence import defects, trees
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.engines.cache import forget, runner_of
from equivalence.ensemble.certified import certify, cut_down
from equivalence.ensemble.nets import stacked
from equivalence.ensemble.runner import runner
from equivalence.fuzz import strategies
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import DIFFERENT, UNDECIDED, judge
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.table import PAIRS
from equivalence.results.reproduce import literal, snippet
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

BOOKS = {row.name: row for row in BOOK_ROWS}  # test_optimizers.py has the others
IN_BOTH = pytest.mark.parametrize("dtype", DTYPES)


def some(cases, which=0):
    """Return the mark of a test of (name, dtype); the default ring has every third row."""
    return pytest.mark.parametrize(("name", "dtype"), thinned(3, cases, which), ids=named)


STEPS = 3  # of what is compiled for a number of steps
NETS = 32  # of what is compiled for a number of nets


def kind(pair):
    """Return what a pair runs, but for its sizes and numbers."""
    m = trees.reference()
    network, optimizer = pair.network(m), pair.optimizer(m)
    parts = [getattr(network, name, None) for name in ("hidden", "output")]
    ends = [type(getattr(part, "activation", part)).__name__ for part in parts]
    return type(network).__name__, *ends, type(optimizer).__name__, pair.keras


# One pair of each kind, for what is slow to compile.
KINDS = {kind(pair): name for name, pair in BOOKS.items()}
OF_KERAS = [name for name in KINDS.values() if PAIRS[name].keras]


def share(of):
    """Return settings with this share of the profile's examples."""
    return settings(max_examples=max(2, round(settings().max_examples * of)))


def verdict_of(run, name, twin, engine, steps):
    """Run a Program in TensorFlow and return the judge's Verdict."""
    trajectory = runner_of(PAIRS[name], run, twin, engine).run(run, run.start(), steps)
    return judge(run, trajectory, model=rounding_model(run.dtype, engine))


def assert_not_different(run, name, twin, engine, steps):
    """Fail with a program that can be pasted where the judge calls a run different."""
    verdict = verdict_of(run, name, twin, engine, steps)
    if verdict.verdict == DIFFERENT:
        again = snippet(run, name, twin, engine, steps)
        raise AssertionError(f"{verdict.reason}\n\nTo run it again:\n\n{again}")


def assert_no_net_is_different(ensemble, name, engine, steps):
    """Fail with the first net that lies outside its enclosure, alone, to be pasted."""
    trajectory = runner_of_ensemble(ensemble, name, engine).run(ensemble, ensemble.start(), steps)
    certificate = certify(ensemble, trajectory, rounding_model(ensemble.dtype, engine))
    if certificate.outside.any():
        alone = lambda one, steps: runner_of(PAIRS[name], one, "tape", engine).run(
            one, one.start(), steps
        )
        cut = cut_down(ensemble, trajectory, certificate, alone, name, engine)
        raise AssertionError(str(cut))


def runner_of_ensemble(ensemble, name, engine):
    """Return the tape's Runner; what is compiled serves more ensembles than one."""
    if engine == "eager":
        return runner(PAIRS[name], ensemble, engine)
    return runner_of(PAIRS[name], ensemble, "tape", engine)


def shapes_of_one_size(name):
    """Return the Shapes for which XLA and Keras compile once."""
    network = PAIRS[name].network(trees.reference())
    return strategies.shapes_for(network, (2, 3, 2, 2), batches=2, batch=3)


def of_one_size(name, dtype):
    """Return a strategy for programs of one size."""
    return strategies.programs_of(PAIRS[name], dtype, shapes_of_one_size(name))


def ensembles_of_one_size(name, dtype):
    """Return a strategy for ensembles of one size, with the pair's learning rate in all nets."""

    def of(seed):
        ensemble = strategies.ensemble_for(PAIRS[name], dtype, shapes_of_one_size(name), NETS, seed)
        return replace(ensemble, optimizer=PAIRS[name].optimizer(trees.reference()))

    return st.binary(min_size=8, max_size=8).map(of)


@some(in_turn(BOOKS, DTYPES))
def test_no_net_of_a_random_ensemble_in_a_graph_is_different(name, dtype):
    @share(0.5)
    @given(strategies.ensembles(PAIRS[name], dtype), strategies.epochs())
    def holds(ensemble, epochs):
        assert_no_net_is_different(ensemble, name, "graph", epochs * len(ensemble.inputs))

    holds()


@some(product(BOOKS, DTYPES), 1)
def test_no_net_of_a_random_eager_ensemble_is_different(name, dtype):
    @share(0.1)
    @given(strategies.ensembles(PAIRS[name], dtype), strategies.epochs(2))
    def holds(ensemble, epochs):
        assert_no_net_is_different(ensemble, name, "eager", epochs * len(ensemble.inputs))

    holds()


@some(in_turn(one_in(2, KINDS.values()), DTYPES))
def test_no_net_of_a_random_ensemble_under_xla_is_different(name, dtype):
    @share(0.5)
    @given(ensembles_of_one_size(name, dtype))
    def holds(ensemble):
        assert_no_net_is_different(ensemble, name, "xla", STEPS)

    holds()


@some(in_turn(KINDS.values(), DTYPES))
def test_no_random_run_that_hypothesis_drew_number_by_number_is_different(name, dtype):
    """A net of its own shrinks to small numbers, which an ensemble does not."""

    @share(0.5)
    @given(strategies.programs(PAIRS[name], dtype), strategies.epochs())
    def holds(run, epochs):
        assert_not_different(run, name, "tape", "graph", epochs * len(run.inputs))

    holds()


@some(in_turn(OF_KERAS, DTYPES), 1)
def test_no_random_run_of_keras_in_a_graph_is_different(name, dtype):
    skip_a_known_defect(name, dtype)

    @share(0.5)
    @given(of_one_size(name, dtype))
    def holds(run):
        assert_not_different(run, name, "keras", "graph", STEPS)

    holds()


@pytest.mark.parametrize("name", thinned(3, OF_KERAS, 2))
def test_no_random_run_of_model_fit_is_different(name):
    @share(0.1)
    @given(of_one_size(name, "float32"))
    def holds(run):
        assert_not_different(run, name, "keras", "fit", STEPS)

    holds()


def skip_a_known_defect(name, dtype):
    """Leave out what Keras is known to compute wrongly: that has tests of its own."""
    rows = defects.matching(program(PAIRS[name], dtype), "keras")
    if rows:
        pytest.skip(f"upstream defect {rows[0].name}")


# ---------------------------------------------------------------- the strategies


@pytest.mark.parametrize("name", ["dense-2-2", "tanh-softmax-2-2-2", "quadratic-rmse-adam"])
def test_most_random_runs_are_decided(name):
    """A kink is an honest verdict, but a suite of kinks would prove nothing."""
    seen = Counter()

    @settings(max_examples=30, derandomize=True)
    @given(strategies.programs(PAIRS[name], "float32"), strategies.epochs())
    def count(run, epochs):
        seen[verdict_of(run, name, "tape", "graph", epochs * len(run.inputs)).verdict] += 1

    count()
    assert sum(seen[word] for word in UNDECIDED) < 0.4 * seen.total(), seen


@IN_BOTH
def test_arrays_hold_all_magnitudes_both_signs_and_both_zeros(dtype):
    drawn = []

    @settings(max_examples=300, derandomize=True)
    @given(strategies.arrays((3,), dtype))
    def collect(array):
        assert array.dtype == dtype
        drawn.extend(array)

    collect()
    drawn = np.array(drawn)
    size = np.abs(drawn[drawn != 0])
    zeros = drawn[drawn == 0]
    assert 1e-5 <= size.min() < 1e-3
    assert 100 < size.max() <= 1e3
    assert (drawn < 0).any()
    assert (drawn > 0).any()
    assert np.signbit(zeros).any()
    assert not np.signbit(zeros).all()


@IN_BOTH
@given(data=st.data())
def test_the_targets_of_a_softmax_sum_to_exactly_1(dtype, data):
    targets = data.draw(strategies.probabilities((2, 3, 4), dtype))
    assert targets.dtype == dtype
    assert (targets.sum(axis=-1) == 1).all()


@given(kernel=strategies.tied((3, 4), "float32"))
def test_a_tied_kernel_gives_all_units_the_same(kernel):
    assert (kernel == kernel[:, :1]).all()


def test_a_graph_is_traced_once_for_all_sizes_and_learning_rates():
    name = "tanh-softmax-2-2-2"

    @settings(max_examples=10)
    @given(strategies.programs(PAIRS[name], "float32"), strategies.epochs())
    def run_one(run, epochs):
        verdict_of(run, name, "tape", "graph", epochs)

    @settings(max_examples=10)
    @given(strategies.ensembles(PAIRS[name], "float32"), strategies.epochs())
    def run_many(ensemble, epochs):
        assert_no_net_is_different(ensemble, name, "graph", epochs)

    run_one()
    run_many()
    start = program(PAIRS[name], "float32")
    for graph in (start, stacked([start])):
        traced = runner_of(PAIRS[name], graph, "tape", "graph")._loop
        assert traced.experimental_get_tracing_count() == 1


# ------------------------------------------------------------------ reproducers


@IN_BOTH
@given(data=st.data())
def test_a_literal_has_every_bit(dtype, data):
    values = data.draw(strategies.arrays((2, 3), dtype))
    values = np.concatenate([values, [[np.inf, np.nan, 1e-45]]]).astype(dtype)
    names = {"np": np, "dtype": dtype, "inf": np.inf, "nan": np.nan}
    again = eval(literal(values), names)
    assert again.dtype == values.dtype
    assert again.tobytes() == values.tobytes()


# A defect of TensorFlow's side, as the first lines of a program.
DEFECT = """\
from tfimpl.optimizers import SGD

honest = SGD.update
SGD.update = lambda self, w, g, *rest: honest(self, w, 1.001 * g, *rest)
"""


@pytest.fixture
def defective():
    """TensorFlow's descent takes steps that are 0.1 % too long."""
    from tfimpl.optimizers import SGD

    honest = SGD.update
    forget()
    exec(DEFECT, {})
    yield
    SGD.update = honest
    forget()


def printed_by(source):
    """Return the lines that a program prints in a process of its own."""
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.outer
def test_the_reproducer_prints_the_verdict_that_was_seen():
    name = "tanh-softmax-2-2-2"
    run = program(PAIRS[name], "float64", seed=1)
    verdict = verdict_of(run, name, "tape", "eager", 2)
    assert printed_by(snippet(run, name, "tape", "eager", 2)) == [verdict.verdict, verdict.reason]


@pytest.mark.outer
@pytest.mark.usefixtures("defective")
def test_a_failing_example_prints_a_program_that_fails_in_the_same_way():
    name = "sigmoid-2-2-2"

    @settings(phases=[Phase.generate])
    @given(strategies.programs(PAIRS[name], "float32"))
    def holds(run):
        assert_not_different(run, name, "tape", "graph", 2)

    with pytest.raises(AssertionError, match="wrong: tensorflow") as caught:
        holds()
    reason, _, source = str(caught.value).partition("\n\nTo run it again:\n\n")
    assert printed_by(DEFECT + source) == [DIFFERENT, reason]


@pytest.mark.outer
@pytest.mark.usefixtures("defective")
def test_a_failing_ensemble_is_cut_down_to_a_net_whose_program_fails_in_the_same_way():
    name = "sigmoid-2-2-2"

    @settings(phases=[Phase.generate])
    @given(strategies.ensembles(PAIRS[name], "float32"))
    def holds(ensemble):
        assert_no_net_is_different(ensemble, name, "graph", 2)

    with pytest.raises(AssertionError, match="of an ensemble of") as caught:
        holds()
    said, _, source = str(caught.value).partition("\n\nTo run it again:\n\n")
    in_the_ensemble, alone = said.splitlines()[1:]
    assert "wrong: tensorflow" in in_the_ensemble
    verdict, reason = printed_by(DEFECT + source)
    assert alone == f"alone: {verdict}: {reason}"
