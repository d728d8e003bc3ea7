"""Keras's own objects as those of ``refimpl``: an optimizer, a schedule, a loss, a layer, a model.

Each twin in ``tfimpl`` says which class of Keras it is (``tfimpl/counterpart.py``), by which it
makes Keras's object; here the same is read the other way: from the class and the configuration
that Keras gives of an object to the twin, and its fields.  An object that has no twin, or an
option in force that its twin lacks, raises NoTwin.
"""

import inspect
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, partial
from importlib import import_module

import keras
import numpy as np

from equivalence import trees
from equivalence.errors import BadInput
from tfimpl.counterpart import function_of, name_of, options_of


class NoTwin(BadInput):
    """Keras has an object for which ``refimpl`` has none; the message says which."""


# Options that say how an object starts, is called and placed, and not what it computes.
OF_NO_MATHEMATICS = (
    *("name", "trainable", "dtype", "seed", "input_shape", "batch_input_shape", "autocast"),
    *("implementation", "unroll", "use_cudnn", "jit_compile", "synchronized", "input_length"),
)
# What a step starts from, and what it ends with: recorded, and held by others.
AROUND_A_STEP = ("_initializer", "_constraint")
# What Keras's configurations say of an option whose default is None.
UNLESS_SAID = {"data_format": "channels_last"}


def twin_of(theirs):
    """Return the twin of an object of Keras's that is a part: of an optimizer, of a layer."""
    kinds = (
        (keras.optimizers.schedules.LearningRateSchedule, schedule_twin),
        (keras.optimizers.Optimizer, optimizer_twin),
        (keras.regularizers.Regularizer, regularizer_twin),
        (keras.layers.Layer, layer_twin),
    )
    reads = (read for kind, read in kinds if isinstance(theirs, kind))
    return next(reads, activation_twin)(theirs)


def schedule_twin(schedule):
    """Return the twin of a keras.optimizers.schedules.LearningRateSchedule."""
    return _read(schedule, "schedules")


def optimizer_twin(optimizer):
    """Return the twin of a keras.optimizers.Optimizer."""
    return _read(optimizer, "optimizers")


def regularizer_twin(regularizer):
    """Return the twin of a keras.regularizers.Regularizer."""
    return _read(regularizer, "regularizers")


# ------------------------------------------------- what the twins say, read the other way


@cache
def _kinds(room):
    """Return {class of Keras: the twins in a room of ``tfimpl``, those of fewest options first}."""
    found = {}
    for kind in vars(import_module(f"tfimpl.{room}")).values():
        here = isinstance(kind, type) and kind.__module__.startswith(f"tfimpl.{room}.")
        if here and getattr(kind, "in_keras", None):
            names = [name_of(kind), *kind.in_keras.also]
            if room == "activations":  # a function, and its class may be a layer
                names = [function_of(kind), kind.__name__, *kind.in_keras.also]
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(kind)
    return {name: sorted(kinds, key=lambda k: len(options_of(k))) for name, kinds in found.items()}


def names_with_twins(room):
    """Return the names of Keras's classes that have a twin in a room of ours.

    Layers that are activations have theirs among these.
    """
    names = set(_kinds(room))
    return names | set(_kinds("activations")) | {"Activation"} if room == "layers" else names


def _read(theirs, room):
    """Return the twin of an object of Keras's own, from a room of ours."""
    name = type(theirs).__name__
    kinds = _kinds(room).get(name, ())
    if not kinds or not is_of_keras(theirs):
        raise NoTwin(f"there is no mathematics of the {room.removesuffix('s')} {name}")
    return _first(kinds, theirs, _config(theirs))


def _first(kinds, theirs, config):
    """Return the twin of the first kind that an object with such a configuration is."""
    why = NoTwin("no twin has these options together")
    for kind in kinds:
        constants = kind.in_keras.constants
        if {name: config.get(name) for name in constants} == constants:
            try:
                return _as(kind, theirs, config)
            except NoTwin as error:
                why = error
    raise why


def is_of_keras(thing):
    """Say whether an object's class is Keras's own, and not somebody's of the same name."""
    return type(thing).__module__.partition(".")[0] == "keras"


