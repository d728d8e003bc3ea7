"""The certificate of a run: every number of every step lies in its proven enclosure.

The reference runs over rounding balls; what TensorFlow computed must lie inside.  It starts
again, so that errors do not compound, from what TensorFlow itself had:

* at every *step*, from the state before it, whose floats are exact numbers;
* at every *stage* of the step (``stages``): each layer's output from its recorded input, each
  layer's gradients from the recorded gradient of its output, the optimizer from the recorded
  gradients.  A radius is then what one layer rounds, at any depth.

Under XLA, and with what MirroredStrategy's devices make among themselves, what was recorded
need not be what was used: a fusion may compute it again, in another order.  There a step is
enclosed as a whole, from its state.

All steps are enclosed at once, stacked along a leading axis.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from equivalence.arithmetic.boxes import boxes
from equivalence.arithmetic.enclosed import REMAKES, enclose, with_balls
from equivalence.arithmetic.rounding import Model, RoundingArray
from equivalence.arithmetic.two_floats import size_of
from equivalence.engines.table import ENGINES
from equivalence.judge.stages import take_stages
from equivalence.machine.blas import blas_threads, one_blas_thread
from equivalence.steps.numpy import step_each
from equivalence.steps.trajectory import STAGES

# How many weights, all steps together, are enclosed at once: some 50 bytes each, in each of
# the dozens of arrays that a step of the reference makes of them.
MOST_WEIGHTS = 2**20
# How many threads do so beside each other, each with memory of its own: on a machine of many cores
# more would take all of it.  Of a network with more weights than that one step fills it.
MOST_THREADS = 2
# Optimizers of Keras whose first operation on a gradient in parts is a difference to a dense
# slot, before which the parts are summed (keras/src/backend/tensorflow/sparse.py,
# elementwise_binary_union).
SUM_FIRST = ("Adam", "AdamW", "AMSGrad")


def rounding_model(dtype, engine="graph", device="CPU:0", tf32=False):
    """Return the rounding model of NumPy together with one engine on one device.

    tf32: matmuls round their operands to 10 bits of fraction, as NVIDIA's tensor cores do.
    """
    kind = device.rpartition("/")[2].split(":")[0].upper()
    row = ENGINES[engine]
    platform, compilers = row.on_cpu if kind == "CPU" else row.on_gpu
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
    """The balls of every step of one trajectory.

    parts: stage -> name -> RoundingArray (S, ...), of the steps that were enclosed at once; then
        of those behind them.
    starts: with which step each part begins.
    """

    parts: list
    restarts: bool  # each stage starts from what was recorded, not from the state
    notes: list
    undecided: int = 0  # comparisons that rounding decides
    starts: tuple = (0,)

    @cached_property
    def balls(self):
        """The balls of all steps, by stage and tensor."""
        if len(self.parts) == 1:
            return self.parts[0]
        return {
            stage: {
                name: np.concatenate([part[stage][name] for part in self.parts]) for name in balls
            }
            for stage, balls in self.parts[0].items()
        }


def enclose_steps(program, trajectory, model, restarts=None):
    """Return the Enclosures of every step of ``trajectory``.

    restarts: each stage starts from what was recorded, instead of from the state before the
        step; where it is not given, wherever what was recorded is what was used.
    Of large networks not all steps are enclosed at once, as memory is finite; some beside each
    other, in threads, where a product of matrices would have had several.
    """
    restarts = not remakes(model) if restarts is None else restarts
    weights = sum(weight[0].size for weight in trajectory.weights.values())
    at_once = max(1, MOST_WEIGHTS // max(weights, 1))
    starts = tuple(range(0, trajectory.steps, at_once))
    parts = [trajectory.part(start, start + at_once) for start in starts]
    models = [model.anew() for _ in parts]

    def enclose_part(part, model):
        return _enclose(program, part, model, restarts)

    if len(parts) == 1:
        found = [enclose_part(*parts, *models)]
    else:
        threads = min(blas_threads(), MOST_THREADS) if weights <= MOST_WEIGHTS else 1
        with ThreadPoolExecutor(threads) as pool, one_blas_thread():
            found = list(pool.map(enclose_part, parts, models))
    for each in models:
        model.take_notes(each)
    return Enclosures(found, restarts, model.notes, model.undecided, starts)


def _enclose(program, trajectory, model, restarts):
    """Return stage -> name -> balls of all steps of a trajectory."""
    step = take_each(_with_balls(program, model), trajectory, model.array, restarts)
    balls = program.layout.by_stage(step)
    if type(program.optimizer).__name__ not in SUM_FIRST:
        for table in program.network.sparse_names:
            _part_by_part(table, program.optimizer, trajectory, balls, model)
    return balls


def remakes(model):
    """Say whether what was recorded need not be what was used, so that no stage starts again."""
    return any(compiler in REMAKES for compiler in model.compilers)


def take_each(program, trajectory, lift, restarts):
    """Return one ``Step`` from each state of ``trajectory``, in any arithmetic.

    restarts: each stage starts from what was recorded, instead of from the state.
    """
    with np.errstate(all="ignore"):
        return step_each(program, trajectory, lift, take_stages if restarts else None)


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
    roundings = np.max(gradient.product.terms, initial=0) + 3
    for stage in ("slots", "weights"):
        for name, before in trajectory.before(stage).items():
            if name.partition("/")[0] != table:
                continue
            ball = whole[stage][name]
            update = size_of(ball.mid - before) + ball.rad
            factor = more if more.shape == update.shape else whole_table
            parts = factor * update
            if type(optimizer).__name__ == "SGD" and isinstance(optimizer.learning_rate, float):
                parts = optimizer.learning_rate * magnitudes * (1 + 1e-3)
            largest = np.abs(before) + parts
            rad = ball.rad + 2 * roundings * model.unit * largest
            whole[stage][name] = ball.bounded(ball.mid, rad)


def _with_balls(program, model):
    """Return the program with kernels enclosed and hyperparameters as balls."""
    return replace(
        program,
        network=with_balls(enclose(program.network), model),
        optimizer=with_balls(enclose(program.optimizer), model),
    )


@dataclass
class Check:
    """One side held against the enclosures.

    usage: the largest share of a radius that was used; above 1 is outside.
    outside: the first Place outside its enclosure, or None.
    undecided: the first Place whose enclosure is unbounded, or None.
    overflowing: of which steps of a part some enclosure is unbounded: what is infinite or not a
        number there decides nothing (L12''), None where no step is such.
    first: the first step of that part.
    """

    usage: float = 0.0
    outside: Place | None = None
    undecided: Place | None = None
    overflowing: np.ndarray | None = None
    first: int = 0

    def add(self, stage, name, values, ball):
        """Hold the values of one tensor, (S, ...), against its balls.

        Raises ValueError for a radius below 0 or NaN, which no rule may make: the share of
        it that a value uses would be below 1, whatever the value.
        """
        largest, least, widest = _extremes(values, ball)
        if not least >= 0:
            wrong = np.extract(~(ball.rad >= 0), ball.rad)[0]
            raise ValueError(
                f"the enclosure of {stage} {name} has a radius of {wrong}, which no sound rule "
                "makes: hold the operations before it against exact arithmetic"
            )
        if largest <= 1 and widest < np.inf:
            self.usage = max(self.usage, largest)
            return
        share = usage(values, ball)
        unbounded = np.isinf(np.broadcast_to(ball.rad, share.shape))
        if self.overflowing is not None:
            steps = self.overflowing.reshape(-1, *(1,) * (share.ndim - 1))
            unbounded = unbounded | (steps & ~np.isfinite(values))
        self.undecided = self._first(self.undecided, unbounded, stage, name)
        share = np.where(unbounded, 0, share)
        self.outside = self._first(self.outside, ~(share <= 1), stage, name, share)
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
        if before and (before.step, STAGES.index(before.stage)) <= (self.first + step, order):
            return before
        here = mask[step] if share is None else np.where(mask[step], _rank(share[step]), -1)
        index = np.unravel_index(int(np.argmax(here)), mask[step].shape)
        return Place(self.first + step, stage, name, tuple(int(i) for i in index))


def _rank(share):
    """Return usage with what is not a number as the largest."""
    return np.where(np.isnan(share), np.inf, share)


def _extremes(values, ball):
    """Return the largest share of a radius that is used, the least radius and the largest.

    Those of each part of the arrays that fits the processor's cache, and of these.
    """
    ball, found = ball._broadcast(np.shape(values)), [(0.0, 0.0, 0.0)]
    for part in boxes(np.shape(values)):
        share, rad = usage(values[part], ball[part]), ball.rad[part]
        found.append((share.max(initial=0), rad.min(initial=0), rad.max(initial=0)))
    shares, least, widest = zip(*found)
    return float(np.max(shares)), float(np.min(least)), float(np.max(widest))


def usage(values, ball: RoundingArray):
    """Return |value - midpoint| / radius; 0 where a radius of 0 is met exactly."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = size_of(values - ball.mid)
        share /= ball.rad
    if np.isnan(np.max(share, initial=0)):  # 0 / 0 among them
        share = np.where((values == ball.mid) & (ball.rad == 0), 0, share)
    return share.astype(np.float64, copy=False)


