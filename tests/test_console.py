"""What a command says and how it ends: pipes, disks, terminals, and faults of its own."""

import json
import os
import subprocess
import sys

import pytest
from rich.console import Console

from equivalence.cli import files
from equivalence.cli.parser import main
from equivalence.defects import holding
from equivalence.judge.verdict import (
    BIT_IDENTICAL,
    DIFFERENT,
    KINK,
    OVERFLOW,
    ROUNDING_IDENTICAL,
    SKIPPED,
)
from equivalence.machine import keras_settings
from equivalence.results import picture
from equivalence.results.fitting import Column, FittingTable
from equivalence.results.result import Result, Spec

pytestmark = pytest.mark.tensorflow

COMMAND = (sys.executable, "-m", "equivalence")
LONGEST = "layer-depthwise2d-strides-dilated-no-bias"


def printed(renderable, width=80):
    console = Console(width=width, file=open(os.devnull, "w"), record=True)  # noqa: SIM115
    console.print(renderable)
    return console.export_text()


# ------------------------------------------------------------------ in a shell


@pytest.mark.skipif(os.name != "posix", reason="a shell and its pipes")
@pytest.mark.parametrize("command", ["pairs", "defects --list"])
def test_a_reader_that_leaves_is_no_fault(command):
    typed = f"{sys.executable} -m equivalence {command} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", typed], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] in ("0", "141")
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full")
def test_a_full_disk_is_said_in_one_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "pairs"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full")
def test_a_results_file_on_a_full_disk_is_said_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(holding, "check", lambda rows: [])
    assert main(["defects", "--list", "--json", "/dev/full"]) == 2
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert "cannot write '/dev/full': No space left" in answer


@pytest.mark.parametrize("command", ["pairs", "defects --list", "read adam", "--help"])
def test_a_terminal_that_knows_ascii_alone_breaks_nothing(command):
    variables = {**os.environ, "PYTHONIOENCODING": "ascii", "LANG": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, *command.split()], capture_output=True, env=variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("ascii")
    assert done.stderr == b""


def test_what_ascii_lacks_has_a_likeness():
    from equivalence.cli import console  # noqa: F401  (registers the handler)

    shown = "≈ ≠ … é".encode("ascii", errors="equivalence-in-ascii")
    assert shown == b"~ != ... ?"


# --------------------------------------------------------------- faults of its own


def test_a_fault_of_the_program_has_its_exit_code_and_one_line(monkeypatch, capsys):
    monkeypatch.setattr("equivalence.cli.parser.pairs", lambda *_: [][0])
    assert main(["pairs"]) == 3
    answer = capsys.readouterr().err
    assert answer.count("\n") == 1
    assert "a fault of this program, IndexError: list index out of range" in answer
    assert "report it" in answer


def test_with_a_switch_a_fault_says_where_it_arose(monkeypatch, capsys):
    monkeypatch.setattr("equivalence.cli.parser.pairs", lambda *_: [][0])
    monkeypatch.setenv("EQUIVALENCE_TRACEBACK", "1")
    assert main(["pairs"]) == 3
    assert "Traceback" in capsys.readouterr().err


# ------------------------------------------------------------------------- files


def test_a_file_that_can_be_written_is_tried_without_a_trace(tmp_path):
    new, old = tmp_path / "new.svg", tmp_path / "old.svg"
    old.write_text("kept")
    files.check_writable(str(new))
    files.check_writable(str(old))
    files.check_writable(None)
    assert not new.exists()
    assert old.read_text() == "kept"


# ------------------------------------------------------------------------ tables


def results():
    spec = Spec(LONGEST, "float32", "keras", "train_on_batch")
    why = {"reason": "the bits part at step 0 in the matmul of Y"}
    numbers = {"epochs": 20, "ulp": 12345.0, "usage": 0.5}
    return [
        Result(spec, ROUNDING_IDENTICAL, True, "parted", **why, **numbers),
        Result(spec, BIT_IDENTICAL, True, "equal", **numbers),
        Result(spec, DIFFERENT, True, "known-defect", "upstream", ("d",), BIT_IDENTICAL),
        Result(spec, OVERFLOW, False, "overflow", "step 3, weights W[0, 0]: inf"),
        Result(spec, KINK, True, "unbounded", "step 3, weights W: a divisor"),
        Result(spec, SKIPPED, True, "not-in-keras", "Keras 3.0 has no such"),
    ]