def _config(theirs):
    """Return the options of an object; those of a loss's function, too, as Huber's delta."""
    try:
        return {**theirs.get_config(), **getattr(theirs, "_fn_kwargs", {})}
    except NotImplementedError:  # Keras's answer for a class of one's own with arguments
        raise NoTwin(f"{type(theirs).__name__} does not say how it is configured") from None


def _as(kind, theirs, config):
    """Return an object as a twin of one kind; raise NoTwin where it has an option that lacks."""
    own = {option: name for name, option in options_of(kind).items()}
    known = (*own, *kind.in_keras.constants, *kind.in_keras.unread)
    for option, value in config.items():
        if option not in known and _in_force(theirs, option, value):
            raise NoTwin(f"its twin has no {option}={value!r}")
    given = {own[k]: _value(theirs, k, v) for k, v in config.items() if k in own}
    if not isinstance(given.get("seed", 0), int):  # a random one
        del given["seed"]
    if given.get("stateful") and getattr(theirs, "states", None):
        given["batch_size"] = theirs.states[0].shape[0]
    return getattr(trees.reference(), kind.__name__)(**given)


def _in_force(theirs, option, value):
    """Say whether an option that a twin lacks is set, and counts."""
    if option in OF_NO_MATHEMATICS or option.endswith(AROUND_A_STEP):
        return False
    make = theirs if inspect.isfunction(theirs) else type(theirs).__init__
    usual = inspect.signature(make).parameters
    plain = usual[option].default if option in usual else None
    plain = UNLESS_SAID.get(option) if plain is None else plain
    return value != plain and bool(value or plain)


def _value(theirs, option, value):
    """Return an option's value as a twin has it: tuples, decimals, twins."""
    if isinstance(value, (dict, str)):
        part = getattr(theirs, f"_{option}", None) or getattr(theirs, option, None)
        if part is None and isinstance(value, dict):  # Bidirectional has them by other names
            part = keras.saving.deserialize_keras_object(value)
        if callable(part) or isinstance(part, keras.optimizers.Optimizer):
            if option.endswith("layer") and is_activation(part):
                raise NoTwin(
                    f"there is no mathematics of {type(theirs).__name__} around an activation"
                )
            twin = twin_of(part)
            both = isinstance(theirs, keras.layers.Bidirectional)
            if both and isinstance(twin, trees.reference().Regularized):
                raise NoTwin(
                    "there is no mathematics of Bidirectional around a layer with penalties"
                )
            return twin
    # A regularizer's factors are float32 in any precision.
    exact = _exact.get() and not isinstance(theirs, keras.regularizers.Regularizer)
    return _plain(value, (lambda v: v) if exact else decimal)


def _plain(value, read):
    if isinstance(value, (list, tuple)):
        return tuple(_plain(v, read) for v in value)
    return read(value)


_exact = ContextVar("exact", default=False)


@contextmanager
def read_for(dtype):
    """Within, have the options of what computes in float64 as they are, which may be float32's."""
    before = _exact.set(dtype == "float64")
    try:
        yield
    finally:
        _exact.reset(before)


def decimal(value):
    """Return a number that Keras holds in float32 as the decimal that was meant, 0.1 for 0.1."""
    narrow = np.float32(value) if isinstance(value, (float, np.floating)) else None
    # As float64: NumPy rounds a Python float beside a float32 before it compares the two.
    return value if narrow is None or float(narrow) != float(value) else float(str(narrow))


# --------------------------------------------------------------------------- activations


def activation_twin(activation):
    """Return the twin of an activation: a function of Keras, its name, or a layer of one.

    A function may have options: ``partial(keras.activations.elu, alpha=0.5)``.
    """
    if isinstance(activation, keras.layers.Activation):
        return activation_twin(activation.activation)
    if isinstance(activation, keras.layers.Layer):
        return _read(activation, "activations")
    options = {}
    if isinstance(activation, partial) and not activation.args:
        activation, options = activation.func, activation.keywords
    if activation is None or isinstance(activation, str):
        activation = keras.activations.get(activation)
    name = getattr(activation, "__name__", "")
    if getattr(keras.activations, name, None) is not activation:
        raise NoTwin(f"there is no mathematics of the activation {name or activation!r}")
    kinds = _kinds("activations").get(name)
    if not kinds:
        raise NoTwin(f"there is no mathematics of the activation {name}")
    return _first(kinds, activation, options)


