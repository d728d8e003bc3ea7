"""The certificate of a run: every step's result lies in its proven enclosure.

From the state *before* each step, whose floats are exact numbers, the reference
runs over rounding balls; what TensorFlow computed in that step must lie inside.
Every step starts again from the actual state, so errors do not compound, and
all steps are enclosed at once, stacked along a leading axis.

Two enclosures are made of each step.  The *step* enclosure runs from the state
to the new state.  The *update* enclosure starts from the gradients that were
recorded, and so holds the optimizer alone to a few ULP.  XLA has none: it may
compute a gradient again, in another order, inside the fusion that uses it, so
that the recorded gradient is not the one that was used.  Nor has a table whose rows
are looked up: its optimizer is given the parts of a gradient and may sum them last.
Nor has MirroredStrategy: the gradient that its optimizers use is a sum that the devices
make among themselves.
"""

from dataclasses import dataclass, replace

import numpy as np

from equivalence import sides
from equivalence.arithmetic.enclosed import enclose, with_balls
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.runners.numpy import step_each, step_numbers
from equivalence.trajectory import STAGES

# Which library computes an engine's functions on a CPU, and which compiler may
# have rewritten its graph.
ON_CPU = {
    "eager": ("eigen", ()),
    "graph": ("eigen", ("grappler",)),
    "fit": ("eigen", ("grappler",)),
    "train_on_batch": ("eigen", ("grappler",)),
    "split": ("eigen", ("grappler",)),
    "mirrored": ("eigen", ("grappler", "all-reduce")),
    "xla": ("xla", ("xla", "grappler")),
}
# The same on a GPU, where ``fit`` and ``train_on_batch`` turn XLA on by themselves
# (keras/src/trainers/trainer.py, model_supports_jit and _resolve_auto_jit_compile).
ON_GPU = {
    "eager": ("cuda", ("cuda",)),
    "graph": ("cuda", ("cuda",)),
    "fit": ("cuda-xla", ("cuda", "xla")),
    "train_on_batch": ("cuda-xla", ("cuda", "xla")),
    "split": ("cuda", ("cuda",)),
    "mirrored": ("cuda", ("cuda", "all-reduce")),
    "xla": ("cuda-xla", ("cuda", "xla")),
}
# How many weights, all steps together, are enclosed at once: some 50 bytes each, in each of
# the dozens of arrays that a step of the reference makes of them.
MOST_WEIGHTS = 2**20
# Optimizers of Keras whose first operation on a gradient in parts is a difference to a dense
# slot, before which the parts are summed (keras/src/backend/tensorflow/sparse.py,
# elementwise_binary_union).
SUM_FIRST = ("Adam", "AdamW", "AMSGrad")
# What makes gradients anew, so that the recorded ones are not those that were used.
REMAKES_GRADIENTS = ("xla", "all-reduce")


def rounding_model(dtype, engine="graph", device="CPU:0", tf32=False):
    """Return the rounding model of NumPy together with one engine on one device.

    tf32: matmuls round their operands to 10 bits of fraction, as NVIDIA's tensor cores do.
    """
    kind = device.rpartition("/")[2].split(":")[0].upper()
    platform, compilers = (ON_CPU if kind == "CPU" else ON_GPU)[engine]
    return Model(dtype, ("numpy", platform), compilers, tf32=tf32)


@dataclass(frozen=True)
class Place:
    """Where something happened: the step, the stage, the tensor and the element."""

    step: int
    stage: str
    tensor: str
    index: tuple


@dataclass
class Enclosures:
    """The balls of every step of one trajectory, by stage and tensor."""

    whole: dict  # stage -> name -> RoundingArray (S, ...)
    update: dict  # "slots", "weights" -> name -> RoundingArray
    notes: list
    undecided: int = 0  # comparisons of the whole steps that rounding decides


