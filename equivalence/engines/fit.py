"""``Model.fit`` and ``Model.train_on_batch`` as users call them, recorded from inside."""

from functools import wraps

import keras
import numpy as np
import tensorflow as tf

from equivalence.engines.base import check_placement, floatx, samples_of, size
from equivalence.engines.keras import KerasRunner
from equivalence.engines.keras_objects import as_list, layers_of


class FitRunner(KerasRunner):
    """``Model.fit`` as users call it; the record is written inside its own step.

    The model's ``call``, its ``compute_loss`` and the optimizer's ``apply`` are
    Keras's: each is extended by an assignment of what it computed to a variable.
    """

    def __init__(self, network, optimizer, program, device, model):
        super().__init__(network, optimizer, program, "fit", device, model)
        self.recorder = RecordingModel(self)
        self.index = tf.Variable(0, dtype=tf.int64)
        layers = layers_of(self.model)
        shapes = [(self.batch, *layer.output.shape[1:]) for layer in layers]
        self.flowing = {}  # place of a flow -> the gradient, while a step is traced
        for number, place in enumerate(self.flow_places):
            layers[place].call = handing_back(layers[place].call, self.flowing, number)
        self.parts = (  # shapes of what is recorded together, by ``call``, loss and ``apply``
            shapes,
            [()],
            [*(shapes[k] for k in self.flow_places), *self.shapes * 2, *self.slot_shapes],
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
        data = tf.data.Dataset.from_tensor_slices(samples_of(program))
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

    def flows(self):
        """Return the gradients of the layers' outputs of the step that is being traced."""
        flows = [self.flowing.pop(number) for number in range(len(self.flow_places))]
        return [self._filled(flow) for flow in flows] if self.last else flows

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


def handing_back(call, flowing, number):
    """Return a layer's ``call`` whose gradient is put into ``flowing`` on the way back."""

    @tf.custom_gradient
    def unchanged(y):
        def backward(yb):
            flowing[number] = yb
            return yb

        return tf.identity(y), backward

    @wraps(call)
    def handed(*args, **kwargs):
        return unchanged(call(*args, **kwargs))

    return handed


def recording(optimizer, runner):
    """Return the same Keras optimizer, whose ``apply`` records gradients and states."""
    base = type(optimizer)

    def apply(self, grads, trainable_variables=None):
        base.apply(self, grads, trainable_variables)
        runner.record(2, [*runner.flows(), *grads, *runner._shaped_state()])
        runner.advance()

    return type(base.__name__, (base,), {"apply": apply}).from_config(optimizer.get_config())
