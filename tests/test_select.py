"""What can be asked for: one validation for the Python API and the command line."""

from dataclasses import fields, replace

import numpy as np
import pytest

import equivalence
from equivalence import trees
from equivalence.arithmetic import precisions
from equivalence.cli import parser, verify
from equivalence.cli.parser import main
from equivalence.errors import BadInput
from equivalence.pairs.table import PAIRS, ROWS
from equivalence.results.result import Spec
from equivalence.runs import select
from equivalence.runs.run import reference_program
from equivalence.runs.select import Request, checked, specs

pytestmark = pytest.mark.tensorflow

HERE = [((), "CPU:0")]
GIVEN = Spec("given-adam", "float32", "keras", "graph")

# What a Spec has that cannot be run, and what the one sentence of the answer names.
WRONG = (
    ({"pair": "given-adan"}, ["given-adan", "given-adam"]),
    ({"pair": None}, ["None", "equivalence pairs"]),
    ({"dtype": "float8"}, ["float8", "float32, float64, float16, bfloat16, mixed_float16"]),
    ({"dtype": "float16", "engine": "fit"}, ["float16", "fit", "eager, graph, xla"]),
    ({"dtype": "mixed_bfloat16", "twin": "tape"}, ["mixed_bfloat16", "tape", "twin keras"]),
    ({"dtype": "bfloat16", "device": "CPU:1"}, ["bfloat16", "CPU:1", "kernels"]),
    ({"pair": "gan-of-models", "operations": True}, ["gan-of-models", "in turn", "tape"]),
    ({"twin": "banana"}, ["banana", "tape, keras"]),
    ({"engine": "jit"}, ["jit", "eager, graph, xla"]),
    ({"device": "cpu"}, ["'cpu'", "CPU:0"]),
    ({"device": "CPU:-1"}, ["'CPU:-1'"]),
    ({"device": ""}, ["''"]),
    ({"epochs": -1}, ["-1 epochs", "above 0"]),
    ({"epochs": 1.5}, ["1.5 epochs"]),
    ({"epochs": True}, ["True epochs"]),
    ({"seed": -1}, ["-1 is no seed"]),
    ({"seed": 0.5}, ["0.5 is no seed"]),
    ({"learning_rate": 0}, ["0 is no learning rate"]),
    ({"learning_rate": float("nan")}, ["nan is no learning rate"]),
    ({"learning_rate": float("inf")}, ["inf is no learning rate"]),
    ({"learning_rate": "0.1"}, ["'0.1' is no learning rate"]),
    ({"switches": (("onednn", "maybe"),)}, ["onednn=maybe", "onednn=off"]),
    ({"switches": (("warp", "on"),)}, ["warp=on", "threads"]),
    ({"twin": "tape", "engine": "fit"}, ["given-adam", "tape/fit", "no model"]),
    ({"pair": "adam-textbook"}, ["adam-textbook", "no such class"]),
    ({"engine": "mirrored"}, ["mirrored", "given-adam", "mean over samples"]),
    ({"pair": "iris-minibatch", "engine": "mirrored"}, ["iris-minibatch", "equally"]),
    (
        {"pair": "self-organizing-map", "learning_rate": 0.1},
        ["self-organizing-map", "schedule", "ExponentialDecay"],
    ),
)


@pytest.mark.parametrize(("wrong", "named"), WRONG, ids=lambda x: str(x)[:50])
def test_a_spec_that_cannot_be_run_is_refused_in_one_sentence(wrong, named):
    with pytest.raises(BadInput) as refused:
        checked(replace(GIVEN, **wrong))
    answer = str(refused.value)
    assert "\n" not in answer
    assert [word for word in named if word not in answer] == []


@pytest.mark.parametrize("wrong", [w for w, _ in WRONG], ids=lambda x: str(x)[:50])
def test_the_python_api_refuses_the_same(wrong):
    asked = dict(vars(GIVEN)) | wrong
    asked = {name: asked[name] for name in asked if name not in ("digest", "switches")}
    with pytest.raises(equivalence.Error) as refused:
        equivalence.verify(**asked, switches=dict(wrong.get("switches", {})))
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize("epochs", [0, -3, "book ", "ten"])
def test_the_python_api_takes_epochs_above_0_or_the_books(epochs):
    with pytest.raises(BadInput, match="above 0"):
        equivalence.verify("given-adam", epochs=epochs)


