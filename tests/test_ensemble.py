"""Ensembles: what they compute, what their comparison notices, and the command that times them.

No test here asserts a time.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from helpers.interrupts import needs_interrupts, started
from helpers.turns import in_turn, named, one_in, thinned
from helpers.waiting import wait_for
from rich.console import Console
from rich.progress import Progress

from equivalence import trees
from equivalence.arithmetic.rounding import Model
from equivalence.cli.parser import main
from equivalence.ensemble import command, free_running, nets, report, throughput
from equivalence.ensemble.certified import Certificate, certify, cut_down
from equivalence.ensemble.free_running import Distance, block_steps, blocks, is_round
from equivalence.ensemble.measurement import Measurement, Request
from equivalence.ensemble.runner import runner
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import (
    BIT_IDENTICAL,
    DIFFERENT,
    ROUNDING_IDENTICAL,
    UNDECIDED,
    judge,
)
from equivalence.pairs.books import BOOK_ROWS
from equivalence.pairs.optimizers import OPTIMIZER_ROWS, OPTION_ROWS
from equivalence.pairs.plant import Plant
from equivalence.pairs.table import PAIRS
from equivalence.plants.planting import planted
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

COMMAND = (sys.executable, "-m", "equivalence")
NETS, STEPS = 20, 6
SIGMOID, ADAM = PAIRS["sigmoid-2-2-2"], PAIRS["quadratic-adam-minibatch"]


def run_both(pair, ensemble, engine="graph", steps=STEPS):
    """Return (ours, theirs): both sides' Trajectories in one block."""
    ((ours, theirs),) = blocks(ensemble, runner(pair, ensemble, engine), 1, steps)
    return ours, theirs


def alone(pair):
    return lambda one, steps: runner(pair, one, "graph").run(one, one.start(), steps)


# ------------------------------------------------------------------ the certificate


@pytest.mark.parametrize("overflowing", [True, False])
def test_infinity_decides_nothing_beside_an_unbounded_enclosure_and_is_outside_elsewhere(
    overflowing,
):
    """Of two nets in one step the second's number is infinite, in a bounded ball (L12'')."""
    ball = Model("float32").array(np.ones((1, 2), "float32")) / 3
    assert (ball.rad > 0).all() and np.isfinite(ball.rad).all()
    found = Certificate(np.zeros(2, bool), np.zeros(2, bool))
    values = np.array([[1 / 3, np.inf]], "float32")
    share = found.add(values, ball, np.array([[False, overflowing]]))
    assert found.outside.tolist() == [False, not overflowing]
    assert found.undecided.tolist() == [False, overflowing]
    assert share <= 1 if overflowing else share == np.inf


# ------------------------------------------------------------------------ the nets


def rates(programs):
    """Return the Programs with learning rates of their own."""
    return [
        replace(p, optimizer=replace(p.optimizer, learning_rate=float(np.float32(0.01 * k))))
        for k, p in enumerate(programs, start=1)
    ]


@pytest.mark.parametrize("pair", [SIGMOID, ADAM], ids=lambda pair: pair.name)
def test_a_net_taken_out_of_an_ensemble_is_the_one_that_was_put_in(pair):
    programs = rates([program(pair, "float32", seed) for seed in range(3)])
    ensemble = nets.stacked(programs)
    assert nets.size(ensemble) == 3
    for k, before in enumerate(programs):
        after = nets.net(ensemble, k)
        assert after.optimizer == before.optimizer
        for a, b in zip((*after.weights, after.inputs), (*before.weights, before.inputs)):
            assert np.array_equal(a, b)
        assert np.array_equal(after.targets, before.targets)


def test_nets_with_other_hyperparameters_are_no_ensemble():
    one = program(ADAM, "float32")
    other = replace(one, optimizer=replace(one.optimizer, beta_1=0.8))
    with pytest.raises(ValueError, match="not one ensemble"):
        nets.stacked([one, other])


def test_the_nets_of_a_random_ensemble_are_all_different():
    ensemble = nets.random_ensemble(PAIRS["iris-softmax"], "float32", NETS, seed=0)
    for array in (ensemble.weights[0], ensemble.inputs[0], ensemble.targets[0]):
        assert len({net.tobytes() for net in array}) == NETS
    assert (ensemble.targets.sum(axis=-1) == 1).all()  # still classes


