"""Soaking: random honest runs raise no alarm, and a wrong line raises one."""

import io
import os
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from helpers.turns import thinned
from rich.console import Console

from equivalence import trees
from equivalence.cli import main
from equivalence.fuzz import soak
from equivalence.fuzz.regimes import REGIMES, joined, numbers, program_of
from equivalence.fuzz.side_by_side import FINE, OUTSIDE, UNDECIDABLE, Jumping, outcomes
from equivalence.judge.certificate import rounding_model
from equivalence.machine.workers import Workers
from equivalence.pairs.plant import Plant
from equivalence.pairs.table import find
from equivalence.plants.planting import planted
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow


def of_row(monkeypatch, name, twin="tape", engine="eager", dtype="float32"):
    """Let every group of rows be one of this row."""
    row = find(name)
    group = soak.Group(row.group, row.name, twin, engine, dtype)
    monkeypatch.setattr(soak, "draw_row", lambda rng: (row, group))


def words(runs):
    return [run.outcome.word for run in runs]


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("dtype", soak.DTYPES)
def test_every_regime_has_the_numbers_of_its_name(dtype):
    drawn = {
        name: numbers(name, np.random.default_rng(3), (20, 20), dtype).astype(float)
        for name in REGIMES
    }
    sizes = {name: np.abs(array).max() for name, array in drawn.items()}
    tiny = np.finfo(dtype).tiny
    assert sizes["zeros"] == 0 < sizes["subnormal"] < 100 * tiny
    assert (np.abs(drawn["subnormal"]) < tiny).any()
    assert 1e-13 < sizes["1e-12"] < 1e-11 and 1e11 < sizes["1e12"] < 1e13
    assert sizes["1e-15 to 1e15"] > 1e12 > 1e-12 > np.abs(drawn["1e-15 to 1e15"]).min()
    assert np.ptp(drawn["constant"]) == 0 != drawn["constant"][0, 0]
    assert np.ptp(drawn["far mean"]) < 20 < abs(drawn["far mean"].mean())


def test_numbers_of_rows_and_labels_stay_what_they_are():
    rng = np.random.default_rng(0)
    reference = program(find("look-up-sgd"), "float32")
    drawn = program_of(reference, 3, "1e12", rng, keep_whole=True)
    assert set(np.unique(drawn.inputs[..., 0])) <= set(range(5))
    assert np.abs(np.concatenate([drawn.weights[0].ravel()])).max() > 1e10
    softmax = program(find("iris-softmax"), "float32")
    labels = program_of(softmax, 3, "1e12", rng, keep_whole=False).targets
    assert (labels.sum(axis=-1) == 1).all() and set(np.unique(labels)) == {0, 1}


# ------------------------------------------------------------------ which runs


def test_as_many_runs_as_are_asked_for():
    for runs, first in ((7, 0), (1, 470), (999, 450), (2600, 37)):
        tasks = soak.tasks_of(runs, 0, first)
        found = [number for task in tasks for number in range(task.first, task.last)]
        assert found == list(range(first, first + runs))
        assert all(soak.group_of(t.first) == soak.group_of(t.last - 1) for t in tasks)


def test_a_run_is_drawn_from_its_number_alone(monkeypatch):
    of_row(monkeypatch, "tanh-2-2-2")
    together = soak.run_group(soak.Task(5, 0, 12))
    alone = soak.run_group(soak.Task(5, 9, 10))
    assert [run.number for run in together] == list(range(12))
    assert alone == [together[9]]
    assert len({run.regime for run in together}) > 1


@pytest.mark.outer
def test_a_net_of_an_ensemble_is_drawn_from_its_number_alone(monkeypatch):
    of_row(monkeypatch, "tanh-2-2-2")
    nets = soak.run_group(soak.Task(5, 500, 512))
    (net,) = soak.run_group(soak.Task(5, 507, 508))
    assert (net.group, net.regime, net.outcome.word) == (
        *(nets[7].group, nets[7].regime, nets[7].outcome.word),
    )


