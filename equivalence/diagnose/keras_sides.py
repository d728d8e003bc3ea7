"""Keras's side as a recipe: of an object of Keras, which is asked for its own numbers as well."""

from collections.abc import Mapping
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.diagnose import sides
from equivalence.diagnose.elsewhere import run_elsewhere
from equivalence.diagnose.forms.layers import Activated
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.keras_graphs import graph_of, graph_of_step
from equivalence.diagnose.recipe import Recipe, Seen
from equivalence.diagnose.upstream import Own, departure
from equivalence.engines.keras_twins import (
    NoTwin,
    activation_twin,
    is_activation,
    layer_twin,
    loss_twin,
    model_twins,
    optimizer_twin,
    schedule_twin,
)
from equivalence.errors import BadInput
from equivalence.graph.certify import States
from equivalence.graph.step import fitting

CONFIRMED = 3  # steps of Keras's own that are held against the recipe


def side_of(model, x, y, weights, steps, batch_size):
    """Return the Side of an object of Keras."""
    if isinstance(model, keras.optimizers.Optimizer):
        return optimizer_side(model, x, weights, steps)
    if isinstance(model, keras.optimizers.schedules.LearningRateSchedule):
        return schedule_side(model, steps)
    if isinstance(model, keras.losses.Loss):
        return loss_side(model, x, y)
    if isinstance(model, keras.Model):
        return model_side(model, x, y, steps, batch_size)
    if isinstance(model, keras.layers.Layer):
        return layer_side(model, x, y)
    name = getattr(model, "__name__", type(model).__name__)
    if callable(getattr(keras.activations, name, None)):
        return activation_side(model, x, y)
    if hasattr(keras.losses, name):
        return loss_side(model, x, y)
    raise BadInput(
        f"{name} is no part of a training step that can be compared: bring a model, a layer, an "
        "optimizer, a loss, an activation or a schedule"
    )


# --------------------------------------------------------------------- optimizers, schedules


def optimizer_side(optimizer, gradients, weights, steps):
    """Return the side of an optimizer on given gradients."""
    twin = optimizer_twin(optimizer)
    what = type(optimizer).__name__
    side = sides.of_optimizer(twin, gradients, weights, steps, what)
    return replace(side, confirm=lambda: _of_optimizer(optimizer, side))


def _of_optimizer(optimizer, side):
    """Return the Own of an optimizer: its first steps from the side's start."""
    dtype = keras.config.floatx()
    own = type(optimizer).from_config(optimizer.get_config())
    variables = [keras.Variable(np.asarray(w, dtype), dtype=dtype) for w in side.start]
    states = [[np.array(v.numpy()) for v in variables]]
    rounded = []
    for (gradients,) in side.given[:CONFIRMED]:
        gradients = [np.asarray(g, dtype) for g in gradients]
        rounded.append(np.concatenate([np.ravel(g) for g in gradients])[None])
        own.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
        states.append([np.array(v.numpy()) for v in variables])
    matrices = lambda arrays: tuple(sides.matrix(a, s) for a, s in zip(arrays, side.shapes))
    seen = Seen(tuple(matrices(s) for s in states), dtype=dtype)
    return Own(side.recipe.with_(inputs=tuple(rounded)), seen, "eager")


def schedule_side(schedule, steps):
    """Return the side of a schedule."""
    side = sides.of_schedule(schedule_twin(schedule), type(schedule).__name__, steps)
    return replace(side, confirm=lambda: _of_schedule(schedule, side))


def _of_schedule(schedule, side):
    """Return the Own of a schedule: the rates of its steps, as an optimizer in a graph asks."""
    import tensorflow as tf

    rate = tf.function(lambda step: schedule(step))
    rates = [np.asarray(rate(tf.constant(s, "int64"))) for s in range(len(side.given))]
    moved = (np.zeros((1, 1)), *(np.zeros((1, 1)) - float(r) for r in rates))
    # the rate is of the precision in which an optimizer of this floatx takes it
    seen = Seen(tuple((w,) for w in moved), dtype=keras.config.floatx(), restarts=True)
    return Own(side.recipe, seen)


# ---------------------------------------------------------------------- losses, activations


