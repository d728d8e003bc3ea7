"""Keras's layers, loss and optimizer under a GradientTape, in every engine with a loop of ours."""

import keras
import tensorflow as tf

from equivalence.engines.base import Runner
from equivalence.engines.keras_objects import (
    as_list,
    find_slots,
    find_states,
    keras_model_of,
    keras_optimizer_of,
    layers_of,
    loss_of,
    named,
)
from equivalence.engines.taps import tap_attention, tap_layers, tap_loops


class KerasRunner(Runner):
    """Keras's layers, loss and optimizer under a GradientTape (seed 001, 418)."""

    def __init__(self, network, optimizer, program, engine, device, model):
        super().__init__(network, optimizer, program, engine, device)
        made = keras_model_of(network, model, program.weights, self.dtype)
        self.model, names = made
        self.taps = self._tapped(tap_layers, network, names)
        self.taps += self._tapped(tap_attention, network, names)
        self.loops = self._tapped(tap_loops, network, names)
        outside = (*names, *(tap.name for tap in self.taps))
        letters = tuple(name for loop in self.loops for name in loop.names)
        self.activation_names = (*outside, *letters)
        inside = tuple(name for loop in self.loops for name in (*loop.names, *loop.shares))
        # What flows back from a scaled loss is scaled as well: it is not recorded.
        flows = () if optimizer.scales_loss else zip(network.flow_names, network.flows_to)
        flows = {to: name for name, to in flows}
        self.flow_places = [outside.index(to) for to in flows if to in outside]
        self.flow_letters = [inside.index(to) for to in flows if to in inside]
        flowing = (*(to for to in flows if to in outside), *(to for to in flows if to in inside))
        self.flow_names = tuple(flows[to] for to in flowing)
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

    def _tapped(self, tap, network, names):
        """Return the taps, where a recorded number is the one that is used.

        A function of its own (``split``) gives out what it returns alone; ``fit`` is to stay what
        users run: what is recorded between a sum and its activation keeps them from being fused.
        On a GPU a recurrent layer is one kernel, without time steps to look at.
        """
        if self.engine not in ("eager", "graph"):
            return []
        if tap is tap_loops and not self.device.upper().startswith("CPU"):
            return []
        return tap(network, layers_of(self.model), names)

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
            for loop in self.loops:
                loop.tape = tape
            outputs = as_list(self.probe(inputs, training=True))
            error = sum(self.model.losses, self.loss(targets, outputs[-1]))
            scaled = self.keras_optimizer.scale_loss(error)
        outside = [*outputs, *(tap.value for tap in self.taps)]
        activations = [*outside, *(value for loop in self.loops for value in loop.values)]
        flowing = [outside[place] for place in self.flow_places]
        zeros = [loop.zeros for loop in self.loops]
        gradients, flows, inside = tape.gradient(scaled, [self.variables, flowing, zeros])
        inside = [f for loop, own in zip(self.loops, inside) for f in loop.in_order(own)]
        flows = [*flows, *(inside[place] for place in self.flow_letters)]
        self.keras_optimizer.apply(gradients, self.model.trainable_variables)
        way = [*activations, error, *flows]
        return [*way, *self._shaped(gradients), *self._shaped_state()], ()

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
