"""The benchmarks measure the step that is verified, miss no row, and compute what they say.

No test looks at a time: how fast a machine is, is no property of the code.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import groupby, pairwise, product
from math import isclose, sqrt
from pathlib import Path

import numpy as np
import pytest
from helpers.timed_steps import RATE, share_used
from helpers.turns import thinned

from equivalence import trees
from equivalence.benchmark import cases, counting, growth, machine, peers, records, roofline
from equivalence.benchmark.__main__ import main
from equivalence.benchmark.cases import Case, Selection
from equivalence.benchmark.steppers import NumPyStepper
from equivalence.steps import numpy as numpy_runner

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).parents[1]

# ---------------------------------------- what is timed is the step that is verified


@pytest.fixture
def one_step_a_fit(monkeypatch):
    from equivalence.benchmark import tensorflow_steppers

    monkeypatch.setattr(tensorflow_steppers, "EPOCH", 1)
    monkeypatch.setattr(tensorflow_steppers, "LEAST", 1)


NETWORKS, DTYPES = ("2-2-2", "1-4-4-1", "iris 4-3"), ("float32", "float64")


@pytest.mark.parametrize(
    ("network", "engine", "dtype"),
    thinned(4, product(NETWORKS, ("numpy", *cases.TENSORFLOW), DTYPES)),
)
def test_a_timed_step_lies_in_the_enclosure_of_the_verified_one(
    engine, network, dtype, one_step_a_fit
):
    assert share_used(Case(network, "SGD", 4, dtype, engine)) <= 1


ADAM = "iris 4-3", "Adam", 4, "float32"


@pytest.mark.parametrize("engine", ["numpy", *cases.TENSORFLOW])
def test_timed_steps_go_on_from_the_slots_and_the_count_of_the_last(engine, one_step_a_fit):
    assert share_used(Case(*ADAM, engine), steps=3) <= 1


@pytest.mark.parametrize("optimizer", thinned(4, cases.OPTIMIZERS))
def test_every_optimizer_takes_its_timed_step_in_a_graph(optimizer):
    assert share_used(Case("2-2-2", optimizer, 4, "float32", "graph")) <= 1


def test_a_wrong_rate_would_be_noticed():
    assert share_used(Case("iris 4-3", "SGD", 4, "float32", "graph"), rate=RATE * 1.001) > 1
    assert share_used(Case(*ADAM, "numpy"), steps=3, rate=RATE * 1.001) > 1


def test_lost_slots_would_be_noticed(monkeypatch):
    step = NumPyStepper.step

    def forgetful(self):
        step(self)
        weights, slots = self.state
        self.state = weights, tuple(tuple(0 * s for s in of_weight) for of_weight in slots)

    monkeypatch.setattr(NumPyStepper, "step", forgetful)
    assert share_used(Case(*ADAM, "numpy"), steps=3) > 1


CHILD = """
import sys
sys.path.insert(0, {tests!r})
from helpers.timed_steps import share_used
from equivalence.benchmark.cases import Case
print(share_used(Case({network!r}, "SGD", 4, {dtype!r}, {engine!r})))
assert "tensorflow" not in sys.modules
"""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("network", ["2-2-2", "1-4-4-1"])
@pytest.mark.parametrize("engine", cases.PEERS)
def test_a_peer_takes_the_same_step(engine, network, dtype):
    """In a process without TensorFlow, see ``peers``."""
    if reason := peers.missing(engine):
        pytest.skip(reason)
    tests = str(Path(__file__).parent)
    code = CHILD.format(tests=tests, network=network, dtype=dtype, engine=engine)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 1


def test_a_peer_refuses_what_it_cannot_do():
    program = cases.program(Case("2-2-2", "Adam", 1, "float32", "numpy"))
    with pytest.raises(ValueError, match="SGD steps only, not Adam"):
        peers.PeerStepper(program)


# --------------------------------------------------------------- the table of cases


@pytest.mark.parametrize("selections", [cases.DEFAULT, cases.FULL], ids=["default", "full"])
def test_every_case_occurs_once_and_its_group_in_one_piece_between_two_of_numpy(selections):
    rows = cases.cases(selections, devices=("CPU:0", "GPU:0"))
    assert max(Counter(rows).values()) == 1
    groups = [(name, list(rows)) for name, rows in groupby(rows, lambda row: row.group)]
    assert max(Counter(name for name, _ in groups).values()) == 1
    for _, group in groups:
        assert (group[0].engine, group[-1].engine) == cases.NUMPY
        assert {row.device for row in group if row.engine in cases.NUMPY} == {"CPU:0"}
        assert {row.device for row in group if row.engine == "graph"} == {"CPU:0", "GPU:0"}


def test_the_full_choice_has_every_value_of_every_axis():
    rows = cases.cases(cases.FULL)
    for axis, values in (
        ("network", cases.NETWORKS),
        ("optimizer", cases.OPTIMIZERS),
        ("batch", cases.BATCHES),
        ("dtype", ("float32", "float64")),
        ("engine", cases.ENGINES),
    ):
        assert {getattr(row, axis) for row in rows} == set(values)
    assert (min(cases.BATCHES), max(cases.BATCHES)) == (1, 4096)
    assert set(cases.cases(cases.DEFAULT)) <= set(rows)


def test_the_peers_are_compared_on_the_groups_of_sgd():
    rows = cases.peer_cases((Selection(("2-2-2",), ("SGD", "Adam"), (1, 4), ("float32",)),))
    assert {row.optimizer for row in rows} == {"SGD"}
    assert [row.engine for row in rows[:5]] == ["numpy", "autograd", "torch", "jax", "numpy again"]
    assert len(rows) == 10


def test_every_engine_gets_the_same_numbers():
    first, second = (
        cases.program(Case("iris 4-3", "SGD", 4, "float32", e)) for e in ("xla", "fit")
    )
    assert all(map(np.array_equal, first.weights, second.weights))
    assert np.array_equal(first.inputs, second.inputs)
    assert np.array_equal(first.targets, second.targets)


# ------------------------------------------------------------------- counted work


A, ROW, B = (6, 4), (1, 4), (4, 5)  # shapes of float32 arrays, 4 bytes a number
COUNTED = (  # what is done with them, its operations, the bytes in and out
    ("a + row", lambda a, row, b: a + row, 24, 4 * (24 + 4 + 24)),
    ("2 * a", lambda a, row, b: 2 * a, 24, 4 * (24 + 24)),
    ("exp(a)", lambda a, row, b: np.exp(a), 24, 4 * (24 + 24)),
    ("a @ b", lambda a, row, b: a @ b, 2 * 6 * 4 * 5, 4 * (24 + 20 + 30)),
    ("a.mT @ a", lambda a, row, b: a.mT @ a, 2 * 4 * 6 * 4, 4 * (24 + 24 + 16)),
    ("sum of columns", lambda a, row, b: np.sum(a, axis=-2, keepdims=True), 24, 4 * (24 + 4)),
    ("sum of all", lambda a, row, b: np.sum(a), 24, 4 * (24 + 1)),
    ("max of rows", lambda a, row, b: np.max(a, axis=-1), 24, 4 * (24 + 6)),
    ("a > 0", lambda a, row, b: a > 0, 24, 4 * 24 + 24),
    ("where", lambda a, row, b: np.where(a > 0, a, 0), 48, 4 * 24 + 24 + 24 + 4 * 48),
    ("zeros", lambda a, row, b: np.zeros_like(a), 0, 4 * 24),
    ("a view", lambda a, row, b: a[..., :1], 0, 0),
)


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: row[0])
def test_each_operation_is_counted_by_its_shapes_as_numpy_has_them(row):
    _, function, flops, moved = row
    tally = counting.Tally()
    result = function(*(counting.CountingArray(shape, 4, tally) for shape in (A, ROW, B)))
    assert (tally.flops, tally.moved) == (flops, moved)
    assert result.shape == np.shape(function(*(np.ones(s, np.float32) for s in (A, ROW, B))))


def test_what_a_step_needs_is_its_state_twice_and_its_data_once():
    numbers = {"weights": 2 * (4 * 3 + 3), "slots": 2 * 2 * (4 * 3 + 3), "data": 16 * (4 + 3)}
    for optimizer, parts in (("SGD", ("weights", "data")), ("Adam", ("weights", "slots", "data"))):
        for dtype, size in (("float32", 4), ("float64", 8)):
            case = Case("iris 4-3", optimizer, 16, dtype, "numpy")
            tally = counting.count_step(cases.program(case))
            assert tally.needed == size * sum(numbers[part] for part in parts)


@pytest.mark.parametrize("network", cases.NETWORKS)
def test_matmuls_are_two_operations_for_each_weight_and_sample_and_pass(network):
    batch, sizes = 16, cases.NETWORKS[network].sizes
    tally = counting.count_step(cases.program(Case(network, "SGD", batch, "float64", "numpy")))
    kernels = [a * b for a, b in pairwise(sizes)]
    # each kernel forward and for its gradient, and for what flows back but in the first layer
    assert tally.matmul == 2 * batch * (3 * sum(kernels) - kernels[0])
    assert tally.flops > tally.matmul
    assert tally.moved > tally.needed


@pytest.mark.parametrize("optimizer", cases.OPTIMIZERS)
def test_counting_follows_the_shapes_of_the_real_step(optimizer):
    program = cases.program(Case("2-2-2", optimizer, 4, "float32", "numpy"))
    tally = counting.Tally()
    step = counting.take_step(program, tally)
    start = program.start()
    real = numpy_runner.run(program, start, 1)
    shapes = [array.shape for array in step.weights]
    assert shapes == [array.shape[1:] for array in real.weights.values()]
    slots = [slot.shape for of_weight in step.slots for slot in of_weight]
    assert slots == [array.shape[1:] for array in real.slots.values()]
    assert tally.flops > 0


# ------------------------------------------- a run of the commands, small and whole

TINY = ("--benchmark-max-time=0.001", "--benchmark-min-rounds=2", "--benchmark-min-time=0.00001")
AXES = ("--full", "--network=1-1", "--network=iris 4-3", "--optimizer=SGD", "--dtype=float32")
BATCHES = ("--batch=1", "--batch=64")


def bench(*arguments):
    """Run the benchmarks as ``make bench`` does, not as a part of this run of pytest-xdist.

    In a process that inherits xdist's variables pytest-benchmark takes itself for a parallel
    worker, and measures nothing.
    """
    command = (sys.executable, "-m", "pytest", "-c", "benchmarks/pytest.ini", "benchmarks")
    alone = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_")}
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, cwd=ROOT, env=alone
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Return the results file of a small run, and what the run printed.

    Its tests are outer; what makes tables and charts of known results has tests below.
    """
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    done = bench(*TINY, *AXES, *BATCHES, f"--benchmark-json={file}")
    assert done.returncode == 0, done.stdout + done.stderr
    return file, done.stdout


