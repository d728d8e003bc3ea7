"""What Keras takes from the environment and from keras.json, set as all runs have it.

A backend, an epsilon, a precision or an image format of the user's own would change what
a row runs.  A process of ours (a worker, the command) is started with Keras's own settings:
``own_process``.  A user's process is left as it is but for the time of a run:
``as_runs_have_it``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from equivalence.errors import BadInput

# A folder whose keras.json has the settings with which Keras comes.
HOME = Path(__file__).parent / "keras_home"
SETTINGS = json.loads((HOME / "keras.json").read_text(encoding="utf-8"))
VARIABLES = {"KERAS_BACKEND": SETTINGS["backend"], "KERAS_HOME": str(HOME)}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
# What Keras warns of that the runs do on purpose: data in their order, masks that end.
ON_PURPOSE = ("`shuffle=True` was passed", "(?s).*destroy the mask")


def own_process() -> None:
    """Set this process, in which Keras is not imported yet, as all runs have it."""
    global _found
    _found = overridden()
    os.environ.update(VARIABLES)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for message in ON_PURPOSE:
        warnings.filterwarnings("ignore", message=message, category=UserWarning)
    logging.getLogger("tensorflow").setLevel("ERROR")


_found: list[str] | None = None


def overridden() -> list[str]:
    """Return a sentence for every setting of Keras's, of the user's own, that no run has."""
    if _found is not None:
        return _found
    found = []
    backend = os.environ.get("KERAS_BACKEND", SETTINGS["backend"])
    if backend != SETTINGS["backend"]:
        found.append(f"KERAS_BACKEND={backend} is overridden: the runs are on TensorFlow.")
    path = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    try:
        theirs = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return found
    for name, value in SETTINGS.items():
        if theirs.get(name, value) != value:
            words = f"{name} {theirs[name]!r} of {path}"
            found.append(f"{words} is overridden: the runs have {value!r}.")
    return found


@contextmanager
def as_runs_have_it() -> Iterator[None]:
    """Import TensorFlow and Keras, and have Keras set as all runs have it for a while.

    Raises BadInput where this process has imported Keras with another backend.
    """
    with _variables():
        import keras
        import tensorflow as tf
    if keras.backend.backend() != SETTINGS["backend"]:
        raise BadInput(
            f"Keras runs on {keras.backend.backend()} in this process: import it with "
            "KERAS_BACKEND=tensorflow, or import equivalence and verify first"
        )
    config, logger = keras.config, tf.get_logger()
    before = config.epsilon(), config.image_data_format(), config.floatx(), logger.level
    with warnings.catch_warnings():
        for message in ON_PURPOSE:
            warnings.filterwarnings("ignore", message=message, category=UserWarning)
        config.set_epsilon(SETTINGS["epsilon"])
        config.set_image_data_format(SETTINGS["image_data_format"])
        config.set_floatx(SETTINGS["floatx"])
        logger.setLevel("ERROR")  # a runner is built for one shape: to TensorFlow, retracing
        try:
            yield
        finally:
            config.set_epsilon(before[0])
            config.set_image_data_format(before[1])
            config.set_floatx(before[2])
            logger.setLevel(before[3])


@contextmanager
def _variables() -> Iterator[None]:
    """Have the variables of VARIABLES and QUIET while Keras is imported, if it is not yet."""
    if "keras" in sys.modules:
        yield
        return
    wanted = {**QUIET, **VARIABLES}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