def loss_side(loss, x, y):
    """Return the side of a loss: x are outputs, y targets; three sets of our own if not given."""
    loss = keras.losses.get(loss)
    output = loss_twin(loss, trees.reference().Linear())
    what = type(loss).__name__
    side = sides.of_loss(output, what, x, y, bool(loss.get_config().get("from_logits")))
    return replace(side, confirm=lambda: _of_loss(loss, side))


def _of_loss(loss, side):
    """Return the Own of a loss: its values and gradients at the side's outputs."""
    import tensorflow as tf

    dtype, losses, slopes, targets, outputs = keras.config.floatx(), [], [], [], []
    for o, t in side.given:
        o, t = tf.constant(np.asarray(o, dtype)), np.asarray(t, dtype)
        with tf.GradientTape() as tape:
            tape.watch(o)
            value = loss(t, o)
        losses.append(float(value))
        slopes.append({"outputs": np.asarray(tape.gradient(value, o), np.float64)})
        outputs.append((np.asarray(o, np.float64),))
        targets.append(np.asarray(t, np.float64))
    seen = Seen(tuple(outputs), tuple(slopes), tuple(losses), dtype=dtype, moves=False)
    return Own(side.recipe.with_(inputs=tuple(targets), targets=tuple(targets)), seen, "eager")


def activation_side(activation, x, yb):
    """Return the side of an activation: x goes in, yb flows back."""
    side = sides.of_activation(activation_twin(activation), x, yb)
    return replace(side, confirm=lambda: _of_activation(activation, side))


def _of_activation(activation, side):
    """Return the Own of an activation: its outputs, and what flows back to its inputs."""
    import tensorflow as tf

    dtype = keras.config.floatx()
    ((x, yb),) = side.given
    x, yb = (tf.constant(np.asarray(a, dtype)) for a in (x, yb))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = keras.activations.get(activation)(x)
    wide = lambda a: np.asarray(a, np.float64)
    slopes = ({"inputs": wide(tape.gradient(y, x, yb))},)
    seen = Seen(((wide(x),),), slopes, (), ({"outputs": wide(y)},), dtype=dtype, moves=False)
    return Own(side.recipe.with_(inputs=(wide(yb),), targets=(wide(yb),)), seen, "eager")


# ---------------------------------------------------------------------------------- layers


def layer_side(layer, x, yb):
    """Return the side of a layer with its weights: x goes in, yb flows back."""
    if x is None:
        raise BadInput(f"give the inputs of the layer {layer.name} as x: they say its shapes")
    x = np.asarray(x, np.float64)
    if not layer.built:
        several = isinstance(layer, keras.layers.MultiHeadAttention)
        layer.build(*(x.shape,) * (1 + several))
    m = trees.reference()
    if isinstance(layer, keras.layers.MultiHeadAttention):
        return attention_side(layer, x, yb)
    if isinstance(layer, keras.layers.Dropout):
        return sides.of_layer(m.Dropout(layer.rate), (), x, yb, layer.name)
    if is_activation(layer):
        return activation_side(layer, x, yb)
    twin = layer_twin(layer)
    weights = [np.asarray(v.numpy(), np.float64) for v in layer.trainable_variables]
    side = sides.of_layer(twin, weights, x, yb, layer.name)
    return replace(side, confirm=lambda: _of_layer(layer, side))


def attention_side(layer, x, yb):
    """Return the side of an attention of a sequence to itself, its kernels as matrices."""
    twin = layer_twin(layer)
    shape = x.shape[1:]
    shapes = twin.build((shape, shape)).weight_shapes
    values = [np.asarray(v.numpy(), np.float64) for v in layer.trainable_variables]
    weights = [w.reshape(s) for w, s in zip(values, shapes)]
    side = sides.of_layer(twin, weights, x, yb, layer.name)
    return replace(side, confirm=lambda: _of_layer(layer, side, 2))


def _of_layer(layer, side, times=1):
    """Return the Own of a layer's way forward."""
    ((x, _),) = side.given
    dtype = layer.compute_dtype
    small = np.asarray(x, dtype)
    y = np.asarray(layer(*[keras.ops.convert_to_tensor(small)] * times, training=True))
    flat = lambda a: np.asarray(a, np.float64).reshape(len(a), -1)
    weights = (flat(small), *(sides.matrix(w, s) for w, s in zip(side.start, side.shapes)))
    seen = Seen((weights,), (), (), ({"outputs": flat(y)},), dtype=dtype, moves=False)
    return Own(side.recipe, seen, "eager")


