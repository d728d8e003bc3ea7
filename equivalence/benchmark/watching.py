"""What of a step as users run it is covered: watched, or enclosed between what is watched.

``python -m equivalence.benchmark.watching [NAME ...] [--engine E ...] [--json FILE]`` looks into
a step of each row without changing a bit, and prints the share of its numbers that are covered:
models of keras.applications, those of ``plants.ordinary``, every optimizer, schedule and
normalization in a small network, half precision, and each network of the group ``models``.
Rows go into FILE in the place of those of the same name and engine; ``--read FILE`` prints them.
Nothing is remembered from runs before, so that what was compiled can be counted again.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np

from equivalence.benchmark import covering
from equivalence.errors import BadInput
from equivalence.graph.unobserved import COMPILED
from equivalence.graph.watchable import FOLDER

# The share of a step's numbers that has to be covered.
LEAST = {"graph": 0.97, "fit": 0.97, "train_on_batch": 0.97, "xla": 0.90}
OPTIMIZERS = (
    *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion"),
    *("Muon", "Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW"),
)
SCHEDULES = {
    "CosineDecay": (0.1, 10),
    "CosineDecayRestarts": (0.1, 10),
    "ExponentialDecay": (0.1, 10, 0.9),
    "InverseTimeDecay": (0.1, 10, 0.5),
    "PiecewiseConstantDecay": ([2, 5], [0.1, 0.05, 0.01]),
    "PolynomialDecay": (0.1, 10),
}
NORMALIZATIONS = (
    *("BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization"),
    "UnitNormalization",
)
POLICIES = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


@dataclass(frozen=True)
class Watched:
    """What was found of one row and engine.

    alike: whether the step's graph by itself gives the engine's bits; seconds: of the processor.
    refused: why the engine cannot run the step, "" where it can.
    environment: the name of that in which it was found, "" where nobody wrote it down.
    The others are those of ``graph.watch.Watch``.
    """

    name: str
    engine: str
    alike: bool
    tensors: int
    watched: int
    compilations: int
    whole: bool
    numbers: int
    checked: int
    enclosed: int
    inside: int
    sharp_to: float | None
    unexplained: list
    without: dict
    fused: dict
    seconds: float
    refused: str = ""
    environment: str = ""

    @property
    def covered(self):
        return (self.checked + self.enclosed) / max(self.numbers, 1)

    @property
    def is_enough(self):
        return bool(self.refused) or self.covered >= LEAST[self.engine]


# ------------------------------------------------------------------------------ rows


def _small(optimizer, between=(), policy=None):
    """Return what builds a small network, (model, x, y), with layers between its two."""

    def build(keras):
        layers = keras.layers
        parts = [layers.Dense(8, "tanh"), *(make(layers) for make in between), layers.Dense(3)]
        model = keras.Sequential([keras.Input((4,)), *parts])
        model.compile(optimizer(keras), "mse")
        rng = np.random.default_rng(7)
        return model, rng.normal(size=(8, 4)), rng.normal(size=(8, 3))

    return build


def _scheduled(name, arguments):
    def optimizer(keras):
        return keras.optimizers.SGD(getattr(keras.optimizers.schedules, name)(*arguments))

    return optimizer


def _normalized(name):
    more = {"groups": 4} if name == "GroupNormalization" else {}
    return lambda layers: getattr(layers, name)(**more)


def _pinn(keras):
    """A network whose second derivative is asked for: u'' = -sin, by a penalty at points."""
    import tensorflow as tf

    layers = keras.layers
    net = keras.Sequential([keras.Input((1,)), layers.Dense(16, "tanh"), layers.Dense(16, "tanh")])
    net.add(layers.Dense(1))

    class Physics(keras.Model):
        def __init__(self):
            super().__init__()
            self.net = net

        def call(self, x):
            return self.net(x)

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                with tf.GradientTape() as second:
                    second.watch(x)
                    with tf.GradientTape() as first:
                        first.watch(x)
                        u = self(x, training=True)
                    slope = first.gradient(u, x)
                curve = second.gradient(slope, x)
                loss = tf.reduce_mean((curve + tf.sin(x)) ** 2) + tf.reduce_mean((u - y) ** 2)
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    model = Physics()
    model.compile(keras.optimizers.Adam(1e-3))
    x = np.linspace(-3, 3, 16).reshape(16, 1)
    return model, x, np.sin(x)


def _of_pair(name):
    """Return what builds the Keras model of a pair, at its start and with its data."""

    def build(keras):
        from equivalence import trees
        from equivalence.pairs.table import find
        from equivalence.results.result import Spec
        from equivalence.runs.operations import BatchesOf, model_of
        from equivalence.runs.run import reference_program

        pair = find(name)
        spec = Spec(name, "float32", "keras", "graph")
        program = reference_program(spec, pair)
        m = trees.tensorflow()
        network, optimizer = pair.network(m), pair.optimizer(m)
        batches = BatchesOf(program, "float32")
        model = model_of(network, optimizer, program, pair.keras, batches.dtype)
        x, y = (part[0] for part in batches.parts)
        return model, x, y

    return build


def networks():
    """Return the pairs of the group ``models`` that Keras trains in one step."""
    from equivalence.pairs.models import ROWS

    return tuple(row.name for row in ROWS if row.keras and not row.in_turn)


def rows() -> dict[str, Callable]:
    """Return name -> what builds (model, x, y) of Keras, in the order in which they are run."""
    from equivalence.plants.ordinary import MODELS

    of_name = lambda name: lambda keras: covering.build(name)
    adam = lambda keras: keras.optimizers.Adam(1e-3)
    found: dict[str, Callable] = {name: of_name(name) for name in MODELS}
    found["pinn"] = _pinn
    for name in OPTIMIZERS:
        found[f"optimizer {name}"] = _small(lambda keras, n=name: getattr(keras.optimizers, n)())
    for name, arguments in SCHEDULES.items():
        found[f"schedule {name}"] = _small(_scheduled(name, arguments))
    for name in NORMALIZATIONS:
        found[f"normalization {name}"] = _small(adam, [_normalized(name)])
    for name in POLICIES:
        found[f"policy {name}"] = _small(adam, [lambda layers: layers.Dropout(0.25)])
    found |= {f"network {name}": _of_pair(name) for name in networks()}
    return found | {name: of_name(name) for name in covering.APPLICATIONS}


def policy_of(name):
    """Return the policy of Keras's that a row is built and run under, None for the usual one."""
    kind, _, policy = name.partition(" ")
    return policy if kind == "policy" else None