def test_what_can_be_run_is_not_refused():
    for spec in specs(Request(groups=("all",), engines=("all",)), HERE):
        assert checked(spec) is spec


def test_the_named_pairs_and_the_groups_are_run_both():
    asked = specs(Request(pairs=("celsius-1",), groups=("axes",)), HERE)
    in_axes = {row.name for row in ROWS if row.group == "axes"}
    assert {s.pair for s in asked} == {"celsius-1", *in_axes}


# What is typed, and what the one sentence of the answer must name.
TYPED = (
    (["verify", "--pair", "adam", "--group", "banana"], ["banana", "books"]),
    (["verify", "--pair", "adam", "--pair", "adam-textbook", "--engine", "fit"], ["adam-textbook"]),
    (["verify", "--pair", "adam", "--pair", "adam-textbook", "--twin", "keras"], ["adam-textbook"]),
    (["verify", "--group", "options", "--learning-rate", "0.1"], ["schedule"]),
    (["verify", "--pair", "adam", "--seed", "-1"], ["'-1'", "from 0 on"]),
    (["verify", "--pair", "adam", "--seed", "1", "--seeds", "3"], ["--seed", "--seeds"]),
    (["verify", "--pair", "adam", "--svg", "/no/such/folder/x.svg"], ["/no/such/folder"]),
    (["verify", "--pair", "adam", "--svg", "/"], ["'/'"]),
    (["soak", "--seed", "-1"], ["'-1'"]),
    (["throughput", "--seed", "x"], ["'x'"]),
)


@pytest.mark.parametrize(("typed", "named"), TYPED, ids=lambda x: " ".join(x)[:60])
def test_named_work_is_never_dropped_in_silence(typed, named, capsys):
    assert main(typed) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert [word for word in named if word not in answer] == []


def test_the_other_pairs_of_a_named_one_without_a_run_are_named_alone():
    with pytest.raises(BadInput, match="nothing to run of adam-textbook with"):
        specs(Request(pairs=("adam", "adam-textbook"), engines=("fit",)), HERE)


def test_a_profile_says_only_what_is_not_said_itself():
    def asked(*typed):
        return verify.request_of(parser.parser().parse_args(["verify", *typed]))

    assert asked("--deep").once
    assert not asked("--deep", "--engine", "fit").once
    assert asked("--profile", "deep", "--pair", "adam").groups == ()
    assert asked("--profile", "deep", "--seeds", "3").seeds == range(3)
    assert set(select.PROFILES["models"]) <= {f.name for f in fields(Request)}


# ------------------------------------------------------------------ learning rates


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_every_optimizer_takes_another_learning_rate_on_both_sides(name):
    for m in (trees.reference(), trees.tensorflow()):
        optimizer = PAIRS[name].optimizer(m).with_learning_rate(0.125)
        assert optimizer.learning_rate == 0.125
        for inner in getattr(optimizer, "optimizers", ()):
            assert inner.learning_rate == 0.125


@pytest.mark.parametrize("name", ["gan", "dcgan", "option-loss-scale-optimizer"])
def test_a_rate_is_the_rate_of_an_optimizer_that_is_made_of_others(name):
    spec = Spec(name, "float32", "tape", "graph", learning_rate=0.25)
    assert reference_program(spec, PAIRS[name]).optimizer.learning_rate == 0.25


# ------------------------------------------------------------------------- data


def saved(path, **arrays):
    np.savez(path, **arrays)
    return str(path)


