"""The tests themselves: none imports another, and the inner ring needs no TensorFlow."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import rings

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.py"))
STEMS = {file.stem for file in FILES if file.stem.startswith("test_")}


def imported(source):
    """Return the modules that a source imports, wherever in it."""
    nodes = [*ast.walk(ast.parse(source))]
    plain = [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    return {*plain, *(node.module for node in nodes if isinstance(node, ast.ImportFrom))}


def test_no_file_imports_a_test_file():
    found = {file.name: imported(file.read_text(encoding="utf-8")) & STEMS for file in FILES}
    assert {name: stems for name, stems in found.items() if stems} == {}
    assert imported("def f():\n    from test_rings import x") & STEMS  # which is what is looked for


def test_an_import_of_tensorflow_fails_in_the_inner_ring():
    program = "from helpers.rings import keep_tensorflow_out as out; out(); import refimpl; "
    command = [sys.executable, "-c", program + "import tensorflow"]
    done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert "no tensorflow in the inner ring" in done.stderr


@pytest.mark.outer  # the inner ring collects itself so
def test_the_inner_ring_is_collected_where_there_is_no_tensorflow():
    """The options of pytest keep it out, as if it were not installed."""
    options = ["-m", rings.INNER, "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=HERE.parent,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    collected = {Path(line.partition("::")[0]).name for line in done.stdout.splitlines()}
    assert {"test_arithmetic.py", "test_reader.py", "test_rings.py"} <= collected
    assert "test_layers.py" not in collected


# A test of three cases, one of them outer, in a folder of its own with our conftest.py.
OUTER = """
import pytest

@pytest.mark.parametrize("n", [1, 2, pytest.param(3, marks=pytest.mark.outer)])
def test_n(n):
    assert n < 3
"""
LINE = "default ring: 2 of 3 cases; HYPOTHESIS_PROFILE=ci make test runs the rest"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = outer: x\n", encoding="utf-8")
    (tmp_path / "test_three.py").write_text(OUTER, encoding="utf-8")
    shutil.copy(HERE / "conftest.py", tmp_path)
    return tmp_path


# Runs pytest once for each [ring, options], in one process.
RUNS = """
import json, sys
import pytest
from helpers import rings

for number, (rings.RING, options) in enumerate(json.loads(sys.argv[1])):
    print(f"run {number}")
    pytest.main(["-rA", *options])
"""


def ran(folder, *runs):
    """Run pytest in a folder with the options of each run; yield (tests' outcomes, printed)."""
    variables = {**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    variables.pop("HYPOTHESIS_PROFILE", None)
    done = subprocess.run(
        [sys.executable, "-c", RUNS, json.dumps(runs)],
        cwd=folder,
        env=variables,
        capture_output=True,
        encoding="utf-8",
    )
    _, *printed = re.split(r"^run \d$", done.stdout, flags=re.MULTILINE)
    for text in printed:
        words = [line.split()[:2] for line in text.splitlines()]
        yield {w[1][-2]: w[0] for w in words if w[1:] and w[0] in ("PASSED", "FAILED")}, text


PASSED = {"1": "PASSED", "2": "PASSED"}
ALL = {**PASSED, "3": "FAILED"}


def test_what_is_named_and_what_failed_last_runs_in_every_ring(folder):
    """And the default ring says what it leaves out."""
    named = ["test_three.py::test_n[3]"]
    runs = [["default", named], ["default", ["--lf"]], ["ci", []], ["default", []]]
    only, again, ci, default = ran(folder, *runs)
    assert only[0] == again[0] == {"3": "FAILED"}
    assert ci[0] == ALL
    assert "default ring" not in ci[1]
    assert default[0] == PASSED
    assert default[1].count(LINE) == 1


def test_the_default_ring_says_once_what_its_workers_leave_out(folder):
    ((found, printed),) = ran(folder, ["default", ["-p", "xdist", "-n", "1"]])
    assert found == PASSED
    assert printed.count(LINE) == 1


# Prints what is collected: file, test, the rows and words among its parameters, and its ring.
COLLECT = """
import json, sys
import pytest

class Plugin:
    def pytest_collection_finish(self, session):
        word = lambda value: value if isinstance(value, str) else str(getattr(value, "name", ""))
        for item in session.items:
            values = [*item.callspec.params.values()] if hasattr(item, "callspec") else []
            values += [part for value in values if isinstance(value, tuple) for part in value]
            words = [word(value) for value in values]
            outer = item.get_closest_marker("outer") is not None
            print(json.dumps(["case", item.path.name, item.originalname, words, outer]))

sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider"], [Plugin()]))
"""
# Tests of tables that do not run their rows in an engine.
NUMPY_ALONE = {
    "test_arithmetic.py", "test_exact_gradients.py", "test_listing.py", "test_listings.py",
    "test_nudges.py", "test_pictures.py", "test_reader.py", "test_select.py", "test_texts.py",
    "test_twins_in_step.py",
}  # fmt: skip


@pytest.mark.outer
@pytest.mark.tensorflow
def test_the_default_ring_runs_each_row_each_engine_and_each_precision_that_ci_runs():
    from equivalence.engines.table import NAMES
    from equivalence.pairs.table import PAIRS

    done = subprocess.run(
        [sys.executable, "-c", COLLECT],
        cwd=HERE.parent,
        env={**environment(), "HYPOTHESIS_PROFILE": "ci"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith('["case"')]
    every, inner = set(), set()
    for _, file, test, words, outer in map(json.loads, lines):
        if file not in NUMPY_ALONE and "gradient_is_a_derivative" not in test:
            every |= {*words}
            inner |= set() if outer else {*words}
    asked = {*PAIRS, *NAMES, "float32", "float64"}
    assert every & asked == inner & asked
    assert len(every & {*PAIRS}) > 300 and every > {"eager", "graph", "xla", "fit", "float64"}


def environment():
    """Return the variables of a child that finds what this process finds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, (HERE, *filter(None, sys.path))))}
