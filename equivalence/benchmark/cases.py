"""What is measured: network x optimizer x engine x batch x dtype x device, a row a case.

A *group* is what one compares: the same step on the same data, by all engines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import product

import numpy as np

from equivalence import trees
from equivalence.pairs import data
from equivalence.steps.program import Program


@dataclass(frozen=True)
class Network:
    """A network of the two trees with its sizes, inputs first.

    twin: makes the network from a namespace (``equivalence.trees``).
    """

    source: str
    sizes: tuple
    twin: Callable


NETWORKS = {
    "1-1": Network("seed 001, 414", (1, 1), lambda m: m.OneLayer()),
    "2-2": Network("seed 001, 411", (2, 2), lambda m: m.OneLayer()),
    "3-3": Network("seed 001, 412", (3, 3), lambda m: m.OneLayer()),
    "2-2-2": Network(
        "seed 001, 417_1", (2, 2, 2), lambda m: m.TwoLayer(m.Sigmoid(), m.SoftmaxOutput())
    ),
    "1-4-4-1": Network("seed 004, 01-1", (1, 4, 4, 1), lambda m: m.Multilayer(3)),
    "iris 4-3": Network("seed 003, B5", (4, 3), lambda m: m.OneLayer(m.SoftmaxOutput())),
    "784-128-10": Network(
        "seed 003, B2",
        (784, 128, 10),
        lambda m: m.TwoLayer(m.ReLU(), m.SoftmaxOutput()),
    ),
    "784-360-10": Network(
        "seed 003, B6", (784, 360, 10), lambda m: m.TwoLayer(m.ReLU(), m.SoftmaxOutput())
    ),
    "1024-1024-1024": Network(
        "no seed has it", (1024, 1024, 1024), lambda m: m.TwoLayer(m.ReLU(), m.SoftmaxOutput())
    ),
}
# Every optimizer with a learning rate of its own; one that wraps another has none.
OPTIMIZERS = tuple(
    name
    for name in import_module("refimpl.optimizers").__all__
    if "learning_rate" in getattr(trees.reference(), name).__dataclass_fields__
)

# NumPy comes first and last in its group: by what the two differ, the machine drifts.
NUMPY = ("numpy", "numpy again")
TENSORFLOW = ("eager", "graph", "xla", "train_on_batch", "fit")
PEERS = ("autograd", "torch", "jax")
ENGINES = ("numpy", *TENSORFLOW, "numpy again")
PEER_ENGINES = ("numpy", *PEERS, "numpy again")
WORDS = {
    "numpy": "NumPy",
    "eager": "TensorFlow, eager",
    "graph": "tf.function",
    "xla": "tf.function, XLA",
    "train_on_batch": "Keras train_on_batch",
    "fit": "Keras fit",
    "autograd": "autograd",
    "torch": "PyTorch",
    "jax": "JAX jit",
    "numpy again": "NumPy again",
}

# So small that no weight goes anywhere within a million steps: nothing converges to
# subnormal numbers, nothing diverges, and every step costs what the first one did.
LEARNING_RATE = 1e-6


@dataclass(frozen=True)
class Case:
    """One step by one engine."""

    network: str
    optimizer: str
    batch: int
    dtype: str
    engine: str
    device: str = "CPU:0"

    @property
    def group(self):
        return f"{self.network} {self.optimizer}, batch {self.batch}, {self.dtype}"

    @property
    def name(self):
        where = "" if self.device == "CPU:0" else f" on {self.device}"
        return f"{self.group}, {self.engine}{where}"


@dataclass(frozen=True)
class Selection:
    """All cases of these networks, optimizers, batches, dtypes and engines."""

    networks: tuple
    optimizers: tuple
    batches: tuple
    dtypes: tuple
    engines: tuple = ENGINES


SMALL_TO_LARGE = ("2-2-2", "iris 4-3", "784-128-10", "784-360-10", "1024-1024-1024")
BATCHES = (1, 4, 16, 64, 256, 1024, 4096)
COMPILED = ("numpy", "graph", "xla", "numpy again")
DEFAULT = (
    Selection(SMALL_TO_LARGE, ("SGD",), (1, 16, 256, 4096), ("float32",)),
    Selection(SMALL_TO_LARGE[1:], ("SGD",), (64,), ("float64",)),
    Selection(("784-128-10",), OPTIMIZERS, (64,), ("float32",), COMPILED),
)
FULL = (Selection(tuple(NETWORKS), OPTIMIZERS, BATCHES, ("float32", "float64")),)


def cases(selections, devices=("CPU:0",)):
    """Return the cases of some selections, each once, group by group.

    NumPy stays on the CPU, whatever the devices.
    """
    found = {}
    for s in selections:
        for group in product(s.networks, s.optimizers, s.batches, s.dtypes):
            found.setdefault(group, set()).update(s.engines)
    return [
        Case(*group, engine, device)
        for group, engines in found.items()
        for engine in ENGINES
        if engine in engines
        for device in (devices if engine in TENSORFLOW else devices[:1])
    ]


def peer_cases(selections):
    """Return the cases of NumPy and its peers, in the groups that they can run.

    The peers take SGD steps only.
    """
    groups = {}
    for s in selections:
        for group in product(s.networks, s.optimizers, s.batches, s.dtypes):
            groups.setdefault(group)
    return [
        Case(*group, engine) for group in groups if group[1] == "SGD" for engine in PEER_ENGINES
    ]


def in_keras(name):
    """Say whether Keras has a class for that optimizer; imports TensorFlow."""
    return hasattr(getattr(trees.tensorflow(), name), "keras")


def program(case):
    """Return the Program of a case: the same random numbers for every engine."""
    network, m = NETWORKS[case.network], trees.reference()
    rng = np.random.default_rng(0)
    weights = data.start(network.sizes, seed=0)
    inputs = rng.normal(size=(1, case.batch, network.sizes[0]))
    reference = network.twin(m)
    if reference.output.activation.name == "softmax":
        classes = network.sizes[-1]
        targets = np.eye(classes)[rng.integers(classes, size=(1, case.batch))]
    else:
        targets = rng.normal(size=(1, case.batch, network.sizes[-1]))
    return Program(
        reference,
        optimizer(m, case.optimizer),
        tuple(w.astype(case.dtype) for w in weights),
        inputs.astype(case.dtype),
        targets.astype(case.dtype),
    )


def optimizer(m, name):
    """Return the optimizer of that name from a namespace, with the benchmark's rate."""
    return getattr(m, name)(learning_rate=LEARNING_RATE)