def overflowing_steps(balls):
    """Return of which steps some ball is unbounded, (S,); None where all are bounded.

    balls: stage -> name -> RoundingArray, of a part of ``Enclosures``.
    """
    every = [ball for of_stage in balls.values() for ball in of_stage.values()]
    unbounded = [np.isinf(b.rad) for b in every if np.max(b.rad, initial=0) == np.inf]
    of_steps = [u.reshape(len(u), -1).any(axis=1) for u in unbounded]
    return np.any(np.broadcast_arrays(*of_steps), axis=0) if of_steps else None


def check(trajectory, enclosures):
    """Return the Check of a recorded side against the enclosures of its steps."""
    return _check({stage: trajectory.computed(stage) for stage in STAGES}, enclosures)


def check_step(layout, step, enclosures):
    """Return the Check of one stacked ``Step`` against the same enclosures."""
    return _check(layout.by_stage(step), enclosures)


def _check(computed, enclosures):
    """Return the Check of stage -> name -> values (S, ...)."""
    result = Check()
    ends = (*enclosures.starts[1:], None)
    for balls, first, last in zip(enclosures.parts, enclosures.starts, ends, strict=True):
        result.first, result.overflowing = first, overflowing_steps(balls)
        for stage, arrays in computed.items():
            for name, values in arrays.items():
                result.add(stage, name, np.asarray(values)[first:last], balls[stage][name])
    return result
