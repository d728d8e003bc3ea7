"""The inner ring of the tests: ``pytest -m "not tensorflow"``, which needs no TensorFlow.

A file that needs TensorFlow says so in a line of its own, OF_TENSORFLOW, and is not even imported
in the inner ring; in other files single tests have the mark.  In the inner ring TensorFlow cannot
be imported at all, so a test without the mark that needs it fails there.
"""

import sys
from importlib.abc import MetaPathFinder

INNER = "not tensorflow"
OF_TENSORFLOW = "pytestmark = pytest.mark.tensorflow\n"


def needs_tensorflow(path):
    """Say whether the file's tests are all of TensorFlow's ring."""
    return path.suffix == ".py" and f"\n{OF_TENSORFLOW}" in path.read_text(encoding="utf-8")


class NoTensorFlow(MetaPathFinder):
    """Refuses to import TensorFlow and Keras."""

    def find_spec(self, name, path=None, target=None):
        if name in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"no {name} in the inner ring of the tests", name=name)


def keep_tensorflow_out():
    """Let no module of this process import TensorFlow from now on."""
    sys.meta_path.insert(0, NoTensorFlow())