EVERY_KIND = [
    *thinned(
        6, in_turn(BOOK_ROWS, ("float64", "float32")), 2
    ),  # of the third that test_properties.py leaves
    *thinned(8, [(pair, "float32") for pair in (*OPTIMIZER_ROWS, *one_in(4, OPTION_ROWS))]),
]


@pytest.mark.parametrize(("pair", "dtype"), EVERY_KIND, ids=named)
def test_every_net_of_an_ensemble_is_certified_as_the_judge_certifies_it_alone(pair, dtype):
    programs = [program(pair, dtype, seed) for seed in range(5)]
    ensemble = nets.stacked(programs)
    trajectory = runner(pair, ensemble, "graph").run(ensemble, ensemble.start(), STEPS)
    found = certify(ensemble, trajectory, rounding_model(dtype))
    assert not found.outside.any()
    for k in range(5):
        verdict = judge(nets.net(ensemble, k), nets.record_of(trajectory, k))
        assert verdict.verdict in (BIT_IDENTICAL, ROUNDING_IDENTICAL, *UNDECIDED)
        assert (verdict.verdict in UNDECIDED) == found.undecided[k]


def test_each_net_descends_at_the_learning_rate_of_its_own():
    start = program(PAIRS["dense-2-2"], "float64", seed=0)
    ensemble = nets.stacked(rates([start] * 3))
    for engine in ("eager", "graph", "xla"):
        ours, theirs = run_both(PAIRS["dense-2-2"], ensemble, engine, steps=1)
        for record in (ours, theirs):
            first, second, third = np.diff(record.weights["W"], axis=0)[0]
            assert np.allclose(second, 2 * first, rtol=1e-6)
            assert np.allclose(third, 3 * first, rtol=1e-6)


# ------------------------------------------------------------- the free-running run


@pytest.mark.parametrize("engine", ["graph", "xla"])
def test_blocks_go_on_where_the_last_one_stopped(engine):
    ensemble = nets.random_ensemble(ADAM, "float32", NETS, seed=1)
    tensorflow = runner(ADAM, ensemble, engine)
    whole, cut = Distance.of(ensemble), Distance.of(ensemble)
    ((our_whole, their_whole),) = blocks(ensemble, tensorflow, 1, 12)
    whole.add(our_whole, their_whole)
    for ours, theirs in blocks(ensemble, tensorflow, 3, 4):
        cut.add(ours, theirs)
    for a, b in ((ours, our_whole), (theirs, their_whole)):
        assert a.last_state.step == b.last_state.step == 12
        assert all(np.array_equal(a.weights[n][-1], b.weights[n][-1]) for n in a.weights)
        assert all(np.array_equal(a.slots[n][-1], b.slots[n][-1]) for n in a.slots)
    assert (cut.steps, cut.numbers, cut.ulp) == (whole.steps, whole.numbers, whole.ulp)
    assert cut.by_epoch == whole.by_epoch
    assert np.array_equal(cut.parted, whole.parted)


def test_xla_compiles_the_loop_for_all_first_steps():
    """A first step that XLA takes for a constant costs a compilation for every block."""
    import tensorflow as tf

    ensemble = nets.random_ensemble(ADAM, "float32", NETS, seed=1)
    tensorflow = runner(ADAM, ensemble, "xla")
    tensorflow.run(ensemble, ensemble.start(), 4)
    numbers = (*map(tf.constant, (ensemble.inputs, ensemble.targets)), tf.constant(0))
    program = tensorflow._compiled[4].experimental_get_compiler_ir(*numbers, tensorflow._state())
    entry = program(stage="hlo").partition("ENTRY")[2]
    assert "s32[] parameter" in entry  # constants are none


