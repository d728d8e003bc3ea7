"""The rings of the tests: without TensorFlow, the default, for every commit, and all.

The inner ring is ``pytest -m "not tensorflow"``, which needs no TensorFlow.  A file that needs it
says so in a line of its own, OF_TENSORFLOW, and is not even imported there; in other files single
tests have the mark.  In the inner ring TensorFlow cannot be imported at all, so a test without
the mark that needs it fails there.

The default ring has what is not ``outer`` (``helpers.turns``).  What is asked for by name, as
``file.py::test``, and what failed last where that is asked for (``--lf``), runs in every ring.
"""

import sys
from importlib.abc import MetaPathFinder

from helpers.turns import RING

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


def is_left_out(item, config):
    """Say whether the ring of this run leaves a test out that was collected."""
    if RING != "default" or item.get_closest_marker("outer") is None:
        return False
    if any(is_named(item, argument, config) for argument in config.args):
        return False
    if not getattr(config.option, "lf", False):  # no such option without pytest's cache
        return True
    return item.nodeid not in config.cache.get("cache/lastfailed", {})


def is_named(item, argument, config):
    """Say whether what was typed, ``file.py::test``, names a test or all of its cases."""
    file, _, name = argument.partition("::")
    path = (config.invocation_params.dir / file).resolve()
    return bool(name) and path == item.path and item.nodeid.partition("::")[2].startswith(name)


def sentence(left_out, collected):
    """Say what the default ring leaves out, and what runs it."""
    return (
        f"default ring: {collected - left_out:,} of {collected:,} cases; "
        "HYPOTHESIS_PROFILE=ci make test runs the rest"
    )
