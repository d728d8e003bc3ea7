"""The TensorFlow side: two twins, four engines, one record.

A *twin* is what is run: ``tape``, the file in ``tfimpl`` with a GradientTape,
or ``keras``, Keras's own layers, loss and optimizer.  An *engine* is how:
``eager``, ``graph`` (tf.function), ``xla`` (jit_compile=True) or ``fit``
(Model.fit).  Graph and XLA keep a whole trajectory in one compiled loop.

A ``Runner`` is built once for its shapes; ``run`` may then start it from any
state and data of these shapes.
"""

import os
import warnings
from contextlib import contextmanager

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf

from equivalence import sides
from equivalence.trajectory import Layout, Trajectory, with_start

# A runner is built for one shape and run often; to TensorFlow that is retracing.
tf.get_logger().setLevel("ERROR")
warnings.filterwarnings("ignore", message="`shuffle=True` was passed", category=UserWarning)

TWINS = ("tape", "keras")
ENGINES = ("eager", "graph", "xla", "fit")


@contextmanager
def floatx(dtype):
    """Let Keras create its own variables (learning rate, metrics) in ``dtype``."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before)


def runner(pair, program, twin, engine, device="CPU:0"):
    """Return the Runner of a pair's twin; ``program`` gives shapes and dtype."""
    m = sides.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    return build(network, optimizer, program, twin, engine, device, pair.keras)


def build(network, optimizer, program, twin, engine, device="CPU:0", model="model"):
    """Return the Runner of a network and optimizer of ``tfimpl``."""
    if twin == "tape" and engine == "fit":
        raise ValueError("the tape twin has no model to fit: engine fit is for twin keras")
    with tf.device(device), floatx(program.dtype):
        if twin == "tape":
            return TapeRunner(network, optimizer, program, engine, device)
        if engine == "fit":
            return FitRunner(network, optimizer, program, device, model)
        return KerasRunner(network, optimizer, program, engine, device, model)


class Runner:
    """What the engines share: the compiled loop and the making of the record."""

    def __init__(self, network, optimizer, program, engine, device):
        self.network = network
        self.optimizer = optimizer
        self.dtype = program.dtype
        self.engine = engine
        self.device = device
        self.layout = Layout.of(network, optimizer)
        self.activation_names = self.layout.activations
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
            if self.engine == "eager":
                record = self._eager(inputs, targets, start.step, steps)
            elif self.engine == "graph":
                record = self._loop(
                    inputs, targets, tf.constant(start.step), tf.constant(steps), self._state()
                )
            else:
                record = self._xla(steps)(inputs, targets, tf.constant(start.step), self._state())
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
            outputs, state = self._step(inputs[which], targets[which], count, state)
            record.append([o.numpy() for o in outputs])
        return [np.stack(column) for column in zip(*record)]

    def _loop(self, inputs, targets, first, steps, state):
        """Return the record of all steps: one tensor with a step axis for each output."""
        shapes = self._output_shapes(inputs.shape, targets.shape)
        arrays = [tf.TensorArray(self.dtype, steps, element_shape=shape) for shape in shapes]

        def body(i, state, arrays):
            which = (first + i) % tf.shape(inputs)[0]
            count = tf.cast(first + i + 1, self.dtype)
            # Not inputs[which]: XLA would compile the loop again for every ``first``.
            batch = tf.gather(inputs, which), tf.gather(targets, which)
            outputs, state = self._step(*batch, count, state)
            return i + 1, state, [a.write(i, o) for a, o in zip(arrays, outputs, strict=True)]

        _, _, arrays = tf.while_loop(lambda i, *_: i < steps, body, [0, state, arrays])
        return [array.stack() for array in arrays]

    def _output_shapes(self, inputs, targets):
        """Return the shapes of a step's outputs: activations, E, gradients, state."""
        activations = [None] * len(self.activation_names)
        lead = targets[1:-2]
        return [*activations, lead, *self.shapes, *self.shapes, *self.slot_shapes]

    def _trajectory(self, start, record):
        """Return the Trajectory of the stacked outputs of the steps."""
        record = iter(record)
        take = lambda names: {name: next(record) for name in names}
        activations = take(self.activation_names)
        loss = take(["E"])
        gradients = take(self.layout.weights)
        weights = with_start(start.weights, take(self.layout.weights))
        slots = with_start(start.slots, take(self.layout.slots))
        return Trajectory(activations, loss, gradients, slots, weights, start.step)


