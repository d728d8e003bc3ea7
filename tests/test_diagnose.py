"""``equivalence.diagnose``: own code is held against Keras's formulas, and the cause is named."""

import os
import subprocess
import sys
from pathlib import Path

import mistakes
import numpy as np
import pytest

import equivalence
from equivalence.cli import main
from equivalence.diagnose.tables import VARIANTS
from refimpl.optimizers import SGD, Adam

ids = lambda rows: [str(row) for row in rows]


@pytest.mark.parametrize("row", mistakes.OPTIMIZERS, ids=ids(mistakes.OPTIMIZERS))
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


@pytest.mark.parametrize("row", mistakes.NETWORKS, ids=ids(mistakes.NETWORKS))
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


@pytest.mark.parametrize("row", mistakes.LAYERS, ids=ids(mistakes.LAYERS))
def test_the_cause_of_a_mistake_in_a_layer_is_named(row):
    answer = equivalence.diagnose(row.mine, *inputs_of(row))
    assert answer.cause == row.cause, str(answer)


@pytest.mark.parametrize("row", mistakes.HONEST_LAYERS, ids=ids(mistakes.HONEST_LAYERS))
def test_an_honest_layer_agrees_however_it_is_written(row):
    answer = equivalence.diagnose(row.mine, *inputs_of(row))
    assert answer.agrees, str(answer)


def test_names_of_causes_are_unique_and_their_words_are_there():
    names = [variant.name for variant in VARIANTS]
    assert len(set(names)) == len(names)
    for v in VARIANTS:
        assert all((v.part, v.yours, v.keras, v.who, v.mend, v.symptom))


def test_what_is_unknown_is_said_with_the_place_and_never_guessed():
    cube_root = mistakes.Own(mistakes.adam(lambda m, v, t: m / (np.cbrt(v) + 1e-5)))
    answer = equivalence.diagnose(cube_root, mistakes.ADAM)
    assert answer.kind == "unknown"
    assert answer.cause is None
    assert (answer.where.step, answer.where.stage) == (0, "weights")


def test_a_factor_is_recognised_where_no_cause_is_known():
    answer = equivalence.diagnose(lambda ws, gs: [w - 0.02 * g for w, g in zip(ws, gs)], SGD(0.01))
    assert answer.kind == "unknown"
    assert "twice that of Keras's, in every step" in str(answer)


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
