"""Random Keras models are certified without an alarm; a wrong kernel, or gradient, raises one."""

import io
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from helpers.turns import EVERY, thinned
from rich.console import Console

from equivalence.arithmetic.tangent import Tangent, kinks
from equivalence.fuzz import certified, drawn_layers, kept, keras_models
from equivalence.fuzz.draw import REGIMES, Draw, draw_numbers

pytestmark = pytest.mark.tensorflow

# Models that raised alarms once, each of a kind that was mended.
ONCE = (
    ("13", "a softplus at 0, whose formula has a kink that its derivative has not"),
    ("33", "a graph's constants are float32"),
    ("143", "a gradient that is 0 but for rounding"),
    ("210", "an assignment that no gradient goes through"),
    ("381", "a loss that is infinite"),
    ("404", "a softsign's last places"),
    ("2193", "labels whose constants do not sum to 1"),
    ("2446", "a saturated sigmoid"),
    ("1242", "equal samples, of which sums round alike whatever the weights are"),
    ("1793", "a softmax that is saturated in float64"),
    ("173", "a celu at 0, whose slope is 2 in Keras"),
    ("3956", "places of a volume within 1e-5 of the largest, each with the whole gradient"),
    ("6041", "gradients that are 0 but for rounding, and no numbers beside"),
    ("9420", "a softsign far out, of whose slope a quotient leaves nothing"),
    ("single_step", "one time step, which is unpacked"),
)
KEPT = Path(__file__).parent / "kept"


def test_every_kept_model_has_a_row():
    assert {file.stem for file in KEPT.glob("*.npz")} == {name for name, _ in ONCE}


@pytest.mark.parametrize("name", thinned(6, dict(ONCE)), ids=[why for _, why in ONCE])
def test_a_model_that_raised_an_alarm_raises_none(name):
    from equivalence.graph.certify import Prepared

    model, batch = kept.kept(KEPT / f"{name}.npz")
    run = certified._certified(0, 0, "", Prepared(model, batch).certify([batch], 1))
    assert not run.alarm, run.where
    assert run.numbers > 0 and not run.without and "Error" not in run.gradient
    assert run.defects == (["keras-celu-slope-at-0"] if name == "173" else [])


class Own(Draw):
    """Draws layers of one's own where it can, and leaves out what it may."""

    def chance(self, share):
        return False

    def one_of(self, *choices):
        return drawn_layers._own if drawn_layers._own in choices else super().one_of(*choices)


