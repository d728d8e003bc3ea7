"""What Keras's layers make inside, recorded on its way.

A book writes Z = X W + B and Y = f(Z), two letters; Keras's ``Dense(units, f)`` gives Y alone.
A tap stands in the place of f: it keeps what f is given while a step is traced, and has f
compute what it computes.  A recurrent layer gives its last states; a tap of its loop keeps
those of every time step, and what flows back to them.
"""

import keras
import tensorflow as tf
from keras.src import backend

# Keras's layers that end with ``activation``, of a sum of products.
OF_SUMS = tuple(
    getattr(keras.layers, name)
    for name in (
        "Dense",
        "EinsumDense",
        *(f"Conv{rank}D{kind}" for rank in (1, 2, 3) for kind in ("", "Transpose")),
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "SeparableConv1D",
        "SeparableConv2D",
    )
)
# Keras's layers with a loop over time, each of which hands its output on as its first state.
OF_LOOPS = keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM


class Tap:
    """The activation of a layer, and what it was given last.

    name: of what it is given; layer: whose activation it is.
    """

    def __init__(self, name, layer):
        self.name, self.activation, self.value = name, layer.activation, None
        layer.activation = self

    def __call__(self, x):
        self.value = x
        return self.activation(x)


class LoopTap:
    """The loop over time of a recurrent layer, and the states that it handed on last.

    names: of the states, those that are made first in front; shares: of the weights of whose
    gradients the share of each time step is recorded, all of the layer's or none.
    values: (batch, time steps, units) of each state, as steps are taken.

    A state is handed on by ``with_zero``, beside a 0 that has no part in it: its gradient is the
    0's as well, and a weight's share is that of a 0 beside the weight.  The zeros of all time
    steps are one tensor outside of the loop, of whose gradient ``tape`` can be asked.
    """

    def __init__(self, names, shares, layer):
        self.names, self.shares, self.layer = names, shares, layer
        self.values, self.zeros, self.tape = (), (), None
        layer.inner_loop = self

    def __call__(self, sequences, initial_state, mask, training=False):
        """Do what ``keras.layers.RNN.inner_loop`` does without a mask."""
        layer, (batch, steps, _) = self.layer, sequences.shape
        weights = layer.cell.trainable_weights if self.shares else []
        rows = [weight.shape[0] if len(weight.shape) == 2 else 1 for weight in weights]
        shapes = [(batch, steps, layer.units)] * len(self.names)
        shapes += [(n, steps, weight.shape[-1]) for n, weight in zip(rows, weights)]
        self.zeros = [tf.zeros(shape, sequences.dtype) for shape in shapes]
        self.tape.watch(self.zeros)

        count, seen = len(self.names), []

        def step(inputs, states):
            x, *zeros = inputs
            zeros, of_weights = zeros[:count][::-1], zeros[count:]
            with keras.StatelessScope([*zip(weights, map(beside, weights, of_weights))]):
                _, states = layer.cell(x, states, training=training)
            states = [*map(with_zero, states, zeros)]
            seen.append(states)
            return states[0] if layer.unroll else (states[0], *states), states

        last, every, states = backend.rnn(
            step,
            (sequences, *self.zeros),
            initial_state,
            go_backwards=layer.go_backwards,
            unroll=layer.unroll,
            input_length=sequences.shape[1],
        )
        if layer.unroll:  # a step is a call
            self.values = [tf.stack(each, axis=1) for each in zip(*seen)][::-1]
            return last, every, states
        self.values = every[:0:-1]
        return last[0], every[0], states

    def in_order(self, flows):
        """Return the gradients of ``zeros`` as steps are taken, shares by time step."""
        if self.layer.go_backwards:
            flows = [tf.reverse(flow, [1]) for flow in flows]
        count = len(self.names)
        return [*flows[:count], *(tf.transpose(flow, [1, 0, 2]) for flow in flows[count:])]


@tf.custom_gradient
def with_zero(state, zero):
    """Return a state; what flows back to it flows back to ``zero`` as well."""
    return tf.identity(state), lambda flow: (flow, tf.reshape(flow, zero.shape))


def beside(weight, zero):
    """Return what a weight is, with its gradient handed to ``zero`` as well."""
    return with_zero(tf.convert_to_tensor(weight.value), zero)


class Letter:
    """A tensor inside of a layer, and what it was last.

    name: as in ``Network.letters``; value: (batch, 1, numbers).
    """

    def __init__(self, name):
        self.name, self.value = name, None

    def __call__(self, x):
        self.value = tf.reshape(x, (x.shape[0], 1, -1))
        return tf.reshape(self.value, x.shape)


