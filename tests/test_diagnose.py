"""``equivalence.diagnose``: own code is held against Keras's formulas, and the cause is named."""

import os
import re
import subprocess
import sys
from pathlib import Path

import mistakes
import numpy as np
import pytest
from helpers.turns import thinned

import equivalence
from equivalence import trees
from equivalence.cli import main
from equivalence.diagnose import pages
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.recipe import Recipe, Seen, follow
from equivalence.diagnose.searching import candidates
from equivalence.diagnose.tables import VARIANTS
from refimpl.activations import ReLU
from refimpl.optimizers import SGD, Adam

ids = lambda rows: [str(row) for row in rows]


@pytest.mark.parametrize("row", thinned(2, mistakes.OPTIMIZERS), ids=ids(mistakes.OPTIMIZERS))
def test_the_cause_of_a_mistake_is_named(row):
    answer = equivalence.diagnose(row.mine, row.keras)
    assert not answer.agrees
    assert answer.cause == row.cause, str(answer)
    assert answer.mend in str(answer)


@pytest.mark.parametrize("row", mistakes.HONEST, ids=ids(mistakes.HONEST))
def test_honest_code_agrees_however_it_is_written(row):
    answer = equivalence.diagnose(row.mine, row.keras)
    assert answer.agrees, str(answer)
    assert answer.evidence.sharp_to < 1e-3


@pytest.mark.parametrize("row", mistakes.PARTS, ids=ids(mistakes.PARTS))
def test_the_cause_of_a_mistake_in_a_part_is_named(row):
    answer = equivalence.diagnose(row.mine, row.keras)
    assert answer.cause == row.cause, str(answer)


@pytest.mark.parametrize("row", mistakes.HONEST_PARTS, ids=ids(mistakes.HONEST_PARTS))
def test_an_honest_part_agrees_however_it_is_written(row):
    answer = equivalence.diagnose(row.mine, row.keras)
    assert answer.agrees, str(answer)


RNG = np.random.default_rng(5)
INPUTS, TARGETS = RNG.normal(size=(5, 2)) * 2, np.eye(2)[[0, 1, 1, 0, 1]]


@pytest.mark.parametrize("row", thinned(4, mistakes.NETWORKS), ids=ids(mistakes.NETWORKS))
def test_the_cause_of_a_mistake_in_a_network_is_named(row):
    answer = equivalence.diagnose(row.mine, row.keras, INPUTS, TARGETS)
    assert answer.cause == row.cause, str(answer)


@pytest.mark.parametrize("row", mistakes.HONEST_NETWORKS, ids=ids(mistakes.HONEST_NETWORKS))
def test_an_honest_network_agrees_however_it_is_written(row):
    answer = equivalence.diagnose(row.mine, row.keras, INPUTS, TARGETS)
    assert answer.agrees, str(answer)


def inputs_of(row):
    """Return inputs of a layer's row: whole numbers for pooling, so that some are equal."""
    layer, shape = row.keras
    values = np.random.default_rng(11).normal(size=shape)
    return layer, np.round(2 * values) if "Pooling" in row.part else values


@pytest.mark.parametrize("row", thinned(2, mistakes.LAYERS), ids=ids(mistakes.LAYERS))
def test_the_cause_of_a_mistake_in_a_layer_is_named(row):
    answer = equivalence.diagnose(row.mine, *inputs_of(row))
    assert answer.cause == row.cause, str(answer)


@pytest.mark.parametrize("row", mistakes.HONEST_LAYERS, ids=ids(mistakes.HONEST_LAYERS))
def test_an_honest_layer_agrees_however_it_is_written(row):
    answer = equivalence.diagnose(row.mine, *inputs_of(row))
    assert answer.agrees, str(answer)


MISTAKEN = (
    *mistakes.OWN_LAYERS,
    *mistakes.CONVENTIONS,
    *mistakes.BATCHES,
    *mistakes.DATA,
    *mistakes.FURTHER,
    *mistakes.NUMBERS,
)
UNMISTAKEN = (
    *mistakes.HONEST_OWN_LAYERS,
    *mistakes.HONEST_CONVENTIONS,
    *mistakes.HONEST_BATCHES,
    *mistakes.HONEST_FURTHER,
    *mistakes.HONEST_NUMBERS,
)


@pytest.mark.parametrize("row", thinned(6, MISTAKEN), ids=ids(MISTAKEN))
def test_the_cause_is_named_whatever_the_layer_the_convention_and_the_batches(row):
    answer = equivalence.diagnose(row.mine, row.keras, *row.data, **row.options)
    assert answer.cause == row.cause, str(answer)