def test_a_kept_model_is_the_one_that_was_drawn(tmp_path):
    import keras
    import tensorflow as tf

    drawn = keras_models._model(Own(keras, np.random.default_rng(0)))
    batch = drawn.data("normal", np.random.default_rng(1))
    kept.keep(drawn.model, batch, tmp_path / "model.npz")
    model, again = kept.kept(tmp_path / "model.npz")
    pairs = zip(tf.nest.flatten(batch), tf.nest.flatten(again), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert any("Scaled" in str(type(layer).__mro__) for layer in model.layers)
    losses = [m.compute_loss(*again[:2], m(again[0], training=False)) for m in (drawn.model, model)]
    assert np.array_equal(*map(np.asarray, losses))


@pytest.mark.parametrize("first", range(10_000, 10_000 + 5 * (80 if EVERY else 1), 5))
def test_random_models_raise_no_alarm(first):
    for run in certified.run_models(certified.Task(1, tuple(range(first, first + 5)))):
        assert not run.alarm and not run.broken, run


def test_a_run_is_drawn_from_its_number_alone():
    together = certified.run_models(certified.Task(0, (270, 271, 272)))
    (alone,) = certified.run_models(certified.Task(0, (272,)))
    assert alone == together[2]


def test_all_tables_are_drawn_from():
    draws = [keras_models.draw_model(np.random.default_rng([3, k])) for k in range(60)]
    assert len({name for drawn in draws for name in drawn.layers}) > 40
    assert len({type(drawn.model.optimizer).__name__ for drawn in draws}) > 10
    assert len({type(loss).__name__ for drawn in draws for loss in drawn.losses}) > 12
    assert any(drawn.weighted for drawn in draws)
    assert any(len(drawn.inputs) > 1 for drawn in draws)
    assert any(len(drawn.outputs) > 1 for drawn in draws)


def test_every_regime_has_numbers_of_its_name():
    rng = np.random.default_rng(0)
    drawn = {name: draw_numbers(name, rng, (9, 9)) for name in REGIMES}
    assert all(array.dtype == np.float32 for array in drawn.values())
    assert not drawn["zeros"].any() and np.ptp(drawn["constant"]) == 0
    assert set(np.unique(drawn["ties"])) <= {-1, -0.5, 0, 0.5, 1}
    small = np.abs(drawn["small decades"])
    assert small.min() > 0.9e-5 and small.max() < 1.1e-2


class Here:
    """Runs tasks in this process."""

    def map(self, function, tasks):
        for task in tasks:
            broke = 40 in task.numbers
            yield task, RuntimeError("broke") if broke else function(task)


def _shown(monkeypatch, run, *arguments, records=()):
    monkeypatch.setattr("equivalence.machine.workers.Workers", lambda *_, **__: nullcontext(Here()))
    monkeypatch.setattr(certified, "run_models", run)
    bar = type("Bar", (), {"add_task": lambda *_, **__: 0, "update": lambda *_, **__: None})()
    text, told = io.StringIO(), []
    models, seed, first = arguments
    console = Console(file=text, width=400)
    code = certified.show(models, seed, console, bar, first, told.append, records)
    return code, text.getvalue(), told


def _run(task, verdict="different"):
    without = {} if task.seed == 6 else {"Atan": 1}
    facts = ("Dense, MeanSquaredError, SGD", "ties", verdict, "somewhere", "", without, 3)
    return [certified.Certified(task.seed, n, *facts, 1000) for n in task.numbers]


def test_the_counts_are_printed_and_an_alarm_fails(monkeypatch):
    code, said, told = _shown(monkeypatch, _run, 37, 5, 8)
    assert code == 1
    assert "8 alarm: Dense" in said and "--models 1 --seed 5 --first 8" in said
    assert "without a rule in 20 models: Atan" in said and "40 broke: RuntimeError: broke" in said
    assert "20 random models" in said and told[-1]["alarms"] == 20 and told[-1]["broken"] == 17
    code, _, _ = _shown(monkeypatch, lambda task: _run(task, "rounding-identical"), 17, 5, 8)
    assert code == 0


def test_models_of_a_results_file_are_not_run_again_but_for_what_other_code_found(monkeypatch):
    well = lambda task: _run(task, "rounding-identical")
    _, _, records = _shown(monkeypatch, well, 20, 6, 0)
    alarm = {**records[3], "verdict": "different", "source": "older"}
    open_ = {**records[5], "without": {"Atan": 1}, "source": "older"}
    old = {**records[7], "source": "older"}
    records = [*records[:3], alarm, records[4], open_, records[6], old, *records[8:]]
    ran = []

    def run(task):
        ran.extend(task.numbers)
        return well(task)

    code, said, _ = _shown(monkeypatch, run, 22, 6, 0, records=records)
    assert ran == [3, 5, 20, 21] and code == 0 and "22 random models" in said
    here = {**alarm, "source": records[0]["source"]}
    code, said, _ = _shown(monkeypatch, run, 22, 6, 0, records=[here])
    assert code == 1 and "3 alarm: Dense" in said


def test_a_wrong_gradient_is_an_alarm(monkeypatch):
    from equivalence.graph.rules import RULES
    from refimpl.ops import slopes

    certified.run_model(0, 1)  # fills the table of rules
    wrong = type(RULES["TanhGrad"])("TanhGrad", lambda y, dy: slopes.tanh_grad(y, dy) * 1.001)
    monkeypatch.setitem(RULES, "TanhGrad", wrong)
    monkeypatch.setattr(keras_models, "_model", _of_tanh)
    run = certified.run_model(0, 7)
    assert run.alarm and "TanhGrad" in run.where


def _of_tanh(d):
    given = d.keras.Input((3,))
    out = d.layers.Dense(2, "tanh")(given)
    model = d.keras.Model(given, out)
    model.compile("sgd", "mse")
    targets = lambda regime, rng, shape: draw_numbers(regime, rng, shape)
    losses = (model.loss,)
    return keras_models.Drawn(model, (((3,), False),), (((2,), targets),), ("Dense",), losses)


def test_kinks_are_counted_where_numbers_part():
    x, still = Tangent([0.0, 1.0, 0.0], [1.0, 1.0, 0.0]), Tangent([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    with kinks() as met:
        np.maximum(x, still)
    assert met.count == 1
    with kinks() as met:
        np.abs(x), np.max(x)
    assert met.count == 1
