"""What all engines share: the compiled loop, devices, and the making of the record."""

from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from equivalence.errors import Error
from equivalence.steps.trajectory import Layout, Trajectory, with_start


@contextmanager
def floatx(dtype):
    """Let Keras create its own variables (learning rate, metrics) in ``dtype``."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before)


class Misplaced(Error, RuntimeError):
    """A tensor does not lie on the device that was asked for."""


def check_placement(tensors, device):
    """Raise Misplaced unless all tensors and variables lie on ``device``, as "CPU:1"."""
    for tensor in tensors:
        # Where a tensor's memory is; a variable is where its handle was made.
        lies = getattr(tensor, "backing_device", None) or tensor.device
        if not lies.upper().endswith(f"/DEVICE:{device.upper()}"):
            raise Misplaced(f"a tensor lies on {lies}, not on {device}")


class Runner:
    """What the engines share: the compiled loop and the making of the record."""

    variables = ()  # what lies on the device between the steps

    def __init__(self, network, optimizer, program, engine, device):
        self.network = network
        self.optimizer = optimizer
        self.dtype = program.dtype
        self.engine = engine
        self.device = device
        self.layout = Layout.of(network, optimizer)
        self.activation_names = self.layout.activations
        self.flow_names = self.layout.flows
        self.last = program.last
        self.batch = program.inputs.shape[-2]
        self.shapes = [w.shape for w in program.weights]
        self.first_state = program.start()
        self.slot_shapes = [slot.shape for slot in self.first_state.slots.values()]
        if engine == "graph":
            self._loop = tf.function(self._loop, autograph=False)
        if engine == "xla":
            self._compiled = {}

    def start(self, program):
        """Return the State before the first step, with the slots as this side builds them."""
        with tf.device(self.device), floatx(self.dtype):
            slots = self._built_slots(program)
        return self.layout.state(program.weights, self.layout.slot_tuples(slots))

    def run(self, program, start, steps):
        """Run ``steps`` steps from ``start`` on the program's data; a Trajectory."""
        with tf.device(self.device), floatx(self.dtype):
            inputs, targets = tf.constant(program.inputs), tf.constant(program.targets)
            self._set_state(start)
            if self.engine in ("eager", "split"):
                record = self._eager(inputs, targets, start.step, steps)
            elif self.engine == "graph":
                record = self._loop(
                    inputs, targets, tf.constant(start.step), tf.constant(steps), self._state()
                )
            else:
                record = self._xla(steps)(inputs, targets, tf.constant(start.step), self._state())
            check_placement([t for t in record if not isinstance(t, np.ndarray)], self.device)
            check_placement(self.variables, self.device)
        return self._trajectory(start, [np.asarray(r) for r in record])

    def _xla(self, steps):
        """Return the loop compiled for this number of steps: XLA's sizes are fixed."""
        if steps not in self._compiled:
            self._compiled[steps] = tf.function(
                lambda inputs, targets, first, state: self._loop(
                    inputs, targets, first, steps, state
                ),
                autograph=False,
                jit_compile=True,
            )
        return self._compiled[steps]

    def _eager(self, inputs, targets, first, steps):
        state, record = self._state(), []
        for s in range(first, first + steps):
            which = s % len(inputs)
            count = tf.constant(s + 1, self.dtype)
            outputs, state = self._step_on(inputs, targets, which, count, state)
            check_placement(outputs, self.device)
            record.append([o.numpy() for o in outputs])
        return [np.stack(column) for column in zip(*record)]

    def _step_on(self, inputs, targets, which, count, state):
        """Take a step on one batch; the last may have fewer samples."""
        # Not inputs[which]: XLA would compile the loop again for every first step.
        inputs_now, targets_now = tf.gather(inputs, which), tf.gather(targets, which)
        full = lambda: self._step(inputs_now, targets_now, count, state)
        if self.last is None:
            return full()

        def short():
            batch = inputs_now[: self.last], targets_now[: self.last]
            outputs, after = self._step(*batch, count, state)
            k = len(self.activation_names)
            flows = slice(k + 1, k + 1 + len(self.flow_names))
            outputs[:k] = map(self._filled, outputs[:k])
            each = zip(self.flow_names, outputs[flows], strict=True)
            shares = self.layout.shares
            outputs[flows] = [f if name in shares else self._filled(f) for name, f in each]
            return outputs, after

        is_last = tf.equal(which, tf.shape(inputs)[0] - 1)
        return tf.cond(is_last, short, full)

    def _filled(self, activation):
        """Return an activation filled up with zeros to the samples of a full batch."""
        missing = self.batch - tf.shape(activation)[0]
        return tf.pad(activation, [[0, missing], *[[0, 0]] * (activation.shape.rank - 1)])

    def _loop(self, inputs, targets, first, steps, state):
        """Return the record of all steps: one tensor with a step axis for each output."""
        shapes = self._output_shapes(inputs.shape, targets.shape)
        arrays = [tf.TensorArray(self.dtype, steps, element_shape=shape) for shape in shapes]

        def body(i, state, arrays):
            which = (first + i) % tf.shape(inputs)[0]
            count = tf.cast(first + i + 1, self.dtype)
            outputs, state = self._step_on(inputs, targets, which, count, state)
            return i + 1, state, [a.write(i, o) for a, o in zip(arrays, outputs, strict=True)]

        _, _, arrays = tf.while_loop(lambda i, *_: i < steps, body, [0, state, arrays])
        return [array.stack() for array in arrays]

    def _output_shapes(self, inputs, targets):
        """Return the shapes of a step's outputs: activations, E, flows, gradients, state."""
        activations = [None] * len(self.activation_names)
        flows = [None] * len(self.flow_names)
        lead = targets[1:-2]
        return [*activations, lead, *flows, *self.shapes, *self.shapes, *self.slot_shapes]

    def _trajectory(self, start, record):
        """Return the Trajectory of the stacked outputs of the steps."""
        record = iter(record)
        take = lambda names: {name: next(record) for name in names}
        found = take(self.activation_names)
        activations = {n: found[n] for n in self.layout.activations if n in found}
        loss = take(["E"])
        found = take(self.flow_names)
        flows = {n: found[n] for n in self.layout.flows if n in found}
        gradients = take(self.layout.weights)
        weights = with_start(start.weights, take(self.layout.weights))
        slots = with_start(start.slots, take(self.layout.slots))
        return Trajectory(activations, loss, flows, gradients, slots, weights, start.step)


def samples_of(program):
    """Return inputs and targets as (samples, ...) arrays, without what fills them up."""
    arrays = (a.reshape(-1, *a.shape[2:]) for a in (program.inputs, program.targets))
    missing = program.inputs.shape[1] - program.last if program.last else 0
    return tuple(a[: len(a) - missing] for a in arrays)


def size(shape):
    """Return the number of elements of a shape; 1 for a number."""
    return int(np.prod(shape, dtype=int))
