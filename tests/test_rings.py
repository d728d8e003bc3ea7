"""The tests themselves: none imports another, and the inner ring needs no TensorFlow."""

import ast
import os
import subprocess
import sys
from pathlib import Path

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


def environment():
    """Return the variables of a child that finds what this process finds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, (HERE, *filter(None, sys.path))))}
