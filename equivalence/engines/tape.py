"""The engines of the tape twin: the file of ``tfimpl``, with a GradientTape."""

import tensorflow as tf

from equivalence import trees
from equivalence.engines.base import Runner


class TapeRunner(Runner):
    """The twin of ``tfimpl``: the state is a tuple of tensors.

    Under XLA, where steps are enclosed whole, what loops make inside is not recorded: it would
    cost a compilation much and sharpen nothing.
    """

    def __init__(self, network, optimizer, program, engine, device):
        super().__init__(network, optimizer, program, engine, device)
        if engine == "xla":
            inside = {name for names in network.letters.values() for name in names}
            back = {*(f"{name}b" for name in inside), *self.layout.shares}
            without = lambda names, left: tuple(name for name in names if name not in left)
            self.activation_names = without(self.activation_names, inside)
            self.flow_names = without(self.flow_names, back)

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
        found = dict(zip(self.layout.activations, step.activations))
        activations = [found[name] for name in self.activation_names]
        back = dict(zip(self.layout.flows, step.flows))
        way = [*activations, step.error, *(back[name] for name in self.flow_names)]
        outputs = [*way, *step.gradients, *step.weights, *slots]
        return outputs, (step.weights, step.slots)
