"""The command line: choices, exit codes, results files, and what stays after Ctrl-C."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from helpers.interrupts import DISPOSITIONS, needs_interrupts, started
from helpers.waiting import wait_for

from equivalence.cli.parser import main

pytestmark = pytest.mark.tensorflow

COMMAND = (sys.executable, "-m", "equivalence")
FIELDS = {
    "schema", "run", "pair", "dtype", "device", "twin", "engine", "switches", "seed", "epochs",
    "steps", "verdict", "expected", "cause", "reason", "defects", "with_models", "ulp", "step_ulp",
    "usage", "sharp_to", "resolution", "first", "seconds", "environment", "without_tf32", "data",
    "digest", "learning_rate", "asked_epochs", "campaigns", "operations", "lost",
}  # fmt: skip
VERSIONS = {"python", "numpy", "tensorflow", "keras", "blas", "cpu", "cpu_flags", "onednn", "tf32"}


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# What is typed, and what the one sentence of the answer must name.
WRONG_USAGE = (
    (["verify", "--pair", "dense-2-3"], ["dense-2-3", "dense-2-2", "equivalence pairs"]),
    (["verify", "4161"], ["'4161'", "001 416_1", "equivalence pairs or books"]),
    (["verify", "1-4"], ["Course 1-4", "memory of CPU"]),
    (["read", "4-1"], ["Course 4-1", "nothing to compute"]),
    (["read", "1-4"], ["Course 1-4", "times of a GPU"]),
    (["read", "421_1"], ["Inside TensorFlow 421_1", "plot descent"]),
    (["show", "421_1"], ["Inside TensorFlow 421_1", "equivalence plot descent will"]),
    (["books", "005"], ["'005'", "004 Celsius"]),
    (["pairs", "--book", "005"], ["'005'", "000, 001"]),
    (["pairs", "--only", "no such words"], ["--group all"]),
    (["pairs", "--group", "none"], ["none", "books, optimizers"]),
    (["verify", "--dtype", "float8"], ["float8", "float32, float64"]),
    (["verify", "--engine", "warp"], ["warp", "eager, graph, xla, train_on_batch, fit"]),
    (["verify", "--twin", "jax"], ["jax", "tape, keras"]),
    (["verify", "--pair", "dense-2-2", "--device", "GPU:7"], ["GPU:7", "CPU:0"]),
    (["verify", "--epochs", "0"], ["'0'", "whole number above 0"]),
    (["verify", "--epochs", "many"], ["'many'"]),
    (["verify", "--learning-rate", "-1"], ["'-1'", "finite number above 0"]),
    (["verify", "--learning-rate", "inf"], ["'inf'"]),
    (["verify", "--learning-rate", "nan"], ["'nan'"]),
    (["verify", "--pair", "adam-textbook", "--engine", "fit"], ["adam-textbook", "fit"]),
    (["verify", "--data", "/no/such.npz", "--pair", "dense-2-2"], ["/no/such.npz"]),
    (["verify", "--json", "/no/such/folder/file", "--pair", "dense-2-2"], ["/no/such/folder"]),
    (["read", "adamant"], ["adamant", "adam", "equivalence pairs"]),
    (["read", "adam", "--html", "/no/such/folder/page.html"], ["/no/such/folder"]),
    (["read", "all"], ["--html FOLDER"]),
    (["read", "all", "--html", "all.html"], ["all.html", "must be a folder", "'all'"]),
    (["read", "adam_textbook", "--listing"], ["adam_textbook", "dense-2-2"]),
    (["defects", "--repro", "none"], ["none", "keras-float64-adam-betas"]),
    (["frobnicate"], ["frobnicate", "verify"]),
    ([], ["COMMAND"]),
)


@pytest.mark.parametrize(("typed", "named"), WRONG_USAGE, ids=lambda x: " ".join(x)[:60])
def test_wrong_usage_is_answered_with_one_sentence_and_exit_code_2(typed, named, capsys):
    assert main(typed) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert answer.err.startswith("equivalence: ")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert [word for word in named if word not in answer.err] == []


GOOD = {"inputs": np.ones((3, 2), np.float32), "targets": np.ones((3, 2), np.float32)}

# A user's data for dense-2-2, and what the answer must name.
BAD_DATA = (
    ({**GOOD, "inputs": np.ones((3, 5), np.float32)}, ["inputs", "(3, 5)", "(samples, 2)"]),
    ({**GOOD, "targets": np.ones((4, 2), np.float32)}, ["targets", "(4, 2)", "(3, 2)"]),
    ({**GOOD, "W": np.ones((3, 2), np.float32)}, ["W", "(3, 2)", "(2, 2)"]),
    ({**GOOD, "inputs": np.ones((3, 2), np.int64)}, ["inputs", "int64", "astype"]),
    ({**GOOD, "inputs": np.array([[1, 2], [np.nan, 3], [4, 5]])}, ["inputs[1, 0]", "nan"]),
    ({**GOOD, "W": np.array([[1, 2], [3, np.inf]])}, ["W[1, 1]", "inf"]),
    ({**GOOD, "V": np.ones(2)}, ["'V'", "inputs, targets, W, B"]),
    ({"inputs": GOOD["inputs"]}, ["targets", "inputs"]),
    ({**GOOD, "inputs": np.ones((0, 2), np.float32)}, ["inputs", "empty"]),
)


@pytest.mark.parametrize(("arrays", "named"), BAD_DATA, ids=lambda x: str(x)[:40])
def test_bad_data_is_answered_with_one_sentence_and_exit_code_2(arrays, named, tmp_path, capsys):
    np.savez(tmp_path / "data.npz", **arrays)
    assert main(["verify", "--pair", "dense-2-2", "--data", str(tmp_path / "data.npz")]) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert [word for word in named if word not in answer] == []


def test_bad_usage_leaves_results_alone_that_are_already_written(tmp_path):
    file = tmp_path / "results.jsonl"
    file.write_text('{"kept": true}\n', encoding="utf-8")
    assert main(["verify", "--pair", "nothing", "--json", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == '{"kept": true}\n'


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """Return the output and the results file of a narrow ``verify``."""
    file = tmp_path_factory.mktemp("verify") / "results.jsonl"
    narrow = ["--pair", "dense-2-2", "--pair", "adam", "--twin", "keras", "--engine", "graph"]
    done = subprocess.run(
        [*COMMAND, "verify", *narrow, "--json", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, _lines(file)


def test_the_results_file_begins_with_the_environment_and_has_one_complete_line_a_run(verified):
    environment, *runs = verified[1]
    assert environment.keys() >= VERSIONS
    assert len(runs) == 4
    assert all(run.keys() == FIELDS for run in runs)


def test_a_difference_that_is_expected_says_where_why_and_who_is_wrong(verified):
    (run,) = [r for r in verified[1][1:] if (r["pair"], r["dtype"]) == ("adam", "float64")]
    assert (run["verdict"], run["expected"]) == ("different", True)
    assert "keras-float64-adam-betas" in run["reason"]
    assert (run["cause"], run["defects"]) == ("known-defect", ["keras-float64-adam-betas"])
    first = run["first"]
    assert (first["epoch"], first["stage"], first["tensor"]) == (0, "weights", "p")
    assert first["wrong_side"] == "tensorflow"
    assert (
        abs(first["reference"] - first["true"]) < 1e-14 < abs(first["tensorflow"] - first["true"])
    )


def test_the_table_names_every_run(verified):
    assert all(word in verified[0] for word in ("dense-2-2", "adam", "bit-identical", "4 runs"))


def test_a_users_own_data_and_rate_are_verified(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"inputs": rng.normal(size=(5, 2)), "targets": rng.normal(size=(5, 2))}
    np.savez(tmp_path / "data.npz", W=rng.normal(size=(2, 2)), **arrays)
    narrow = ["--pair", "dense-2-2", "--engine", "graph", "--epochs", "3", "--learning-rate", "0.3"]
    file = tmp_path / "results.jsonl"
    data = ["--data", str(tmp_path / "data.npz"), "--json", str(file)]
    assert main(["verify", *narrow, *data]) == 0
    assert {(r["epochs"], r["steps"]) for r in _lines(file)[1:]} == {(3, 3)}


def test_a_run_that_breaks_off_is_reported_and_makes_exit_code_1(monkeypatch, tmp_path):
    def broken(self, function, tasks, limit_of):
        for task in tasks:
            yield task, RuntimeError("out of memory")

    monkeypatch.setattr("equivalence.machine.workers.Workers.map", broken)
    file = tmp_path / "results.jsonl"
    assert main(["verify", "--pair", "dense-1-1", "--engine", "graph", "--json", str(file)]) == 1
    found = {(r["verdict"], r["expected"], r["reason"]) for r in _lines(file)[1:]}
    assert found == {("skipped", False, "RuntimeError: out of memory")}


WAITING = """
import time
from equivalence.cli import parser as cli