def test_a_single_bit_in_a_weight_or_a_slot_is_noticed_at_its_step_and_in_its_net():
    ensemble = nets.random_ensemble(ADAM, "float32", NETS, seed=2)
    ours = numpy_runner.run(ensemble, ensemble.start(), STEPS)
    for stage, name in (("weights", "W"), ("slots", "B/velocity")):
        theirs = numpy_runner.run(ensemble, ensemble.start(), STEPS)
        same, apart = Distance.of(ensemble), Distance.of(ensemble)
        same.add(ours, theirs)
        assert (same.ulp, same.parted.any()) == (0, False)
        array = getattr(theirs, stage)[name]
        array[4, 7, 0, 0] = np.nextafter(array[4, 7, 0, 0], np.float32(1))
        apart.epoch_steps = 1  # so that steps are reported as epochs
        apart.add(ours, theirs)
        assert apart.by_epoch == {1: 0, 2: 0, 5: 1}  # state 4 is reached by step 4
        assert (apart.ulp, *np.flatnonzero(apart.parted)) == (1, 7)


def test_every_weight_and_slot_of_every_step_is_compared():
    ensemble = nets.random_ensemble(ADAM, "float32", NETS, seed=2)
    distance = Distance.of(ensemble)
    distance.add(*run_both(ADAM, ensemble))
    assert distance.numbers == NETS * STEPS * (2 + 1) * 3  # W (2, 1) and B; w, m and v


def test_not_a_number_on_one_side_only_is_infinitely_far():
    ensemble = nets.random_ensemble(ADAM, "float32", NETS, seed=2)
    ours, theirs = (numpy_runner.run(ensemble, ensemble.start(), STEPS) for _ in range(2))
    theirs.weights["W"][3, 5] = np.nan
    distance = Distance.of(ensemble)
    distance.add(ours, theirs)
    assert distance.ulp == np.inf


def test_distances_are_reported_at_the_epochs_1_2_5_10_and_so_on():
    assert [n for n in range(1, 1001) if is_round(n)] == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]


# A run of 64 blocks, first let go one after the other, then kept.
MEMORY = """
from equivalence.ensemble import free_running, nets
from equivalence.ensemble.measurement import peak_bytes
from equivalence.ensemble.runner import runner
from equivalence.pairs.table import PAIRS

free_running.BLOCK_NUMBERS = 2**18
pair = PAIRS["linear-2-2-2"]
ensemble = nets.random_ensemble(pair, "float32", 512, seed=0)
steps, side = free_running.block_steps(ensemble), runner(pair, ensemble, "graph")
distance = free_running.Distance.of(ensemble)

def run(count):
    for ours, theirs in free_running.blocks(ensemble, side, count, steps):
        distance.add(ours, theirs)
    return peak_bytes()

few, many = run(4), run(128)
kept = list(free_running.blocks(ensemble, side, 128, steps))
recorded = sum(a.nbytes for block in kept for side in block for a in side.weights.values())
print(few, many, peak_bytes(), recorded)
"""


@pytest.mark.outer
def test_memory_does_not_grow_with_the_epochs():
    """32 times the epochs take less than a tenth of what their weights alone would take."""
    few, many, kept, recorded = map(int, printed_by(MEMORY)[0].split())
    assert many - few < recorded / 10
    assert kept - many > recorded / 2  # and the measure sees memory that does grow


def printed_by(source):
    """Return the lines that a program prints in a process of its own."""
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


# --------------------------------------------------------------- a failing ensemble

THRESHOLD = 3.5  # of a pre-activation, which few nets ever reach
CLIPPED = Plant(
    "a sigmoid that saturates too early",
    "tfimpl",
    "activations/sigmoid.py",
    "tf.sigmoid(x)",
    f"tf.sigmoid(tf.minimum(x, {THRESHOLD}))",
    SIGMOID.name,
    "activations",
)
SAME = f"""\
import tensorflow as tf
from tfimpl.activations import Sigmoid

Sigmoid.forward = lambda self, x: tf.sigmoid(tf.minimum(x, {THRESHOLD}))
"""


@pytest.fixture
def clipped(monkeypatch):
    """TensorFlow's side has the planted defect."""
    namespace = planted(CLIPPED)
    monkeypatch.setattr(trees, "tensorflow", lambda: namespace)


def reaching(ensemble, trajectory):
    """Return the nets that the defect can touch."""
    largest = np.maximum(*(trajectory.activations[name].max(axis=(0, 2, 3)) for name in "AZ"))
    return np.flatnonzero(largest > THRESHOLD)