@pytest.mark.parametrize("row", UNMISTAKEN, ids=ids(UNMISTAKEN))
def test_what_is_honest_agrees_whatever_the_layer_the_convention_and_the_batches(row):
    answer = equivalence.diagnose(row.mine, row.keras, *row.data, **row.options)
    assert answer.agrees, str(answer)


def test_names_of_causes_are_unique_and_their_words_are_there():
    names = [variant.name for variant in VARIANTS]
    assert len(set(names)) == len(names)
    for v in VARIANTS:
        assert all((v.part, v.yours, v.keras, v.who, v.mend, v.symptom))


def test_every_cause_has_a_page_with_a_number_that_gives_it_away():
    """And so every row changes what some example gives; one that never applied was found so."""
    for v, page in zip(VARIANTS, pages.pages().values()):
        plain = page.replace("\\", "")
        assert all(re.sub("[{}]", "", words) in plain for words in (v.yours, v.keras, v.symptom))
        assert "The number that gives it away" in page, v.name
    index = "\n".join(pages.causes())
    assert all(f"| `{v.name}` |" in index for v in VARIANTS)


def test_what_is_unknown_is_said_with_the_place_and_never_guessed():
    cube_root = mistakes.Own(mistakes.adam(lambda m, v, t: m / (np.cbrt(v) + 1e-5)))
    answer = equivalence.diagnose(cube_root, mistakes.ADAM)
    assert answer.kind == "unknown"
    assert answer.cause is None
    assert (answer.where.step, answer.where.stage) == (0, "weights")


def test_a_number_without_a_short_decimal_is_solved_for_in_full():
    share = 0.1 * 3**0.5
    answer = equivalence.diagnose(mistakes.adam_with(epsilon=share * 1e-2), mistakes.ADAM)
    assert answer.cause == "another-epsilon", str(answer)
    (_, where), *_ = answer.causes
    assert "0.00173205081 by your numbers, 1e-05 by its object" in where


def test_one_number_alone_has_no_root_in_every_unknown():
    """A loss of one set of outputs is one equation: only a short decimal is evidence."""
    outputs, targets = np.array([[3.0, -2.5]]), np.zeros((1, 2))
    ask = lambda delta: equivalence.diagnose(
        lambda t, y: mistakes.huber(delta)(t, y), mistakes.e.Huber(), outputs, targets
    )
    assert ask(0.6).cause == "another-delta"
    assert ask(0.1 * 3**0.5).kind == "unknown"


def test_a_factor_is_recognised_where_no_cause_is_known():
    answer = equivalence.diagnose(lambda ws, gs: [w - 0.02 * g for w, g in zip(ws, gs)], SGD(0.01))
    assert answer.kind == "unknown"
    assert "twice that of Keras's, in every step" in str(answer)


RUNNING = {"v": [0, 0], "t": 0}


def of_its_module(ws, gs):
    RUNNING["t"] += 1
    RUNNING["v"] = [0.9 * v - 0.01 * g for v, g in zip(RUNNING["v"], gs)]
    return [w + v for w, v in zip(ws, RUNNING["v"])]


def of_its_default(ws, gs, kept={}):  # noqa: B006 - as people keep state
    kept["v"] = [0.9 * v - 0.01 * g for v, g in zip(kept.get("v", [0, 0]), gs)]
    return [w + v for w, v in zip(ws, kept["v"])]


def enclosing():
    v = [0, 0]

    def step(ws, gs):
        nonlocal v
        v = [0.9 * v - 0.01 * g for v, g in zip(v, gs)]
        return [w + v for w, v in zip(ws, v)]

    return step


@pytest.mark.parametrize("make", [lambda: of_its_module, lambda: of_its_default, enclosing])
def test_a_function_s_state_is_asked_as_it_is_wherever_it_keeps_it(make):
    step = make()
    for _ in range(2):  # asking leaves it as it was
        assert equivalence.diagnose(step, mistakes.MOMENTUM).agrees
    assert RUNNING == {"v": [0, 0], "t": 0}


def halved(g):
    return g / 2


def whole(g):
    return g


SCALES = {halved: 0.5, whole: 1.0}


@pytest.mark.parametrize("scale", SCALES)
def test_functions_that_keep_nothing_are_themselves_in_a_copy(scale):
    def step(ws, gs):
        return [w - 0.01 * SCALES[scale] * g for w, g in zip(ws, gs)]

    assert equivalence.diagnose(step, SGD(0.01)).agrees == (scale is whole)


