"""Keras's own objects as those of ``refimpl``: an optimizer, a schedule, a loss, a layer, a model.

A twin has the fields of its Keras class by the same names, so the configuration that Keras
gives of an object is read by the twin's fields.  What has no twin raises NoTwin.
"""

import inspect
from dataclasses import fields, is_dataclass, replace

import keras
import numpy as np

from equivalence import trees
from equivalence.errors import BadInput


class NoTwin(BadInput):
    """Keras has an object for which ``refimpl`` has none; the message says which."""


def decimal(value):
    """Return a number that Keras holds in float32 as the decimal that was meant, 0.1 for 0.1."""
    if isinstance(value, (float, np.floating)) and np.float32(value) == value:
        return float(str(np.float32(value)))
    return value


def named(twin_class, config, **known):
    """Return a twin of a Keras object's configuration, by the names of its fields."""
    own = {f.name: f for f in fields(twin_class) if f.init}
    given = {k: _plain(v) for k, v in config.items() if k in own and k not in known}
    return twin_class(**{**given, **known})


def _plain(value):
    """Return a value of a configuration as a twin has it: tuples, decimals."""
    return tuple(_plain(v) for v in value) if isinstance(value, (list, tuple)) else decimal(value)


# Options that say how an object starts, is called and placed, and not what it computes.
OF_NO_MATHEMATICS = (
    *("name", "trainable", "dtype", "seed", "input_shape", "batch_input_shape", "autocast"),
    *("implementation", "unroll", "use_cudnn", "jit_compile", "synchronized", "input_length"),
)
# Options that say which twin it is, or that are read, or refused, before.
READ = ("data_format", "from_logits", "momentum", "nesterov", "centered", "amsgrad", "layer")


def exactly(theirs, twin):
    """Return the twin of a Keras object; raise NoTwin where an option is in force that it lacks."""
    config = theirs.get_config()
    usual = inspect.signature(type(theirs).__init__).parameters
    inner = getattr(twin, "layer", twin)
    own = {f.name for f in fields(twin)} | {f.name for f in fields(inner)}
    for name, value in config.items():
        if name in own or name in OF_NO_MATHEMATICS or name in READ:
            continue
        if name.endswith(("_initializer", "_constraint")):  # a step's start, and its end
            continue
        if name.endswith("_regularizer") and type(twin).__name__ == "Regularized":
            continue
        plain = usual[name].default if name in usual else None
        if value != plain and (value or plain):
            raise NoTwin(f"its twin has no {name}={value!r}")
    return twin


# ------------------------------------------------------------------ optimizers, schedules


def schedule_twin(schedule):
    """Return the twin of a keras.optimizers.schedules.LearningRateSchedule."""
    kind = getattr(trees.reference(), type(schedule).__name__, None)
    if kind is None:
        raise NoTwin(f"no twin of the schedule {type(schedule).__name__}")
    return named(kind, schedule.get_config())


def optimizer_twin(optimizer):
    """Return the twin of a keras.optimizers.Optimizer."""
    m, config = trees.reference(), dict(optimizer.get_config())
    name = _optimizer_name(type(optimizer).__name__, config)
    kind = getattr(m, name, None)
    if kind is None:
        raise NoTwin(f"no twin of the optimizer {type(optimizer).__name__}")
    rate = config.pop("learning_rate")
    if isinstance(rate, dict):
        rate = schedule_twin(keras.optimizers.schedules.deserialize(rate))
    if not config.get("use_ema"):
        config.pop("ema_overwrite_frequency", None)
    return named(kind, config, learning_rate=_plain(rate))


def _optimizer_name(name, config):
    if name == "SGD" and config.get("momentum"):
        return "Nesterov" if config.get("nesterov") else "Momentum"
    if name == "RMSprop":
        centered = "Centered" if config.get("centered") else ""
        return f"RMSprop{centered}{'Momentum' if config.get('momentum') else ''}"
    return "AMSGrad" if name in ("Adam", "AdamW") and config.get("amsgrad") else name


# --------------------------------------------------------------------------- activations


def activation_twin(activation):
    """Return the twin of an activation: a function of Keras, its name, or a layer of one."""
    if isinstance(activation, keras.layers.Layer):
        return _activation_layer_twin(activation)
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", "")
    if activation is None:
        name = "linear"
    known = {
        getattr(kind, "name", ""): kind
        for key, kind in vars(trees.reference()).items()
        if isinstance(kind, type) and kind.__module__.startswith("refimpl.activations")
    }
    aliases = {"swish": "silu", "hard_swish": "hard_silu"}
    kind = known.get(aliases.get(name, name))
    if kind is None:
        raise NoTwin(f"no twin of the activation {name or activation!r}")
    return kind()


def _activation_layer_twin(layer):
    m, config = trees.reference(), layer.get_config()
    if isinstance(layer, keras.layers.Activation):
        return activation_twin(layer.activation)
    if isinstance(layer, keras.layers.Softmax):
        if layer.axis not in (-1, None):
            raise NoTwin(f"no twin of Softmax over axis {layer.axis}")
        return m.Softmax()
    if isinstance(layer, keras.layers.ReLU):
        return named(m.GeneralReLU, {k: v or 0.0 for k, v in config.items() if k != "max_value"},
                     max_value=config.get("max_value"))  # fmt: skip
    kind = getattr(m, type(layer).__name__, None)
    if kind is None or not kind.__module__.startswith("refimpl.activations"):
        raise NoTwin(f"no twin of the layer {type(layer).__name__}")
    return named(kind, config) if is_dataclass(kind) else kind()


