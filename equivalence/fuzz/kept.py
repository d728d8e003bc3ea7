"""Models that raised an alarm once, each kept in a file with its weights and its batch.

What a number draws changes with the tables; what is kept stays what it was.

    python -m equivalence.fuzz.kept SEED NUMBER FILE.npz     # keeps the model of a number
"""

import json
import sys

import numpy as np


def keep(model, batch, file):
    """Write a compiled model, its variables and a batch, nested tuples of arrays, to a file."""
    import keras
    import tensorflow as tf

    save = keras.saving.serialize_keras_object
    told = {
        "model": save(model),
        "optimizer": save(model.optimizer),
        "loss": save(model.loss),
        "loss_weights": model.loss_weights if hasattr(model, "loss_weights") else None,
        "batch": tf.nest.map_structure(lambda _: None, batch),
    }
    arrays = [np.asarray(v) for v in model.variables]
    parts = [np.asarray(part) for part in tf.nest.flatten(batch)]
    named = {f"variable_{k}": a for k, a in enumerate(arrays)}
    named |= {f"part_{k}": a for k, a in enumerate(parts)}
    np.savez_compressed(file, told=json.dumps(told), **named)


def kept(file):
    """Return (model, batch) of a file, as they were."""
    import keras
    import tensorflow as tf

    from equivalence.fuzz.own_layers import own_layers

    with np.load(file, allow_pickle=False) as found:
        told = json.loads(str(found["told"]))
        variables = [found[f"variable_{k}"] for k in range(_count(found, "variable"))]
        parts = [found[f"part_{k}"] for k in range(_count(found, "part"))]
    with keras.saving.custom_object_scope(own_layers()):
        model, optimizer, loss = (
            keras.saving.deserialize_keras_object(told[name])
            for name in ("model", "optimizer", "loss")
        )
    model.compile(optimizer, loss, told["loss_weights"])
    for variable, value in zip(model.variables, variables, strict=True):
        variable.assign(value)
    return model, tf.nest.pack_sequence_as(
        _tuples(told["batch"]), [tf.constant(part) for part in parts]
    )


def _count(found, name):
    return sum(key.startswith(f"{name}_") for key in found)


def _tuples(nest):
    return tuple(map(_tuples, nest)) if isinstance(nest, list) else nest


def main(arguments):
    from equivalence.fuzz.certified import draw

    seed, number, file = arguments
    drawn, batch = draw(int(seed), int(number))
    keep(drawn.model, batch, file)


if __name__ == "__main__":
    main(sys.argv[1:])