def test_a_layer_alone_takes_its_inputs_as_the_weight_that_they_are(tmp_path):
    name = "layer-dense"
    pair = PAIRS[name]
    own = reference_program(Spec(name, "float32", "tape", "graph"), pair)
    inputs = np.asarray(own.weights[0]) + 1
    targets = own.targets[0]
    file = saved(tmp_path / "layer.npz", inputs=inputs, targets=targets)
    given = reference_program(Spec(name, "float32", "tape", "graph", data=file), pair)
    assert np.array_equal(given.weights[0], inputs)
    assert np.array_equal(given.targets[0], targets)
    few = saved(tmp_path / "few.npz", inputs=inputs[:1], targets=targets[:1])
    with pytest.raises(BadInput, match=r"inputs has the shape \(1, \d+\), but \(4, \d+\)"):
        reference_program(Spec(name, "float32", "tape", "graph", data=few), pair)
    lacking = saved(tmp_path / "lacking.npz", targets=targets)
    with pytest.raises(BadInput, match="the data lacks 'inputs'"):
        reference_program(Spec(name, "float32", "tape", "graph", data=lacking), pair)


def test_a_layer_of_several_inputs_says_by_which_names_it_takes_them(tmp_path):
    spec = Spec(
        "layer-add", "float32", "tape", "graph", data=saved(tmp_path / "a.npz", x=np.ones(1))
    )
    with pytest.raises(BadInput, match="the arrays are inputs1, inputs2, inputs3, targets"):
        reference_program(spec, PAIRS["layer-add"])


@pytest.mark.parametrize("name", ["empty.npz", "text.npz", "cut.npz", "one.npy"])
def test_what_is_no_file_of_arrays_is_refused_in_one_sentence(name, tmp_path, capsys):
    file = tmp_path / name
    whole = saved(tmp_path / "whole.npz", inputs=np.ones((3, 2)), targets=np.ones((3, 2)))
    with open(whole, "rb") as source:
        content = source.read()
    np.save(tmp_path / "one.npy", np.ones(3))
    texts = {"empty.npz": b"", "text.npz": b"1,2\n3,4\n", "cut.npz": content[:100]}
    if name in texts:
        file.write_bytes(texts[name])
    assert main(["verify", "--pair", "dense-2-2", "--data", str(file)]) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert str(file) in answer


def test_of_several_pairs_under_one_file_the_one_that_fails_is_named(tmp_path, capsys):
    file = saved(tmp_path / "data.npz", inputs=np.ones((3, 2)), targets=np.ones((3, 2)))
    typed = ["--pair", "dense-2-2", "--pair", "dense-3-3", "--data", file]
    assert main(["verify", *typed, "--dtype", "float64"]) == 2
    assert "dense-3-3: inputs has the shape (3, 2)" in capsys.readouterr().err


# ---------------------------------------------------------------- NaN and infinity

GOOD = {"inputs": np.ones((3, 2)), "targets": np.ones((3, 2))}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
@pytest.mark.parametrize("name", ["inputs", "targets", "W"])
def test_numbers_that_are_not_finite_in_a_file_are_refused(name, bad, tmp_path):
    arrays = {**GOOD, "W": np.ones((2, 2))}
    arrays[name] = arrays[name].copy()
    arrays[name][1, 0] = bad
    file = saved(tmp_path / "bad.npz", **arrays)
    with pytest.raises(BadInput, match=rf"{name}\[1, 0\] is"):
        reference_program(
            Spec("dense-2-2", "float32", "tape", "graph", data=file), PAIRS["dense-2-2"]
        )


@pytest.mark.parametrize("where", ["start", "inputs", "targets"])
@pytest.mark.parametrize("bad", [np.nan, -np.inf, 1e300])
def test_numbers_that_are_not_finite_in_a_pair_are_refused(where, bad, monkeypatch):
    row = PAIRS["dense-2-2"]
    weights, (inputs, targets) = row.start(), map(np.array, row.data())
    weights = tuple(np.array(w, float) for w in weights)
    inputs, targets = inputs.astype(float), targets.astype(float)
    {"start": weights[0], "inputs": inputs, "targets": targets}[where][0, 0] = bad
    own = replace(row, name="own", start=lambda: weights, data=lambda: (inputs, targets))
    monkeypatch.setitem(PAIRS, "own", own)
    with pytest.raises(BadInput, match="NaN and infinity cannot be trained on"):
        equivalence.verify("own", engine="eager")


def test_every_row_starts_from_numbers():
    for row in ROWS:
        for dtype in precisions.NAMES:
            reference_program(Spec(row.name, dtype, "tape", "graph"), row)