def steps_of(file):
    content = json.loads(file.read_text(encoding="utf-8"))
    return [b for b in content["benchmarks"] if b["extra_info"]["kind"] == "step"]


@pytest.mark.outer
def test_the_results_have_every_row_that_was_asked_for_and_every_row_is_complete(measured):
    selection = Selection(("1-1", "iris 4-3"), ("SGD",), (1, 64), ("float32",))
    found = steps_of(measured[0])
    rows = {Case(*(b["extra_info"][name] for name in records.CASE)) for b in found}
    assert {row for row in rows if row.device == "CPU:0"} == set(cases.cases((selection,)))
    for benchmark in found:
        info, stats = benchmark["extra_info"], benchmark["stats"]
        assert info.keys() == {"kind", "steps", *records.CASE, *records.COST}
        assert all(info[name] > 0 for name in ("steps", *records.COST))
        assert 0 < stats["min"] <= stats["q1"] <= stats["median"] <= stats["q3"] <= stats["max"]
        assert stats["rounds"] >= 2
        assert benchmark["group"] == Case(*(info[name] for name in records.CASE)).group


@pytest.mark.outer
def test_the_results_say_on_what_machine_and_how_undisturbed(measured):
    content = json.loads(measured[0].read_text(encoding="utf-8"))
    assert content["environment"].keys() >= {"numpy", "tensorflow", "blas", "cpu", "cores", "peers"}
    assert content["others"] is None or 0 <= content["others"] <= 1
    assert {engine.split()[0] for engine in content["startup"]} >= set(cases.TENSORFLOW)
    assert len(content["commit_info"]["id"]) >= 7
    assert "node" not in content["machine_info"]


