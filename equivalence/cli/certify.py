"""The command ``certify``: somebody's own training step, operation by operation."""

import os
import warnings

from equivalence.cli.console import without_notices
from equivalence.cli.diagnose import named
from equivalence.cli.files import check_writable
from equivalence.errors import BadInput, choose
from equivalence.machine import keras_settings

SAVED = (".keras", ".h5")
# What Keras says of a file that needs code of the user's -> what that is.
ASKING_FOR_CODE = {
    "Lambda": "holds Python code in a Lambda layer",
    "Could not locate": "needs custom objects",
    "registered": "needs custom objects",
    "Unknown layer": "needs custom objects",
}
ENDINGS = "FILE.py:NAME, a compiled model or a function that returns one, or FILE.keras"


def certify_step(options, console, errors):
    """The command ``certify``: 0 where every number of every step is certified, else 1."""
    from equivalence.graph.certify import certify
    from equivalence.graph.page import write_page
    from equivalence.graph.terminal import as_renderable
    from equivalence.graph.unobserved import NAMES
    from equivalence.judge.verdict import ROUNDING_IDENTICAL
    from equivalence.results.journal import Journal

    check_writable(options.html)
    engines = choose("engine", options.engine or ["graph"], NAMES)
    with without_notices():
        import keras
        import tensorflow as tf

        tf.constant(keras.config.epsilon())
        keras.config.set_floatx(keras_settings.their_floatx())
        keras_settings.set_their_epsilon_and_format()
    model, given = _brought(options.model)
    x, y, weights = _data(options.data) if options.data else given or (None, None, None)
    if x is None:
        raise BadInput(
            f"{options.model} comes without data: give --data FILE.npz, with x and y, or have it "
            "return (model, x, y)"
        )
    reports = []
    with Journal(options.json, plan={}) as journal:
        for engine in engines:
            with errors.status(f"certifying, engine {engine}"):
                report = certify(
                    model,
                    x,
                    y,
                    options.steps,
                    weights,
                    options.batch_size,
                    engine,
                    watch=options.watch,
                )
            console.print(as_renderable(report), highlight=False)
            journal.add_record(report.as_dict())
            reports.append(report)
    if options.html:
        try:
            write_page(reports, options.html)
        except OSError as error:
            raise BadInput(f"cannot write {options.html!r}: {error.strerror}") from None
        console.print(f"wrote {options.html}", markup=False)
    fine = all(each.verdict == ROUNDING_IDENTICAL and each.complete for each in reports)
    return 0 if fine else 1


def _brought(text):
    """Return what MODEL names, and data where it comes with some: (model, (x, y, weights))."""
    if text.endswith(SAVED):
        return _saved(text), None
    if not text.rpartition(":")[0].endswith(".py"):
        raise BadInput(f"{text!r} is no model: give {ENDINGS}")
    found = named(text)
    if callable(found) and not _is_model(found):
        try:
            found = found()
        except Exception as error:  # somebody's function may raise anything
            words = " ".join(str(error).split())
            raise BadInput(f"{text} raised {type(error).__name__}: {words}") from error
    model, *data = found if isinstance(found, tuple) else (found,)
    if len(data) > 3:
        raise BadInput(f"{text} returns {len(data) + 1} things: give model, x, y and weights")
    return model, (*data, None, None, None)[:3] if data else None


def _is_model(found):
    import keras

    return isinstance(found, keras.Model)


def _saved(path):
    """Return a saved model, without running code that it may hold."""
    import keras

    if not os.path.exists(path):
        raise BadInput(f"cannot read {path!r}: no such file")
    try:
        with warnings.catch_warnings():
            # What an optimizer had made is not saved where it had not begun.
            warnings.filterwarnings("ignore", "Skipping variable loading", UserWarning)
            return keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a file may hold anything
        words = " ".join(str(error).split())
        for sign, why in ASKING_FOR_CODE.items():
            if sign in words:
                raise BadInput(
                    f"{path!r} {why}, which no saved file is asked to run: give FILE.py:NAME, a "
                    "function that builds the model"
                ) from None
        raise BadInput(f"{path!r} is no model that Keras can load: {words[:300]}") from None


def _data(path):
    """Return x, y and weights of an .npz file; ``x.NAME`` is the input of that name."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    except OSError as error:
        raise BadInput(f"cannot read {path!r}: {error.strerror or error}") from None
    except (ValueError, EOFError, AttributeError, TypeError) as error:
        raise BadInput(f"{path!r} is no .npz file of numbers: {error}") from None
    found = {}
    for name, array in arrays.items():
        part, _, inner = name.partition(".")
        part = {"inputs": "x", "targets": "y", "sample_weight": "weights"}.get(part, part)
        if part not in ("x", "y", "weights"):
            raise BadInput(f"{path!r} has {name!r}: the names are x, y, weights, or x.NAME")
        if inner:
            found.setdefault(part, {})[inner] = array
        else:
            found[part] = array
    if "x" not in found:
        raise BadInput(f"{path!r} has no x: it has {', '.join(arrays) or 'nothing'}")
    return found["x"], found.get("y"), found.get("weights")
