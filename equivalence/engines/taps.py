"""What goes into the activation of a Keras layer, recorded on its way.

A book writes Z = X W + B and Y = f(Z), two letters; Keras's ``Dense(units, f)`` gives Y alone.
A tap stands in the place of f: it keeps what f is given while a step is traced, and has f
compute what it computes.
"""

import keras

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