def test_every_kind_engine_and_cheap_row_may_be_drawn():
    groups = [soak.draw_row(np.random.default_rng(k))[1] for k in range(400)]
    assert {group.kind for group in groups} == set(soak.KINDS)
    assert {(group.twin, group.engine) for group in groups} == set(soak.ENGINES)
    dear = [row.name for row in soak.ROWS if not soak.cheap(row)]
    assert set(dear) == {
        *("digits-784-10", "digits-784-360-10", "naive-784-512-10", "several-inputs"),
        *(
            "digits-784-128-10",
            "functional-10-64-64-1",
            "reviews-100-16-16-1",
            "sequential-100-64-10",
        ),
        *("square-64", "recurrent-next-word-lstm", "digits-cnn"),
        *("digits-autoencoder", "digits-autoencoder-transpose"),
    }


# ------------------------------------------------------------------ certified at once


def test_runs_that_are_certified_at_once_are_certified_as_each_alone():
    from equivalence.engines import build as tensorflow

    pair = find("celsius-1-4-4-1")
    reference = program(pair, "float32")
    rng = np.random.default_rng(1)
    drawn = [program_of(reference, 2, regime, rng, False) for regime in ("normal", "1e-12")]
    drawn.append(replace(drawn[0], weights=tuple(w * np.float32(1e38) for w in drawn[0].weights)))
    runner = tensorflow.runner(pair, drawn[0], "keras", "graph")
    records = []
    for place, each in enumerate(drawn):
        start = each.start()
        start.step = 2 * place
        records.append(runner.run(each, start, 2))
    model = lambda: rounding_model("float32", "graph")
    alone = [
        outcomes(joined([each], record.first_step), record, model(), 1)[0]
        for each, record in zip(drawn, records, strict=True)
    ]
    assert outcomes(joined(drawn, 0), Jumping.of(records), model(), 3) == alone
    assert [outcome.word for outcome in alone] == [FINE, FINE, UNDECIDABLE]
    name = drawn[0].layout.weights[0]
    gradients = records[1].gradients
    gradients[name] = gradients[name] * np.array([1, 1 + 1e-5], "float32")[:, None, None]
    found = outcomes(joined(drawn, 0), Jumping.of(records), model(), 3)
    assert [outcome.word for outcome in found] == [FINE, OUTSIDE, UNDECIDABLE]
    assert f"gradients {name}" in found[1].where


# ------------------------------------------------------------------ alarms

WRONG = Plant(
    "the input's gradient without the slope",
    "refimpl",
    "layers/max_pooling.py",
    "np.where(self.wins(kept), given",
    "np.where(self.wins(kept), 2 * given",
    "layer-maxpooling2d",
    "gradients",
)


def test_honest_runs_of_a_pooling_raise_no_alarm_and_a_wrong_backward_does(monkeypatch):
    of_row(monkeypatch, WRONG.run)
    assert OUTSIDE not in words(soak.run_group(soak.Task(0, 0, 8)))
    wrong = planted(WRONG)
    monkeypatch.setattr(trees, "reference", lambda: wrong)
    runs = soak.run_group(soak.Task(0, 0, 8))
    alarms = [run for run in runs if run.outcome.word == OUTSIDE]
    assert alarms and all("gradients inputs" in run.outcome.where for run in alarms)
    line = soak._alarm(alarms[0], 0)
    assert f"--first {alarms[0].number} --runs 1" in line and WRONG.run in line


@pytest.mark.parametrize(
    ("engine", "dtype"), thinned(2, [("eager", "float64"), ("graph", "float32")], row=2)
)
def test_fractions_of_subnormal_gradients_are_no_alarm(engine, dtype, monkeypatch):
    """Bilinear's gradient is a sum of fractions, each of which is flushed by itself (L8)."""
    of_row(monkeypatch, "layer-upsampling2d-bilinear", "tape", engine, dtype)
    of_run = soak._of_run
    monkeypatch.setattr(soak, "_of_run", lambda *which: (of_run(*which)[0], "subnormal"))
    runs = soak.run_group(soak.Task(0, 0, 40))
    assert OUTSIDE not in words(runs)


