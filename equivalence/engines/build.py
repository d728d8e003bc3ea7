"""The TensorFlow side: two twins, many engines, one record.

A *twin* is what is run: ``tape``, the file in ``tfimpl`` with a GradientTape,
or ``keras``, Keras's own layers, loss and optimizer.  An *engine* is how:
``eager``, ``graph`` (tf.function), ``xla`` (jit_compile=True), ``fit`` (Model.fit),
``train_on_batch``, ``split`` (the model in a tf.function of its own, the loss outside)
or ``mirrored`` (Model.fit under MirroredStrategy, on every device of a kind).  Graph
and XLA keep a whole trajectory in one compiled loop.

A ``Runner`` is built once for its shapes; ``run`` may then start it from any
state and data of these shapes.
"""

import os
import warnings
from contextlib import contextmanager
from functools import cache

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf

from equivalence import trees
from equivalence.steps.trajectory import Layout, Trajectory, with_start

# A runner is built for one shape and run often; to TensorFlow that is retracing.
tf.get_logger().setLevel("ERROR")
warnings.filterwarnings("ignore", message="`shuffle=True` was passed", category=UserWarning)
# Which layers pass a mask on is written in our twins.
warnings.filterwarnings("ignore", message="(?s).*destroy the mask", category=UserWarning)

TWINS = ("tape", "keras")
ENGINES = ("eager", "graph", "xla", "train_on_batch", "fit", "split", "mirrored")
OF_MODELS = ("train_on_batch", "fit", "split", "mirrored")  # the tape twin has no model


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
    m = trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    return build(network, optimizer, program, twin, engine, device, pair.keras)


def build(network, optimizer, program, twin, engine, device="CPU:0", model="model"):
    """Return the Runner of a network and optimizer of ``tfimpl``."""
    if twin == "tape" and engine in OF_MODELS:
        raise ValueError(f"the tape twin has no model to fit: engine {engine} is for twin keras")
    if engine == "mirrored":
        with floatx(program.dtype):
            return MirroredRunner(network, optimizer, program, device, model)
    with tf.device(device), floatx(program.dtype):
        if twin == "tape":
            return TapeRunner(network, optimizer, program, engine, device)
        if engine in ("fit", "train_on_batch"):
            kind = FitRunner if engine == "fit" else TrainOnBatchRunner
            return kind(network, optimizer, program, device, model)
        return KerasRunner(network, optimizer, program, engine, device, model)


class Misplaced(RuntimeError):
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
            activations = len(self.activation_names)
            return [*map(self._filled, outputs[:activations]), *outputs[activations:]], after

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
        """Return the shapes of a step's outputs: activations, E, gradients, state."""
        activations = [None] * len(self.activation_names)
        lead = targets[1:-2]
        return [*activations, lead, *self.shapes, *self.shapes, *self.slot_shapes]

    def _trajectory(self, start, record):
        """Return the Trajectory of the stacked outputs of the steps."""
        record = iter(record)
        take = lambda names: {name: next(record) for name in names}
        activations = take(self.activation_names)
        activations = {n: a for n, a in activations.items() if n in self.layout.activations}
        loss = take(["E"])
        gradients = take(self.layout.weights)
        weights = with_start(start.weights, take(self.layout.weights))
        slots = with_start(start.slots, take(self.layout.slots))
        return Trajectory(activations, loss, gradients, slots, weights, start.step)


class TapeRunner(Runner):
    """The twin of ``tfimpl``: the state is a tuple of tensors."""

    def _built_slots(self, program):
        weights = [tf.constant(w) for w in program.weights]
        start = program.start().slots
        states = tuple(tf.constant(start[name]) for name in self.layout.states)
        built = trees.tensorflow().build_slots(self.optimizer, weights, states)
        flat = [slot.numpy() for of_weight in built for slot in of_weight]
        return dict(zip(self.layout.slots, flat, strict=True))

    def _set_state(self, start):
        weights = tuple(tf.constant(w) for w in start.weights.values())
        slots = {name: tf.constant(slot) for name, slot in start.slots.items()}
        self._tensors = weights, self.layout.slot_tuples(slots)

    def _state(self):
        return self._tensors

    def _step(self, inputs, targets, count, state):
        step = trees.tensorflow().train_step(
            self.network, self.optimizer, *state, count, inputs, targets
        )
        slots = [slot for of_weight in step.slots for slot in of_weight]
        outputs = [*step.activations, step.error, *step.gradients, *step.weights, *slots]
        return outputs, (step.weights, step.slots)


