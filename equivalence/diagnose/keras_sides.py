"""Keras's side as a recipe: of an object of Keras, which is held against the recipe as well."""

import keras
import numpy as np

from equivalence.diagnose import sides
from equivalence.diagnose.recipe import Seen
from equivalence.diagnose.searching import hold
from equivalence.engines.keras_twins import optimizer_twin
from equivalence.errors import BadInput

CONFIRMED = 3  # steps of Keras's own that are held against the recipe


def side_of(model, x, y, weights, steps, batch_size):
    """Return the Side of an object of Keras."""
    if isinstance(model, keras.optimizers.Optimizer):
        return optimizer_side(model, x, weights, steps)
    raise BadInput(
        f"{type(model).__name__} is no part of a training step that can be compared: bring an "
        "optimizer"
    )


def optimizer_side(optimizer, gradients, weights, steps):
    """Return the side of an optimizer on given gradients."""
    twin = optimizer_twin(optimizer)
    what = type(optimizer).__name__
    side = sides.of_optimizer(twin, gradients, weights, steps, what)
    return sides.replace(side, confirm=lambda: _confirm_optimizer(optimizer, side))


def _confirm_optimizer(optimizer, side):
    """Return a note where Keras's own optimizer does not follow the recipe, or ""."""
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
    held = hold(side.recipe.with_(inputs=tuple(rounded)), seen)
    return _note(side.what, held)


def _note(what, held):
    if held.holds:
        return ""
    return (
        f"Keras's own {what} (version {keras.__version__}) does not follow its formula either, "
        f"first at {held.where}: see equivalence defects"
    )
