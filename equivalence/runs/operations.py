"""A pair held operation by operation: its own training step by the route of ``graph``.

The step is the one that users run: of the Keras twin the compiled model's ``train_step``, with
the pair's weights, data, loss and optimizer; of the tape twin the file of ``tfimpl``.  In half
precision, where Keras keeps some numbers in one format and computes others in another, it is
the only route: the reference's step runs in one precision.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from equivalence import defects, trees
from equivalence.arithmetic.precisions import POLICIES, precision_of
from equivalence.errors import BadInput, Error
from equivalence.graph.remarks import PRECISION
from equivalence.graph.replay import WRITES
from equivalence.judge.distance import ulps
from equivalence.judge.resolution import Resolution
from equivalence.judge.verdict import DIFFERENT, KINK, OVERFLOW, ROUNDING_IDENTICAL, First
from equivalence.machine.keras_settings import under
from equivalence.results.result import Result, Spec

# How many steps are certified by default: each is observed operation by operation.
STEPS = 3
# The stage of a First that an operation, and no stage of the reference, has.
STAGE = "operations"


# What Keras and TensorFlow say of a step that they cannot run, and in words what they lack.
REFUSALS = {
    "of bfloat16 is not in the list of allowed values": "TensorFlow has no such kernel of "
    "bfloat16, as of the qr by which Keras draws an orthogonal start of a recurrent kernel",
    "containing a tensor of dtype <dtype: 'float16'> to <dtype: 'float32'>": "Keras adds a penalty "
    "that it computed in float16 to a loss in float32, and raises",
    "containing a tensor of dtype <dtype: 'bfloat16'> to <dtype: 'float32'>": "Keras adds a "
    "penalty that it computed in bfloat16 to a loss in float32, and raises",
    "Gradients for grouped convolutions are not supported on CPU": "TensorFlow has no gradient of "
    "a grouped convolution in this precision on a CPU",
    "must match last dimension of input": "TensorFlow has no grouped convolution in three "
    "dimensions on a CPU",
    "input and filter must have the same depth": "TensorFlow has no grouped convolution in three "
    "dimensions on a CPU",
}


class Refused(Error, RuntimeError):
    """Keras or TensorFlow cannot run a step so; the message says what they lack."""


@contextmanager
def refusals_named():
    """Raise Refused for what REFUSALS knows; RuntimeError for what else a step did not take."""
    try:
        yield
    except Exception as error:
        for words, reason in REFUSALS.items():
            if words in " ".join(str(error).split()):
                raise Refused(reason) from error
        if isinstance(error, BadInput):  # not of the user's: the pair is ours
            raise RuntimeError(str(error)) from error
        raise


class BatchesOf:
    """The batches of a Program, from the first again at the end; a smaller last one is left out.

    A step is traced for one shape.  A batch is a tuple of tensors, inputs and targets, of the
    floats that ``fit`` makes of them under the policy.
    """

    def __init__(self, program, policy):
        self.count = len(program.inputs) - (program.last is not None)
        self.given = program.inputs, program.targets
        self.dtype = precision_of(POLICIES[policy].variables).dtype
        self.parts = [array.astype(self.dtype) for array in self.given]

    def __getitem__(self, step):
        import tensorflow as tf

        return tuple(tf.constant(part[step % self.count]) for part in self.parts)

    @property
    def moved(self) -> int:
        """How many whole numbers of the data, places in a table as may be, are others in it."""
        pairs = zip(self.given, self.parts)
        return sum(int(np.sum((a == np.floor(a)) & (a != b.astype(a.dtype)))) for a, b in pairs)


def run(spec: Spec, pair, reference, optimizer, steps: int, epoch_steps: int) -> Result:
    """Certify the steps of a Spec and return the Result.

    reference: the pair's Program, in float32 under a policy of half precision, for the start
        and the data.
    optimizer: the twin of ``tfimpl``.
    Raises ``keras_objects.NotInKeras`` where Keras has no such model or optimizer, and Refused
    where it, or TensorFlow, cannot run the step in this precision.
    """
    from equivalence.engines.keras_objects import NotInKeras
    from equivalence.graph.certify import Prepared

    if spec.twin == "keras" and (not pair.keras or pair.in_turn):
        lacks = pair.note or "Keras has no such class"
        several = "Keras trains its models in turn, in several steps"
        raise NotInKeras(several if pair.in_turn else f"no Keras twin: {lacks}")
    network, known = pair.network(trees.tensorflow()), None
    with under(spec.dtype), refusals_named():
        batches = BatchesOf(reference, spec.dtype)
        build = model_of if spec.twin == "keras" else step_of
        made = build(network, optimizer, reference, pair.keras, batches.dtype)
        prepared = Prepared(made, batches[0])
        report = prepared.certify(batches, steps, spec.engine)
        if spec.engine != "eager" and any(each.parted for each in report.unobserved):
            watched = prepared.certify(batches, 1, spec.engine, watch=True)
            report.watch = watched.watch
        rows = defects.matching(reference, spec.twin, spec.engine, steps - 1)
        if report.astray and rows:
            optimizer = defects.modelled(reference, rows).optimizer
            known = prepared.certify(batches, steps, optimizer=optimizer)
    result = result_of(spec, report, pair.diverges, batches.moved, steps, epoch_steps)
    if known is None:
        return result
    names = tuple(row.name for row in rows)
    return _with_models(result, names, known.verdict, sentence(known))


# ------------------------------------------------------------------- the step of a twin


def model_of(network, optimizer, program, model, dtype):
    """Return the compiled Keras model of a network and optimizer, at a Program's start.

    Layers take their precisions from Keras's policy.
    """
    import tensorflow as tf

    from equivalence.engines.keras_objects import (
        find_states,
        keras_model_of,
        keras_optimizer_of,
        loss_of,
    )

    made, _ = keras_model_of(network, model, program.weights, None)
    variables, start = made.trainable_variables, program.start()
    for variable, value in zip(variables, program.weights, strict=True):
        variable.assign(tf.cast(value.reshape(variable.shape), variable.dtype))
    for name, state in find_states(made, program.layout).items():
        state.assign(tf.cast(start.slots[name].reshape(state.shape), state.dtype))
    keras_optimizer = keras_optimizer_of(optimizer)
    optimizer.exclude(keras_optimizer, variables)
    made.compile(keras_optimizer, loss_of(network))
    return made


def step_of(network, optimizer, program, model, dtype):
    """Return the training step of the tape twin as a function of a batch that moves variables."""
    import tensorflow as tf

    m, start = trees.tensorflow(), program.start()
    weights = [tf.Variable(w, name=n) for n, w in zip(program.layout.weights, program.weights)]
    slots = {name: tf.Variable(value, name=name) for name, value in start.slots.items()}
    count = tf.Variable(np.asarray(0, dtype), name="step")

    def step(inputs, targets):
        number = count + 1
        before = program.layout.slot_tuples({name: tf.identity(v) for name, v in slots.items()})
        at = tuple(tf.identity(weight) for weight in weights)
        taken = m.train_step(network, optimizer, at, before, number, inputs, targets)
        after = [slot for of_weight in taken.slots for slot in of_weight]
        for variable, value in zip((*weights, *slots.values()), (*taken.weights, *after)):
            variable.assign(value)
        count.assign(number)
        return taken.error

    step.__name__ = type(network).__name__
    return step


# ------------------------------------------------------------------- from a Report to a Result


def result_of(spec: Spec, report, diverges, moved, steps, epoch_steps) -> Result:
    """Return the Result that a Report makes of a Spec.

    diverges: why the pair's numbers leave their range, if that is what it is about.
    moved: how many whole numbers of the data half precision does not hold.
    """
    verdict, reason = report.verdict, sentence(report)
    cause = {DIFFERENT: "outside", OVERFLOW: "overflow", KINK: "unbounded"}.get(verdict, "parted")
    why = _why_beyond(spec, report, diverges) if verdict == OVERFLOW else ""
    expected = verdict in (ROUNDING_IDENTICAL, KINK) or bool(why)
    if expected and report.without:
        cause, expected = "without-rule", False
    reason = f"{reason} ({why})" if why else reason
    whole, rest = divmod(steps, epoch_steps)
    sharp = report.least_sharp
    resolution = {STAGE: Resolution(sharp.sharp_to, sharp.sharp_to, sharp.name)} if sharp else {}
    return Result(
        spec,
        verdict,
        expected,
        cause,
        reason,
        epochs=steps / epoch_steps if rest else whole,
        steps=steps,
        ulp=None,
        step_ulp=None,
        usage=max((each.usage for each in report.operations), default=0.0),
        sharp_to=report.sharp_to,
        resolution=resolution,
        first=_first(spec, report.first, epoch_steps),
        lost=lost_by(report, moved),
        seconds=sum(report.seconds.values()),
    )


def _with_models(result, names, verdict, reason) -> Result:
    """Return a Result, with what became of it with the models of known upstream defects."""
    met = " and ".join(names)
    explained = verdict == ROUNDING_IDENTICAL
    words = f"{verdict} with its model; {result.reason}" if explained else f"beyond it: {reason}"
    return replace(
        result,
        expected=explained,
        cause="known-defect" if explained else "beyond-defect",
        reason=f"upstream defect {met}; {words}",
        defects=names,
        with_models=verdict,
    )


def _why_beyond(spec, report, diverges) -> str:
    """Return why numbers left their range honestly, "" where nothing says so.

    float16's range ends where float32's has hardly begun, so that no row of the tables declares
    it; that each operation had no other answer is certified.
    """
    if diverges:
        return f"as declared: {diverges}"
    if POLICIES[spec.dtype].computes != "float16":
        return ""
    written = [each for each in report.operations if each.kind in WRITES and each.undecided]
    if report.gradient.has_scale and not written:
        return "the loss scale leaves such a step out, and is halved"
    return f"float16 ends at {precision_of('float16').largest:.0f}"


def sentence(report) -> str:
    """Say in one sentence what a Report says of all steps."""
    gradient = report.gradient
    if report.first:
        return str(report.first)
    if gradient.wrong:
        return f"gradients that are not the derivatives: {', '.join(gradient.wrong)}"
    if gradient.scaled:
        return f"new weights depend on the loss scale: {', '.join(gradient.scaled)}"
    if report.astray:
        return report.astray[0].outside
    if report.without:
        kinds = dict.fromkeys(f"{each.kind} ({each.without})" for each in report.without)
        return f"not certified: {', '.join(kinds)}"
    if report.verdict in (OVERFLOW, KINK):
        return report.arose
    return f"{len(report.operations)} operations, each inside its enclosure{_beside(report)}"


def _beside(report) -> str:
    """Say what the steps are when nobody looks, where they have other bits than the observed."""
    parted = dict.fromkeys(name for each in report.unobserved for name in each.parted)
    if not parted:
        return ""
    words = f"; in {report.engine} {len(parted)} variables have other bits"
    if not (watch := report.watch):
        return words
    words += f": {watch.covered:.0%} of its first step's numbers watched and certified"
    return f"{words}, {len(watch.unexplained)} not explained" if watch.unexplained else words


def lost_by(report, moved: int) -> tuple[str, ...]:
    """Return a sentence for each way in which honest operations lost numbers."""
    ways: dict[str, list] = {}
    for operation in report.lossy:
        ways.setdefault(operation.loses, []).append(operation)
    words = [
        f"{sum(o.lost for o in of_way)} numbers ({_some(o.layer for o in of_way)}): {loses}"
        for loses, of_way in ways.items()
    ]
    words += [str(remark) for remark in report.remarks if remark.about == PRECISION]
    if moved:
        words.append(f"{moved} whole numbers of the data are others in half precision")
    return tuple(words)


def _some(given: Iterable[str]) -> str:
    names = list(dict.fromkeys(given))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _first(spec, first, epoch_steps):
    """Return a number outside of its operation's enclosure as the results file has it."""
    if first is None:
        return None
    computes = precision_of(POLICIES[spec.dtype].computes).dtype
    pair = (np.asarray(value).astype(computes) for value in (first.tensorflow, first.reference))
    return First(
        epoch=first.step // epoch_steps,
        step=first.step,
        stage=STAGE,
        tensor=f"{first.layer}/{first.operation}",
        index=first.index,
        reference=first.reference,
        tensorflow=first.tensorflow,
        true=first.true,
        wrong_side="tensorflow",
        ulp=float(ulps(*pair)),
        usage=first.usage,
        restarted=True,
    )