def test_weights_alone_are_enough_one_step_of_them_too():
    gradients = np.array([[[1.0, -2.0]], [[0.5, 3.0]]])
    start = np.array([[1.0, 2.0]])
    weights = np.stack([start, start - 0.1 * gradients[0]])
    assert equivalence.diagnose({"w": weights}, SGD(0.1), gradients, weights=[start]).agrees
    answer = equivalence.diagnose({"w": start - (weights - start)}, SGD(0.1), gradients)
    assert answer.cause == "uphill"


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (lambda ws, gs: 1 / 0, "raised ZeroDivisionError"),
        (lambda ws, gs: [w[:1] for w in ws], "returned the shapes (1, 4), (1,) and was given"),
        (lambda ws, gs: [w * np.nan for w in ws], "returned NaN in array 1 at (0, 0)"),
        (lambda ws, gs: [np.int64(w) for w in ws], "returned whole numbers (int64)"),
        (lambda ws, gs: [w - g.__imul__(0.1) for w, g in zip(ws, gs)], "changes its argument 2"),
        (lambda ws, gs: None, "returned None and left its weights as they were"),
        (3, "is neither a step nor numbers"),
    ],
)
def test_a_step_that_cannot_be_used_is_refused_in_one_sentence(mine, words):
    with pytest.raises(equivalence.BadInput) as error:
        equivalence.diagnose(mine, Adam())
    assert words in str(error.value)


def run_of(step, steps=4):
    """Return the weights of each step by name, as a run's file has them."""
    start = [np.array(w) for w in ([[0.1, -0.3], [0.2, 0.4]], [[0.1, 0.2]])]
    states = [[*start, *(w + 0.05 for w in start)]]
    for _ in range(steps):
        states.append(step(states[-1], INPUTS, TARGETS))
    return dict(zip(("WH", "BH", "WO", "BO"), map(np.stack, zip(*states))))


