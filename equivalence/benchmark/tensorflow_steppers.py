"""TensorFlow's steppers: the twin of ``tfimpl`` in three engines, and Keras's two.

The state lives in ``tf.Variable``s, as it does in every TensorFlow program; one call
takes one step.
"""

from contextlib import contextmanager
from dataclasses import is_dataclass
from importlib import import_module

import keras
import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.benchmark import cases
from equivalence.engines.base import floatx
from equivalence.engines.keras_objects import loss_of

# Steps of one ``fit``: an epoch of so many batches, less where they would take long.
EPOCH = 100
LEAST = 5
EPOCH_NUMBERS = 20_000_000  # inputs of an epoch
EPOCH_WORK = 2e10  # multiplications and additions of an epoch


@contextmanager
def stepper(case, program):
    """Build the stepper of a case; its device and floatx hold as long as it is used."""
    m = trees.tensorflow()
    network = cases.NETWORKS[case.network].twin(m)
    optimizer = twin_of(program.optimizer)
    with tf.device(case.device), floatx(case.dtype):
        if case.engine in ("eager", "graph", "xla"):
            yield TapeStepper(network, optimizer, program, case.engine, case.device)
        elif case.engine == "train_on_batch":
            yield TrainOnBatchStepper(network, optimizer, program, case.device)
        else:
            yield FitStepper(network, optimizer, program, case.device)
        keras.backend.clear_session(free_memory=False)


def twin_of(part):
    """Return the twin in ``tfimpl`` of an optimizer of ``refimpl``, or of a part of one."""
    if not is_dataclass(part):
        return part
    module = import_module(type(part).__module__.replace("refimpl", "tfimpl", 1))
    parts = {name: twin_of(value) for name, value in vars(part).items()}
    return getattr(module, type(part).__name__)(**parts)


def wait(device):
    """Return when all that was asked of a device is done; a CPU's calls do by themselves."""
    if not device.startswith("CPU"):
        tf.test.experimental.sync_devices()


class TapeStepper:
    """``tfimpl``'s training step on variables, eager or as one compiled function."""

    steps = 1

    def __init__(self, network, optimizer, program, engine, device):
        self.network, self.optimizer = network, optimizer
        self.inputs, self.targets = (tf.constant(a) for a in program.batch(0))
        weights = tuple(tf.constant(w) for w in program.weights)
        slots = trees.tensorflow().build_slots(optimizer, weights)
        self.state = tf.nest.map_structure(tf.Variable, (weights, slots))
        self.count = tf.Variable(0, dtype=program.dtype)
        self.device = device
        self._step = {
            "eager": self._take_step,
            "graph": tf.function(self._take_step, autograph=False),
            "xla": tf.function(self._take_step, autograph=False, jit_compile=True),
        }[engine]

    def _take_step(self, inputs, targets):
        self.count.assign_add(1)
        weights, slots = tf.nest.map_structure(lambda v: v.read_value(), self.state)
        step = trees.tensorflow().train_step(
            self.network, self.optimizer, weights, slots, self.count, inputs, targets
        )
        new = step.weights, step.slots
        tf.nest.map_structure(lambda v, value: v.assign(value), self.state, new)
        return step.error

    def step(self):
        error = self._step(self.inputs, self.targets)
        wait(self.device)
        return error

    def weights(self):
        return tuple(w.numpy() for w in self.state[0])


class KerasStepper:
    """Keras's model, loss and optimizer, compiled with Keras's defaults."""

    steps = 1

    def __init__(self, network, optimizer, program, device):
        self.device = device
        self.shapes = [w.shape for w in program.weights]
        self.model, _ = network.model(program.weights, program.dtype)
        for variable, value in zip(self.model.trainable_variables, program.weights, strict=True):
            variable.assign(value.reshape(variable.shape))
        self.model.compile(optimizer=optimizer.keras(), loss=loss_of(network))
        self.inputs, self.targets = program.batch(0)

    def weights(self):
        variables = self.model.trainable_variables
        return tuple(np.reshape(v.numpy(), s) for v, s in zip(variables, self.shapes))


class TrainOnBatchStepper(KerasStepper):
    """``Model.train_on_batch`` of NumPy arrays."""

    def step(self):
        error = self.model.train_on_batch(self.inputs, self.targets)
        wait(self.device)
        return error


class FitStepper(KerasStepper):
    """``Model.fit`` of NumPy arrays: an epoch, with all that begins and ends it."""

    def __init__(self, network, optimizer, program, device):
        super().__init__(network, optimizer, program, device)
        self.batch = len(self.inputs)
        numbers = self.inputs.size + self.targets.size
        work = 6 * self.batch * sum(w.size for w in program.weights)
        most = min(EPOCH, EPOCH_NUMBERS // numbers, int(EPOCH_WORK / work))
        self.steps = max(LEAST, most)
        self.inputs = np.tile(self.inputs, (self.steps, 1))
        self.targets = np.tile(self.targets, (self.steps, 1))

    def step(self):
        history = self.model.fit(
            self.inputs, self.targets, batch_size=self.batch, epochs=1, shuffle=False, verbose=0
        )
        wait(self.device)
        return history.history["loss"][-1]