@pytest.mark.parametrize("width", [80, 90, 100, 140])
def test_at_any_width_names_are_whole_and_why_is_seen(width):
    text = printed(picture.table(results(), long=True), width)
    rows = [line for line in text.splitlines() if LONGEST in line]
    assert len(rows) == len(results())
    assert all("keras/train_on_batch" in row for row in rows)
    assert rows[0].rstrip().endswith(" 1")  # its number among the reasons
    assert "why" in text


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_picture_has_whole_names_that_can_be_typed(width):
    some = results() * 10
    text = printed(picture.table(some), width)
    assert LONGEST in text.split()
    assert max(map(len, text.splitlines())) <= width


def test_both_precisions_of_a_pair_have_its_name():
    specs = [Spec("adam", dtype, "keras", "graph") for dtype in ("float32", "float64")]
    some = [Result(spec, BIT_IDENTICAL, True, "equal") for spec in specs] * 20
    text = printed(picture.table(some))
    assert sum(line.startswith("adam ") for line in text.splitlines()) == 2


def test_the_least_needed_column_goes_first():
    table = FittingTable([Column("name"), Column("b", spare=2), Column("a", spare=1)])
    table.add_row("x" * 10, "y" * 10, "z" * 10)
    assert [c.name for c in table.fitting(40)] == ["name", "b", "a"]
    assert [c.name for c in table.fitting(25)] == ["name", "b"]
    assert [c.name for c in table.fitting(12)] == ["name"]
    assert [c.name for c in table.fitting(5)] == ["name"]


def test_a_known_defect_is_not_shown_as_a_fault():
    known = results()[2]
    assert picture.sign(known).plain == "!"
    assert "red" not in str(picture.sign(known).style)
    wrong = Result(known.spec, DIFFERENT, False, "outside", "here")
    assert "red" in str(picture.sign(wrong).style)
    text = printed(picture.summary([known], 1.0), 200)
    assert "1 different as a known defect has it; all as expected" in text


def test_what_is_not_as_expected_is_always_told():
    gone = Result(results()[0].spec, BIT_IDENTICAL, False, "defect-gone", "d is gone", ("d",))
    assert "d is gone" in printed(picture.differences([gone]))


# ----------------------------------------------------------------------- defects


class Row:
    """A row of the table of defects, in so far as the command reads it."""

    what, where, seen, link, before, repro = "what", "where", "here", "", "3.5", "print(1)"

    def __init__(self, name):
        self.name = name


STATES = ("holds", "holds", "mended", "later", "gone", "does not run")


def defects_in(states, monkeypatch, tmp_path, capsys):
    rows = [Row(f"row-{k}") for k in range(len(states))]
    for table in ("ROWS", "SCHEDULE_ROWS", "FUNCTION_DEFECTS", "DEPARTURES", "SCHEDULE_DEPARTURES"):
        monkeypatch.setattr(f"equivalence.defects.{table}", tuple(rows if table == "ROWS" else ()))
    found = [(row, state, "1 is not 2") for row, state in zip(rows, states)]
    monkeypatch.setattr(holding, "check", lambda asked: found)
    file = tmp_path / "defects.jsonl"
    code = main(["defects", "--json", str(file)])
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return code, capsys.readouterr().out, lines


def test_defects_counts_every_state_apart_and_a_change_is_exit_code_1(
    monkeypatch, tmp_path, capsys
):
    code, out, lines = defects_in(STATES, monkeypatch, tmp_path, capsys)
    assert code == 1
    words = " ".join(out.split())
    assert "2 hold, 1 mended, as their rows say, 1 of what a later Keras has, 1 gone" in words
    assert "1 do not run" in words
    assert "not as their rows say: row-4, row-5" in words
    assert [line["state"] for line in lines[:-1]] == list(STATES)
    assert (lines[-1]["holds"], lines[-1]["gone"], lines[-1]["later"]) == (2, 1, 1)
    assert "schema" in lines[0]