NET = mistakes.net(mistakes.sloped)
ODD = np.array([[1.0, np.inf]] * 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "steps is 0, and must be a whole number above 0"),
        ({"steps": 2.5}, "steps is 2.5"),
        ({"batch_size": -1}, "batch_size is -1"),
        ({"x": INPUTS[:0], "y": TARGETS[:0]}, "x has no numbers: its shape is (0, 2)"),
        ({"x": ODD}, "x holds inf at (0, 1), shape (5, 2)"),
        ({"y": TARGETS[:3]}, "x has 5 samples, (5, 2), and y 3, (3, 2)"),
        ({"weights": [np.ones((3, 2))] * 4}, "none of yours is like WH (2, 2): yours are (3, 2)"),
        ({"mine": lambda w, x, t: [v + np.inf for v in w]}, "an infinite number in array 1"),
        ({"mine": lambda w, x, t: [v + 1j for v in w]}, "complex numbers in array 1"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(options, words):
    given = {"mine": NET, "model": mistakes.ROW, "x": INPUTS, "y": TARGETS} | options
    with pytest.raises(equivalence.BadInput) as error:
        equivalence.diagnose(**given)
    assert words in str(error.value)


def test_an_optimizer_that_draws_is_not_taken_for_a_wrong_one():
    drawn = np.random.default_rng(0)
    noisy = lambda ws, gs: [w - 0.01 * g + drawn.normal() for w, g in zip(ws, gs)]
    with pytest.raises(equivalence.BadInput, match="is not deterministic"):
        equivalence.diagnose(noisy, Adam())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_file_of_weights_is_enough(tmp_path, capsys, dtype):
    wrong = mistakes.net(mistakes.sloped, share=lambda x: 1)
    for step, code in ((mistakes.net(mistakes.sloped), 0), (wrong, 1)):
        run = {name: array.astype(dtype) for name, array in run_of(step).items()}
        np.savez(tmp_path / "mine.npz", **run)
        np.savez(tmp_path / "data.npz", inputs=INPUTS, targets=TARGETS)
        files = [str(tmp_path / "mine.npz"), "--data", str(tmp_path / "data.npz")]
        assert main(["diagnose", *files, "--pair", mistakes.ROW]) == code
        printed = capsys.readouterr().out
        assert ("sums over the samples" in printed) == bool(code), printed


def test_kernels_that_lie_transposed_are_matched_by_their_values():
    start = equivalence.PAIRS[mistakes.ROW].weights("float64")
    step, states = mistakes.net(mistakes.sloped), [list(start)]
    for _ in range(3):
        states.append(step(states[-1], INPUTS, TARGETS))
    names = ("W1", "b1", "W2", "b2")
    turned = {n: np.stack([w.T for w in each]) for n, each in zip(names, zip(*states))}
    answer = equivalence.diagnose(turned, mistakes.ROW, INPUTS, TARGETS)
    assert answer.agrees, str(answer)
    assert "Matched WH transposed" in str(answer)


def test_gradients_that_are_brought_have_causes_of_their_own():
    def step(weights, x, t):
        after = mistakes.net(share=lambda x: len(x))(weights, x, t)
        slopes = [(w - a) / 0.01 for w, a in zip(weights, after)]
        return [w + 0.01 * g for w, g in zip(weights, slopes)], slopes

    answer = equivalence.diagnose(step, mistakes.ROW, INPUTS, TARGETS)
    assert {v.name for v, _ in answer.causes} == {"slope-left-out", "uphill"}, str(answer)
    assert answer.where.stage == "gradients"


def test_what_two_causes_do_alike_is_not_decided_between():
    uphill = mistakes.net(mistakes.sloped, rate=-0.01)
    answer = equivalence.diagnose(uphill,
                                  mistakes.ROW, INPUTS, TARGETS)  # fmt: skip
    assert answer.kind == "ambiguous"
    assert "loss-sign" in {v.name for other in answer.others for v, _ in other}
    assert "cannot tell it from loss-sign" in str(answer)
    assert "the gradients would: bring them as well" in str(answer)


SQUARE = RNG.normal(size=(2, 3, 3))
ONE_STEP = ([[1.0, -2.0]], [[0.5, 0.25]])


def test_code_is_asked_on_data_that_tell_causes_apart_at_once():
    """With as many samples as outputs their two sums are the same."""
    of_samples = lambda t, y: np.sum(np.mean((y - t) ** 2, axis=1))
    answer = equivalence.diagnose(of_samples, mistakes.MSE, *SQUARE)
    assert (answer.kind, answer.cause) == ("cause", "loss-sums-samples")
    assert "These data cannot tell it from loss-sums-outputs" in str(answer)
    alone = equivalence.diagnose(of_samples, mistakes.MSE, **answer.data.arguments)
    assert (alone.cause, alone.others) == ("loss-sums-samples", ())


def test_numbers_get_data_that_tell_causes_apart(tmp_path, capsys):
    """One step of plain descent is one of plain momentum, beside Nesterov's."""
    gradient, start = map(np.array, ONE_STEP)
    np.savez(tmp_path / "mine.npz", w1=[start, start - 0.01 * gradient])
    answer = equivalence.diagnose(
        str(tmp_path / "mine.npz"), mistakes.NESTEROV, [[gradient]], weights=[start]
    )
    assert answer.kind == "ambiguous"
    found = {answer.cause, *(v.name for other in answer.others for v, _ in other)}
    assert found == {"momentum-without-nesterov", "momentum-left-out", "nesterov-look-ahead"}
    answer.data.save(tmp_path / "tells.npz")
    gradients = {k.split("/")[1]: v for k, v in np.load(tmp_path / "tells.npz").items()}
    states = [start]
    for g in gradients["w1"]:
        states.append(states[-1] - 0.01 * g)
    alone = equivalence.diagnose(
        {"w1": np.array(states)}, mistakes.NESTEROV, gradients, weights=[start]
    )
    assert (alone.cause, alone.others) == ("momentum-left-out", ())


def test_the_command_writes_data_that_tell_causes_apart(tmp_path, capsys):
    gradient, start = map(np.array, ONE_STEP)
    np.savez(tmp_path / "mine.npz", w1=[start, start - 0.01 * gradient])
    np.savez(tmp_path / "data.npz", inputs=gradient[None], weights=start)
    (tmp_path / "model.py").write_text(
        "from refimpl.optimizers import Nesterov\nmodel = Nesterov(0.01, 0.9)\n", encoding="utf-8"
    )
    given = [str(tmp_path / "mine.npz"), "--model", f"{tmp_path / 'model.py'}:model"]
    given += ["--data", str(tmp_path / "data.npz"), "--tell", str(tmp_path / "tells.npz")]
    assert main(["diagnose", *given]) == 1
    assert "Written" in capsys.readouterr().out
    assert np.load(tmp_path / "tells.npz")["gradients/w1"].shape == (12, 1, 2)


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        ({"WH": np.zeros((3, 2, 2))}, "yours has 1 array of the shapes (2, 2); Keras has 4 arrays"),
        ({"a": np.zeros((3, 2)), "b": np.zeros((2, 2))}, "must have the same first axis"),
        ({"loss": np.zeros(3)}, "no weights were brought"),
        ([[np.zeros(2)], [np.zeros(3)]], "arrays of different shapes"),
        (lambda w, x, t: [v + RNG.normal() for v in w], "is not deterministic"),
    ],
)
def test_numbers_that_cannot_be_used_are_refused_in_one_sentence(mine, words):
    with pytest.raises(equivalence.BadInput) as error:
        equivalence.diagnose(mine, mistakes.ROW, INPUTS, TARGETS)
    assert words in str(error.value)


