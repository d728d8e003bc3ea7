"""Two compiled Keras models that share a discriminator, trained in turn by ``train_on_batch``."""

from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

from equivalence.engines.base import Runner, check_placement, floatx
from equivalence.engines.keras_objects import find_slots, keras_optimizer_of, named
from equivalence.errors import BadInput


class PlayersRunner(Runner):
    """A GAN as Keras's users write it, recorded from inside of its compiled steps.

    In the discriminator's turn its model takes a step on real samples and on what the
    generator's ``predict`` makes; in the generator's turn the combined model does, with
    ``discriminator.trainable = False``.  That flag is set before every step: Keras 3 asks for
    it when a step is first traced, and no longer when a model is compiled.
    """

    def __init__(self, network, optimizer, program, device):
        super().__init__(network, optimizer, program, "train_on_batch", device)
        made = network.models(program.weights, self.dtype)
        self.discriminator, self.generator, combined = made
        D, G = (part.trainable_variables for part in made[:2])
        self.variables = [v.value for v in (*D, *G)]
        self.players = [
            Player(self.discriminator, D, optimizer.optimizers[0], network.loss, self.dtype),
            Player(combined, G, optimizer.optimizers[1], network.loss, self.dtype),
        ]
        (chain,) = self.generator.layers
        self.maker = keras.Model(chain.inputs, [layer.output for layer in chain.layers])
        names = iter(self.layout.weights)
        self.slots = {}
        for player in self.players:
            own = SimpleNamespace(trainable_variables=player.moves)
            its = [next(names) for _ in player.moves]
            layout = SimpleNamespace(weights=its, slot_names=self.layout.slot_names)
            self.slots |= find_slots(player.twin, player.optimizer, own, layout)

    def _built_slots(self, program):
        shapes = {name: slot.shape for name, slot in program.start().slots.items()}
        return {name: slot.numpy().reshape(shapes[name]) for name, slot in self.slots.items()}

    def run(self, program, start, steps):
        with tf.device(self.device), floatx(self.dtype):
            self._set_state(start)
            turns = range(start.step, start.step + steps)
            record = [self._turn(s % 2, program.batch(s)[0]) for s in turns]
            check_placement(self.variables, self.device)
        return self._trajectory(start, [np.stack(column) for column in zip(*record)])

    def _set_state(self, start):
        for number, player in enumerate(self.players):
            for counter in named(player.optimizer, "iteration"):
                counter.assign((start.step + 1 - number) // 2)  # the steps that were its own
        for variable, value in zip(self.variables, start.weights.values(), strict=True):
            variable.assign(value.reshape(variable.shape))
        for name, variable in self.slots.items():
            variable.assign(start.slots[name].reshape(variable.shape))

    def _turn(self, number, inputs):
        """Take a step of one player; return what was recorded of it."""
        if (inputs[:, 0] != number).any():
            raise BadInput(
                "the first column of a GAN's inputs says whose turn it is: batches of 0 and of 1 "
                "have to alternate"
            )
        count = 1 + self.network.features
        x, z = inputs[:, 1:count], inputs[:, count:]
        ones, player = np.ones((len(x), 1), self.dtype), self.players[number]
        if number == 0:
            makes = self.maker.predict_on_batch(z)
            self.discriminator.trainable = True
            both = np.concatenate([x, makes[-1]])
            player.train_on_batch(both, np.concatenate([ones, 0 * ones]))
            tells, flows = player.seen(), player.flows()
            flows = [*flows[::-1], *(np.zeros_like(made) for made in makes[::-1])]
        else:
            self.discriminator.trainable = False
            player.train_on_batch(z, ones)
            count = len(self.maker.outputs)
            seen, flows = player.seen(), player.flows()
            makes, tells = seen[:count], _of_both(seen[count:])
            flows = [*_of_both(flows[count:])[::-1], *flows[:count][::-1]]
        zeros = [[np.zeros_like(v) for v in other.moves] for other in self.players]
        zeros[number] = [gradient.numpy() for gradient in player.gradients]
        gradients = [g for of_player in zeros for g in of_player]
        state = [v.numpy() for v in (*self.variables, *self.slots.values())]
        shapes = [*self.shapes * 2, *self.slot_shapes]
        states = [a.reshape(s) for a, s in zip([*gradients, *state], shapes, strict=True)]
        return [*makes, *tells, player.error.numpy(), *flows, *states]


def _of_both(arrays):
    """Return what was recorded of what was made alone, with 0 in front for what is real."""
    return [np.concatenate([np.zeros_like(array), array]) for array in arrays]


class Player(keras.Model):
    """A compiled model that keeps what its last step computed.

    model: its last part is the discriminator; what each layer puts out is kept, and what flows
        back to it.
    moves: the variables that its optimizer moves, twin: that optimizer in ``tfimpl``.
    """

    def __init__(self, model, moves, twin, loss, dtype):
        super().__init__(dtype=dtype)
        self.inner, self.twin = model, twin
        self._moves = [list(moves)]  # in a list of a list, which Keras does not track
        self.error = tf.Variable(tf.zeros((), dtype))
        self.gradients = [tf.Variable(tf.zeros(v.shape, dtype)) for v in moves]
        kept = lambda: tf.Variable(tf.zeros((0,), dtype), shape=tf.TensorShape(None))
        self._each = [[(layer, kept(), kept()) for layer in _layers_in(model)]]
        optimizer = _keeping(keras_optimizer_of(twin), self.gradients)
        optimizer.build(moves)
        self.compile(optimizer=optimizer, loss=loss.keras())

    @property
    def moves(self):
        return self._moves[0]

    def seen(self):
        """Return the outputs of the layers, the discriminator's last."""
        return [kept.numpy() for _, kept, _ in self._each[0]]

    def flows(self):
        """Return what flowed back to each of these."""
        return [kept.numpy() for _, _, kept in self._each[0]]

    def call(self, inputs, training=None):
        x = inputs
        for layer, kept, flow in self._each[0]:
            x = layer(x, training=training)
            kept.assign(x)
            x = _keeping_flow(x, flow)
        return x

    def compute_loss(self, *args, **kwargs):
        error = super().compute_loss(*args, **kwargs)
        self.error.assign(error)
        return error


def _layers_in(model):
    """Return the layers of a Sequential, and of those in it, in order."""
    inside = lambda layer: _layers_in(layer) if isinstance(layer, keras.Sequential) else [layer]
    return [each for layer in model.layers for each in inside(layer)]


def _keeping_flow(x, kept):
    """Return x; what flows back to it is kept in a variable on its way."""

    @tf.custom_gradient
    def through(x):
        def back(flow):
            kept.assign(flow)
            return flow

        return tf.identity(x), back

    return through(x)


def _keeping(optimizer, gradients):
    """Return the same Keras optimizer, which keeps the gradients that it is given."""
    base = type(optimizer)

    def apply(self, grads, trainable_variables=None):
        base.apply(self, grads, trainable_variables)
        for kept, gradient in zip(gradients, grads, strict=True):
            kept.assign(gradient)

    return type(base.__name__, (base,), {"apply": apply}).from_config(optimizer.get_config())