class TapeRunner(Runner):
    """The twin of ``tfimpl``: the state is a tuple of tensors."""

    def _built_slots(self, program):
        weights = [tf.constant(w) for w in program.weights]
        built = sides.tensorflow().build_slots(self.optimizer, weights)
        flat = [slot.numpy() for of_weight in built for slot in of_weight]
        return dict(zip(self.layout.slots, flat, strict=True))

    def _set_state(self, start):
        weights = tuple(tf.constant(w) for w in start.weights.values())
        slots = {name: tf.constant(slot) for name, slot in start.slots.items()}
        self._tensors = weights, self.layout.slot_tuples(slots)

    def _state(self):
        return self._tensors

    def _step(self, inputs, targets, count, state):
        step = sides.tensorflow().train_step(
            self.network, self.optimizer, *state, count, inputs, targets
        )
        slots = [slot for of_weight in step.slots for slot in of_weight]
        outputs = [*step.activations, step.error, *step.gradients, *step.weights, *slots]
        return outputs, (step.weights, step.slots)


class KerasRunner(Runner):
    """Keras's layers, loss and optimizer under a GradientTape (seed 001, 418)."""

    def __init__(self, network, optimizer, program, engine, device, model):
        super().__init__(network, optimizer, program, engine, device)
        self.model, self.activation_names = getattr(network, model)(program.weights, self.dtype)
        self.probe = keras.Model(self.model.inputs, [x.output for x in layers_of(self.model)])
        self.loss = loss_of(network)
        self.variables = [v.value for v in self.model.trainable_variables]
        for variable, value in zip(self.variables, program.weights, strict=True):
            variable.assign(value.reshape(variable.shape))  # slots may start from weights
        self.keras_optimizer = self._prepared(keras_optimizer_of(optimizer))
        optimizer.exclude(self.keras_optimizer, self.model.trainable_variables)
        self.keras_optimizer.build(self.model.trainable_variables)
        self.slots = find_slots(optimizer, self.keras_optimizer, self.model, self.layout)
        self.first_slots = {n: s.numpy() for n, s in self.slots.items() if s is not None}

    def _prepared(self, keras_optimizer):
        return keras_optimizer

    def _built_slots(self, program):
        expected = program.start().slots
        return {
            name: self.first_slots.get(name, slot).reshape(slot.shape).astype(self.dtype)
            for name, slot in expected.items()
        }

    def _set_state(self, start):
        for counter in named(self.keras_optimizer, "iteration"):
            counter.assign(start.step)
        for variable, value in zip(self.variables, start.weights.values(), strict=True):
            variable.assign(value.reshape(variable.shape))
        for name, variable in self.slots.items():
            if variable is not None:
                variable.assign(tf.cast(start.slots[name].reshape(variable.shape), variable.dtype))

    def _state(self):
        return ()

    def _step(self, inputs, targets, count, state):
        with tf.GradientTape() as tape:
            activations = as_list(self.probe(inputs))
            error = self.loss(targets, activations[-1])
            scaled = self.keras_optimizer.scale_loss(error)
        gradients = tape.gradient(scaled, self.variables)
        self.keras_optimizer.apply(gradients, self.model.trainable_variables)
        return [*activations, error, *self._shaped(gradients), *self._shaped_state()], ()

    def _shaped(self, tensors):
        """Return Keras's (units,) biases in the book's shape, (1, units)."""
        return [tf.reshape(t, s) for t, s in zip(tensors, self.shapes, strict=True)]

    def _shaped_state(self):
        slots = zip(self.slots.items(), self.slot_shapes, strict=True)
        return [
            *self._shaped([v.read_value() for v in self.variables]),
            *(self._shaped_slot(name, slot, shape) for (name, slot), shape in slots),
        ]

    def _shaped_slot(self, name, variable, shape):
        """Return a slot's value; what Keras does not keep stays as it was at the start."""
        if variable is None:
            return tf.constant(self.first_state.slots[name])
        return tf.reshape(tf.cast(variable.read_value(), self.dtype), shape)


