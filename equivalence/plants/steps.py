"""Defects planted in a training step of somebody's own, which ``certify`` must find.

In a *kernel*: one operation of the step returns another number, or gets other operands.  In a
*gradient*: what TensorFlow registers as the derivative of a kind of operation is another formula.
In a *mode*: a layer runs as in inference.  In a *scale*: a loss scale is not taken back.  Each must
be found at its operation, layer and line; of a scale, which every weight has, by its weights.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from equivalence.arithmetic.precisions import POLICIES, USUAL
from equivalence.judge.verdict import DIFFERENT, ROUNDING_IDENTICAL

BATCH = 6
KERNEL, OPERANDS, GRADIENT = "kernel", "operands", "gradient"
MODE, SCALE = "mode", "scale"


@dataclass(frozen=True)
class StepPlant:
    """One defect in a model of ``plants.ordinary``.

    tree: in what it is: "kernel", "operands", "gradient", "mode" or "scale".
    kind: of operation; of a mode the class of the layer, of a scale that of the optimizer.
    place: the layer where it must be found, or how its name begins; of a gradient the last one
        that is wrong.
    change: of a kernel takes its results and operands, and returns results; of operands takes
        one and returns it; of a gradient takes the gradients, the operation and what flows back;
        of a scale takes the class, and returns its wrong methods by name.
    number: which operation of the kind in that layer, in the order of execution; -1 is the last.
    fits: what the report says that the number fits, "" for nothing.
    dtype: the policy under which the model is built.
    """

    run: str
    tree: str
    kind: str
    place: str
    change: Any = None
    number: int = 0
    fits: str = ""
    group: str = "graph"
    dtype: str = USUAL
    reason: str = ""
    step: int = 0
    wrong_side: str = "TensorFlow"

    @property
    def name(self):
        words = getattr(self.change, "words", getattr(self.change, "__name__", "in inference"))
        which = f" {self.number}" if self.number else ""
        return f"{self.kind}{which}: {words.replace('_', ' ')}"

    def __str__(self):
        under = f" ({self.dtype})" if self.dtype != USUAL else ""
        return f"{self.run}, {self.tree}, {self.place}, {self.name}{under}"


@dataclass(frozen=True)
class Met:
    """The first place of a finding: its step and by how many radii, or bounds, it is off."""

    step: int
    usage: float


@dataclass(frozen=True)
class Told:
    """What a certificate said."""

    verdict: str
    reason: str
    first: Met | None = None


@dataclass(frozen=True)
class StepFinding:
    """What became of one plant: where it was found, and whether nothing else was."""

    plant: StepPlant
    verdict: Told | None = None
    place: str = ""
    as_expected: bool = False
    sound: bool = True
    problem: str = ""
    excused: bool = False
    same_bits: bool = False


def find(plant):
    """Plant one defect, certify a step, and return the StepFinding."""
    if not is_certified(plant.run, plant.dtype):
        return StepFinding(plant, Told("not certified", "without the plant"), sound=False)
    ways = {GRADIENT: _find_gradient, MODE: _find_mode, SCALE: _find_scale}
    return ways.get(plant.tree, _find_kernel)(plant)


# ------------------------------------------------------------------------- a model's step


@cache
def prepared(run, policy=USUAL):
    """Return a model's step, built under a policy and traced once: (Prepared, its batches)."""
    from equivalence.graph.certify import Prepared
    from equivalence.machine.keras_settings import under

    batches = batches_of(run, policy)
    with under(policy):
        return Prepared(batches.model, batches[0]), batches


def batches_of(run, policy=USUAL):
    from equivalence.graph.step import Batches
    from equivalence.plants.ordinary import build

    model, x, y = build(run, policy)
    floats = POLICIES[policy].variables
    batches = Batches(tuple(part for part in (x, y) if part is not None), BATCH, floats)
    batches.model = model
    return batches


@cache
def is_certified(run, policy=USUAL):
    """Say whether a model's step is certified without a plant."""
    step, batches = prepared(run, policy)
    report = step.certify(batches, 1)
    return report.verdict == ROUNDING_IDENTICAL and report.complete and report.gradient.proved


def observed(run, policy=USUAL):
    """Return the Run of one step of a model, kernel by kernel; its variables stay as they were."""
    from equivalence.graph.certify import Clock, Run

    step, batches = prepared(run, policy)
    found, start = Run(step.traced, Clock(), step.states), step.states.read()
    try:
        found.step(0, batches[0], start)
    finally:
        step.states.write(start)
    return found


# ------------------------------------------------------------------------- in a kernel


@contextmanager
def planted_kernel(plant, number=None):
    """Within, one operation's kernel returns what the plant makes of it; yields those that fit.

    number: instead of the plant's; -1 plants nothing, and counts.
    """
    from equivalence.graph import replay

    traced = prepared(plant.run, plant.dtype)[0].traced
    plain, seen, before = replay.execute, [], {}
    wanted = plant.number if number is None else number

    def fits(operation):
        if operation.type != plant.kind:
            return False
        origin = traced.origins.get(operation.name) if operation.graph is traced.graph else None
        return origin is None or origin.layer.lower().startswith(plant.place.lower())

    def execute(operation, inputs):
        if operation.type in replay.WRITES:
            before[id(inputs[0])] = replay._value_of(inputs[0])
        if fits(operation):
            seen.append(operation)
            if len(seen) - 1 == wanted:
                return _wrong(plant, operation, inputs, plain, before)
        return plain(operation, inputs)

    replay.execute = execute
    try:
        yield seen
    finally:
        replay.execute = plain


