"""Keras's side as a recipe: of an object of Keras, which is held against the recipe as well."""

from dataclasses import replace

import keras
import numpy as np

from equivalence import trees
from equivalence.diagnose import sides
from equivalence.diagnose.forms.layers import Activated
from equivalence.diagnose.forms.optimizers import form_of
from equivalence.diagnose.forms.outputs import RowForm
from equivalence.diagnose.recipe import Recipe, Seen
from equivalence.diagnose.searching import hold
from equivalence.engines.keras_twins import (
    activation_twin,
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
    return replace(side, confirm=lambda: _confirm_optimizer(optimizer, side))


def _confirm_optimizer(optimizer, side):
    """Return a note where Keras's own optimizer does not follow the recipe, or "", and None."""
    own = type(optimizer).from_config(optimizer.get_config())
    variables = [keras.Variable(np.asarray(w, np.float32)) for w in side.start]
    states = [[np.array(v.numpy()) for v in variables]]
    rounded = []
    for (gradients,) in side.given[:CONFIRMED]:
        gradients = [np.asarray(g, np.float32) for g in gradients]
        rounded.append(np.concatenate([np.ravel(g) for g in gradients])[None])
        own.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
        states.append([np.array(v.numpy()) for v in variables])
    matrices = lambda arrays: tuple(sides.matrix(a, s) for a, s in zip(arrays, side.shapes))
    seen = Seen(tuple(matrices(s) for s in states), dtype="float32")
    return _note(side.what, hold(side.recipe.with_(inputs=tuple(rounded)), seen)), None


def _note(what, held):
    if held.holds:
        return ""
    return (
        f"Keras's own {what} (version {keras.__version__}) does not follow its formula either, "
        f"first at {held.where}: see equivalence defects"
    )


def schedule_side(schedule, steps):
    """Return the side of a schedule: descent of a gradient of 1, so that updates are -rate."""
    twin = schedule_twin(schedule)
    m, steps = trees.reference(), steps or 10
    ones = tuple(np.ones((1, 1)) for _ in range(steps))
    recipe = Recipe(m.GivenGradients(((),)), form_of(m.SGD(twin)), ones, ones)
    what = type(schedule).__name__
    start = (np.zeros((1, 1)),)
    return sides.Side("schedule", what, recipe, ((1, 1),), start, ones)


# ---------------------------------------------------------------------- losses, activations


def loss_side(loss, x, y):
    """Return the side of a loss: x are outputs, y targets; three sets of our own if not given."""
    loss = keras.losses.get(loss)
    output = loss_twin(loss, trees.reference().Linear())
    what = type(loss).__name__
    return sides.of_loss(output, what, x, y, bool(loss.get_config().get("from_logits")))


def activation_side(activation, x, yb):
    """Return the side of an activation: x goes in, yb flows back."""
    twin = activation_twin(activation)
    return sides.of_activation(twin, x, yb)


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
    twin = activation_twin(layer) if _is_activation(layer) else layer_twin(layer)
    if _is_activation(layer):
        return activation_side(layer, x, yb)
    weights = [np.asarray(v.numpy(), np.float64) for v in layer.trainable_variables]
    side = sides.of_layer(twin, weights, x, yb, layer.name)
    return replace(side, confirm=lambda: _confirm_layer(layer, side))


def attention_side(layer, x, yb):
    """Return the side of an attention of a sequence to itself, its kernels as matrices."""
    given = layer.get_config()
    names = ("num_heads", "key_dim", "value_dim", "use_bias")
    twin = trees.reference().MultiHeadAttention(**{n: given[n] for n in names})
    shape = x.shape[1:]
    shapes = twin.build((shape, shape)).weight_shapes
    values = [np.asarray(v.numpy(), np.float64) for v in layer.trainable_variables]
    weights = [w.reshape(s) for w, s in zip(values, shapes)]
    side = sides.of_layer(twin, weights, x, yb, layer.name)
    return replace(side, confirm=lambda: _confirm_layer(layer, side, 2))


def _is_activation(layer):
    return type(layer).__name__ in ("Activation", "Softmax", "ReLU", "LeakyReLU", "ELU")


def _confirm_layer(layer, side, times=1):
    """Return a note where Keras's own way forward is not the recipe's, or "", and None."""
    ((x, _),) = side.given
    small = np.asarray(x, np.float32)
    y = np.asarray(layer(*[keras.ops.convert_to_tensor(small)] * times, training=True))
    flat = lambda a: np.asarray(a, np.float64).reshape(len(a), -1)
    weights = (flat(small), *(sides.matrix(w, s) for w, s in zip(side.start, side.shapes)))
    seen = Seen((weights,), (), (), ({"outputs": flat(y)},), dtype="float32", moves=False)
    return _note(side.what, hold(side.recipe, seen)), None


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
    return replace(side, confirm=lambda: _confirm_model(model, side))


def _confirm_model(model, side):
    """Return a note where Keras's own steps do not follow the recipe, or "", and its states."""
    own = keras.models.clone_model(model)
    own.set_weights(model.get_weights())
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    own.compile(optimizer=optimizer, loss=model.loss)
    states = lambda: tuple(
        sides.matrix(np.asarray(v.numpy(), np.float64), s)
        for v, s in zip(own.trainable_variables, side.shapes)
    )
    seen, inputs, targets = [states()], [], []
    for x, y in side.given:
        small = np.asarray(x, np.float32), np.asarray(y, np.float32)
        own.train_on_batch(*small)
        seen.append(states())
        inputs.append(small[0].astype(np.float64).reshape(len(x), -1))
        targets.append(sides.two_axes(small[1]))
    recipe = side.recipe.with_(inputs=tuple(inputs), targets=tuple(targets))
    first = Seen(tuple(seen[: CONFIRMED + 1]), dtype="float32")
    return _note(side.what, hold(recipe, first)), seen
