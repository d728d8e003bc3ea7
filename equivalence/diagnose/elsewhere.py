"""A model's free run in another process, in which oneDNN is on where it is off here, or off."""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

SWITCH = "TF_ENABLE_ONEDNN_OPTS"
SECONDS = 120


def turned():
    """Return the switch's value in the other process: what it is not here, on where nobody says."""
    return "1" if os.environ.get(SWITCH, "1") == "0" else "0"


def run_elsewhere(model, side, row):
    """Return the weights behind each step of a model's run with oneDNN the other way round.

    row: whether its layers are in a row.  Raises OSError or ValueError where the model cannot be
    saved, or not be loaded without the code that it is of.
    """
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder, "model.keras"))
        asked = {"given": side.given, "shapes": side.shapes, "row": row}
        Path(folder, "asked.pickle").write_bytes(pickle.dumps(asked))
        done = subprocess.run(
            [sys.executable, "-m", "equivalence.diagnose.elsewhere", folder],
            env=os.environ | {SWITCH: turned(), "CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise OSError("the model cannot be run in another process")
        with np.load(Path(folder, "runs.npz")) as found:
            count = len(side.shapes)
            flat = [found[str(k)] for k in range(len(found.files))]
    return [tuple(flat[k : k + count]) for k in range(0, len(flat), count)]


def main(folder):
    """Run the model of a folder on what is asked there, and write its weights beside it."""
    import keras

    from equivalence.diagnose import keras_sides

    model = keras.models.load_model(Path(folder, "model.keras"))
    asked = pickle.loads(Path(folder, "asked.pickle").read_bytes())
    side = SimpleNamespace(given=asked["given"], shapes=asked["shapes"])
    runs = keras_sides.row_run(model, side) if asked["row"] else keras_sides.free_run(model, side)
    flat = [array for step in runs for array in step]
    np.savez(Path(folder, "runs.npz"), **{str(k): array for k, array in enumerate(flat)})


if __name__ == "__main__":
    main(sys.argv[1])