ACTIVATION_LAYERS = ("Activation", "Softmax", "ReLU", "LeakyReLU", "ELU")

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
    config = {**loss.get_config(), **_options_of(loss)}
    name, logits = type(loss).__name__, config.get("from_logits")
    last = type(activation).__name__
    plain = not config.get("label_smoothing") and config.get("reduction") == "sum_over_batch_size"
    if config.get("axis", -1) not in (-1, None):
        raise NoTwin(f"no twin of {name} over axis {config['axis']}")
    if not logits and last == "Softmax" and name == "CategoricalCrossentropy" and plain:
        return m.SoftmaxOutput()
    if not logits and last == "Sigmoid" and name == "BinaryCrossentropy" and plain:
        return m.SigmoidOutput()
    if not logits and (name, last) in OF_LOGITS:
        kind = getattr(m, f"{name}FromLogits")
        return (
            replace(m.SigmoidOutput(), activation=activation, loss=named(kind, config))
            if (last == "Sigmoid")
            else LogitsOutput(activation, named(kind, config))
        )
    if logits:
        kind = getattr(m, f"{name}FromLogits", None)
    elif name == "CategoricalCrossentropy":
        kind = m.CategoricalCrossentropyFromProbabilities
    else:
        kind = getattr(m, name, None)
    if kind is None or not kind.__module__.startswith("refimpl.losses"):
        raise NoTwin(f"no twin of the loss {name}")
    return m.Output(activation, named(kind, config))


# Losses that Keras computes of the logits that its last activation leaves on the tensor.
OF_LOGITS = (
    ("CategoricalCrossentropy", "Softmax"),
    ("SparseCategoricalCrossentropy", "Softmax"),
    ("BinaryCrossentropy", "Sigmoid"),
)


class LogitsOutput:
    """A softmax, and a loss of its logits."""

    of_logits = True

    def __init__(self, activation, loss):
        self.activation, self.loss = activation, loss

    def forward(self, Z):
        return self.activation.forward(Z)

    def error(self, Z, O, T):
        return self.loss.forward(Z, T)

    def backward(self, Z, O, T):
        return self.loss.backward(Z, T)


def _options_of(loss):
    """Return a loss's options; Keras's Huber does not list its delta."""
    return dict(getattr(loss, "_fn_kwargs", {}))


def _of_function(function, **options):
    """Return the loss object of a function, as keras.losses.mean_squared_error's."""
    wanted = getattr(function, "__name__", "").replace("_", "")
    if getattr(keras.losses, getattr(function, "__name__", ""), None) is not function:
        raise NoTwin(f"no twin of the loss {wanted or function!r}")
    for name in dir(keras.losses):
        kind = getattr(keras.losses, name)
        if isinstance(kind, type) and name.lower() == wanted:
            return kind(**options)
    raise NoTwin(f"no twin of the loss {function.__name__}")


# -------------------------------------------------------------------------------- layers


def layer_twin(layer):
    """Return the twin of a layer with weights, or of one that moves numbers."""
    m, name, config = trees.reference(), type(layer).__name__, layer.get_config()
    kind = getattr(m, name, None)
    if kind is None or not kind.__module__.startswith("refimpl.layers"):
        raise NoTwin(f"no twin of the layer {name}")
    own = {f.name for f in fields(kind)}
    known = {
        k: activation_twin(getattr(layer, k))
        for k in ("activation", "recurrent_activation")
        if k in own
    }
    penalties = {k: _regularizer_twin(config.get(k)) for k in config if k.endswith("_regularizer")}
    known.update({k: v for k, v in penalties.items() if k in own})
    if config.get("data_format", "channels_last") != "channels_last":
        raise NoTwin(f"no twin of {name} with channels first")
    config = {k: v for k, v in config.items() if k not in ("input_shape", "seed")}
    twin = named(kind, config, **known)
    others = {k: v for k, v in penalties.items() if k not in own and v is not None}
    if others:
        names = {k.removesuffix("_regularizer"): v for k, v in others.items()}
        twin = m.Regularized(twin, tuple(names.items()))
    return twin


def _regularizer_twin(config):
    if not config:
        return None
    kind = getattr(trees.reference(), config["class_name"], None)
    if kind is None:
        raise NoTwin(f"no twin of the regularizer {config['class_name']}")
    return named(kind, config["config"])


# --------------------------------------------------------------------------------- models


def model_twins(model):
    """Return (input shape, layers, last activation) of a model whose layers are in a row."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    if not isinstance(model, keras.Sequential):
        _check_row(model)
    m, found = trees.reference(), []
    for layer in layers:
        if type(layer).__name__ in ACTIVATION_LAYERS:
            found.append(activation_twin(layer))
        else:
            found.append(layer_twin(layer))
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
