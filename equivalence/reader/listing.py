"""A pair as one program of some forty lines, in NumPy and in Keras, as a text prints it.

The files of a pair are made to be shared; a text has everything in one listing.  These are
made from the row of a pair: its start, data, epochs and hyperparameters.  A test runs them and
holds both against the pair's trajectories, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from equivalence import trees
from equivalence.steps.pair import Pair
from equivalence.templates import read_templates

# An activation of the books: forward, of {}; and the gradient {0} taken back through {1}.
ACTIVATIONS = {
    "Linear": ("{}", "{0}"),
    "Sigmoid": ("1 / (1 + np.exp(-{}))", "{0} * {1} * (1 - {1})"),
    "Tanh": ("np.tanh({})", "{0} * (1 - np.square({1}))"),
    "ReLU": ("np.maximum({}, 0)", "np.where({1} > 0, {0}, 0)"),
}
# An optimizer on one number: what stands before the loop, what in it, and Keras's class.
# Names in braces are its hyperparameters.
OPTIMIZERS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "SGD": ((), ("p = p - g * {learning_rate}",), "SGD({learning_rate})"),
    "Momentum": (
        ("v = np.float32(0)",),
        ("v = v * {momentum} - g * {learning_rate}", "p = p + v"),
        "SGD({learning_rate}, momentum={momentum})",
    ),
    "Adagrad": (
        ("h = np.float32({initial_accumulator_value})",),
        ("h = h + g * g", "p = p - {learning_rate} * g / np.sqrt(h + {epsilon})"),
        "Adagrad({learning_rate})",
    ),
    "RMSprop": (
        ("h = np.float32(0)",),
        (
            "h = {rho} * h + (1 - {rho}) * (g * g)",
            "p = p - {learning_rate} * g / np.sqrt(h + {epsilon})",
        ),
        "RMSprop({learning_rate}, {rho})",
    ),
    "Adam": (
        ("m = np.float32(0)", "v = np.float32(0)"),
        (
            "m = m + (g - m) * (1 - {beta_1})",
            "v = v + (g * g - v) * (1 - {beta_2})",
            "a = {learning_rate} * np.sqrt(1 - {beta_2}**step) / (1 - {beta_1}**step)",
            "p = p - m * a / (np.sqrt(v) + {epsilon})",
        ),
        "Adam({learning_rate}, {beta_1}, {beta_2})",
    ),
}


@dataclass(frozen=True)
class Listing:
    """The same program twice: its text in NumPy, and in Keras."""

    numpy: str
    keras: str


def listing(pair: Pair) -> Listing | None:
    """Return the listing of a pair; None where a pair is no program of forty lines."""
    m = trees.reference()
    network, optimizer = pair.network(m), pair.optimizer(m)
    if pair.group not in ("books", "models"):
        return None
    one, sgd = len(pair.data()[0]) == 1, type(optimizer) is m.SGD
    if isinstance(network, m.Point) and one and type(optimizer).__name__ in OPTIMIZERS:
        return _rendered("descent", _descent(pair, optimizer))
    if isinstance(network, m.TwoLayer) and one and sgd:
        return _rendered("hidden", {**_layers(pair, optimizer), **_hidden(network, m)})
    linear = isinstance(network, m.OneLayer) and network.output == m.Output()
    if linear and one and sgd:
        return _rendered("dense", _layers(pair, optimizer))
    if linear and type(optimizer) is m.Adam and pair.batch_size is None and _few(pair):
        return _rendered("line", {**_layers(pair, optimizer), **vars(optimizer)})
    if _two_sigmoids(network, m) and sgd and pair.batch_size == 1:
        return _rendered("samples", {**_layers(pair, optimizer), **_activation(m.Sigmoid())})
    return None


def _few(pair: Pair) -> bool:
    """Say whether all data of a pair have room in a line of a program."""
    return np.asarray(pair.data()[0]).size <= 8


def _two_sigmoids(network: Any, m: Any) -> bool:
    """Say whether a network is text 002's for XOR: two Dense layers of sigmoids, mean square."""
    if not isinstance(network, m.Sequential) or len(network.layers) != 2:
        return False
    dense = all(isinstance(layer, m.Dense) for layer in network.layers)
    last = network.output.activation, network.output.loss
    sigmoids = dense and all(
        isinstance(a, m.Sigmoid) for a in (network.layers[0].activation, last[0])
    )
    return sigmoids and isinstance(last[1], m.MeanSquaredError)


def _layers(pair: Pair, optimizer: Any) -> dict[str, Any]:
    inputs, targets = (np.array(array, float).tolist() for array in pair.data())
    start = [np.array(weight, "float32").tolist() for weight in pair.start()]
    start = [[[float(str(np.float32(w))) for w in row] for row in weight] for weight in start]
    kernels = [np.shape(weight) for weight in pair.start()[::2]]
    return {
        "inputs": inputs,
        "targets": targets,
        "start": start,
        "shape": (kernels[0][0], *(units for _, units in kernels)),
        "epochs": pair.epochs,
        "rate": optimizer.learning_rate,
    }


def _hidden(network: Any, m: Any) -> dict[str, Any]:
    softmax = isinstance(network.output, m.SoftmaxOutput)
    return {
        **_activation(network.hidden),
        "linear": isinstance(network.hidden, m.Linear),
        "softmax": softmax,
        "output": network.output.activation.name,
        "loss": network.output.loss.name,
    }


def _activation(activation: Any) -> dict[str, Any]:
    forward, back = ACTIVATIONS[type(activation).__name__]
    return {"forward": forward, "back": back, "hidden": activation.name}


def _descent(pair: Pair, optimizer: Any) -> dict[str, Any]:
    build, update, keras = OPTIMIZERS[type(optimizer).__name__]
    numbers = vars(optimizer)
    ((p,),) = pair.start()[0]
    return {
        "p": p,
        "t": float(pair.data()[1].item()),
        "epochs": pair.epochs,
        "build": [line.format(**numbers) for line in build],
        "update": [line.format(**numbers) for line in update],
        "keras": keras.format(**numbers),
    }


def _rendered(family: str, facts: dict[str, Any]) -> Listing:
    texts = (_templates().get_template(f"{family}.{side}.j2") for side in ("numpy", "keras"))
    return Listing(*(text.render(facts).rstrip("\n") + "\n" for text in texts))


@cache
def _templates():
    return read_templates(Path(__file__).parent / "listings", html=False)