class KerasRunner(Runner):
    """Keras's layers, loss and optimizer under a GradientTape (seed 001, 418)."""

    def __init__(self, network, optimizer, program, engine, device, model):
        super().__init__(network, optimizer, program, engine, device)
        made = keras_model_of(network, model, program.weights, self.dtype)
        self.model, self.activation_names = made
        self.probe = keras.Model(self.model.inputs, [x.output for x in layers_of(self.model)])
        if engine == "split":
            self.probe = tf.function(self.probe)
        self.loss = loss_of(network)
        self.variables = [v.value for v in self.model.trainable_variables]
        for variable, value in zip(self.variables, program.weights, strict=True):
            variable.assign(value.reshape(variable.shape))  # slots may start from weights
        self.keras_optimizer = self._prepared(keras_optimizer_of(optimizer))
        optimizer.exclude(self.keras_optimizer, self.model.trainable_variables)
        self.keras_optimizer.build(self.model.trainable_variables)
        self.slots = {
            **find_slots(optimizer, self.keras_optimizer, self.model, self.layout),
            **find_states(self.model, self.layout),
        }
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
            activations = as_list(self.probe(inputs, training=True))
            error = sum(self.model.losses, self.loss(targets, activations[-1]))
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
        self.parts = (  # shapes of what is recorded together, by ``call``, loss and ``apply``
            [(self.batch, *layer.output.shape[1:]) for layer in layers_of(self.model)],
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
            self._train(program, start.step, steps)
            check_placement([*self.variables, *self.buffers], self.device)
        return self._trajectory(start, self._recorded(steps))

    def _train(self, program, first, steps):
        data = tf.data.Dataset.from_tensor_slices(_samples(program))
        data = data.batch(self.batch).repeat().skip(first % len(program.inputs))
        self.recorder.fit(data, epochs=1, steps_per_epoch=steps, verbose=0)

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

    def advance(self):
        """Let the next step write to the next row."""
        self.index.assign_add(1)

    def _recorded(self, steps):
        """Return the recorded tensors, each with a step axis."""
        return self._columns(self.buffers, steps)

    def _columns(self, buffers, steps):
        tensors = []
        for buffer, shapes in zip(buffers, self.parts, strict=True):
            ends = np.cumsum([size(shape) for shape in shapes])
            columns = np.split(buffer.numpy()[:steps], ends[:-1], axis=1)
            tensors += [c.reshape(steps, *s) for c, s in zip(columns, shapes, strict=True)]
        return tensors


class TrainOnBatchRunner(FitRunner):
    """``Model.train_on_batch``, which takes one step a call."""

    def _train(self, program, first, steps):
        for s in range(first, first + steps):
            self.recorder.train_on_batch(*program.batch(s))


@cache
def mirrored_strategy(devices):
    """Return the one MirroredStrategy of this process for some devices.

    A second one counts its collective operations from the same number on, and TensorFlow
    then takes them for those of the first: "Collective instance 100 expected data_type 1
    but got data_type 2".
    """
    return tf.distribute.MirroredStrategy(devices)


class MirroredRunner(FitRunner):
    """``Model.fit`` under MirroredStrategy, on all devices of a kind.

    Each replica takes an equal share of every batch and records what it computes, on its
    own device.  The record puts the shares of the activations together, and adds the
    shares of the loss and of the gradients; the weights and slots must be equal in all
    replicas, to the bit.
    """

    def __init__(self, network, optimizer, program, device, model):
        kind = device.split(":")[0]
        names = [d.name.removeprefix("/device:") for d in tf.config.list_logical_devices(kind)]
        self.devices = names
        batch = program.inputs.shape[-2]
        if program.last or batch % len(names):
            raise ValueError(
                f"{len(names)} devices cannot share batches of {program.last or batch} "
                "samples equally"
            )
        self.strategy = mirrored_strategy(tuple(names))
        with self.strategy.scope():
            super().__init__(network, optimizer, program, device, model)
        self.parts[0][:] = [(batch // len(names), *shape[1:]) for shape in self.parts[0]]
        self.indices = []
        for name in names:
            with tf.device(name):
                self.indices.append(tf.Variable(0, dtype=tf.int64))

    def run(self, program, start, steps):
        with floatx(self.dtype):
            self._make_buffers(steps)  # outside the scope: each is one device's own
            with self.strategy.scope():
                self._set_state(start)
                self.recorder.compile(optimizer=self.keras_optimizer, loss=self.loss)
                self._train(program, start.step, steps)
        for r, name in enumerate(self.devices):
            variables = [self.strategy.experimental_local_results(v)[r] for v in self.variables]
            check_placement([*variables, *self.buffers[r]], name)
        return self._trajectory(start, self._recorded(steps))

    def _make_buffers(self, steps):
        """Have a buffer on each device for each of ``parts``."""
        for index in self.indices:
            index.assign(0)
        widths = [sum(size(shape) for shape in shapes) for shapes in self.parts]
        self.buffers = []
        for name in self.devices:
            with tf.device(name):
                zeros = [tf.zeros((steps, width), self.dtype) for width in widths]
                self.buffers.append([tf.Variable(z) for z in zeros])

    def record(self, part, values):
        if tf.distribute.in_cross_replica_context():
            return  # Keras builds the model in a graph that it throws away
        row = tf.concat([tf.reshape(value, [-1]) for value in values], axis=0)
        replica = self._replica()
        self.buffers[replica][part][self.indices[replica]].assign(row)

    def advance(self):
        self.indices[self._replica()].assign_add(1)

    def _replica(self):
        """Return the number of the replica whose step is being traced."""
        context = tf.distribute.get_replica_context()
        return int(tf.get_static_value(context.replica_id_in_sync_group))

    def _recorded(self, steps):
        replicas = [self._columns(buffers, steps) for buffers in self.buffers]
        activations, gradients = len(self.parts[0]), len(self.shapes)
        record = []
        for place, shares in enumerate(zip(*replicas, strict=True)):
            if place < activations:
                record.append(np.concatenate(shares, axis=1))
            elif place < activations + 1 + gradients:
                record.append(sum(shares[1:], shares[0]))
            else:
                self._check_equal(shares)
                record.append(shares[0])
        return record

    def _check_equal(self, shares):
        for name, share in zip(self.devices, shares, strict=True):
            if not np.array_equal(share, shares[0], equal_nan=True):
                raise RuntimeError(
                    f"the replica on {name} has other weights or slots than the first"
                )


def _samples(program):
    """Return inputs and targets as (samples, ...) arrays, without what fills them up."""
    arrays = (a.reshape(-1, *a.shape[2:]) for a in (program.inputs, program.targets))
    missing = program.inputs.shape[1] - program.last if program.last else 0
    return tuple(a[: len(a) - missing] for a in arrays)


def size(shape):
    """Return the number of elements of a shape; 1 for a number."""
    return int(np.prod(shape, dtype=int))


class RecordingModel(keras.Model):
    """The runner's model, whose call and loss are recorded."""

    def __init__(self, runner):
        super().__init__(dtype=runner.dtype)  # else the global policy casts the inputs
        self.inner = runner.model
        self._runner = [runner]  # in a list, which Keras does not track

    def call(self, inputs, training=None):
        runner = self._runner[0]
        activations = as_list(runner.probe(inputs, training=training))
        runner.record(0, map(runner._filled, activations) if runner.last else activations)
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
        runner.advance()

    return type(base.__name__, (base,), {"apply": apply}).from_config(optimizer.get_config())


class NotInKeras(LookupError):
    """The installed Keras lacks what a twin asks for; the message says what."""


def keras_optimizer_of(optimizer):
    """Return Keras's optimizer of a twin; raise NotInKeras if this version has none."""
    if not hasattr(optimizer, "keras"):
        raise NotInKeras(f"Keras has no {type(optimizer).__name__}: its twin has no keras()")
    try:
        return optimizer.keras()
    except AttributeError as error:
        raise NotInKeras(f"Keras {keras.__version__} has no {error.name}") from None


def keras_model_of(network, model, weights, dtype):
    """Return the Keras model of a twin; raise NotInKeras if this version lacks a layer."""
    try:
        return getattr(network, model)(weights, dtype)
    except AttributeError as error:
        if error.obj not in (keras.layers, keras.regularizers):
            raise
        raise NotInKeras(f"Keras {keras.__version__} has no {error.name}") from None


def layers_of(model):
    """Return the layers of a model but its inputs."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def loss_of(network):
    """Return Keras's loss of a network of ``tfimpl``."""
    output = getattr(network, "output", network)
    return output.keras() if hasattr(output, "keras") else output.loss.keras()


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


def find_states(model, layout):
    """Return {state: tf.Variable} of what no gradient moves in a model, layer by layer.

    Keras's recurrent layers hold the state of a random generator even if they drop nothing,
    and do not list the states that they keep with ``stateful`` among their variables.
    """
    variables = [v.value for v in _states(model)]
    return dict(zip(layout.states, variables, strict=True))


INSIDE = ("layers", "layer", "forward_layer", "backward_layer", "cell", "_dropout_layer")


def _states(layer):
    """Yield the variables of a layer, and of what is inside of it, that a step moves."""
    both = hasattr(layer, "forward_layer")  # its ``layer`` is the pattern of the two
    inside = [getattr(layer, name, None) for name in INSIDE if not (both and name == "layer")]
    inside = [x for each in inside for x in (each if isinstance(each, list) else [each])]
    inside = {id(other): other for other in inside if other is not None}.values()
    rates = (getattr(layer, name, 0) for name in ("rate", "stddev", "dropout", "recurrent_dropout"))
    if hasattr(layer, "seed_generator") and any(rates):
        yield layer.seed_generator.state
    below = {id(v) for other in inside for v in other.variables}
    for v in layer.non_trainable_variables:
        if id(v) not in below and "seed_generator" not in v.path:
            yield v
    for other in inside:
        yield from _states(other)
    if getattr(layer, "stateful", False):
        yield from layer.states


def _by_name(optimizer, variables, k, slot, name):
    matches = named(optimizer, name) or named(optimizer, slot)[k : k + 1]
    if len(matches) != 1:
        paths = ", ".join(v.path for v in optimizer.variables)
        raise LookupError(f"slot {name} is not among the optimizer's variables: {paths}")
    return matches[0].value


def named(optimizer, name):
    """Return the variables of a Keras optimizer that have this name."""
    return [v for v in optimizer.variables if v.path.split("/")[-1] == name]