@pytest.mark.usefixtures("clipped")
def test_a_planted_defect_that_one_net_meets_is_found_and_cut_down_to_that_net():
    ensemble = nets.random_ensemble(SIGMOID, "float32", 200, seed=0)
    ours, theirs = run_both(SIGMOID, ensemble)
    met = reaching(ensemble, ours)
    assert 0 < len(met) < 20
    found = certify(ensemble, theirs, rounding_model("float32"))
    assert np.flatnonzero(found.outside).tolist() == met.tolist()

    cut = cut_down(ensemble, theirs, found, alone(SIGMOID), SIGMOID.name, "graph")
    assert (cut.number, cut.of, cut.failing) == (met[0], 200, len(met))
    assert cut.program.weights[0].shape == (2, 2)
    for verdict in (cut.recorded, cut.alone):
        assert verdict.verdict == DIFFERENT
        assert (verdict.first.stage, verdict.first.wrong_side) == ("activations", "tensorflow")
    assert all(verdict.reason in str(cut) for verdict in (cut.recorded, cut.alone))


@pytest.mark.outer  # test_properties.py cuts one down whose defect stands in the program
@pytest.mark.usefixtures("clipped")
def test_the_program_of_the_cut_net_fails_with_the_defect_and_passes_without():
    ensemble = nets.random_ensemble(SIGMOID, "float32", 200, seed=0)
    _, theirs = run_both(SIGMOID, ensemble)
    found = certify(ensemble, theirs, rounding_model("float32"))
    cut = cut_down(ensemble, theirs, found, alone(SIGMOID), SIGMOID.name, "graph")
    assert printed_by(SAME + cut.again) == [DIFFERENT, cut.alone.reason]
    assert printed_by(cut.again)[0] in (BIT_IDENTICAL, ROUNDING_IDENTICAL)


@pytest.fixture(autouse=True)
def short_naive_loops(monkeypatch):
    """Let what is measured here for the ratios alone take few steps; the commands take all."""
    monkeypatch.setattr(throughput, "EAGER_STEPS", 20)
    monkeypatch.setattr(throughput, "FIT_EPOCHS", 20)


def shown(request):
    """Return (exit code, output, records) of the command, measured in this process."""
    console, records = Console(width=80, record=True, file=StringIO()), []
    with Progress(console=Console(file=StringIO())) as progress:
        code = command.show(request, console, progress, records.append, throughput.measure)
    return code, console.export_text(), records


@pytest.mark.usefixtures("clipped")
def test_the_command_shows_the_net_that_fails_and_its_program():
    request = Request(SIGMOID.name, "float32", ("graph",), 200, 2000, 0)
    code, printed, records = shown(request)
    assert code == 1
    (certified,) = (r for r in records if r["measured"] == "certified")
    assert certified["outside"] > 0
    assert f"{certified['outside']} nets outside their enclosures" in printed
    assert "of an ensemble of 200" in printed
    assert "To run it again:" in printed
    assert "wrong: tensorflow" in printed


# ------------------------------------------------------------------------ the command