def _wrong(plant, operation, inputs, plain, before):
    import tensorflow as tf

    from equivalence.graph import replay

    if plant.tree == OPERANDS:
        given = [
            tf.constant(plant.change(t.numpy())) if t.dtype == tf.float32 else t for t in inputs
        ]
        return plain(operation, given)
    outputs = plain(operation, inputs)
    if operation.type in replay.WRITES:
        value = replay._value_of(inputs[0])
        wrong = plant.change([value], [before[id(inputs[0])]])[0]
        tf.raw_ops.AssignVariableOp(resource=inputs[0], value=tf.constant(wrong, value.dtype))
        return outputs
    operands = [before.get(id(t)) if t.dtype == tf.resource else replay._array(t) for t in inputs]
    return [
        tf.constant(wrong, out.dtype)
        for out, wrong in zip(outputs, plant.change([t.numpy() for t in outputs], operands))
    ]


def _find_kernel(plant):
    with planted_kernel(plant, -1) as seen:
        if plant.number < 0:
            observed(plant.run, plant.dtype)
    number = len(seen) + plant.number if plant.number < 0 else plant.number
    with planted_kernel(plant, number) as seen:
        run = observed(plant.run, plant.dtype)
    if len(seen) <= number:
        return StepFinding(plant, problem=f"{len(seen)} operations {plant.kind} in {plant.place}")
    first, wrong = run.first, [o.kind for o in run.operations.values() if o.outside]
    if first is None:
        return StepFinding(plant, Told("certified", "nothing lies outside"))
    right = (
        first.kind == plant.kind
        and first.operation.endswith(seen[number].name)
        and first.layer.lower().startswith(plant.place.lower())
        and bool(first.line)
        and first.fits == plant.fits
        and wrong == [plant.kind]
    )
    told = Told(str(DIFFERENT), str(first), Met(first.step, first.usage))
    return StepFinding(plant, told, f"{first.layer}, {first.line}", right)


# ------------------------------------------------------------------------- in a gradient


@contextmanager
def planted_gradient(kind, change):
    """Within, TensorFlow's registered gradient of a kind is what ``change`` makes of it."""
    from tensorflow.python.framework import ops

    row = ops.gradient_registry._registry[kind]
    plain = row["type"]

    def wrong(operation, *flows):
        gradients = plain(operation, *flows)
        several = isinstance(gradients, (list, tuple))
        found = change(list(gradients) if several else [gradients], operation, *flows)
        return found if several else found[0]

    row["type"] = wrong
    try:
        yield
    finally:
        row["type"] = plain


def gradient_of(run):
    """Return what is known of the gradients of a model's step, traced now."""
    from equivalence.graph import kinds  # noqa: F401  (fills the table of rules)
    from equivalence.graph import step as steps_of
    from equivalence.graph.derivative import prove
    from equivalence.graph.trace import trace

    batches = batches_of(run)
    given = callable(batches.model) and not hasattr(batches.model, "train_step")
    step = (
        steps_of.of_function(batches.model, batches[0])
        if given
        else steps_of.of_model(batches.model, batches[0])
    )
    traced = trace(step, batches[0])
    values = {id(variable): variable.numpy() for variable in traced.variables.values()}
    return prove(traced, batches[0], values), traced


def _find_gradient(plant):
    with planted_gradient(plant.kind, plant.change):
        found, _ = gradient_of(plant.run)
    right = bool(found.wrong) and found.layer.lower().startswith(plant.place.lower())
    words = f"wrong: {', '.join(found.wrong)}; {found.without}"
    first = Met(0, found.apart) if found.wrong else None
    told = Told(str(DIFFERENT) if found.wrong else "certified", words, first)
    return StepFinding(plant, told, found.layer, right)


# ------------------------------------------------------------------------- in a mode


@contextmanager
def planted_mode(kind):
    """Within, layers of a class are called as in inference."""
    import keras

    layer = getattr(keras.layers, kind)

    def recorded(self, *args, **kwargs):  # of this name, so that the caller's line is told
        return keras.layers.Layer.__call__(self, *args, **{**kwargs, "training": False})

    layer.__call__ = recorded
    try:
        yield
    finally:
        del layer.__call__


def _find_mode(plant):
    with planted_mode(plant.kind):
        _, traced = gradient_of(plant.run)
    found = [each for each in traced.remarks if each.about == "mode"]
    right = bool(found) and all(each.layer.startswith(plant.place) for each in found)
    told = Told("remarked" if found else "certified", "; ".join(map(str, found)))
    if found:
        told = Told(told.verdict, told.reason, Met(0, np.inf))
    place = ", ".join(each.layer for each in found)
    return StepFinding(plant, told, place, right and all(each.line for each in found))


# ------------------------------------------------------------------------ in a loss scale


@contextmanager
def planted_methods(kind, change):
    """Within, an optimizer's class has other methods."""
    import keras

    optimizer = getattr(keras.optimizers, kind)
    wrong = change(optimizer)
    plain = {name: getattr(optimizer, name) for name in wrong}
    for name, method in wrong.items():
        setattr(optimizer, name, method)
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(optimizer, name, method)


def _find_scale(plant):
    with planted_methods(plant.kind, plant.change):
        step, batches = prepared.__wrapped__(plant.run, plant.dtype)
        report = step.certify(batches, 1)
    found = report.gradient.scaled
    words = " ".join(str(report).split())
    told = Told(str(report.verdict), words, Met(0, np.inf) if found else None)
    right = report.verdict == DIFFERENT and report.first is None and plant.place in found
    right = right and "depend on the loss scale" in words
    return StepFinding(plant, told, ", ".join(found), right)