# ----------------------------------------------------------------------------- measured


def measure(name, engines):
    """Yield the Watched of one row under each engine."""
    import keras

    from equivalence.graph.certify import Prepared
    from equivalence.graph.step import Batches
    from equivalence.graph.unobserved import compiles
    from equivalence.machine.blas import one_blas_thread
    from equivalence.machine.keras_settings import under

    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    policy = policy_of(name)
    with under(policy) if policy else nullcontext(), one_blas_thread():
        model, x, y = rows()[name](keras)
        given = tuple(part for part in (x, y) if part is not None)
        size = covering.BATCH if name in covering.APPLICATIONS else covering.MOST
        batches = Batches(given, size, keras.config.floatx())
        prepared: dict[bool, Prepared] = {}
        for engine in engines:
            if engine in ("fit", "train_on_batch") and not isinstance(model, keras.Model):
                continue
            by_xla = compiles(engine, model) == "xla"
            begun = process_time()
            if by_xla not in prepared:
                prepared[by_xla] = Prepared(model, batches[0], by_xla)
            try:
                seen = prepared[by_xla].watch(batches[0], engine)
            except BadInput as error:
                if "XLA" not in str(error):
                    raise
                yield refusal(name, engine, str(error), process_time() - begun)
                continue
            facts = {
                key: getattr(seen, key) for key in Watched.__annotations__ if key in vars(seen)
            }
            yield Watched(name=name, engine=engine, seconds=process_time() - begun, **facts)


def refusal(name, engine, why, seconds):
    """Return the Watched of a row that an engine cannot run."""
    zeros = dict.fromkeys(
        ["tensors", "watched", "compilations", "numbers", "checked", "enclosed", "inside"], 0
    )
    empty = {"unexplained": [], "without": {}, "fused": {}, "sharp_to": None}
    facts = {**zeros, **empty, "alike": True, "whole": True, "refused": why, "seconds": seconds}
    return Watched(name=name, engine=engine, **facts)


# ------------------------------------------------------------------------------ printed

