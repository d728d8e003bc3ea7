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

from equivalence.arithmetic.precisions import FORMATS, HALVES, NAMES, POLICIES
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
    global _found, _file
    _found, _file = overridden(), _their_file()
    os.environ.update(VARIABLES)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    for message in ON_PURPOSE:
        warnings.filterwarnings("ignore", message=message, category=UserWarning)
    logging.getLogger("tensorflow").setLevel("ERROR")


_found: list[str] | None = None
_file: Path | None = None


def _their_file() -> Path:
    """Return where the user's keras.json is, as it was before this process had ours."""
    return _file or Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"


def _theirs() -> dict:
    """Return the settings of the user's own keras.json, {} where there are none."""
    try:
        theirs = json.loads(_their_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return theirs if isinstance(theirs, dict) else {}


def overridden() -> list[str]:
    """Return a sentence for every setting of Keras's, of the user's own, that no run has."""
    if _found is not None:
        return _found
    found = []
    backend = os.environ.get("KERAS_BACKEND", SETTINGS["backend"])
    if backend != SETTINGS["backend"]:
        found.append(f"KERAS_BACKEND={backend} is overridden: the runs are on TensorFlow.")
    theirs = _theirs()
    for name, value in SETTINGS.items():
        if theirs.get(name, value) != value:
            words = f"{name} {theirs[name]!r} of {_their_file()}"
            found.append(f"{words} is overridden: the runs have {value!r}.")
    return found


def refuse_policy(policy: str, whose: str) -> None:
    """Raise BadInput for a policy of half precision that is set: a run's is named for itself."""
    if getattr(POLICIES.get(policy), "computes", policy) in HALVES:
        raise BadInput(
            f"{whose} is {policy!r}, which no run takes from there: set {' or '.join(NAMES)}, and "
            f"ask for the dtype {policy!r}, or certify a model that has this policy"
        )


def refuse_their_policy() -> None:
    """Raise BadInput where keras.json asks for half precision."""
    for name, value in _theirs().items():
        if name in ("floatx", "dtype_policy") and isinstance(value, str):
            refuse_policy(value, f"{name} of {_their_file()}")


def set_their_epsilon_and_format() -> None:
    """Set Keras's epsilon and image format as the user's keras.json has them."""
    import keras

    theirs = _theirs()
    setters = {
        "epsilon": keras.config.set_epsilon,
        "image_data_format": keras.config.set_image_data_format,
    }
    for name, setter in setters.items():
        if name in theirs:
            try:
                setter(theirs[name])
            except (TypeError, ValueError) as error:
                words = " ".join(str(error).split())
                raise BadInput(f"{_their_file()}: {name} {theirs[name]!r}: {words}") from None


def their_floatx() -> str:
    """Return the floatx of the user's keras.json, or that with which Keras comes."""
    value = _theirs().get("floatx", SETTINGS["floatx"])
    return value if value in FORMATS else SETTINGS["floatx"]


@contextmanager
def under(policy: str) -> Iterator[None]:
    """Have a policy of POLICIES, and its variables' precision, as Keras's own for a while."""
    import keras

    before = keras.config.dtype_policy().name, keras.config.floatx()
    keras.config.set_floatx(POLICIES[policy].variables)
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_floatx(before[1])
        keras.config.set_dtype_policy(before[0])


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
    refuse_policy(config.dtype_policy().name, "Keras's dtype policy in this process")
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
