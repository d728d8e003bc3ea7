"""How a run went on either side: the loss and the weights, epoch by epoch.

A course keeps what pictures show of a run and lets the rest go, block by block, so that a long
run of a large network needs no more memory than its weights at the ends of epochs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equivalence import trees
from equivalence.results.result import Spec
from equivalence.runs import blocks
from equivalence.runs.run import reference_program, steps_of, tensorflow_engine
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.pair import Pair
from equivalence.steps.program import Program


@dataclass(frozen=True)
class Course:
    """What a side had before the first epoch, in each, and after each.

    loss: (epochs,), the mean of the steps of each epoch.
    weights: name -> (epochs + 1, shape of the weight).
    shown: what the trained network makes of given inputs: activation -> (samples, units).
    unit: "epoch"; "step" for a run that goes through its data once.
    """

    loss: np.ndarray
    weights: dict[str, np.ndarray]
    shown: dict[str, np.ndarray] = field(default_factory=dict)
    unit: str = "epoch"

    @property
    def last(self) -> dict[str, np.ndarray]:
        """The weights after the last epoch."""
        return {name: array[-1] for name, array in self.weights.items()}

    @property
    def output(self) -> np.ndarray:
        """What comes out of the trained network for the given inputs."""
        return list(self.shown.values())[-1]


def of_numpy(pair: Pair, spec: Spec, inputs: np.ndarray | None = None) -> Course:
    """Return the course of the reference.

    inputs: (samples, features) that the trained network is given.
    """
    program = reference_program(spec, pair)
    run = lambda start, steps: numpy_runner.run(program, start, steps)
    loss, weights, unit = _run(pair, spec, program, program.start(), run)
    shown = _shown(program.network, program, weights, inputs, lambda array: array)
    return Course(loss, weights, shown, unit)


def of_tensorflow(pair: Pair, spec: Spec, inputs: np.ndarray | None = None) -> Course:
    """Return the course of TensorFlow's side, by the twin and engine of ``spec``."""
    from equivalence.machine import keras_settings

    with keras_settings.as_runs_have_it():
        import tensorflow as tf

        program = reference_program(spec, pair)
        engine = tensorflow_engine(spec, pair, program)
        run = lambda start, steps: engine.run(program, start, steps)
        loss, weights, unit = _run(pair, spec, program, engine.start(program), run)
        twin = pair.network(trees.tensorflow())
        shown = _shown(twin, program, weights, inputs, tf.constant)
    return Course(loss, weights, shown, unit)


def _run(
    pair: Pair, spec: Spec, program: Program, start: Any, run: Callable
) -> tuple[np.ndarray, dict[str, np.ndarray], str]:
    """Return the losses, the weights at the ends of epochs, and what an epoch here is."""
    steps, epoch = steps_of(spec, pair), pair.steps_per_epoch
    unit = "epoch" if steps > epoch or epoch == 1 else "step"
    every = epoch if unit == "epoch" else 1
    losses: list[np.ndarray] = []
    kept = {name: [array[None]] for name, array in start.weights.items()}
    for size in blocks.sizes(steps, program):
        record = run(start, size)
        ends = np.flatnonzero((start.step + 1 + np.arange(size)) % every == 0)
        for name, array in record.computed("weights").items():
            kept[name].append(array[ends])
        losses.append(record.loss["E"])
        start = record.last_state
    loss = np.concatenate(losses).astype(np.float64).reshape(-1, every).mean(axis=1)
    return loss, {name: np.concatenate(arrays) for name, arrays in kept.items()}, unit


def _shown(network, program, weights, inputs, lift):
    """Return all activations of a network with its last weights, for given inputs."""
    if inputs is None:
        return {}
    last = tuple(lift(weights[name][-1]) for name in program.layout.weights)
    found = network.forward(last, lift(np.asarray(inputs, program.dtype)))
    found = found[0] if isinstance(found[0], tuple) else found
    return {name: np.asarray(a) for name, a in zip(network.activation_names, found)}
