"""The training step of somebody's model, or of a function, and the batches that it takes.

The step is the model's own ``train_step``: its compiled loss, penalties, sample weights,
optimizer and metrics, whatever they are.
"""

import inspect
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.errors import BadInput

BATCH = 32
OF_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
COLOURS = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True)
class TrainingStep:
    """What is traced: a function of one batch.

    function: takes the batch's parts one by one.
    layers: the Keras model's layers, () for a function.
    optimizer: the name of the scope of its operations, "" where there is none.
    autograph: whether Python's loops and conditions on tensors become those of the graph.
    inlines: whether what it calls as a ``tf.function`` is a part of it, and not called.
    data: what makes of a batch's parts the one thing that a model's ``train_step`` takes.
    """

    function: Any
    layers: tuple = ()
    optimizer: str = ""
    autograph: bool = False
    inlines: bool = True
    data: Any = tuple


def of_model(model, batch, data=None):
    """Return the TrainingStep of a compiled Keras model, built for a batch.

    data: how the batch is handed over, None for as ``fit`` does it of arrays.

    Raises BadInput for a model that is not compiled, and where the batch does not fit it.
    """
    if not getattr(model, "compiled", False):
        raise BadInput(
            f"the model {model.name!r} is not compiled: call model.compile(optimizer, loss) first"
        )
    data = data or _as_data
    try:
        with fitting(model.name):
            model._symbolic_build(data_batch=data(batch))
    except BadInput:
        # A step of one's own may use a model otherwise than it is called; tracing builds it then.
        if type(model).train_step is _plain_step():
            raise

    step = undecorated(model.train_step)

    def function(*parts):
        return step(data(parts))

    optimizer = getattr(model.optimizer, "name", "")
    return TrainingStep(function, tuple(model._flatten_layers()), optimizer, data=data)


def _plain_step():
    import keras

    return keras.Model.train_step


def of_function(function, batch):
    """Return the TrainingStep of a function of tensors that trains tf.Variables.

    Where a tuple or list alone is given, and the function takes as many tensors as it has, each is
    an argument.
    """
    step = undecorated(function)
    if len(batch) == 1 and isinstance(batch[0], tuple | list) and _takes(step, len(batch[0])):
        return TrainingStep(lambda parts: step(*parts))
    return TrainingStep(step)


def _takes(function, count):
    """Say whether a function takes so many arguments, and no other number of them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [p for p in parameters if p.kind in OF_PLACE and p.default is p.empty]
    return count == len(needed) > 1


def undecorated(function):
    """Return what a ``tf.function`` was made of, so that its operations are the step's own."""
    import tensorflow as tf

    if isinstance(function, tf.types.experimental.PolymorphicFunction):
        return getattr(function, "python_function", function)
    return function


def fitting(name):
    """Say in one sentence what a model or function had against its data."""
    return _in_a_sentence(f"{name!r} cannot take this batch")


@contextmanager
def running(name):
    """Say in one sentence what a kernel had against the numbers of a batch."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        raise BadInput(f"{name!r} cannot run this batch: {_said(error)}") from error


def running_unobserved(name, engine):
    """Say in one sentence that a step cannot be run so, as where it is for graphs alone."""
    return _in_a_sentence(f"engine={engine!r} cannot run {name!r}")


@contextmanager
def _in_a_sentence(words):
    try:
        yield
    except (BadInput, KeyboardInterrupt):
        raise
    except Exception as error:
        raise BadInput(f"{words}: {_said(error)}") from error


def _said(error):
    """Return an error in one line: its kind, and what it says without colours."""
    words = " ".join(COLOURS.sub("", str(error)).split())
    return f"{type(error).__name__}: {words[:400]}"


def _as_data(parts):
    """Return a batch as ``fit`` gives it to ``train_step``: (x, y, weights), without what is None.

    x without y is given alone, unless it is a tuple or list itself
    (keras/src/trainers/data_adapters/data_adapter_utils.py, pack_x_y_sample_weight).
    """
    if len(parts) == 1 and not isinstance(parts[0], tuple | list):
        return parts[0]
    return tuple(parts)


def weights_of_classes(class_weight, y):
    """Return each sample's weight as ``fit`` makes it of a dict of classes' weights; others have 1.

    y: labels, (samples,) or (samples, 1), or rows of which the largest number's place is one.
    """
    if not isinstance(y, np.ndarray):
        raise BadInput("class_weight needs one array of labels as y: give sample_weight instead")
    labels = np.argmax(y, axis=-1) if y.ndim > 1 and y.shape[-1] != 1 else y.reshape(y.shape[:1])
    labels = np.round(labels).astype(int)
    if labels.ndim != 1:
        raise BadInput(f"class_weight weighs samples, and y has the shape {y.shape}")
    return np.array([class_weight.get(int(label), 1.0) for label in labels], np.float32)


class Batches:
    """Arrays of samples in batches, in their order, from the first again where they end.

    parts: x, y, and perhaps sample weights; each an array, or arrays in tuples, lists and
        dicts.  Floats become ``floatx``, as ``fit`` makes them.
    """

    def __init__(self, parts, size, floats):
        import tensorflow as tf

        self.parts = tuple(
            tf.nest.map_structure(lambda a: _checked(a, floats), part) for part in parts
        )
        counts = {len(array) for array in tf.nest.flatten(self.parts)}
        if len(counts) != 1:
            raise BadInput(
                f"the arrays have {' and '.join(map(str, sorted(counts)))} samples: "
                "give as many of each"
            )
        (self.samples,) = counts
        if self.samples == 0:
            raise BadInput("there are no samples: give at least one")
        self.size = min(size, self.samples)
        self.count = self.samples // self.size
        self.uneven = bool(self.samples % self.size)

    def __getitem__(self, step):
        """Return the parts of one batch as tensors."""
        import tensorflow as tf

        start = (step % self.count) * self.size
        cut = lambda array: tf.constant(array[start : start + self.size])
        return tuple(tf.nest.map_structure(cut, part) for part in self.parts)


def _checked(array, floats):
    """Return what a user gave as an array that a step can take, or raise BadInput."""
    if hasattr(array, "__next__") or hasattr(array, "element_spec"):
        raise BadInput(
            f"{type(array).__name__} may have no end: give arrays, as of the first batches that "
            "it gives (np.concatenate, itertools.islice, .take)"
        )
    if np.isscalar(array) and not isinstance(array, str):
        raise BadInput(
            f"a number alone, {array!r}, is no array of samples, and lists of numbers are taken "
            "for lists of inputs: give NumPy arrays (np.asarray)"
        )
    array = np.asarray(array)
    if _is_of_texts(array):
        return array.astype(object)
    if array.dtype.kind not in "fiubc" or array.ndim == 0:
        raise BadInput(
            "data must be arrays of numbers, or of texts, with samples along the first axis: "
            f"{array!r:.60}"
        )
    if array.dtype.kind == "f":
        wrong = ~np.isfinite(array)
        if wrong.any():
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise BadInput(
                f"the data have {array[index]} at {list(index)}: nothing can be said of a step "
                "from it"
            )
        array = array.astype(floats)
    return array


def _is_of_texts(array):
    """Say whether an array has texts alone, as layers take them that look words up."""
    if array.ndim == 0 or array.dtype.kind not in "OSU":
        return False
    return all(isinstance(each, str | bytes) for each in array.flat)