FIELDS = {
    "measured", "pair", "dtype", "twin", "engine", "nets", "epochs", "steps", "seconds",
    "core_seconds", "steps_per_second", "ulp", "ulp_by_epoch", "parted", "usage", "outside",
    "undecided", "peak_bytes", "times_eager", "times_fit", "schema",
}  # fmt: skip


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """Return the output and the results file of a short ``throughput``."""
    file = tmp_path_factory.mktemp("throughput") / "results.jsonl"
    short = ["--nets", "50", "--steps", "1000", "--json", str(file)]
    done = subprocess.run(
        [*COMMAND, "throughput", *short],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, [json.loads(line) for line in lines_of(file)]


@pytest.mark.outer  # the whole command; its parts are tried in this process above
def test_the_results_file_has_the_environment_and_one_complete_line_a_measurement(
    timed,
):
    environment, *records = timed[1]
    assert environment.keys() >= {"tensorflow", "numpy", "cpu", "cores"}
    assert all(record.keys() == FIELDS for record in records)
    assert [(r["measured"], r["twin"], r["engine"]) for r in records] == [
        ("naive", "tape", "eager"),
        ("naive", "keras", "fit"),
        ("free-running", "tape", "graph"),
        ("certified", "tape", "graph"),
        ("free-running", "tape", "xla"),
        ("certified", "tape", "xla"),
    ]


@pytest.mark.outer
def test_rates_and_ratios_are_what_the_steps_and_seconds_say(timed):
    records = timed[1][1:]
    rate = {r["engine"]: r["steps"] / r["seconds"] for r in records if r["measured"] == "naive"}
    for r in records[2:]:
        assert (r["nets"], r["epochs"], r["steps"]) == (50, 20, 1000)
        assert r["steps_per_second"] == r["steps"] / r["seconds"]
        for engine in ("eager", "fit"):
            assert r[f"times_{engine}"] == pytest.approx(r["steps_per_second"] / rate[engine])


@pytest.mark.outer
def test_the_table_names_every_measurement_in_80_columns(timed):
    printed = timed[0]
    rows = ("naive, eager", "naive, fit", "verified, graph", "certified, graph", "verified, xla")
    words = ("equal bits", "every net in its enclosures", "peak memory", "x eager", "x fit")
    assert [word for word in (*rows, *words) if word not in printed] == []
    assert max(map(len, printed.splitlines())) <= 80


def test_the_table_of_a_fast_machine_fits_80_columns_too():
    console = Console(width=80, record=True, file=StringIO())
    of = {"pair": "", "dtype": "", "twin": "", "epochs": 1, "core_seconds": 99.9}
    slow = [
        Measurement(measured="naive", engine=e, nets=1, steps=300, seconds=100.0, **of)
        for e in ("eager", "fit")
    ]
    fast = [
        Measurement(measured=m, engine="graph", nets=10**4, steps=10**8, seconds=10.0, **of)
        for m in ("free-running", "certified")
    ]
    console.print(report.table([*slow, *fast]))
    printed = console.export_text()
    assert all(number in printed for number in ("100,000k", "10,000,000", "3,333k"))
    assert "\N{HORIZONTAL ELLIPSIS}" not in printed


def test_more_steps_than_a_block_has_are_rounded_up_to_blocks(monkeypatch):
    monkeypatch.setattr(free_running, "BLOCK_NUMBERS", 2**14)
    ensemble = nets.random_ensemble(SIGMOID, "float32", 50, seed=0)
    steps = 50 * block_steps(ensemble) + 1
    request = Request(SIGMOID.name, "float32", ("graph",), 50, steps, 0)
    code, _, records = shown(request)
    assert code == 0
    (free,) = (r for r in records if r["measured"] == "free-running")
    assert free["steps"] == 2 * 50 * block_steps(ensemble)


def test_a_pair_without_keras_is_measured_without_fit():
    code, printed, records = shown(Request("adam-textbook", "float64", ("graph",), 10, 100, 0))
    assert (code, [r["engine"] for r in records]) == (0, ["eager", "graph", "graph"])
    assert all(r["times_fit"] is None for r in records)
    assert "x fit" not in printed


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (["--pair", "nothing"], ["nothing", "linear-2-2-2"]),
        (["--engine", "eager"], ["eager", "graph, xla"]),
        (["--dtype", "float16"], ["float16", "float32, float64"]),
        (["--nets", "0"], ["'0'"]),
        (["--json", "/no/such/folder/file"], ["/no/such/folder"]),
    ],
    ids=lambda words: " ".join(words),
)
def test_wrong_usage_is_answered_with_one_sentence_and_exit_code_2(typed, named, capsys):
    assert main(["throughput", *typed]) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert [word for word in named if word not in answer] == []


@pytest.mark.outer  # test_cli.py has that of verify
@needs_interrupts
def test_ctrl_c_leaves_what_was_measured_also_where_it_was_ignored_at_the_start(tmp_path):
    file = tmp_path / "results.jsonl"
    typed = [*COMMAND, "throughput", "--json", str(file)]
    with started(typed, "ignored", stderr=subprocess.DEVNULL) as run:
        wait_for(lambda: file.exists() and len(lines_of(file)) > 1)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=60) == 130
    environment, *records = map(json.loads, lines_of(file))
    assert "numpy" in environment
    assert records
    assert all(record.keys() == FIELDS for record in records)


def lines_of(file):
    return file.read_text(encoding="utf-8").splitlines()