def test_defects_that_are_as_their_rows_say_are_exit_code_0(monkeypatch, tmp_path, capsys):
    assert defects_in(STATES[:4], monkeypatch, tmp_path, capsys)[0] == 0


@pytest.mark.parametrize(
    ("printed_", "state"),
    [
        ("AttributeError: module 'keras.optimizers' has no attribute 'Muon'", holding.LATER),
        ("ImportError: cannot import name 'Muon' from 'keras.optimizers'", holding.LATER),
        ("ValueError: shapes do not fit", holding.BROKEN),
        ("AttributeError: 'NoneType' object has no attribute 'x'", holding.BROKEN),
    ],
)
def test_what_a_version_lacks_is_told_from_what_breaks(printed_, state):
    assert holding._state(Row("r"), False, printed_) == state


# ------------------------------------------------------------- Keras's own settings


@pytest.fixture
def their_keras(tmp_path, monkeypatch):
    home = tmp_path / "keras"
    home.mkdir()
    theirs = {"backend": "jax", "epsilon": 1e-3, "floatx": "float64"}
    theirs["image_data_format"] = "channels_first"
    (home / "keras.json").write_text(json.dumps(theirs))
    monkeypatch.setattr(keras_settings, "_found", None)
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    return home


def test_every_setting_of_their_own_is_said_to_be_overridden(their_keras):
    said = keras_settings.overridden()
    assert len(said) == 5
    for word in ("KERAS_BACKEND=jax", "backend 'jax'", "epsilon 0.001", "floatx 'float64'"):
        assert any(word in sentence for sentence in said)


FOREIGN = """
import os, warnings
def ours():
    return {name: value for name, value in os.environ.items() if name[:3] in ("KER", "TF_")}
def filters():
    return [f for f in map(str, warnings.filters) if "shuffle" in f or "mask" in f]
before = ours()
import equivalence.engines
assert ours() == before
import equivalence
result = equivalence.verify("layer-conv2d", engine="eager", epochs=1)
assert ours() == before
import keras
assert keras.backend.backend() == "tensorflow"
keras.config.set_epsilon(1e-2)
keras.config.set_image_data_format("channels_first")
again = equivalence.verify("layer-conv2d", engine="eager", epochs=1)
assert keras.config.epsilon() == 1e-2
assert keras.config.image_data_format() == "channels_first"
from equivalence.engines import build
assert filters() == []
print(result.agrees, again.agrees)
"""


@pytest.mark.outer
def test_a_users_process_and_its_keras_are_as_they_were_and_runs_are_as_ever(their_keras):
    done = subprocess.run([sys.executable, "-c", FOREIGN], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["True", "True"]


JAX_FIRST = """
import sys, types
keras = types.ModuleType("keras")
keras.backend = types.SimpleNamespace(backend=lambda: "jax")
sys.modules["keras"] = keras
import equivalence
try:
    equivalence.verify("dense-2-2")
except equivalence.Error as error:
    print(error)
"""


@pytest.mark.outer
def test_a_process_whose_keras_is_on_jax_is_answered_in_one_sentence():
    done = subprocess.run([sys.executable, "-c", JAX_FIRST], capture_output=True, text=True)
    assert done.stdout.startswith("Keras runs on jax in this process: "), done.stderr[-2000:]
    assert done.stdout.count("\n") == 1


def test_the_workers_have_keras_as_it_comes(their_keras):
    from equivalence.machine.workers import Workers

    with Workers(1) as pool:
        assert pool.submit(_settings).result() == ("tensorflow", "float32", 1e-7, "channels_last")


def _settings():
    import keras

    config = keras.config
    return keras.backend.backend(), config.floatx(), config.epsilon(), config.image_data_format()


# ---------------------------------------------------------------------- the limit


def test_a_limit_that_is_too_short_costs_the_runs_and_no_more(capsys):
    typed = ["--pair", "dense-1-1", "--twin", "tape", "--engine", "eager", "--dtype", "float32"]
    assert main(["verify", *typed, "--limit", "0.001"]) == 1
    words = " ".join(capsys.readouterr().out.split())
    assert "no answer for 0.001 s" in words and "1 not as expected" in words