@pytest.mark.outer
def test_a_machine_without_gpu_is_told_so(measured):
    import tensorflow as tf

    skipped = json.loads(measured[0].read_text(encoding="utf-8"))["skipped"]
    if tf.config.list_logical_devices("GPU"):
        assert skipped == []
    else:
        assert [s["name"] for s in skipped] == ["test_there_is_a_gpu"]
        assert skipped[0]["reason"] in measured[1]


@pytest.mark.outer
def test_ratios_are_numpys_median_over_the_engines_in_the_same_group(measured):
    seconds = {}
    for b in steps_of(measured[0]):
        info = b["extra_info"]
        step = b["stats"]["median"] / info["steps"]
        seconds.setdefault(b["group"], {})[info["engine"], info["device"]] = step
    found = records.read(measured[0]).records
    assert len(found) >= 28
    for r in found:
        group = seconds[r.case.group]
        numpy = sqrt(group["numpy", "CPU:0"] * group["numpy again", "CPU:0"])
        assert isclose(r.ratio, numpy / group[r.case.engine, r.case.device])


@pytest.mark.outer
def test_the_report_prints_every_group_and_draws_its_charts(
    measured, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([str(measured[0]), "--charts", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for words in (
        "1-1, 64",
        "iris 4-3, 1",
        "Keras fit",
        "overtakes",
        "exponent",
        "paid back",
        "floor",
    ):
        assert words in printed
    assert max(map(len, printed.splitlines())) <= 80 or str(tmp_path) in printed
    drawn = {path.name for path in tmp_path.iterdir()}
    charts = ("step-time", "ratios", "first-call")
    assert drawn == {f"{name}.{kind}" for name in charts for kind in ("png", "svg")}


OUTER = pytest.mark.outer  # each starts pytest, one TensorFlow


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (("--network=2-3",), ["2-3", "1024-1024-1024"]),
        pytest.param(("--engine=warp",), ["warp", "train_on_batch"], marks=OUTER),
        pytest.param(("--batch=7",), ["7", "4096"], marks=OUTER),
        pytest.param(("--device=GPU:7",), ["GPU:7", "CPU:0"], marks=OUTER),
        (("--network=1-1", "--optimizer=Lion"), ["--full"]),
    ],
    ids=lambda x: " ".join(x) if x[0].startswith("--") else "",
)
def test_wrong_options_are_refused_with_the_choices(typed, named):
    done = bench("--collect-only", *typed)
    assert done.returncode == 4
    answer = done.stdout + done.stderr
    assert [word for word in named if word not in answer] == []
    assert "Traceback" not in answer


@pytest.mark.parametrize("content", [None, "", "{}", '{"benchmarks": [{}]}', "[1]"])
def test_a_file_that_is_no_results_file_is_answered_with_one_sentence(content, tmp_path, capsys):
    file = tmp_path / "results.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert main([str(file)]) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert str(file) in answer.err


# ---------------------------------------------- what is computed from known results


def record(flops, seconds, ratio=None, engine="graph", **more):
    case = Case(more.pop("network", "2-2-2"), more.pop("optimizer", "SGD"), more.pop("batch", 1),
                more.pop("dtype", "float32"), engine)  # fmt: skip
    costs = {"first_call": 0.5, "build": 0.1, "matmul": flops, "moved": flops, "needed": flops}
    made = records.Record(case, seconds, seconds, seconds, 5, flops=flops, **costs, ratio=ratio)
    return replace(made, **more)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_the_exponent_of_a_power_is_found_where_the_work_outweighs_the_call(exponent):
    sizes = np.logspace(2, 10, 17)
    call, largest = 1e-5, 10.0
    steps = [record(w, max(call, largest * (w / sizes[-1]) ** exponent)) for w in sizes]
    found = growth.growth(steps)
    assert isclose(found.exponent, exponent, rel_tol=1e-9)
    assert found.error < 1e-9
    assert found.overhead == max(call, steps[0].seconds)
    assert isclose(found.rate, sizes[-1] / largest)


def test_no_exponent_is_claimed_of_calls_alone():
    found = growth.growth([record(w, 1e-3) for w in (1e2, 1e4, 1e6)])
    assert (found.exponent, found.points) == (None, 0)


def test_the_crossover_lies_between_the_last_defeat_and_the_victories_after_it():
    ratios = {1e2: 0.1, 1e4: 2.0, 1e6: 0.9, 1e8: 1.5, 1e10: 3.0}
    found = growth.crossover([record(w, 1.0, ratio) for w, ratio in reversed(ratios.items())])
    assert (found.slower.flops, found.faster.flops) == (1e6, 1e8)
    never = growth.crossover([record(1e2, 1.0, 0.1), record(1e4, 1.0, 0.2)])
    assert (never.slower.flops, never.faster) == (1e4, None)
    always = growth.crossover([record(1e2, 1.0, 1.1)])
    assert (always.slower, always.faster.flops) == (None, 1e2)
    assert growth.crossover([record(1e2, 1.0, None)]) == growth.Crossover(None, None)


def test_a_first_call_is_paid_back_by_the_gain_of_each_step():
    numpy = record(1e6, 3e-3, engine="numpy")
    assert isclose(growth.steps_to_pay(record(1e6, 1e-3), numpy), 0.6 / 2e-3)
    assert growth.steps_to_pay(record(1e6, 4e-3), numpy) is None


def test_numpys_time_is_the_mean_of_both_ends_of_its_group():
    made = records.with_ratios(
        [
            record(1, 1e-3, engine="numpy"),
            record(1, 1e-3),
            record(1, 4e-3, engine="numpy again"),
            record(1, 1e-3, network="1-1"),
        ]
    )
    assert isclose(made[1].ratio, 2.0)
    assert made[3].ratio is None  # of another group, without NumPy
    assert isclose(records.drift({r.column: r for r in made[:3]}), 4.0)


def results(made, **more):
    facts = {"numpy": "0", "tensorflow": "0", "keras": "0", "blas": "b", "cpu": "c", "cores": 2,
             "peers": {}}  # fmt: skip
    return records.Results(
        records.with_ratios(made),
        more.get("matmuls", {("numpy", "float32"): 1e9, ("tensorflow", "float32"): 2e9}),
        more.get("copies", {2**20: 4e9, 2**28: 1e9}),
        more.get("certificates", {}),
        facts,
        [],
        {},
        more.get("others", 0.0),
        2,
    )


def test_the_floor_is_the_larger_of_work_at_the_fastest_matmul_and_data_at_their_own_copy():
    whole = results([])
    busy = roofline.floor(record(2e9, 5.0, needed=2**21), whole)
    assert (busy.seconds, busy.by) == (1.0, "work")
    small = roofline.floor(record(1, 5.0, needed=2**21), whole)
    assert (small.seconds, small.by) == (2**21 / 4e9, "data")
    large = roofline.floor(record(1, 5.0, needed=2**29), whole)
    assert (large.seconds, large.by) == (2**29 / 1e9, "data")
    assert roofline.floor(record(1, 5.0, dtype="float64"), whole) is None


def test_what_others_took_is_what_was_neither_idle_nor_ours():
    begin = machine.Moment(total=100.0, idle=50.0, own=10.0)
    end = machine.Moment(total=120.0, idle=55.0, own=20.0)
    assert isclose(machine.share_of_others(begin, end), 5 / 20)
    assert machine.share_of_others(None, end) is None
    now = machine.now()
    assert now is None or 0 <= now.idle <= now.total


def whole_run():
    """Results with every chart in them: sizes, optimizers, and a peer's file beside."""
    engines = (("numpy", 1), ("graph", 3), ("xla", 2), ("numpy again", 1))
    made = [
        record(w * batch, 1e-5 * factor + w * batch * 1e-9 / factor, engine=engine,
               network=network, batch=batch)
        for network, w in (("2-2-2", 1e2), ("784-128-10", 1e6), ("1024-1024-1024", 1e7))
        for batch in (1, 64)
        for engine, factor in engines
    ]  # fmt: skip
    made += [
        record(1e6, 1e-3 * factor, engine=engine, network="784-128-10", optimizer=name)
        for name in ("Adam", "Lion", "Muon")
        for engine, factor in engines
    ]
    beside = [
        record(1e6, 1e-3, engine=engine, network="784-128-10", batch=64)
        for engine in cases.PEER_ENGINES
    ]
    return results(made), results(beside)


@pytest.mark.outer
def test_the_same_results_give_the_same_charts(tmp_path):
    from equivalence.benchmark import charts

    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
        drawn = list(charts.draw(whole_run(), folder))
        assert len(drawn) == 2 * len(charts.CHARTS)
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes(), path.name
        assert path.stat().st_size > 5000


def test_a_busy_machine_is_said_to_be_one(capsys):
    from rich.console import Console

    from equivalence.benchmark import report

    Console().print(report.environment(results([], others=0.4)))
    assert "Other programs took 40% of the cores" in capsys.readouterr().out
    Console().print(report.environment(results([], others=0.01)))
    assert "Other programs" not in capsys.readouterr().out


def test_the_cost_of_a_certificate_is_a_ratio_of_one_run(capsys):
    from rich.console import Console

    from equivalence.benchmark import report

    found = {("2-2-2", 1): {"numpy": 1e-4, "certificate": 5e-4}, ("1-1", 1): {"numpy": 1e-4}}
    Console().print(report.certificates(results([], certificates=found)))
    shown = capsys.readouterr().out
    assert "2-2-2, batch 1  100 µs       500 µs    5.0" in shown
    assert "1-1" not in shown


def test_the_namespaces_have_every_network_of_the_table():
    for tree in (trees.reference(), trees.tensorflow()):
        for name, network in cases.NETWORKS.items():
            program = cases.program(Case(name, "SGD", 1, "float32", "numpy"))
            assert len(network.twin(tree).weight_names) == len(program.weights)
