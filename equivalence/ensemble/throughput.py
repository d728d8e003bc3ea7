"""How many training steps a second are verified, and how many certified.

A *verified* step is one training step of one net, taken by both sides, after which
every weight and slot was compared.  A *certified* step is one of TensorFlow's whose
every number, and NumPy's from the same state, was held against its enclosure.  Not
timed: imports, the making of the nets, tracing and compiling.
"""

import numpy as np

from equivalence.ensemble import naive, nets
from equivalence.ensemble.certified import certify, cut_down
from equivalence.ensemble.free_running import Distance, block_steps, blocks
from equivalence.ensemble.measurement import (
    CERTIFIED,
    FREE_RUNNING,
    NAIVE,
    Clock,
    Measurement,
    Tick,
)
from equivalence.ensemble.runner import runner
from equivalence.judge.certificate import rounding_model
from equivalence.pairs.table import find
from equivalence.steps.program import program

# A naive loop takes as many rounds as a person waits for, and a certificate costs some
# ten times what a comparison does; a rate needs no more.
EAGER_STEPS = 300
FIT_EPOCHS = 60
MOST_CERTIFIED = 2**19


def measure(request):
    """Yield a Measurement of everything, a Cut where a net fails, and Ticks in between."""
    pair = find(request.pair)
    yield from _naive(pair, request)
    ensemble = nets.random_ensemble(pair, request.dtype, request.nets, request.seed)
    steps = min(block_steps(ensemble), -(-request.steps // request.nets))
    for engine in request.engines:
        yield Tick(f"compiling for {engine}", 0, request.steps)
        tensorflow = runner(pair, ensemble, engine)
        tensorflow.run(ensemble, tensorflow.start(ensemble), steps)
        yield from _free_running(request, ensemble, tensorflow, engine, steps)
        yield from _certified(request, pair, ensemble, tensorflow, engine, steps)


def _naive(pair, request):
    """Yield the Measurements of the naive loops; Keras's where it has such classes."""
    one = program(pair, request.dtype, request.seed)
    rounds = [("tape", "eager", naive.eager_rounds, EAGER_STEPS, 1)]
    if pair.keras:
        rounds.append(("keras", "fit", naive.fit_rounds, FIT_EPOCHS, pair.steps_per_epoch))
    for twin, engine, loop, count, steps in rounds:
        yield Tick(f"naive loop: {engine}", 0, count * steps)
        times, ulp = naive.timed(loop(pair, one), count)
        yield Measurement(
            measured=NAIVE,
            pair=pair.name,
            dtype=request.dtype,
            twin=twin,
            engine=engine,
            nets=1,
            epochs=count * steps // pair.steps_per_epoch,
            steps=count * steps,
            **times,
            ulp=ulp,
        )


def _free_running(request, ensemble, tensorflow, engine, steps):
    count = -(-request.steps // (steps * request.nets))
    distance = Distance.of(ensemble)
    clock = Clock()
    for ours, theirs in blocks(ensemble, tensorflow, count, steps):
        distance.add(ours, theirs)
        yield Tick(f"both sides, {engine}", distance.steps * request.nets, request.steps)
    yield Measurement(
        measured=FREE_RUNNING,
        pair=request.pair,
        dtype=request.dtype,
        twin="tape",
        engine=engine,
        nets=request.nets,
        epochs=distance.steps // distance.epoch_steps,
        steps=distance.steps * request.nets,
        **clock.read(),
        ulp=distance.ulp,
        ulp_by_epoch=distance.by_epoch,
        parted=int(distance.parted.sum()),
    )


def _certified(request, pair, ensemble, tensorflow, engine, steps):
    """Certify block after block, and cut down the first that fails."""
    goal = min(request.steps, MOST_CERTIFIED)
    state, done, usage = tensorflow.start(ensemble), 0, 0.0
    outside, undecided = np.zeros((2, request.nets), bool)
    clock = Clock()
    while done < goal and not outside.any():
        trajectory = tensorflow.run(ensemble, state, steps)
        found = certify(ensemble, trajectory, rounding_model(request.dtype, engine))
        state, done = trajectory.last_state, done + steps * request.nets
        outside, undecided = outside | found.outside, undecided | found.undecided
        usage = max(usage, found.usage)
        yield Tick(f"certificates, {engine}", done, goal)
    yield Measurement(
        measured=CERTIFIED,
        pair=request.pair,
        dtype=request.dtype,
        twin="tape",
        engine=engine,
        nets=request.nets,
        epochs=state.step // len(ensemble.inputs),
        steps=done,
        **clock.read(),
        usage=usage,
        outside=int(outside.sum()),
        undecided=int(undecided.sum()),
    )
    if outside.any():
        yield cut_down(ensemble, trajectory, found, _alone(pair, engine), pair.name, engine)


def _alone(pair, engine):
    """Return what runs one net of a pair alone."""
    return lambda one, steps: runner(pair, one, engine).run(one, one.start(), steps)
