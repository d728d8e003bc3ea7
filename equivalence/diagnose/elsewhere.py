"""A model's free run in a worker process, in which oneDNN is on where it is off here, or off."""

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

from equivalence.machine.workers import Workers

SWITCH = "TF_ENABLE_ONEDNN_OPTS"
SECONDS = 120


def turned():
    """Return the switch's value in the other process: what it is not here, on where nobody says."""
    return "1" if os.environ.get(SWITCH, "1") == "0" else "0"


def run_elsewhere(model, side, row):
    """Return the weights behind each step of a model's run with oneDNN the other way round.

    row: whether its layers are in a row.  Raises OSError or ValueError where the model cannot be
    saved, and what the worker raised where it cannot be loaded without the code that it is of.
    """
    setting = (("onednn", "on" if turned() == "1" else "off"),)
    with tempfile.TemporaryDirectory() as folder, Workers(1, limit=SECONDS) as pool:
        file = Path(folder, "model.keras")
        model.save(file)
        return pool.submit(
            run_saved, str(file), side.given, side.shapes, row, setting=setting
        ).result()


def run_saved(file, given, shapes, row):
    """Return the weights behind each step of a saved model on the data of ``given``, on a CPU."""
    import keras
    import tensorflow as tf

    from equivalence.diagnose import keras_sides

    side = SimpleNamespace(given=given, shapes=shapes)
    with tf.device("CPU:0"):
        model = keras.models.load_model(file)
        return keras_sides.row_run(model, side) if row else keras_sides.free_run(model, side)