# ---------------------------------------------------------------------------------- models


def model_side(model, x, y, steps, batch_size):
    """Return the side of a compiled model: every step takes a batch of x and y, in order.

    Layers in a row are walked one by one; any other model as a graph of layers, and so is one
    with a ``train_step`` of its own.
    """
    own = has_own_step(model)
    if not getattr(model, "optimizer", None) or not (own or getattr(model, "loss", None)):
        raise BadInput(f"{model.name} is not compiled: compile it with an optimizer and a loss")
    if x is None or y is None:
        raise BadInput(f"give x and y, inputs and targets of the model {model.name}")
    several = is_several(x, model, "inputs"), is_several(y, model, "outputs")
    if not any(several) and not own:
        try:
            return row_side(model, x, y, steps, batch_size)
        except NoTwin:
            pass
    x, y = (_data(model, w, d, s) for w, d, s in zip("xy", (x, y), several))
    return graph_side(model, x, y, steps, batch_size)


def row_side(model, x, y, steps, batch_size):
    """Return the side of a model whose layers are in a row; raise NoTwin for another."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(x) != len(y):
        raise BadInput(f"x has {len(x)} samples, {x.shape}, and y {len(y)}, {y.shape}")
    if not model.built:
        model.build((None, *x.shape[1:]))
    shape, layers, last = model_twins(model)
    wrap = lambda t: Activated(t) if type(t).__module__.startswith("refimpl.activations") else t
    network = RowForm(shape, tuple(map(wrap, layers)), loss_twin(model.loss, last))
    batches = sides.batches(x, y, batch_size or len(x), steps or 10)
    recipe = Recipe(
        network,
        form_of(optimizer_twin(model.optimizer)),
        tuple(a.reshape(len(a), -1) for a, _ in batches),
        tuple(sides.two_axes(t) for _, t in batches),
    )
    side = _side_of(model, recipe, batches)
    return replace(side, confirm=lambda: _of_model(model, side))


def _side_of(model, recipe, batches, notes=()):
    start = tuple(np.asarray(v.numpy(), np.float64) for v in model.trainable_variables)
    shapes = tuple(w.shape for w in start)
    numbers = sides.numbers_of(recipe.optimizer)
    return sides.Side("step", model.name, recipe, shapes, start, batches, None, numbers, notes)


def is_several(data, model, of):
    """Say whether data are of several inputs or outputs: a dict, or a list or tuple of arrays.

    of: "inputs" or "outputs"; where a model tells that it has one, a list is of its samples.
    """
    if isinstance(data, Mapping):
        return True
    one = len(getattr(model, of, None) or ()) == 1
    arrays = isinstance(data, (list, tuple)) and all(isinstance(a, np.ndarray) for a in data)
    return arrays and not one


def graph_side(model, x, y, steps, batch_size):
    """Return the side of a model of any structure, as a graph of layers and of operations.

    x, y: arrays, or several in a dict or tuple.
    """
    given = sides.batches_of(x, y, batch_size, steps or 10)
    form = form_of(optimizer_twin(model.optimizer))
    flat = lambda which: tuple(sides.side_by_side(batch[which]) for batch in given)
    doubt = ()
    for recognise in (True, False):
        network, notes, made = _read(model, x, y, recognise)
        recipe = Recipe(network, replace(form, before=made), flat(0), flat(1))
        side = _side_of(model, recipe, given, (*notes, *doubt))
        own = _of_graph(model, side)
        departs = departure(own)
        if departs is None or departs.rows:
            break
        doubt = (f"Its layers' formulas were left first at {departs.where}: taken by operations.",)
    return replace(side, confirm=lambda: own)


def has_own_step(model):
    """Say whether a model's ``train_step`` is its own."""
    return type(model).train_step is not keras.Model.train_step


