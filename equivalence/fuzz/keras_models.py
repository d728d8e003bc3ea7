"""Random small Keras models, each with losses, an optimizer and data of a regime.

A model is a short row of layers, with branches that meet again, over vectors, sequences,
images, volumes or the numbers of tokens; some have several inputs or outputs, weights of their
losses and of samples.  Which layers, losses and optimizers there are stands in the tables of
``drawn_layers``, ``drawn_losses`` and ``drawn_optimizers``; all is drawn from one generator.
"""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from equivalence.fuzz.draw import Draw, draw_numbers
from equivalence.fuzz.drawn_layers import VOCABULARY, draw_inputs, draw_step
from equivalence.fuzz.drawn_losses import LOSSES
from equivalence.fuzz.drawn_optimizers import draw_optimizer

BATCH = 4
MOST_LAYERS = 3
MOST_WEIGHTS = 1500
# Options that Keras refuses for a shape, or a shape that nothing is left of, are drawn again.
MOST_TRIES = 50


@dataclass
class Drawn:
    """A compiled model, and what makes the data of it.

    inputs: (shape, whether they are numbers of tokens) of each input.
    outputs: (shape, what makes targets) of each output.
    layers: the names of their classes, in a row.
    weighted: whether samples have weights.
    """

    model: Any
    inputs: tuple
    outputs: tuple
    layers: tuple
    losses: tuple
    weighted: bool = False

    @property
    def what(self):
        optimizer = type(self.model.optimizer).__name__
        losses = " and ".join(type(loss).__name__ for loss in self.losses)
        weighted = ", sample weights" if self.weighted else ""
        return f"{' '.join(self.layers)}, {losses}, {optimizer}{weighted}"

    def data(self, regime, rng):
        """Return (x, y) or (x, y, sample weights), one batch, of numbers of a regime."""
        x = [_given(regime, rng, (BATCH, *shape), tokens) for shape, tokens in self.inputs]
        y = [targets(regime, rng, (BATCH, *shape)) for shape, targets in self.outputs]
        parts = [each[0] if len(each) == 1 else tuple(each) for each in (x, y)]
        if self.weighted:
            weights = rng.choice((0.0, 0.25, 1.0, 3.0), size=BATCH, p=(0.1, 0.3, 0.3, 0.3))
            parts.append(weights.astype(np.float32))
        return tuple(parts)

    def start(self, regime, rng):
        """Let the model begin from weights of a regime; None leaves what Keras began with."""
        for variable in self.model.trainable_variables if regime else ():
            variable.assign(draw_numbers(regime, rng, tuple(variable.shape)))


def _given(regime, rng, shape, of_tokens):
    if of_tokens:
        return rng.integers(VOCABULARY, size=shape).astype(np.int32)
    return draw_numbers(regime, rng, shape)


def draw_model(rng):
    """Return a Drawn model; names and seeds are as those of no other model."""
    import keras

    _start_anew(int(rng.integers(2**31)))
    d = Draw(keras, rng)
    for _ in range(MOST_TRIES):
        try:
            return _model(d)
        except (TypeError, ValueError):
            continue  # what Keras refuses for this shape
    raise RuntimeError("no model out of so many tries")


def _start_anew(seed):
    """Count names of layers from 0, and let seeds of layers be drawn from this one.

    Keras's own functions for that also clear TensorFlow's cache of kernels, which takes longer to
    fill than a small model's step takes.
    """
    from keras.src.utils import naming

    naming.reset_uids()
    random.seed(seed)


def _model(d):
    given, x = draw_inputs(d)
    inputs = [given]
    for _ in range(d.whole(1, MOST_LAYERS)):
        x = draw_step(d, x)
    if len(x.shape) > 2 and d.chance(0.8):
        x = d.layers.Flatten()(x)
    if d.chance(0.1):
        other, y = draw_inputs(d)
        y = d.layers.Flatten()(y) if len(y.shape) > 2 else y
        x = d.layers.Flatten()(x) if len(x.shape) > 2 else x
        x = d.layers.Concatenate()([x, y])
        inputs.append(other)
    ends = [d.one_of(*LOSSES)(d) for _ in range(2 if d.chance(0.1) else 1)]
    outs = [last(x) for last, _, _ in ends]
    model = d.keras.Model(inputs if len(inputs) > 1 else given, outs if len(outs) > 1 else outs[0])
    shapes = [tuple(out.shape[1:]) for out in outs]
    if model.count_params() > MOST_WEIGHTS or any(None in s or 0 in s for s in shapes):
        raise ValueError("too large, or nothing is left")
    losses = tuple(loss for _, loss, _ in ends)
    several = len(losses) > 1
    weights = [d.real(0.01, 10) for _ in losses] if several and d.chance(0.6) else None
    model.compile(draw_optimizer(d), list(losses) if several else losses[0], loss_weights=weights)
    names = tuple(
        type(layer).__name__
        for layer in model._flatten_layers(include_self=False)
        if type(layer).__name__ != "InputLayer"
    )
    return Drawn(
        model,
        tuple((tuple(each.shape[1:]), each.dtype == "int32") for each in inputs),
        tuple((shape, targets) for shape, (_, _, targets) in zip(shapes, ends)),
        names,
        losses,
        not several and len(shapes[0]) == 1 and d.chance(0.15),
    )
