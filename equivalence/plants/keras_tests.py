"""Do the tests that Keras ships with find the defects that are planted in Keras?

Each defect gets a Python process of its own, in which Keras is imported with the defect
in it and pytest runs ``keras/src/optimizers/*_test.py`` until a test fails: of a defect in
an optimizer's file the tests that name the optimizer, of a defect in a base class all.
"""

import os
import pickle
import subprocess
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

LONGEST = 600  # seconds for one process

PROGRAM = "import sys; from equivalence.plants.keras_tests import main; sys.exit(main())"


def finds(plant):
    """Say whether one of Keras's tests fails with the defect planted; None plants nothing.

    Raises RuntimeError where the tests do not run.
    """
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    alone = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=pickle.dumps(plant),
        capture_output=True,
        timeout=LONGEST,
        env=os.environ | quiet | alone,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError((done.stdout + done.stderr).decode(errors="replace")[-300:])
    return done.returncode == 1


def main():
    """Run the tests in this process, with the plant that comes through its input."""
    import pytest

    from equivalence.plants.planting import PlantedFile

    plant = pickle.load(sys.stdin.buffer)
    files = [str(file) for file in test_files(plant)]
    alone = ["-c", os.devnull, "--noconftest", "--rootdir", str(_folder())]
    with PlantedFile(plant) if plant else nullcontext():
        return pytest.main(["-x", "-q", "-p", "no:cacheprovider", *alone, *files])


def test_files(plant):
    """Return the files of Keras's tests that can find a defect, the likeliest first."""
    files = sorted(_folder().glob("*_test.py"))
    stem = Path(plant.file).stem if plant else "optimizer"
    if "optimizer" not in stem:
        files = [file for file in files if stem in file.read_text(encoding="utf-8").lower()]
    own = {f"{stem}_test.py", f"{stem.removeprefix('base_')}_test.py"}
    return sorted(files, key=lambda file: file.name not in own)


def _folder():
    return Path(find_spec("keras").origin).parent / "src" / "optimizers"