def wait():
    print("waiting", flush=True)
    time.sleep(600)

cli.parser = wait
cli.console_script()
"""


@needs_interrupts
@pytest.mark.parametrize("disposition", DISPOSITIONS)
def test_ctrl_c_stops_a_command_however_it_was_started(disposition):
    command = [sys.executable, "-c", WAITING]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(command, disposition, **pipes) as run:
        assert run.stdout.readline() == b"waiting\n"
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert said.startswith(b"equivalence: stopped")


@pytest.mark.outer
@needs_interrupts
def test_ctrl_c_leaves_a_valid_results_file_also_where_it_was_ignored_at_the_start(tmp_path):
    file = tmp_path / "results.jsonl"
    typed = [*COMMAND, "verify", "--json", str(file)]
    with started(typed, "ignored", stderr=subprocess.DEVNULL) as run:
        wait_for(lambda: file.exists() and len(_complete(file)) > 3)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=60) == 130
    environment, *runs = _lines(file)
    assert "numpy" in environment
    assert len(runs) >= 2
    assert all(r.keys() == FIELDS for r in runs)


def _complete(file):
    return file.read_text(encoding="utf-8").split("\n")[:-1]


def test_a_worker_that_dies_costs_its_own_run_only():
    from equivalence.machine.workers import Workers

    with Workers(2) as pool:
        outcomes = dict(pool.map(_dies_on_two, [1, 2, 3, 4, 5]))
    assert isinstance(outcomes[2], Exception)
    survivors = [task for task, outcome in outcomes.items() if outcome == task]
    assert len(survivors) >= 3  # the neighbour that ran beside it may be lost with the pool


def _dies_on_two(task):
    import os

    if task == 2:
        os._exit(9)
    return task


def test_doctor_prints_versions_and_what_is_unusual(capsys):
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("tensorflow", "numpy", "blas", "cpu_flags", "! "))


def test_pairs_defects_and_read_print_something_a_person_can_use(capsys, tmp_path):
    page = tmp_path / "page.html"
    assert main(["pairs"]) == main(["defects", "--list"]) == main(["read", "adam"]) == 0
    assert main(["read", "iris-softmax", "--html", str(page)]) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("iris-softmax", "35938", "beta_1_power"))
    assert "reduce_mean" in page.read_text(encoding="utf-8")
