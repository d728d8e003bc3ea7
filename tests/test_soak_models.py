"""Random Keras models are certified without an alarm; a wrong kernel, or gradient, raises one."""

import io
from contextlib import nullcontext

import numpy as np
import pytest
from helpers.turns import EVERY
from rich.console import Console

from equivalence.arithmetic.tangent import Tangent, kinks
from equivalence.fuzz import certified, keras_models

pytestmark = pytest.mark.tensorflow

# Models that raised alarms once, each of a kind that was mended.
ONCE = (
    (13, "a softplus at 0, whose formula has a kink that its derivative has not"),
    (33, "a graph's constants are float32"),
    (143, "a gradient that is 0 but for rounding"),
    (210, "an assignment that no gradient goes through"),
    (381, "a loss that is infinite"),
    (404, "a softsign's last places"),
    (2193, "labels whose constants do not sum to 1"),
    (2446, "a saturated sigmoid"),
)


@pytest.mark.parametrize("number", [number for number, _ in ONCE], ids=[why for _, why in ONCE])
def test_a_model_that_raised_an_alarm_raises_none(number):
    (run,) = certified.run_model(certified.Task(0, number, number + 1))
    assert not run.alarm, run.where
    assert run.numbers > 0


@pytest.mark.parametrize("first", range(10_000, 10_000 + 10 * (40 if EVERY else 1), 10))
def test_random_models_raise_no_alarm(first):
    for run in certified.run_model(certified.Task(1, first, first + 2)):
        assert not run.alarm, run


def test_a_run_is_drawn_from_its_number_alone():
    together = certified.run_model(certified.Task(0, 270, 273))
    (alone,) = certified.run_model(certified.Task(0, 272, 273))
    assert alone == together[2]


def test_every_regime_has_numbers_of_its_name():
    rng = np.random.default_rng(0)
    drawn = {name: keras_models.draw_numbers(name, rng, (9, 9)) for name in keras_models.REGIMES}
    assert all(array.dtype == np.float32 for array in drawn.values())
    assert not drawn["zeros"].any() and np.ptp(drawn["constant"]) == 0
    assert set(np.unique(drawn["ties"])) <= {-1, -0.5, 0, 0.5, 1}
    small = np.abs(drawn["small decades"])
    assert small.min() > 0.9e-5 and small.max() < 1.1e-2


class Here:
    """Runs tasks in this process."""

    def map(self, function, tasks):
        for task in tasks:
            yield task, function(task) if task.first < 20 else RuntimeError("broke")


def test_the_counts_are_printed_and_an_alarm_fails(monkeypatch):
    def run(task, verdict="different"):
        numbers = range(task.first, task.last)
        facts = ("Dense, MeanSquaredError, SGD", "ties", verdict, "somewhere", "", {"Atan": 1}, 3)
        return [certified.Certified(n, *facts, 1000) for n in numbers]

    monkeypatch.setattr("equivalence.machine.workers.Workers", lambda *_, **__: nullcontext(Here()))
    monkeypatch.setattr(certified, "run_model", run)
    bar = type("Bar", (), {"add_task": lambda *_, **__: 0, "update": lambda *_, **__: None})()
    text, told = io.StringIO(), []
    console = Console(file=text, width=300)
    assert certified.show(17, 5, console, bar, 8, told.append) == 1
    said = text.getvalue()
    assert "alarm in run 8: Dense" in said and "--models 1 --seed 5 --first 8" in said
    assert "without a rule in 12 runs: Atan" in said and "20 ... 24: RuntimeError: broke" in said
    assert "12 random models" in said and told[-1]["alarms"] == 12
    monkeypatch.setattr(certified, "run_model", lambda task: run(task, "rounding-identical"))
    assert certified.show(17, 5, console, bar, 0) == 0


def test_a_wrong_gradient_is_an_alarm(monkeypatch):
    from equivalence.graph.rules import RULES
    from refimpl.ops import slopes

    certified.run_model(certified.Task(0, 0, 1))  # fills the table of rules
    wrong = type(RULES["TanhGrad"])("TanhGrad", lambda y, dy: slopes.tanh_grad(y, dy) * 1.001)
    monkeypatch.setitem(RULES, "TanhGrad", wrong)
    monkeypatch.setattr(keras_models, "_model", _of_tanh)
    (run,) = certified.run_model(certified.Task(0, 7, 8))
    assert run.alarm and "TanhGrad" in run.where


def _of_tanh(d):
    given = d.keras.Input((3,))
    out = d.layers.Dense(2, "tanh")(given)
    model = d.keras.Model(given, out)
    model.compile("sgd", "mse")
    targets = lambda regime, rng, shape: keras_models.draw_numbers(regime, rng, shape)
    return keras_models.Drawn(model, (3,), False, (2,), targets, ("Dense",))


def test_kinks_are_counted_where_numbers_part():
    x, still = Tangent([0.0, 1.0, 0.0], [1.0, 1.0, 0.0]), Tangent([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    with kinks() as met:
        np.maximum(x, still)
    assert met.count == 1
    with kinks() as met:
        np.abs(x), np.max(x)
    assert met.count == 1