def _read(model, x, y, recognise):
    """Return (GraphForm, notes, what an own step does to gradients or None) of a model."""
    if not has_own_step(model):
        return *graph_of(model, x, y, recognise), None
    network, notes, made = graph_of_step(model, x, y, recognise)
    words = "Its train_step is its own: its loss and what it does to gradients are read from it."
    return network, (words, *notes), made


def _data(model, word, data, several):
    """Return data of one or several inputs as arrays, whole numbers as they are; lists as tuples.

    Raises BadInput for what is no array of numbers.
    """
    if several and isinstance(data, Mapping):
        return {k: _data(model, f"{word}[{k!r}]", v, False) for k, v in data.items()}
    if several:
        return tuple(_data(model, f"{word}[{k}]", v, False) for k, v in enumerate(data))
    array = np.asarray(data)
    if array.dtype.kind not in "fiub" or array.ndim == 0:
        raise BadInput(f"{word} of {model.name} is {array!r:.40}: give an array of numbers")
    return array.astype(np.int64 if array.dtype.kind in "iu" else np.float64)


def _of_graph(model, side):
    """Return the Own of a model of any structure; the model is as before afterwards."""
    seen = free_run(model, side)
    rounded = lambda a: a.astype(np.float32).astype(np.float64)
    recipe = side.recipe.with_(
        inputs=tuple(map(rounded, side.recipe.inputs)),
        targets=tuple(map(rounded, side.recipe.targets)),
    )
    first = Seen(tuple(seen[: CONFIRMED + 1]), dtype="float32")
    return Own(recipe, first, runs=seen, again=lambda way: free_run(model, side, way))


def free_run(model, side, way=None):
    """Return the weights behind each step of a model of any structure, which is left as it was.

    way: one of ``running.WAYS``; None for a graph.
    """
    if way == "onednn":
        return run_elsewhere(model, side, row=False)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    variables = list(model.trainable_variables)
    optimizer.build(variables)
    kept = States(model.variables)
    start = kept.read()

    def own_step(x, y):
        model.train_step((x, y))

    def plain_step(x, y):
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=outputs, training=True)
            loss = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(loss, variables), variables)

    states = lambda: tuple(
        sides.matrix(np.asarray(v.numpy(), np.float64), s) for v, s in zip(variables, side.shapes)
    )
    single = lambda a: tf.constant(a.astype(np.float32) if a.dtype.kind == "f" else a)
    seen, kept_optimizer = [states()], model.optimizer
    step = own_step if has_own_step(model) else plain_step
    if way != "eager":
        step = tf.function(step, autograph=False, jit_compile=way == "xla" or None)
    try:
        model.optimizer = optimizer
        with fitting(model.name):
            for given in side.given:
                step(*tf.nest.map_structure(single, given))
                seen.append(states())
    finally:
        model.optimizer = kept_optimizer
        kept.write(start)
    return seen


def _of_model(model, side):
    """Return the Own of a model: its first steps, and how it goes freely."""
    dtype, seen = model.compute_dtype, row_run(model, side)
    inputs = tuple(
        np.asarray(x, dtype).astype(np.float64).reshape(len(x), -1) for x, _ in side.given
    )
    targets = tuple(sides.two_axes(np.asarray(y, dtype)) for _, y in side.given)
    recipe = side.recipe.with_(inputs=inputs, targets=targets)
    first = Seen(tuple(seen[: CONFIRMED + 1]), dtype=dtype)
    return Own(recipe, first, runs=seen, again=lambda way: row_run(model, side, way))


def row_run(model, side, way=None):
    """Return the weights behind each step of layers in a row; way as of ``free_run``."""
    if way == "onednn":
        return run_elsewhere(model, side, row=True)
    own = keras.models.clone_model(model)
    own.set_weights(model.get_weights())
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    how = {"xla": {"jit_compile": True}, "eager": {"run_eagerly": True}}.get(way or "", {})
    own.compile(optimizer=optimizer, loss=model.loss, **how)
    dtype = model.compute_dtype
    states = lambda: tuple(
        sides.matrix(np.asarray(v.numpy(), np.float64), s)
        for v, s in zip(own.trainable_variables, side.shapes)
    )
    seen = [states()]
    for x, y in side.given:
        own.train_on_batch(np.asarray(x, dtype), np.asarray(y, dtype))
        seen.append(states())
    return seen
