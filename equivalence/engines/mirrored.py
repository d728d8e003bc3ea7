"""``Model.fit`` under MirroredStrategy, on all devices of a kind."""

from functools import cache

import numpy as np
import tensorflow as tf

from equivalence.engines.base import check_placement, floatx, size
from equivalence.engines.fit import FitRunner


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
        share = batch // len(names)
        self.parts[0][:] = [(share, *shape[1:]) for shape in self.parts[0]]
        flows = slice(len(self.flow_places))
        self.parts[2][flows] = [(share, *shape[1:]) for shape in self.parts[2][flows]]
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
        flows = range(activations + 1, activations + 1 + len(self.flow_places))
        for place, shares in enumerate(zip(*replicas, strict=True)):
            if place < activations or place in flows:
                record.append(np.concatenate(shares, axis=1))
            elif place < flows.stop + gradients:
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