def enclose_steps(program, trajectory, model):
    """Return the Enclosures of every step of ``trajectory``, from its own states.

    Of large networks not all steps are enclosed at once, as memory is finite.
    """
    weights = sum(weight[0].size for weight in trajectory.weights.values())
    at_once = max(1, MOST_WEIGHTS // max(weights, 1))
    starts = range(0, trajectory.steps, at_once)
    parts = [_enclose(program, trajectory.part(s, s + at_once), model) for s in starts]
    if len(parts) == 1:
        return parts[0]
    whole, update = (_in_a_row([getattr(p, kind) for p in parts]) for kind in ("whole", "update"))
    return Enclosures(whole, update, model.notes, parts[-1].undecided)


def _in_a_row(parts):
    """Return stage -> name -> balls of all steps, of those of some steps each."""
    return {
        stage: {name: np.concatenate([part[stage][name] for part in parts]) for name in balls}
        for stage, balls in parts[0].items()
    }


def _enclose(program, trajectory, model):
    layout = program.layout
    balls = _with_balls(program, model)
    with np.errstate(all="ignore"):
        step = step_each(balls, trajectory, model.array)
    whole = {
        "activations": dict(zip(layout.activations, step.activations)),
        "loss": {"E": step.error},
        "gradients": dict(zip(layout.weights, step.gradients)),
        **_states(layout, step.weights, step.slots),
    }
    undecided = model.undecided
    sparse = getattr(program.network, "sparse_names", ())
    if type(program.optimizer).__name__ not in SUM_FIRST:
        for table in sparse:
            _part_by_part(table, program.optimizer, trajectory, whole, model)
    remade = any(compiler in REMAKES_GRADIENTS for compiler in model.compilers)
    update = {} if remade or sparse else enclose_updates(balls, trajectory, model)
    return Enclosures(whole, update, model.notes, undecided)


def _part_by_part(table, optimizer, trajectory, whole, model):
    """Widen the balls of a table's states: its rows may be updated place by place.

    A row's update is then a sum of parts, one for each of its n places, that are scaled
    (at most 3 roundings each) and taken from the old number one after the other (n
    roundings).  No partial sum is larger than the old number and the magnitudes of all
    parts.  These sum to as much more than the update as the magnitudes of the parts of the
    gradient sum to more than their sum: the gradient is a product of a one-hot matrix and
    the parts, whose ball knows n and the sums of the magnitudes.  Where the optimizer is SGD
    the magnitudes of the parts of the update are the rate's times those of the gradient.
    """
    gradient = whole["gradients"][table]
    if gradient.product is None:
        raise NotImplementedError(f"{table}: a look-up in batches of different sizes")
    magnitudes = gradient.product.magnitude
    with np.errstate(divide="ignore", invalid="ignore"):
        more = np.where(magnitudes == 0, 1, magnitudes / gradient.inner * (1 + 1e-3))
    whole_table = np.max(more, axis=(-2, -1), keepdims=True)
    roundings = gradient.product.terms + 3
    for stage in ("slots", "weights"):
        for name, before in trajectory.before(stage).items():
            if name.partition("/")[0] != table:
                continue
            ball = whole[stage][name]
            update = np.abs(ball.mid - before) + ball.rad
            factor = more if more.shape == update.shape else whole_table
            parts = factor * update
            if type(optimizer).__name__ == "SGD" and isinstance(optimizer.learning_rate, float):
                parts = optimizer.learning_rate * magnitudes * (1 + 1e-3)
            largest = np.abs(before) + parts
            rad = ball.rad + 2 * roundings * model.unit * largest
            whole[stage][name] = ball.bounded(ball.mid, rad)


def enclose_updates(program, trajectory, model):
    """Return the balls of the optimizer's step from the recorded gradients."""
    layout = program.layout
    count = model.array(step_numbers(trajectory, model.dtype))
    slots = layout.slot_tuples(
        {name: model.array(a) for name, a in trajectory.before("slots").items()}
    )
    weights = tuple(model.array(trajectory.before("weights")[name]) for name in layout.weights)
    gradients = tuple(model.array(trajectory.gradients[name]) for name in layout.weights)
    slots = slots[: len(weights)]  # the optimizer's; behind them are the network's states
    with np.errstate(all="ignore"):
        weights, slots = program.optimizer.apply(weights, gradients, slots, count)
        weights = sides.reference().constrained(program.network, weights)
    return _states(layout, weights, slots)


def _with_balls(program, model):
    """Return the program with kernels enclosed and hyperparameters as balls."""
    return replace(
        program,
        network=with_balls(enclose(program.network), model),
        optimizer=with_balls(enclose(program.optimizer), model),
    )


def _states(layout, weights, slots):
    flat = [slot for of_weight in slots for slot in of_weight]
    return {
        "slots": dict(zip(layout.slots, flat)),
        "weights": dict(zip(layout.weights, weights)),
    }


@dataclass
class Check:
    """One side held against the enclosures.

    usage: the largest share of a radius that was used; above 1 is outside.
    outside: the first Place outside its enclosure, or None.
    undecided: the first Place whose enclosure is unbounded, or None.
    overflowing: of which steps some enclosure is unbounded: what is infinite or not a number
        there decides nothing (L12''), None where no step is such.
    """

    usage: float = 0.0
    outside: Place | None = None
    undecided: Place | None = None
    by_update: bool = False
    overflowing: np.ndarray | None = None

    def add(self, stage, name, values, ball, by_update=False):
        """Hold the values of one tensor, (S, ...), against its balls."""
        share = usage(values, ball)
        largest = float(np.max(share, initial=0))
        if largest <= 1 and np.max(ball.rad, initial=0) < np.inf:
            self.usage = max(self.usage, largest)
            return
        unbounded = np.isinf(np.broadcast_to(ball.rad, share.shape))
        if self.overflowing is not None:
            steps = self.overflowing.reshape(-1, *(1,) * (share.ndim - 1))
            unbounded = unbounded | (steps & ~np.isfinite(values))
        self.undecided = self._first(self.undecided, unbounded, stage, name)
        share = np.where(unbounded, 0, share)
        place = self._first(self.outside, ~(share <= 1), stage, name, share)
        if place is not self.outside:
            self.outside, self.by_update = place, by_update
        finite = share[np.isfinite(share)]
        self.usage = max(self.usage, float(finite.max(initial=0)))
        if not np.isfinite(share).all():
            self.usage = np.inf

    def _first(self, before, mask, stage, name, share=None):
        """Return the earlier of ``before`` and the first step of ``mask``."""
        steps = np.flatnonzero(mask.reshape(len(mask), -1).any(axis=1))
        if len(steps) == 0:
            return before
        step = int(steps[0])
        order = STAGES.index(stage)
        if before and (before.step, STAGES.index(before.stage)) <= (step, order):
            return before
        here = mask[step] if share is None else np.where(mask[step], _rank(share[step]), -1)
        index = np.unravel_index(int(np.argmax(here)), mask[step].shape)
        return Place(step, stage, name, tuple(int(i) for i in index))


def _rank(share):
    """Return usage with what is not a number as the largest."""
    return np.where(np.isnan(share), np.inf, share)


def usage(values, ball: RoundingArray):
    """Return |value - midpoint| / radius; 0 where a radius of 0 is met exactly."""
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(values - ball.mid)
        share = distance / ball.rad
    if np.isnan(share).any():
        share = np.where((distance == 0) & (ball.rad == 0), 0, share)
    return share.astype(np.float64, copy=False)


def overflowing_steps(enclosures):
    """Return of which steps some ball is unbounded, (S,); None where all are bounded."""
    balls = [ball for of_stage in enclosures.whole.values() for ball in of_stage.values()]
    unbounded = [np.isinf(b.rad) for b in balls if np.max(b.rad, initial=0) == np.inf]
    of_steps = [u.reshape(len(u), -1).any(axis=1) for u in unbounded]
    return np.any(np.broadcast_arrays(*of_steps), axis=0) if of_steps else None


def check(trajectory, enclosures):
    """Return the Check of a recorded side against the enclosures of its steps."""
    result = Check(overflowing=overflowing_steps(enclosures))
    for stage in STAGES:
        for name, values in trajectory.computed(stage).items():
            result.add(stage, name, values, enclosures.whole[stage][name])
    for stage, balls in enclosures.update.items():
        for name, ball in balls.items():
            result.add(stage, name, trajectory.computed(stage)[name], ball, by_update=True)
    return result


def check_step(layout, step, enclosures):
    """Return the Check of one stacked ``Step`` against the same enclosures."""
    result = Check(overflowing=overflowing_steps(enclosures))
    stages = {
        "activations": dict(zip(layout.activations, step.activations)),
        "loss": {"E": step.error},
        "gradients": dict(zip(layout.weights, step.gradients)),
        **_states(layout, step.weights, step.slots),
    }
    for stage, arrays in stages.items():
        for name, values in arrays.items():
            result.add(stage, name, np.asarray(values), enclosures.whole[stage][name])
    return result
