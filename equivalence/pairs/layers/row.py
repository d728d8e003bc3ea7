"""A row of the tables of layers: a layer of both trees, alone, and the shape of one sample.

Its inputs are weights (``networks/alone.py``), so that the run certifies the gradient of the
inputs as it certifies those of the kernel and the bias.
"""

from math import prod

import numpy as np

from equivalence import trees
from equivalence.pairs.plant import Plant
from equivalence.steps.pair import Pair

SAMPLES = 4
STEPS = 5  # each is enclosed from the state before it


def start(network, seed=3):
    """Return a start for every weight of a network of layers, by its name and shape.

    Kernels as Glorot and Bengio draw them; biases, which Keras starts from 0, scales, which
    it starts from 1, and inputs away from there, so that what a wrong line does to them shows.
    """
    rng = np.random.default_rng(seed)
    return tuple(
        _drawn(rng, name.rpartition(".")[2], shape)
        for name, shape in zip(network.weight_names, network.weight_shapes, strict=True)
    )


def _drawn(rng, name, shape):
    if name.startswith("inputs"):
        return rng.normal(size=shape)
    if "bias" in name or "beta" in name:
        return 0.1 * rng.normal(size=shape)
    if "gamma" in name or "scale" in name:
        return 1 + 0.1 * rng.normal(size=shape)
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape)


def flowing_back(network, seed=4):
    """Return for each step a dummy input and the gradient of each output."""
    rng = np.random.default_rng(seed)
    shape = (STEPS * network.samples, prod(network.built.output_shape))
    return np.zeros((shape[0], 1)), rng.normal(size=shape)


def layer(name, input_shape, build, samples=SAMPLES, keras="model", note="", inputs=None):
    """Return the row of a layer.

    input_shape: of one sample; a tuple of shapes where there are several inputs.
    build: of a namespace, the layer.
    inputs: a function of a random generator that makes the data (rows, numbers) of a layer
        whose inputs are no weights, as whole numbers and masks are.
    """

    def network(m):
        return m.Alone(input_shape, build(m), samples, inputs is not None)

    def data():
        dummy, gradients = flowing_back(network(trees.reference()))
        if inputs is None:
            return dummy, gradients
        return inputs(np.random.default_rng(5), len(gradients)), gradients

    return Pair(
        f"layer-{name}",
        "the layer alone; the gradient of its output is given",
        network=network,
        optimizer=lambda m: m.SGD(0.05),
        start=lambda: start(network(trees.reference())),
        data=data,
        epochs=1,
        batch_size=samples,
        keras=keras,
        note=note,
        group="layers",
    )


def chain(name, input_shape, layers, inputs, note=""):
    """Return the row of several layers on data, as where a mask reaches the next layer.

    inputs: as in ``layer``; the targets are normal numbers, the loss is the mean square.
    """

    def network(m):
        return m.Sequential(input_shape, layers(m))

    def data():
        rng = np.random.default_rng(5)
        numbers = prod(network(trees.reference()).built[-1].output_shape)
        return inputs(rng, STEPS * SAMPLES), rng.normal(size=(STEPS * SAMPLES, numbers))

    return Pair(
        f"layer-{name}",
        "layers in a row, on numbers drawn at random",
        network=network,
        optimizer=lambda m: m.SGD(0.05),
        start=lambda: start(network(trees.reference())),
        data=data,
        epochs=1,
        batch_size=SAMPLES,
        note=note,
        group="layers",
    )


def wrong(*rows):
    """Return the Plants of a table of wrong lines in layers.

    A row: what is wrong, in words; tree; file; before; after; the layer's row; the stage
    where it must be found; and, if not 0 and "float32", the step and the dtype.
    """
    return tuple(
        Plant(name, tree, file, before, after, f"layer-{pair}", *found, group="layers")
        for name, tree, file, before, after, pair, *found in rows
    )
