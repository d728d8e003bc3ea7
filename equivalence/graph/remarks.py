"""What is worth saying of a traced step beside its numbers.

*mode*: a layer that does otherwise in training runs as in inference, which is another function.
*order*: a variable is read and written, and nothing says which comes first.
*precision*: a hyperparameter of an optimizer is 0 or 1 in the half precision of its variables, or
so small that few of its bits are left, as Adam's epsilon of 1e-7 in float16.
*mask*: a recurrent layer does without the mask of its sequence, which Keras leaves out.
*effect*: an operation prints, writes a file or calls Python.  What returns nothing is run once a
step, unobserved; what calls Python is run twice, since its numbers are observed, too.
"""

from dataclasses import dataclass

from equivalence.arithmetic.precisions import HALVES, precision_of
from equivalence.graph.replay import READS, WRITES

MODE, ORDER, EFFECT, PRECISION, MASK = "mode", "order", "effect", "precision", "mask"
# Operations that do something beside returning numbers.
EFFECTS = {
    "PrintV2": "prints",
    "Print": "prints",
    "LogMessage": "prints",
    "WriteFile": "writes a file",
    "SaveV2": "writes a file",
    "WriteSummary": "writes a summary",
    "WriteScalarSummary": "writes a summary",
    "WriteHistogramSummary": "writes a summary",
    "PyFunc": "calls Python",
    "PyFuncStateless": "calls Python",
    "EagerPyFunc": "calls Python",
}
# Layers of Keras that take what a batch is into their weights.
OF_THE_BATCH = ("BatchNormalization", "SpectralNormalization")
# Attributes by which a layer drops or adds something, in training alone.
RATES = ("rate", "dropout", "recurrent_dropout", "stddev", "sigma")


@dataclass(frozen=True)
class Remark:
    """One thing to say, about one of the above; where, and in which words."""

    about: str
    layer: str
    line: str
    words: str

    def __str__(self):
        at = f" at {self.line}" if self.line else ""
        return f"{self.layer}{at}: {self.words}"


def find_lost_masks(calls):
    """Return the Remarks of recurrent layers that do without the masks of their sequences."""
    words = (
        "the mask of its sequence is not used: Keras leaves it out where initial_state is given "
        "and mask= is not (keras-initial-state-drops-mask)"
    )
    return [Remark(MASK, call.name, call.line, words) for call in calls if call.loses_mask]


def find_remarks(graph, origins, variables, modes, printed=False, updates=()):
    """Return the Remarks of a traced step.

    modes: (layer, line) of the calls of layers that ran as in inference.
    updates: the calls of optimizers, with ``optimizer`` and ``variables``.
    printed: whether Python printed while the step was traced.
    """
    found = [
        Remark(
            MODE,
            layer.name,
            line,
            "runs as in inference, though the step trains",
        )
        for layer, line in modes
    ]
    found += _unordered(graph, origins, variables)
    for update in updates:
        for dtype in dict.fromkeys(v.dtype for v in update.variables if v.dtype in HALVES):
            found += [
                Remark(PRECISION, update.optimizer.name, "", words)
                for words in _rounded_away(update.optimizer, precision_of(dtype))
            ]
    for operation in graph.get_operations():
        if operation.type in EFFECTS:
            origin = origins[operation.name]
            times = "twice, observed and unobserved" if operation.outputs else "once"
            words = f"{operation.type} {EFFECTS[operation.type]}: each step ran it {times}"
            found.append(Remark(EFFECT, origin.layer, origin.line, words))
    if printed:
        words = "Python code printed while it was traced: a graph does so once, not in every step"
        found.append(Remark(EFFECT, "step", "", words))
    return list(dict.fromkeys(found))


def _rounded_away(optimizer, precision):
    """Yield in words each hyperparameter of which a half precision leaves little or nothing."""
    for name, value in optimizer.get_config().items():
        if not isinstance(value, float) or value == 0 or value == 1:
            continue
        rounded = float(precision.dtype.type(value))
        off = abs(rounded - value) / abs(value)
        if rounded == 0:
            words = "0: what it should keep from 0 is divided by 0"
        elif rounded == 1:
            words = "1"
        elif off > precision.unit:
            words = f"{rounded:.3g}, {off:.0%} off: below {precision.tiny:.3g} few bits are left"
        else:
            continue
        yield f"{name} {value:.9g} is {words} ({precision.name})"


def differs_in_training(layer):
    """Say whether a layer by itself does otherwise in training."""
    if not getattr(layer, "_call_has_training_arg", False) or not layer.trainable:
        return False
    if getattr(layer, "_layers", None):
        return False  # its layers are asked
    if any(getattr(layer, name, None) for name in RATES):
        return True
    # Most of Keras's layers take the argument and do nothing with it; an own layer has its reasons.
    own = not type(layer).__module__.startswith("keras.")
    return own or type(layer).__name__ in OF_THE_BATCH


def _unordered(graph, origins, variables):
    """Return a Remark for every variable of which a read and a write have no order."""
    touching = {}
    for operation in graph.get_operations():
        if operation.type in READS or operation.type in WRITES:
            touching.setdefault(operation.inputs[0].op.name, []).append(operation)
    touching = {
        name: operations
        for name, operations in touching.items()
        if len(operations) > 1 and any(o.type in WRITES for o in operations)
    }
    if not touching:
        return []
    watched = {o.name: k for k, o in enumerate(o for each in touching.values() for o in each)}
    before = _behind(graph, watched)
    found = []
    for name, operations in touching.items():
        for k, first in enumerate(operations):
            for second in operations[k + 1 :]:
                if "VariableShape" in (first.type, second.type):
                    continue
                if first.type not in WRITES and second.type not in WRITES:
                    continue
                if not (
                    before[second.name] >> watched[first.name] & 1
                    or before[first.name] >> watched[second.name] & 1
                ):
                    what = getattr(variables.get(name), "name", name).partition(":")[0]
                    origin = origins[second.name]
                    words = f"{what}: nothing orders {first.type} and {second.type}"
                    found.append(Remark(ORDER, origin.layer, origin.line, words))
    return found


def _behind(graph, watched):
    """Return operation -> the bits of those watched operations that it waits for."""
    from equivalence.graph.replay import in_order

    found = {}
    for operation in in_order(graph):
        bits = 0
        for other in [t.op for t in operation.inputs] + list(operation.control_inputs):
            bits |= found.get(other.name, 0)
            if other.name in watched:
                bits |= 1 << watched[other.name]
        found[operation.name] = bits
    return found
