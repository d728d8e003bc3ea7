"""The TensorFlow side: two twins, many engines, one record.

Which engines there are is in ``engines.table``.  Graph and XLA keep a whole trajectory in
one compiled loop.

A ``Runner`` is built once for its shapes; ``run`` may then start it from any
state and data of these shapes.
"""

import tensorflow as tf

from equivalence import trees
from equivalence.engines.base import floatx
from equivalence.engines.fit import FitRunner, TrainOnBatchRunner
from equivalence.engines.keras import KerasRunner
from equivalence.engines.mirrored import MirroredRunner
from equivalence.engines.players import PlayersRunner
from equivalence.engines.table import ENGINES
from equivalence.engines.tape import TapeRunner


def runner(pair, program, twin, engine, device="CPU:0"):
    """Return the Runner of a pair's twin; ``program`` gives shapes and dtype."""
    m = trees.tensorflow()
    network, optimizer = pair.network(m), pair.optimizer(m)
    return build(network, optimizer, program, twin, engine, device, pair.keras)


def build(network, optimizer, program, twin, engine, device="CPU:0", model="model"):
    """Return the Runner of a network and optimizer of ``tfimpl``."""
    if twin not in ENGINES[engine].twins:
        raise ValueError(f"the tape twin has no model to fit: engine {engine} is for twin keras")
    if engine == "mirrored":
        with floatx(program.dtype):
            return MirroredRunner(network, optimizer, program, device, model)
    with tf.device(device), floatx(program.dtype):
        if twin == "tape":
            return TapeRunner(network, optimizer, program, engine, device)
        if hasattr(network, "models"):
            return PlayersRunner(network, optimizer, program, device)
        if engine in ("fit", "train_on_batch"):
            kind = FitRunner if engine == "fit" else TrainOnBatchRunner
            return kind(network, optimizer, program, device, model)
        return KerasRunner(network, optimizer, program, engine, device, model)
