"""Reading Keras's own objects: models, losses, optimizers, and the variables that they keep."""

import keras

from equivalence.errors import Error


class NotInKeras(Error, LookupError):
    """The installed Keras lacks what a twin asks for; the message says what."""


class NoSlot(Error, LookupError):
    """A Keras optimizer keeps no such slot; the message says which it keeps."""


def keras_optimizer_of(optimizer):
    """Return Keras's optimizer of a twin; raise NotInKeras if this version has none."""
    if getattr(optimizer, "in_keras", None) is None:
        raise NotInKeras(f"Keras has no {type(optimizer).__name__}")
    try:
        return optimizer.keras()
    except AttributeError as error:
        raise NotInKeras(f"Keras {keras.__version__} has no {error.name}") from None


# Options that older versions of Keras refuse, by what they say: DepthwiseConv2D had no strides
# and dilation_rate at once up to Keras 3.8 at least.
REFUSED = ("`strides > 1` not supported in conjunction with `dilation_rate > 1`",)


def keras_model_of(network, model, weights, dtype):
    """Return the Keras model of a twin.

    Raises NotInKeras if this version lacks a layer, or refuses its options by REFUSED.
    """
    try:
        return getattr(network, model)(weights, dtype)
    except ValueError as error:
        refused = next((words for words in REFUSED if words in str(error)), None)
        if refused is None:
            raise
        raise NotInKeras(f"Keras {keras.__version__} refuses it: {refused}") from None
    except AttributeError as error:
        if error.obj not in (keras.layers, keras.regularizers):
            raise
        raise NotInKeras(f"Keras {keras.__version__} has no {error.name}") from None


def layers_of(model):
    """Return the layers of a model but its inputs."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def loss_of(network):
    """Return Keras's loss of a network of ``tfimpl``."""
    output = getattr(network, "output", network)
    return output.keras() if hasattr(output, "keras") else output.loss.keras()


def as_list(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def find_slots(twin, optimizer, model, layout):
    """Return {"weight/slot": tf.Variable or None} of a built Keras optimizer."""
    variables = model.trainable_variables
    return {
        f"{layout.weights[k]}/{slot}": find_slot(twin, optimizer, variables, k, slot)
        for k in range(len(variables))
        for slot in layout.slot_names
    }


def find_slot(twin, optimizer, variables, k, slot):
    """Return the tf.Variable of a slot of the k-th variable; None for one that Keras does not keep.

    twin: of ``tfimpl``, or its class.  Slots are matched by name, since their order differs
    between optimizers and versions: Keras calls a slot by its variable's path, ``_`` and the
    slot's name.  Where a version names a slot without its variable, it is the k-th of that
    name; where variables share a name, as tf.Variables without one do, it is the slot in the
    place that the variable has among them.  A twin whose Keras class does otherwise has a method
    ``keras_slot``.

    Raises NoSlot for a slot that is not found.
    """
    name = f"{_prefix(variables[k])}_{slot}"
    if slot in twin.slot_names and hasattr(twin, "keras_slot"):
        try:
            return twin.keras_slot(optimizer, variables, k, slot, name)
        except StopIteration:
            raise NoSlot(f"slot {name} is not among the optimizer's variables") from None
    matches = named(optimizer, name) or named(optimizer, slot)[k : k + 1]
    if len(matches) > 1:
        known = getattr(optimizer, "_trainable_variables", None) or variables
        alike = [v for v in known if _prefix(v) == _prefix(variables[k])]
        if len(alike) == len(matches):
            matches = [match for match, v in zip(matches, alike) if v is variables[k]]
    if len(matches) != 1:
        paths = ", ".join(v.path for v in optimizer.variables)
        raise NoSlot(f"slot {name} is not among the optimizer's variables: {paths}")
    return matches[0].value


def _prefix(variable):
    """Return what Keras names a variable's slots by: its path, or of a tf.Variable its name."""
    name = getattr(variable, "path", None) or str(variable.name).replace(":", "_")
    return name.replace("/", "_")


def find_states(model, layout):
    """Return {state: tf.Variable} of what no gradient moves in a model, layer by layer.

    Keras's recurrent layers hold the state of a random generator even if they drop nothing,
    and do not list the states that they keep with ``stateful`` among their variables.
    """
    variables = [v.value for v in _states(model)]
    return dict(zip(layout.states, variables, strict=True))


INSIDE = ("layers", "layer", "forward_layer", "backward_layer", "cell", "_dropout_layer")


def _states(layer):
    """Yield the variables of a layer, and of what is inside of it, that a step moves."""
    both = hasattr(layer, "forward_layer")  # its ``layer`` is the pattern of the two
    inside = [getattr(layer, name, None) for name in INSIDE if not (both and name == "layer")]
    inside = [x for each in inside for x in (each if isinstance(each, list) else [each])]
    inside = {id(other): other for other in inside if other is not None}.values()
    rates = (getattr(layer, name, 0) for name in ("rate", "stddev", "dropout", "recurrent_dropout"))
    if hasattr(layer, "seed_generator") and any(rates):
        yield layer.seed_generator.state
    below = {id(v) for other in inside for v in other.variables}
    for v in layer.non_trainable_variables:
        if id(v) not in below and "seed_generator" not in v.path:
            yield v
    for other in inside:
        yield from _states(other)
    if getattr(layer, "stateful", False) and not both:  # whose states are those of its layers
        yield from layer.states


def named(optimizer, name):
    """Return the variables of a Keras optimizer that have this name."""
    return [v for v in optimizer.variables if v.path.split("/")[-1] == name]