@pytest.mark.outer
def test_a_known_defect_of_keras_is_no_alarm(monkeypatch):
    """Keras's RMSprop takes its epsilon in float32: float64 runs need the defect's model."""
    of_row(monkeypatch, "options-adafactor", "keras", "graph", "float64")
    judged = []
    plain = soak.outcomes
    monkeypatch.setattr(soak, "outcomes", lambda *args: judged.append(plain(*args)) or judged[-1])
    assert OUTSIDE not in words(soak.run_group(soak.Task(0, 0, 6)))
    assert len(judged) == 2
    assert any(outcome.word == OUTSIDE for outcome in judged[0]), "without its model"


@pytest.mark.outer
def test_a_run_that_tensorflow_refuses_is_undecidable_where_numbers_overflow(monkeypatch):
    """Keras divides the parts of a repeated row by what is infinite or 0, see departures.py."""
    of_row(monkeypatch, "look-up-adafactor", "keras", "graph")
    runs = soak.run_group(soak.Task(0, 15140, 15151))
    assert OUTSIDE not in words(runs) and runs[3].outcome.word == UNDECIDABLE


def test_a_run_that_tensorflow_refuses_at_ordinary_numbers_is_an_alarm(monkeypatch):
    build = soak._built

    class Refusing:
        def __init__(self, runner):
            self.runner = runner

        def run(self, program, start, steps):
            if start.step == 2:
                raise soak.errors()[0](None, None, "indices[0] = 15 is not in [0, 7)")
            return self.runner.run(program, start, steps)

    def refusing(*arguments):
        runner, group = build(*arguments)
        return Refusing(runner), group

    monkeypatch.setattr(soak, "_built", refusing)
    of_row(monkeypatch, "dense-1-1", "tape")
    runs = soak.run_group(soak.Task(0, 0, 3))
    assert words(runs) == [FINE, OUTSIDE, FINE]
    assert "TensorFlow raised InvalidArgumentError: indices[0] = 15" in runs[1].outcome.where


def test_an_error_is_none_where_a_known_defect_made_a_number_NaN():
    """Keras squares the parts of a row's gradient: v < m^2, and NaN under the root (run 59186)."""
    (run,) = soak.run_group(next(iter(soak.tasks_of(1, 2, 59186))))
    assert run.group.what == "look-up-rmsprop-centered"
    assert run.outcome.word == soak.UNDECIDABLE


# ------------------------------------------------------------------ the command


@pytest.mark.outer
def test_the_command_runs_as_many_as_it_is_told(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["soak", "--runs", "7"]) == 0
    printed = capsys.readouterr().out
    assert "7 random runs, 14 certified steps: 0 false alarms" in printed
    assert "regime" in printed and "dtype" in printed


class Bar:
    def add_task(self, name, total):
        return name

    def update(self, bar, advance):
        pass


def test_an_alarm_is_printed_and_fails(monkeypatch):
    """The same in this process, with a group that is outside and one that breaks."""
    of_row(monkeypatch, WRONG.run)
    wrong = planted(WRONG)
    monkeypatch.setattr(trees, "reference", lambda: wrong)

    class Here:
        def map(self, function, tasks):
            for task in tasks:
                yield task, function(task) if task.first < 500 else RuntimeError("broke")

    monkeypatch.setattr("equivalence.machine.workers.Workers", lambda *_, **__: nullcontext(Here()))
    text = io.StringIO()
    console = Console(file=text, width=200)
    assert soak.show(5, 0, console, Bar()) == 1
    assert "alarm in run" in text.getvalue()
    monkeypatch.undo()
    of_row(monkeypatch, "dense-1-1")
    monkeypatch.setattr("equivalence.machine.workers.Workers", lambda *_, **__: nullcontext(Here()))
    assert soak.show(2, 0, console, Bar(), first=499) == 1
    assert "runs 500 ... 500: RuntimeError: broke" in text.getvalue()


def _process(_):
    return os.getpid()


@pytest.mark.outer
def test_a_worker_is_replaced_at_the_end_of_its_lifetime():
    with Workers(1, lifetime=2) as pool:
        found = [pid for _, pid in pool.map(_process, range(5))]
    assert len(set(found)) == 3
    assert max(found.count(pid) for pid in found) == 2
