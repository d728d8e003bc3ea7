"""Engines and switches are axes: each is what it says, and all lie side by side.

The runs bear the names of the command line: ``pytest "tests/test_axes.py::\
test_a_run_of_the_table_is_certified[keras/fit onednn=off]"`` is what ``equivalence
verify --pair iris-minibatch --twin keras --engine fit --switch onednn=off`` runs.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

import equivalence
from equivalence import defects
from equivalence.axes import table
from equivalence.cli.parser import main
from equivalence.defects import lost_logits
from equivalence.engines import build as tensorflow_runner
from equivalence.engines import fit
from equivalence.errors import BadInput
from equivalence.judge import bits
from equivalence.judge.certificate import rounding_model
from equivalence.judge.verdict import BIT_IDENTICAL, DIFFERENT, ROUNDING_IDENTICAL, judge
from equivalence.machine import switches
from equivalence.machine.workers import Workers
from equivalence.pairs.plant import Plant
from equivalence.pairs.table import PAIRS
from equivalence.plants.planting import planted
from equivalence.results.result import Spec
from equivalence.runs.run import run
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import program
from equivalence.steps.trajectory import Trajectory
from refimpl.activations import Softmax
from refimpl.losses import CategoricalCrossentropyFromProbabilities
from refimpl.networks import Output

pytestmark = pytest.mark.tensorflow

AGREE = (BIT_IDENTICAL, ROUNDING_IDENTICAL)

# --------------------------------------------------------------------- switches


def test_a_switch_is_typed_by_its_name_and_two_values_make_two_settings():
    assert switches.settings(None) == [()]
    assert switches.settings(["threads=2", "onednn=off"]) == [(("onednn", "off"), ("threads", "2"))]
    assert switches.settings(["tf32=on", "tf32=off", "tf32=on"]) == [
        (("tf32", "on"),),
        (("tf32", "off"),),
    ]
    assert switches.label((("onednn", "off"), ("threads", "1"))) == "onednn=off threads=1"
    for wrong in ("onednn", "onednn=1", "mkl=off", "threads=none", "cpus=65", "=on"):
        with pytest.raises(BadInput, match="the "):
            switches.parse(wrong)


def _what_it_has():
    import tensorflow as tf

    return {s.name: s.found(tf) for s in switches.SWITCHES}, switches.active()


EVERY_SWITCH = (
    (("onednn", "off"), ("deterministic", "on"), ("tf32", "off"), ("threads", "1"), ("cpus", "3")),
    (("onednn", "on"), ("deterministic", "off"), ("tf32", "on"), ("threads", "2"), ("cpus", "1")),
)


@pytest.mark.parametrize(
    "setting",
    [EVERY_SWITCH[0], pytest.param(EVERY_SWITCH[1], marks=pytest.mark.outer)],
    ids=switches.label,
)
def test_a_process_has_the_switches_that_it_was_started_with(setting):
    """Asked of TensorFlow itself, not of the environment."""
    with Workers(1) as pool:
        found, active = pool.submit(_what_it_has, setting=setting).result()
    assert tuple(found.items()) == active == setting


def test_a_process_with_other_switches_refuses_a_run():
    spec = Spec("dense-1-1", "float32", "tape", "eager", switches=(("onednn", "off"),))
    with pytest.raises(RuntimeError, match="process with switches default"):
        run(spec)


@pytest.mark.outer
def test_a_setting_that_tensorflow_does_not_take_fails_its_runs_only():
    with Workers(2) as pool:
        wrong = pool.submit(int, "1", setting=(("deterministic", "maybe"),))
        assert pool.submit(int, "2").result() == 2
        with pytest.raises(RuntimeError, match="TensorFlow has deterministic=off"):
            wrong.result()


@pytest.mark.outer
def test_switches_can_be_named_in_python():
    result = equivalence.verify("dense-1-1", twin="tape", switches={"onednn": "off"})
    assert result.expected
    assert result.record()["switches"] == {"onednn": "off"}
    assert result.record()["run"].endswith("tape/graph CPU:0 onednn=off epochs=default")


# -------------------------------------------------------------- the table, in fact

# Every engine as TensorFlow starts by itself, two of them under every switch.
ROWS = (
    *(("keras", engine, ()) for engine in table.ENGINES),
    *(("tape", engine, ()) for engine in ("eager", "graph", "xla")),
    *(("keras", engine, s) for s in table.SETTINGS[1:] for engine in ("graph", "fit")),
)


def _spec(row):
    twin, engine, setting = row
    return Spec("iris-minibatch", "float32", twin, engine, epochs=4, switches=setting)


# What a process of its own needs besides is outer: another test asks each for its switches.
IN_FEW_PROCESSES = [pytest.param(row, marks=pytest.mark.outer if row[2] else ()) for row in ROWS]


@pytest.fixture(scope="module")
def rows(request):
    """Return the Row of each of ROWS that is tested: run in workers, a setting each."""
    from equivalence.runs.in_worker import row_with_trajectory

    tested = [i for i in request.session.items if i.originalname == A_RUN.__name__]
    specs = {row: _spec(row) for row in [i.callspec.params["row"] for i in tested] or ROWS}
    with Workers(len(specs)) as pool:
        done = dict(pool.map(row_with_trajectory, list(specs.values())))
    return {row: table.Row(done[s].result, done[s].trajectory) for row, s in specs.items()}


@pytest.mark.parametrize(
    "row", IN_FEW_PROCESSES, ids=lambda row: f"{row[0]}/{row[1]} {switches.label(row[2])}"
)
def test_a_run_of_the_table_is_certified(row, rows):
    """Iris in batches of 32, the last of 22 samples."""
    result = rows[row].result
    assert result.verdict in AGREE, result.reason
    assert result.steps == 20


A_RUN = test_a_run_of_the_table_is_certified


def test_the_runs_of_a_table_are_joined_by_their_bits(rows):
    joined = table.joined(list(rows.values()))
    names = [name for found in joined.classes for name in found.names]
    assert sorted(names) == sorted([table.NUMPY, *(row.name for row in rows.values())])
    for found in joined.classes:
        for row in rows.values():
            equal = bits.same_bits(found.trajectory, row.trajectory)
            assert equal == (joined.letter(row.name) == found.letter)
    classes = len(joined.classes)
    assert len(joined.partings) == classes * (classes - 1) // 2
    assert all(parting is not None for parting in joined.partings.values())


def test_train_on_batch_and_fit_give_the_bits_that_a_user_gets(rows):
    """As a user writes them, without any of the recording; the last batch is smaller."""
    pair = PAIRS["iris-minibatch"]
    inputs, targets = (np.asarray(a, "float32") for a in pair.data())
    m = tensorflow_runner.trees.tensorflow()
    for engine in ("fit", "train_on_batch"):
        network = pair.network(m)
        model, _ = network.model(pair.weights("float32"), "float32")
        model.compile(pair.optimizer(m).keras(), network.output.loss.keras())
        model.set_weights(
            [w.reshape(v.shape) for w, v in zip(pair.weights("float32"), model.weights)]
        )
        if engine == "fit":
            model.fit(inputs, targets, batch_size=32, epochs=4, shuffle=False, verbose=0)
        for start in [0, 32, 64, 96, 128] * 4 if engine == "train_on_batch" else []:
            model.train_on_batch(inputs[start : start + 32], targets[start : start + 32])
        recorded = rows["keras", engine, ()].trajectory.weights
        for array, value in zip(recorded.values(), model.get_weights(), strict=True):
            assert np.array_equal(array[-1].reshape(value.shape), value)


def test_fit_as_keras_compiles_it_on_a_gpu_is_recorded_and_certified(monkeypatch):
    """There it turns XLA on by itself; here it is told to."""
    compile = fit.RecordingModel.compile
    monkeypatch.setattr(
        fit.RecordingModel,
        "compile",
        lambda self, **how: compile(self, jit_compile=True, **how),
    )
    pair = PAIRS["iris-minibatch"]
    reference = program(pair, "float32")
    runner = tensorflow_runner.runner(pair, reference, "keras", "fit")
    record = runner.run(reference, runner.start(reference), 6)
    assert judge(reference, record, model=rounding_model("float32", "xla")).verdict in AGREE


# --------------------------------------------------------- a smaller last batch


def test_the_last_batch_of_an_epoch_has_what_is_left():
    pair = PAIRS["iris-minibatch"]
    reference = program(pair, "float64")
    assert (pair.steps_per_epoch, reference.last) == (5, 22)
    batches = [reference.batch(step)[0] for step in range(5)]
    assert [len(b) for b in batches] == [32, 32, 32, 32, 22]
    assert np.array_equal(np.concatenate(batches), pair.data()[0])
    assert reference.batch(np.array([4, 9]))[1].shape == (2, 22, 3)
    assert [list(group) for group in reference.equal_steps([3, 4, 5, 9])] == [[0, 2], [1, 3]]


def test_steps_of_both_sizes_are_taken_at_once_as_they_are_one_by_one():
    reference = program(PAIRS["iris-minibatch"], "float32")
    record = numpy_runner.run(reference, reference.start(), 12)
    together = numpy_runner.run_each(reference, record)
    assert np.array_equal(together.error, record.loss["E"])
    for name, gradient in zip(record.gradients, together.gradients):
        assert np.array_equal(gradient, record.gradients[name])
    Z, Y = together.activations
    assert np.array_equal(Y, record.activations["Y"])
    assert (Y[4, 22:] == 0).all()
    assert (Y[4, :22] > 0).all()


def test_a_mean_over_the_full_batch_size_is_found_at_the_last_batch():
    """The classical error: every step divides by 32."""
    mean, wrong = "tf.reduce_mean(sample, axis=-1)", "tf.reduce_sum(sample, axis=-1) / 32"
    file = "losses/categorical_crossentropy.py"
    m = planted(Plant("", "tfimpl", file, mean, wrong, "iris-minibatch", "loss"))
    pair = PAIRS["iris-minibatch"]
    reference = program(pair, "float32")
    for engine in ("eager", "graph"):
        runner = tensorflow_runner.build(
            pair.network(m), pair.optimizer(m), reference, "tape", engine
        )
        record = runner.run(reference, runner.start(reference), 7)
        model = rounding_model("float32", engine)
        first = judge(reference, record, model=model, epoch_steps=5).first
        assert (first.step, first.epoch, first.stage) == (4, 0, "loss")
        assert first.wrong_side == "tensorflow"
        exact = judge(reference, record, model=model).first.true
        assert first.tensorflow * 32 / 22 == pytest.approx(exact, rel=1e-6)


# ------------------------------------------------------------------- call paths


@pytest.fixture(scope="module")
def saturated():
    """Return the result and trajectory of two call paths at logits 40, 0, -40."""
    from equivalence.runs.run import run_recorded

    spec = lambda engine: Spec("saturated-softmax", "float32", "keras", engine, epochs=5)
    return {engine: run_recorded(spec(engine)) for engine in ("eager", "split")}


def test_the_gradient_of_a_saturated_softmax_changes_with_the_call_path(saturated):
    gradients = {e: record.gradients["B"][0, 0] for e, (_, record) in saturated.items()}
    assert list(gradients["eager"][[0, 2]]) == [1, -1]
    assert list(gradients["split"]) == [0, 0, 0]
    parting = bits.part(saturated["eager"][1], saturated["split"][1])
    assert (parting.step, parting.stage) == (0, "gradients")
    assert "step 0, gradient" in parting.sentence()


def test_the_call_path_without_logits_is_certified_with_its_own_formula(saturated):
    result, record = saturated["split"]
    assert (result.verdict, result.first.stage) == (DIFFERENT, "loss")
    assert result.expected
    assert lost_logits.NAME in result.reason
    reference = lost_logits.without_logits(program(PAIRS["saturated-softmax"], "float32"))
    wrong = replace(
        reference.network,
        output=Output(Softmax(), CategoricalCrossentropyFromProbabilities(label_smoothing=1e-3)),
    )
    model = rounding_model("float32", "split")
    assert judge(reference, record, model=model).verdict in AGREE
    assert judge(replace(reference, network=wrong), record, model=model).verdict == DIFFERENT


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_formula_without_logits_holds_for_gradients_that_are_not_0(dtype):
    """Moderate logits, and a defect of the optimizer beside the call path."""
    result = run(Spec("sigmoid-softmax-2-2-2", dtype, "keras", "split", seed=3))
    assert result.expected, result.reason
    pair = PAIRS["sigmoid-softmax-2-2-2"]
    reference = lost_logits.without_logits(program(pair, dtype, seed=3))
    runner = tensorflow_runner.runner(pair, reference, "keras", "split")
    record = runner.run(reference, reference.start(), 3)
    model = rounding_model(dtype, "split")
    assert judge(reference, record, model=model).verdict in AGREE
    assert all(np.abs(g).max() > 1e-4 for g in record.gradients.values())


# --------------------------------------------------------------------- the join


def _trajectory(*changes):
    """Return a short trajectory of round numbers, with changes (stage, name, index, value)."""
    arrays = {
        "activations": {"Y": np.ones((3, 2, 2), np.float32)},
        "loss": {"E": np.ones(3, np.float32)},
        "gradients": {"W": np.ones((3, 2, 1), np.float32)},
        "slots": {"W/m": np.ones((4, 2, 1), np.float32)},
        "weights": {"W": np.ones((4, 2, 1), np.float32)},
    }
    for stage, name, index, value in changes:
        arrays[stage][name][index] = value
    return Trajectory(**arrays)


NEXT = np.nextafter(np.float32(1), np.float32(2))

# What is changed, and where the two runs part: step, stage, tensor, index.
PARTINGS = (
    ([("activations", "Y", (2, 0, 1), NEXT)], (2, "activations", "Y", (0, 1))),
    ([("weights", "W", (1, 1, 0), NEXT)], (0, "weights", "W", (1, 0))),
    (
        [("weights", "W", (1, 1, 0), 2), ("gradients", "W", (0, 0, 0), 3)],
        (0, "gradients", "W", (0, 0)),
    ),
    ([("loss", "E", 1, 3), ("slots", "W/m", (3, 0, 0), 3)], (1, "loss", "E", ())),
    ([("slots", "W/m", (2, 0, 0), np.nan)], (1, "slots", "W/m", (0, 0))),
)


@pytest.mark.parametrize(("changes", "place"), PARTINGS)
def test_two_runs_part_where_their_bits_first_differ(changes, place):
    parting = bits.part(_trajectory(), _trajectory(*changes))
    assert (parting.step, parting.stage, parting.tensor, parting.index) == place


def test_runs_fall_into_classes_of_equal_weights_and_slots():
    gradient = _trajectory(("gradients", "W", (0, 0, 0), 3))
    weight = _trajectory(("weights", "W", (1, 1, 0), NEXT))
    found = bits.classes({"a": _trajectory(), "b": weight, "c": gradient, "d": weight})
    assert [(c.letter, c.names) for c in found] == [("A", ["a", "c"]), ("B", ["b", "d"])]
    assert bits.partings(found)["A", "B"].largest_ulp == 1
    assert [bits._letter(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


@pytest.mark.outer
def test_the_command_prints_and_writes_the_joined_table(tmp_path, capsys):
    file = tmp_path / "axes.jsonl"
    typed = ["axes", "saturated-softmax", "--dtype", "float32", "--engine", "graph"]
    typed += ["--engine", "split", "--twin", "keras", "--switch", "threads=1", "--json", str(file)]
    assert main(typed) == 0
    printed = capsys.readouterr().out
    assert all(
        word in printed for word in ("NumPy", "keras/graph", "keras/split", "threads", "part at")
    )
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    (written,) = [r for r in records if "table" in r]
    graph, split = (f"keras/{e} CPU:0 threads=1" for e in ("graph", "split"))
    letters = {name: letter for letter, names in written["classes"].items() for name in names}
    parting = written["partings"][f"{letters[graph]} {letters[split]}"]
    assert (parting["step"], parting["stage"]) == (0, "gradients")
    assert {r["switches"]["threads"] for r in records if "run" in r} == {"1"}


def test_the_departures_of_several_devices_are_listed_with_their_programs():
    names = {row.name for row in defects.DEPARTURES}
    assert {"keras-mirrored-unequal-shares", "keras-mirrored-first-batch"} <= names


@pytest.mark.parametrize(("first", "second"), [(0.0, -0.0), (np.nan, 1.0), (np.nan, -np.nan)])
def test_classes_that_differ_in_the_sign_of_a_zero_or_in_a_nan_part_there(first, second):
    """What makes two classes and what parts them is one definition of the same bits."""
    a, b = (_trajectory(("weights", "W", (2, 1, 0), value)) for value in (first, second))
    found = bits.classes({"a": a, "b": b})
    assert [c.letter for c in found] == ["A", "B"]
    parting = bits.partings(found)["A", "B"]
    assert (parting.step, parting.stage, parting.tensor, parting.index) == (
        1,
        "weights",
        "W",
        (1, 0),
    )
    assert bits.part(a, a) is None