HEAD = (
    f"{'row':<42}{'engine':<15}{'watched':>13}{'numbers':>13}{'covered':>9}{'comp.':>6}"
    f"{'sharp to':>9}{'CPU s':>7}"
)


def line(found):
    """Return a row as it is printed, and what there is to say of it."""
    if found.refused:
        return f"{found.name:<42}{found.engine:<15}cannot run it: {found.refused[:200]}"
    sharp = f"{found.sharp_to:.0e}" if found.sharp_to is not None else "-"
    told = [
        "" if found.alike else "the graph by itself gives other bits",
        "" if found.whole else "the search was stopped",
        f"{found.inside:,} inside of branches or functions" if found.inside else "",
        ", ".join(f"{count} {kind} without" for kind, count in found.without.items()),
        f"{len(found.unexplained)} not explained" if found.unexplained else "",
    ]
    words = "; ".join(each for each in told if each)
    return (
        f"{found.name:<42}{found.engine:<15}{f'{found.watched}/{found.tensors}':>13}"
        f"{found.numbers:>13,}{found.covered:>9.2%}{found.compilations:>6}{sharp:>9}"
        f"{found.seconds:>7.1f}" + (f"\n    {words}" if words else "")
    )


def summary(found):
    """Yield a line for each engine: the least that is covered, and the most that was compiled."""
    for engine in COMPILED:
        of_engine = [each for each in found if each.engine == engine and not each.refused]
        if of_engine:
            least = min(of_engine, key=lambda each: each.covered)
            most = max(each.compilations for each in of_engine)
            enough = sum(each.is_enough for each in of_engine)
            yield (
                f"{engine}: {enough} of {len(of_engine)} rows with at least {LEAST[engine]:.0%}, "
                f"the least {least.covered:.2%} ({least.name}); at most {most} compilations"
            )


def read(path):
    """Return the Watched of a file."""
    return _rows_and_environments(path)[0]


def _rows_and_environments(path):
    """Return the Watched of a file, and the environments in which they were found."""
    contents = json.loads(path.read_text(encoding="utf-8"))
    return [Watched(**row) for row in contents["rows"]], contents["environments"]


def write(path, found):
    """Put rows into a file, in the place of those of the same names and engines.

    Behind the rows are the environments in which they were found, each once.
    """
    from equivalence.machine.environment import environment

    rows, environments = _rows_and_environments(path) if path.exists() else ([], [])
    now = environment()
    here = [replace(each, environment=now["environment"]) for each in found]
    by_name = {(each.name, each.engine): each for each in (*rows, *here)}
    met = {each.environment for each in by_name.values()}
    by_id = {each["environment"]: each for each in (*environments, now)}
    contents = {
        "rows": [asdict(each) for each in by_name.values()],
        "environments": [each for name, each in by_id.items() if name in met],
    }
    path.write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")


def main(arguments=None):
    """Look into rows; return 1 where less is covered than has to be."""
    parser = argparse.ArgumentParser(
        prog="python -m equivalence.benchmark.watching",
        description="What of a step as users run it is covered, without changing a bit of it.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of the rows that --list names")
    parser.add_argument("--engine", action="append", choices=COMPILED, help="default: all")
    parser.add_argument("--json", metavar="FILE", type=Path, help="put the rows into a file")
    parser.add_argument("--read", metavar="FILE", type=Path, help="print the rows of a file")
    parser.add_argument("--list", action="store_true", help="name the rows")
    options = parser.parse_args(arguments)
    if options.read:
        found = read(options.read)
        print("\n".join([HEAD, *map(line, found), *summary(found)]))
        return 0 if all(each.is_enough for each in found) else 1
    every = rows()
    if options.list:
        print("\n".join(every))
        return 0
    if unknown := set(options.names) - set(every):
        parser.error(f"no row {sorted(unknown)[0]!r}: --list names them")
    print(HEAD, flush=True)
    found, failed = [], False
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        for name in [name for name in every if not options.names or name in options.names]:
            try:
                for each in measure(name, options.engine or COMPILED):
                    print(line(each), flush=True)
                    found.append(each)
                    if options.json:
                        write(options.json, [each])
            except Exception as error:  # of one row, which the others do not wait for
                print(f"{name:<42}{type(error).__name__}: {' '.join(str(error).split())[:300]}")
                failed = True
    print("\n".join(summary(found)))
    return 0 if not failed and all(each.is_enough for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