def tap_attention(network, layers, names):
    """Return the Letters of Keras's attention layers, named as ``Network.letters`` are.

    Of a layer with heads these are what is projected, what comes of its attention (for which
    Keras has a method to be overridden) and the gate; of one without, the scores.
    """
    found = []
    for layer, name in zip(layers, names, strict=True):
        letters = network.letters.get(_label(network, name), ())
        while hasattr(layer, "layer"):
            layer = layer.layer
        own = {letter.rpartition(".")[2]: Letter(letter) for letter in letters}
        if letters and isinstance(layer, keras.layers.Attention):
            layer._calculate_scores = _behind(layer._calculate_scores, own["s"])
        elif letters and isinstance(layer, keras.layers.MultiHeadAttention):
            layer._compute_attention = _between(layer._compute_attention, own)
            if "G" in own:
                gate = layer._gate_dense
                gate.activation = _behind(gate.activation, own["G"])
        else:
            continue
        found += own.values()
    return found


def _behind(function, letter):
    """Return a function that puts out a letter."""
    return lambda *args, **options: letter(function(*args, **options))


def _between(attention, letters):
    """Return Keras's attention of Q, K and V with these letters, and Y, taken on their way."""

    def attend(query, key, value, *args, **options):
        projected = zip("QKV", (query, key, value))
        context, scores = attention(*(letters[n](x) for n, x in projected), *args, **options)
        return letters["Y"](context), scores

    return attend


def _label(network, name):
    """Return what a layer is called whose output has a name: the last one's is the network's."""
    return name if name in network.letters else network.sums.get(name)


def tap_layers(network, layers, names):
    """Return the Taps of Keras's layers, named as the network's sums are (``Network.sums``).

    names: of the layers' outputs.  A sum that is a layer's output by itself needs no tap;
    nor is there one where the last layer has an activation of its own before a linear end.
    """
    linear = type(getattr(network.end, "activation", None)).__name__ == "Linear"
    taps = []
    for layer, name in zip(layers, names, strict=True):
        sum_ = network.sums.get(name)
        if sum_ is None or sum_ in names or not isinstance(layer, OF_SUMS):
            continue
        if not (linear and name == "outputs" and layer.activation is not keras.activations.linear):
            taps.append(Tap(sum_, layer))
    return taps


def tap_loops(network, layers, names):
    """Return the LoopTaps of Keras's recurrent layers, named as ``Network.letters`` are.

    There is none where Keras's own loop is not what would run then: under a mask, or on a GPU.
    """
    taps = []
    for layer, name in zip(layers, names, strict=True):
        label = _label(network, name)
        letters, shares = network.letters.get(label, ()), network.shares.get(label, ())
        loops = loops_of(layer) if letters else []
        if loops and not _is_masked(layer):
            shares = shares if all(map(_uses_weights_once, loops)) else ()
            each = zip(_in_parts(letters, len(loops)), _in_parts(shares, len(loops)), loops)
            taps += [LoopTap(*own) for own in each]
    return taps


def _in_parts(names, count):
    """Return ``count`` equal parts of names."""
    size = len(names) // count
    return [names[k * size : (k + 1) * size] for k in range(count)]


def loops_of(layer):
    """Return Keras's layers with a loop of which a layer is made: it, two, or the one inside."""
    if isinstance(layer, OF_LOOPS):
        return [layer]
    if isinstance(layer, keras.layers.Bidirectional):
        return [*loops_of(layer.forward_layer), *loops_of(layer.backward_layer)]
    return loops_of(layer.layer) if hasattr(layer, "layer") else []


def _uses_weights_once(layer):
    """Say whether a time step has one share in each weight's gradient.

    Where there are several, in parts of a kernel, eager execution adds those of all time steps in
    one sum: shares that were summed before would change its order.
    """
    if isinstance(layer, keras.layers.SimpleRNN):
        return True
    once = isinstance(layer, keras.layers.LSTM) or layer.cell.reset_after
    return once and layer.cell.implementation != 1


def _is_masked(layer):
    """Say whether a layer is called with a mask.

    Up to Keras 3.14 its input carries it; since then it is an input of the call, of booleans.
    """
    inputs = keras.tree.flatten(layer.input)
    carried = any(getattr(x, "_keras_mask", None) is not None for x in inputs)
    return carried or any(keras.backend.standardize_dtype(x.dtype) == "bool" for x in inputs)