def is_activation(layer):
    """Say whether a layer of Keras's is an activation, as keras.layers.ReLU."""
    return isinstance(layer, keras.layers.Activation) or type(layer).__name__ in _kinds(
        "activations"
    )


# -------------------------------------------------------------------------------- losses


def loss_twin(loss, activation):
    """Return (activation, loss) or a pair that belongs together, as an output of ``refimpl``.

    activation: of the last layer, whose logits Keras's cross-entropies take.
    """
    m, loss = trees.reference(), keras.losses.get(loss)
    if not isinstance(loss, keras.losses.Loss):
        loss = _of_function(loss)
    elif type(loss).__name__ == "LossFunctionWrapper" and not loss._fn_kwargs:
        loss = _of_function(loss.fn, reduction=loss.reduction)
    name, config = type(loss).__name__, _config(loss)
    if "reduction" in config:  # which None and "none" leave out alike
        config["reduction"] = config["reduction"] or "none"
    kinds = _kinds("losses").get(name, ())
    if not kinds or not is_of_keras(loss):
        raise NoTwin(f"there is no mathematics of the loss {name}")
    behind = [kind for kind in kinds if kind.in_keras.behind == getattr(activation, "name", None)]
    if behind and not config["from_logits"]:
        twin = _first(behind, loss, {**config, "from_logits": True})
        whole = (
            m.SoftmaxOutput() if isinstance(twin, m.CategoricalCrossentropy) else m.SigmoidOutput()
        )
        return replace(whole, activation=activation, loss=twin)
    of_outputs = [k for k in kinds if not k.in_keras.behind or k.in_keras.constants]
    return m.Output(activation, _first(of_outputs, loss, config))


def _of_function(function, **options):
    """Return the loss object of a function, as keras.losses.mean_squared_error's."""
    wanted = getattr(function, "__name__", "").replace("_", "")
    if getattr(keras.losses, getattr(function, "__name__", ""), None) is not function:
        raise NoTwin(f"there is no mathematics of the loss {wanted or function!r}")
    for name in dir(keras.losses):
        kind = getattr(keras.losses, name)
        if isinstance(kind, type) and name.lower() == wanted:
            return kind(**options)
    raise NoTwin(f"there is no mathematics of the loss {function.__name__}")


# -------------------------------------------------------------------------------- layers


def layer_twin(layer):
    """Return the twin of a layer with weights, or of one that moves numbers."""
    if is_activation(layer):
        return activation_twin(layer)
    kinds = _kinds("layers").get(type(layer).__name__, ())
    if not kinds or not is_of_keras(layer):
        raise NoTwin(f"there is no mathematics of the layer {type(layer).__name__}")
    config, own = _config(layer), options_of(kinds[0]).values()
    penalties = {
        option: _value(layer, option, value)
        for option, value in config.items()
        if value and option.endswith("_regularizer") and option not in own
    }
    twin = _first(kinds, layer, {k: v for k, v in config.items() if k not in penalties})
    if not penalties:
        return twin
    names = tuple((k.removesuffix("_regularizer"), v) for k, v in penalties.items())
    return trees.reference().Regularized(twin, names)


# --------------------------------------------------------------------------------- models


def model_twins(model):
    """Return (input shape, layers, last activation) of a model whose layers are in a row."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    if not isinstance(model, keras.Sequential):
        _check_row(model)
    m = trees.reference()
    found = [layer_twin(layer) for layer in layers]
    last, linear = m.Linear(), m.Linear()
    is_activation = lambda twin: type(twin).__module__.startswith("refimpl.activations")
    if is_activation(found[-1]):
        last = found.pop()
    elif hasattr(found[-1], "activation") and type(found[-1]).__name__ in ("Dense", "Conv2D"):
        last, found[-1] = found[-1].activation, replace(found[-1], activation=linear)
    return tuple(model.input_shape[1:]), tuple(found), last


def _check_row(model):
    """Raise NoTwin unless every layer of a functional model feeds the next."""
    if not hasattr(model, "operations") or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NoTwin(f"{model.name} is no row of layers: bring one of its layers")
    for before, after in zip(model.operations, model.operations[1:]):
        given = after.input if isinstance(after.input, (list, tuple)) else [after.input]
        if len(given) != 1 or given[0] is not before.output:
            raise NoTwin(f"{model.name} is no row of layers: bring one of its layers")
