"""A step as users run it, with nobody looking: operation by operation, compiled, or by Keras.

``fit`` and ``train_on_batch`` run the function that Keras makes for them, of a dataset's batches
and of one batch that is given; whether XLA compiles it is the model's own affair.
"""

from equivalence.errors import BadInput

OF_FUNCTIONS = ("eager", "graph", "xla")
OF_MODELS = ("fit", "train_on_batch")
NAMES = (*OF_FUNCTIONS, *OF_MODELS)
COMPILED = NAMES[1:]


def compiles(engine, model):
    """Return the engine by whose compilers a model's step runs: "eager", "graph" or "xla".

    Raises BadInput where what is given has no ``fit``.
    """
    import keras

    if engine not in OF_MODELS:
        return engine
    if not isinstance(model, keras.Model):
        name = getattr(model, "__name__", type(model).__name__)
        raise BadInput(
            f"engine={engine!r} is a way of Keras models, and {name!r} is none: "
            "graph or xla run a function"
        )
    if model.run_eagerly:
        return "eager"
    return "xla" if model.jit_compile is True else "graph"


def runner_of(engine, model, step, traced, uneven=False):
    """Return what runs a step of a batch as users run it.

    uneven: whether ``fit`` has a smaller batch at the end, so that it does not know their size.

    Raises BadInput where XLA would be given texts, for which it ends the process: of the second
    step that it compiles, it hashes what was given (DeviceCompilationClusterSignature::Hash).
    """
    import tensorflow as tf

    if compiles(engine, model) == "xla" and tf.string in {x.dtype for x in traced.concrete.inputs}:
        raise BadInput(
            f"engine={engine!r} is XLA's here, which takes no texts: give the step the numbers "
            "that stand for them, or run it as a graph"
        )
    if engine == "eager":
        return lambda batch: step.function(*batch)
    if engine == "graph":
        return lambda batch: traced.concrete(*batch)
    if engine == "xla":
        compiled = tf.function(step.function, autograph=step.autograph, jit_compile=True)
        return lambda batch: compiled(*batch)
    function = _function_of(model)
    if engine == "train_on_batch":
        return lambda batch: function(iter([step.data(batch)]))
    return lambda batch: function(iter(_dataset(step.data(batch), uneven)))


def _function_of(model):
    """Return the function that Keras makes of a model's step; the model keeps the one it had."""
    had = model.train_function
    try:
        model.make_train_function(force=True)
        return model.train_function
    finally:
        model.train_function = had


def _dataset(batch, uneven):
    """Return a dataset of one batch, as ``fit`` makes it of arrays."""
    import tensorflow as tf

    batch = _without_lists(batch)
    if not uneven:
        return tf.data.Dataset.from_tensors(batch)
    whole = tf.data.Dataset.from_tensor_slices(batch)
    return whole.batch(len(tf.nest.flatten(batch)[0]))


def _without_lists(part):
    """Return parts of a batch with tuples for lists, of which a dataset would make one tensor."""
    if isinstance(part, dict):
        return {name: _without_lists(each) for name, each in part.items()}
    if isinstance(part, list | tuple):
        return tuple(map(_without_lists, part))
    return part