def test_a_row_that_is_not_there_has_its_nearest():
    with pytest.raises(equivalence.BadInput, match="the nearest are"):
        equivalence.diagnose(lambda ws, gs: ws, "given-adm")


STEP = """
import numpy as np


def step(weights, gradients):
    return [w - RATE * g for w, g in zip(weights, gradients)]
"""


@pytest.mark.parametrize(("rate", "code"), [(0.03, 0), (0.3, 1)])
def test_the_command_asks_a_file_and_says_whether_it_agrees(tmp_path, capsys, rate, code):
    file = tmp_path / "my_code.py"
    file.write_text(f"RATE = {rate}\n{STEP}", encoding="utf-8")
    lines = tmp_path / "answers.jsonl"
    arguments = ["diagnose", f"{file}:step", "--pair", "given-sgd", "--json", str(lines)]
    assert main(arguments) == code
    printed = capsys.readouterr().out
    assert ("It agrees: 10 steps" in printed) == (code == 0)
    assert "10 times that of Keras's, in every step" in printed or code == 0
    assert '"steps": 10' in lines.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        ("nowhere.py:step", "no such file"),
        ("step", "neither FILE.py:NAME nor FILE.npz"),
        ("nowhere.npz", "cannot read"),
    ],
)
def test_the_command_refuses_what_is_not_there(capsys, mine, words):
    assert main(["diagnose", mine, "--pair", "given-sgd"]) == 2
    assert words in capsys.readouterr().err


def test_the_plugin_fails_a_test_with_the_answer(tmp_path):
    file = tmp_path / "test_mine.py"
    file.write_text(
        "right = lambda ws, gs: [w - 0.03 * g for w, g in zip(ws, gs)]\n"
        "wrong = lambda ws, gs: [w + 0.03 * g for w, g in zip(ws, gs)]\n\n\n"
        "def test_right(same_as_keras):\n    assert same_as_keras(right, 'given-sgd').agrees\n\n\n"
        "def test_wrong(same_as_keras):\n    same_as_keras(wrong, 'given-sgd')\n",
        encoding="utf-8",
    )
    plugins = ["-p", "equivalence.diagnose.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "-q", str(file)]
    path = os.pathsep.join([str(Path(equivalence.__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "goes uphill" in done.stdout


def test_a_relu_leaves_its_way_back_as_sharp_as_the_way_forward():
    m = trees.reference()
    network = RowForm((4,), (m.Dense(6, activation=m.ReLU()), m.Dense(3)), m.SoftmaxOutput())
    recipe = Recipe(network, form_of(m.SGD(0.1)), (RNG.normal(size=(8, 4)),), (np.eye(3)[[0] * 8],))
    weights = tuple(RNG.normal(size=shape) for shape in network.weight_shapes)
    (ball,) = follow(recipe, Seen((weights, weights)), balls=True)["gradients", "dense1.kernel"]
    assert np.max(ball.rad) < 1e-12
    masked = lambda x: (np.maximum(x, 0), np.ones_like(x))
    assert equivalence.diagnose(masked, ReLU()).cause == "slope-left-out"


def test_every_change_of_a_table_can_be_made_of_every_layer_and_of_all_at_once():
    m = trees.reference()
    convolve = lambda: m.Conv2D(2, 3, 2, "same", activation=m.Tanh())
    stack = convolve(), convolve(), m.AveragePooling2D(2, 1, "same"), m.Flatten(), m.Dense(2)
    network = RowForm((8, 8, 2), stack, m.SoftmaxOutput())
    x, t = RNG.normal(size=(3, 128)), np.eye(2)[[0, 1, 1]]
    recipe = Recipe(network, form_of(m.SGD(0.1)), (x,), (t,))
    weights = tuple(RNG.normal(size=shape) for shape in network.weight_shapes)
    found = list(candidates(recipe, VARIANTS))
    assert {"every layer", "conv2d1", "conv2d2"} <= {where for c in found for _, where in c.causes}
    for candidate in found:
        passed = candidate.recipe.network.propagate(weights, x, t)
        shapes = [np.shape(gradient) for gradient in passed.gradients]
        assert shapes == [w.shape for w in weights], candidate.causes