class FitRunner(KerasRunner):
    """``Model.fit`` as users call it; the record is written inside its own step.

    The model's ``call``, its ``compute_loss`` and the optimizer's ``apply`` are
    Keras's: each is extended by an assignment of what it computed to a variable.
    """

    def __init__(self, network, optimizer, program, device, model):
        super().__init__(network, optimizer, program, "fit", device, model)
        self.recorder = RecordingModel(self)
        self.index = tf.Variable(0, dtype=tf.int64)
        batch = program.inputs.shape[-2]
        self.parts = (  # shapes of what is recorded together, by ``call``, loss and ``apply``
            [(batch, *layer.output.shape[1:]) for layer in layers_of(self.model)],
            [()],
            [*self.shapes, *self.shapes, *self.slot_shapes],
        )
        self.buffers = None

    def _prepared(self, keras_optimizer):
        return recording(keras_optimizer, self)

    def run(self, program, start, steps):
        with tf.device(self.device), floatx(self.dtype):
            self._set_state(start)
            self._make_buffers(steps)
            order = (start.step + np.arange(steps)) % len(program.inputs)
            batches = (program.inputs, program.targets)
            if len(program.inputs) > 1:
                batches = tuple(array[order] for array in batches)
            data = tf.data.Dataset.from_tensor_slices(batches).repeat()
            self.recorder.fit(data, epochs=1, steps_per_epoch=steps, verbose=0)
        return self._trajectory(start, self._recorded(steps))

    def _make_buffers(self, steps):
        """Have a buffer of at least ``steps`` rows for each of ``parts``."""
        self.index.assign(0)
        if self.buffers is not None and self.buffers[0].shape[0] >= steps:
            return
        widths = [sum(size(shape) for shape in shapes) for shapes in self.parts]
        self.buffers = [tf.Variable(tf.zeros((steps, width), self.dtype)) for width in widths]
        self.recorder.compile(optimizer=self.keras_optimizer, loss=self.loss)

    def record(self, part, values):
        """Write the values of this step to the buffer of ``part``."""
        row = tf.concat([tf.reshape(value, [-1]) for value in values], axis=0)
        self.buffers[part][self.index].assign(row)

    def _recorded(self, steps):
        """Return the recorded tensors, each with a step axis."""
        tensors = []
        for buffer, shapes in zip(self.buffers, self.parts, strict=True):
            ends = np.cumsum([size(shape) for shape in shapes])
            columns = np.split(buffer.numpy()[:steps], ends[:-1], axis=1)
            tensors += [c.reshape(steps, *s) for c, s in zip(columns, shapes, strict=True)]
        return tensors


def size(shape):
    """Return the number of elements of a shape; 1 for a number."""
    return int(np.prod(shape, dtype=int))


class RecordingModel(keras.Model):
    """The runner's model, whose call and loss are recorded."""

    def __init__(self, runner):
        super().__init__(dtype=runner.dtype)  # else the global policy casts the inputs
        self.inner = runner.model
        self._runner = [runner]  # in a list, which Keras does not track

    def call(self, inputs):
        activations = as_list(self._runner[0].probe(inputs))
        self._runner[0].record(0, activations)
        return activations[-1]

    def compute_loss(self, *args, **kwargs):
        error = super().compute_loss(*args, **kwargs)
        self._runner[0].record(1, [error])
        return error


def recording(optimizer, runner):
    """Return the same Keras optimizer, whose ``apply`` records gradients and states."""
    base = type(optimizer)

    def apply(self, grads, trainable_variables=None):
        base.apply(self, grads, trainable_variables)
        runner.record(2, [*grads, *runner._shaped_state()])
        runner.index.assign_add(1)

    return type(base.__name__, (base,), {"apply": apply}).from_config(optimizer.get_config())


class NotInKeras(LookupError):
    """The installed Keras lacks what a twin asks for; the message says what."""


def keras_optimizer_of(optimizer):
    """Return Keras's optimizer of a twin; raise NotInKeras if this version has none."""
    try:
        return optimizer.keras()
    except AttributeError as error:
        raise NotInKeras(f"Keras {keras.__version__} has no {error.name}") from None


def layers_of(model):
    """Return the layers of a model but its inputs."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def loss_of(network):
    """Return Keras's loss of a network of ``tfimpl``."""
    output = getattr(network, "output", network)
    return output.loss.keras()


def as_list(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def find_slots(twin, optimizer, model, layout):
    """Return {"weight/slot": tf.Variable or None} of a built Keras optimizer.

    Slots are matched by name, since their order differs between optimizers and
    versions: Keras calls a slot by its variable's path, ``_`` and the slot's name.
    Where a version names a slot without its variable, it is the k-th of that name.  A
    twin whose Keras class does otherwise has a method ``keras_slot``; it returns None
    for a slot that Keras does not keep.
    """
    found = {}
    for k, variable in enumerate(model.trainable_variables):
        for slot in layout.slot_names:
            name = f"{variable.path.replace('/', '_')}_{slot}"
            own = slot in twin.slot_names and getattr(twin, "keras_slot", None)
            find = own or _by_name
            found[f"{layout.weights[k]}/{slot}"] = find(
                optimizer, model.trainable_variables, k, slot, name
            )
    return found


def _by_name(optimizer, variables, k, slot, name):
    matches = named(optimizer, name) or named(optimizer, slot)[k : k + 1]
    if len(matches) != 1:
        paths = ", ".join(v.path for v in optimizer.variables)
        raise LookupError(f"slot {name} is not among the optimizer's variables: {paths}")
    return matches[0].value


def named(optimizer, name):
    """Return the variables of a Keras optimizer that have this name."""
    return [v for v in optimizer.variables if v.path.split("/")[-1] == name]
