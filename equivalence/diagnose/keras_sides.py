"""Keras's side as a recipe: of an object of Keras, which is asked for its own numbers as well."""

from dataclasses import replace

import keras
import numpy as np

from equivalence import trees
from equivalence.diagnose import sides
from equivalence.diagnose.forms.layers import Activated
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.recipe import Recipe, Seen
from equivalence.diagnose.upstream import Own
from equivalence.engines.keras_twins import (
    activation_twin,
    is_activation,
    layer_twin,
    loss_twin,
    model_twins,
    optimizer_twin,
    schedule_twin,
)
from equivalence.errors import BadInput

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
    """Return the side of a compiled model: every step takes a batch of x and y, in order."""
    if not getattr(model, "optimizer", None) or not getattr(model, "loss", None):
        raise BadInput(f"{model.name} is not compiled: compile it with an optimizer and a loss")
    if x is None or y is None:
        raise BadInput(f"give x and y, inputs and targets of the model {model.name}")
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
    start = tuple(np.asarray(v.numpy(), np.float64) for v in model.trainable_variables)
    shapes = tuple(w.shape for w in start)
    numbers = sides.numbers_of(recipe.optimizer)
    side = sides.Side("step", model.name, recipe, shapes, start, batches, None, numbers)
    return replace(side, confirm=lambda: _of_model(model, side))


def _of_model(model, side):
    """Return the Own of a model: its first steps, and how it goes freely."""
    own = keras.models.clone_model(model)
    own.set_weights(model.get_weights())
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    own.compile(optimizer=optimizer, loss=model.loss)
    dtype = model.compute_dtype
    states = lambda: tuple(
        sides.matrix(np.asarray(v.numpy(), np.float64), s)
        for v, s in zip(own.trainable_variables, side.shapes)
    )
    seen, inputs, targets = [states()], [], []
    for x, y in side.given:
        small = np.asarray(x, dtype), np.asarray(y, dtype)
        own.train_on_batch(*small)
        seen.append(states())
        inputs.append(small[0].astype(np.float64).reshape(len(x), -1))
        targets.append(sides.two_axes(small[1]))
    recipe = side.recipe.with_(inputs=tuple(inputs), targets=tuple(targets))
    return Own(recipe, Seen(tuple(seen[: CONFIRMED + 1]), dtype=dtype), runs=seen)
