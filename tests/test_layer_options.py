"""Every option of every layer is off its default in some row, or stands here with its reason.

What Keras's classes are asked for is read from Keras's own objects, those that the rows of
``equivalence/pairs/layers`` build: an option is off its default where leaving it out gives another
configuration.  A layer that this Keras gains an option for fails here until a row has it.
"""

import inspect
from functools import cache, wraps
from importlib import import_module

import keras
import pytest

from equivalence import trees
from equivalence.engines import keras_objects
from equivalence.pairs import layers
from equivalence.pairs.table import PAIRS
from equivalence.steps.program import program

pytestmark = pytest.mark.tensorflow

STARTS = "every row has starts of its own; Keras's initializers draw others or none"
ADAPTERS = "fine-tuning and quantization of a trained layer, which is not the layer's own step"
# (class, option): why it is at its default everywhere.  "*" stands for any name or its front.
EXCLUDED = {
    ("*", "*_initializer"): STARTS,
    ("*", "lora_rank"): ADAPTERS,
    ("*", "lora_alpha"): ADAPTERS,
    ("*", "quantization_config"): ADAPTERS,
    ("EinsumDense", "gptq_unpacked_column_size"): ADAPTERS,
    ("*", "use_cudnn"): "kernels of a GPU; a CPU has none to choose from",
    ("*", "name"): "a name changes no number",
    ("LSTM", "unit_forget_bias"): STARTS,
    ("*", "dtype"): "not an option of the layer: every row runs in two dtypes",
    ("SimpleRNN", "activity_regularizer"): "Keras forgets it: defect keras-simple-rnn-activity",
    ("MultiHeadAttention", "activity_regularizer"): "it is for the outputs of the projections "
    "inside, not for the layer's own",
    ("MultiHeadAttention", "flash_attention"): "TensorFlow has none: Flash attention is not "
    "supported in tensorflow backend",
    ("BatchNormalization", "synchronized"): "several devices; a row runs on one",
    **{
        ("BatchNormalization", name): "batch renormalization (Ioffe 2017) is not in the suite"
        for name in ("renorm", "renorm_clipping", "renorm_momentum")
    },
}


def of_keras(layer):
    """Yield the layers of Keras that a layer is, or has inside."""
    if type(layer).__module__.startswith("keras.") and not isinstance(layer, keras.Model):
        yield layer
    for name in ("layer", "forward_layer", "backward_layer", "layers"):
        inside = getattr(layer, name, None) or ()
        for each in inside if isinstance(inside, (list, tuple)) else (inside,):
            if isinstance(each, keras.layers.Layer):
                yield from of_keras(each)


def built(network):
    """Return the layers of a row's network."""
    return (network.built,) if hasattr(network, "layer") else network.built


def options(kind):
    """Return the options of a class, by name, but for its ``**kwargs``."""
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return {p.name: p for p in parameters if p.kind is not p.VAR_KEYWORD}


def value(layer, name):
    """Return an option of a layer: of its configuration, or what it holds under that name."""
    config = layer.get_config()
    if name in config:
        return config[name]
    holders = (layer, getattr(layer, "cell", None))
    found = [getattr(h, n) for h in holders for n in (name, f"_{name}") if hasattr(h, n)]
    return found[0] if found else None


def is_off_default(layer, name, default):
    config = layer.get_config()
    if name not in config:
        return value(layer, name) != default
    del config[name]
    try:
        plain = type(layer).from_config(config)
    except KeyError:  # Rescaling's asks for all
        return value(layer, name) != default
    return value(plain, name) != value(layer, name)


@cache
def classes():
    """Return the options that are off their defaults somewhere, by Keras's class."""
    m, found = trees.tensorflow(), {}
    for row in layers.ROWS:
        for twin in built(row.network(m)):
            for layer in of_keras(twin.keras("float32")):
                off = found.setdefault(type(layer), set())
                for name, option in options(type(layer)).items():
                    needed = option.default is option.empty
                    if needed or name in off or is_off_default(layer, name, option.default):
                        off.add(name)
    return found


def reason(kind, name):
    """Return why an option of a class is at its default everywhere, or None."""
    for (of, option), why in EXCLUDED.items():
        if of not in ("*", kind):
            continue
        if option == name or (option.startswith("*") and name.endswith(option[1:])):
            return why
    return None


def test_every_option_is_off_its_default_somewhere_or_has_a_reason_not_to_be():
    lacking = [
        f"{kind.__name__}: {name}"
        for kind, off in classes().items()
        for name in options(kind)
        if name not in off and reason(kind.__name__, name) is None
    ]
    assert lacking == [], "\n".join(lacking)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in EXCLUDED} - {"*"}))
def test_what_is_excluded_is_an_option_and_nowhere_off_its_default(kind):
    keras_class = getattr(keras.layers, kind)
    for name in (name for of, name in EXCLUDED if of == kind):
        assert name in options(keras_class) and name not in classes()[keras_class]


def test_every_layer_of_the_suite_that_keras_has_is_looked_at():
    twins = [name for name in import_module("tfimpl.layers").__all__ if hasattr(keras.layers, name)]
    assert {getattr(keras.layers, name) for name in twins} == set(classes())


# (class, argument of its call): the row of which Keras's layer is called with it.
CALLED = {
    ("AdditiveAttention", "mask"): "additive-attention-dropout-masked",
    ("AdditiveAttention", "return_attention_scores"): "additive-attention-dropout-masked",
    ("AdditiveAttention", "use_causal_mask"): "additive-attention-dropout-masked",
    ("Attention", "mask"): "attention-masked",
    ("Attention", "return_attention_scores"): "attention-dropout-masked",
    ("Attention", "use_causal_mask"): "attention-scaled-causal",
    ("BatchNormalization", "mask"): "masked-moments-and-mean",
    ("BatchNormalization", "training"): "batch-normalization-inference",
    ("Bidirectional", "initial_state"): "bidirectional-states",
    ("Bidirectional", "mask"): "bidirectional-masked",
    ("GRU", "initial_state"): "gru-recurrent-dropout",
    ("GRU", "mask"): "masked-gru",
    ("GlobalAveragePooling1D", "mask"): "masked-moments-and-mean",
    ("LSTM", "initial_state"): "lstm-initial-state",
    ("LSTM", "mask"): "masked-lstm",
    ("MultiHeadAttention", "attention_mask"): "multi-head-attention-masked",
    ("MultiHeadAttention", "key"): "multi-head-attention-masked",
    ("MultiHeadAttention", "key_mask"): "multi-head-attention-masked",
    ("MultiHeadAttention", "return_attention_scores"): "multi-head-attention-dropout",
    ("MultiHeadAttention", "use_causal_mask"): "multi-head-attention-causal",
    ("MultiHeadAttention", "value"): "multi-head-attention",
    ("MultiHeadAttention", "value_mask"): "multi-head-attention-masked",
    ("SimpleRNN", "initial_state"): "simple-rnn-dropout",
    ("SimpleRNN", "mask"): "masked-simple-rnn",
}
NOT_CALLED = {
    ("*", "training"): "every step of the suite is one of training",
    ("MultiHeadAttention", "query_mask"): "Keras does not listen to it: keras-heads-query-mask; "
    "the queries of multi-head-attention-masked carry theirs",
    ("TimeDistributed", "mask"): "Keras hands it to a layer inside that takes one; ours takes none",
}


def arguments(kind):
    """Return the arguments of the call of a class behind its first."""
    parameters = list(inspect.signature(kind.call).parameters.values())[2:]
    return {p.name: p for p in parameters if p.kind is not p.VAR_KEYWORD}


def test_every_argument_of_a_call_is_given_in_some_row_or_has_a_reason_not_to_be():
    lacking = [
        f"{kind.__name__}: {name}"
        for kind in classes()
        for name in arguments(kind)
        if (kind.__name__, name) not in CALLED
        and (kind.__name__, name) not in NOT_CALLED
        and ("*", name) not in NOT_CALLED
    ]
    assert lacking == [], "\n".join(lacking)


@pytest.mark.parametrize(("kind", "name"), CALLED, ids=["-".join(pair) for pair in CALLED])
def test_a_row_calls_keras_s_layer_with_the_argument(kind, name, monkeypatch):
    given, keras_class = set(), getattr(keras.layers, kind)
    call, signature = keras_class.call, inspect.signature(keras_class.call)

    @wraps(call)
    def recorded(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs).arguments
        given.update(
            n for n, value in bound.items() if value is not signature.parameters[n].default
        )
        return call(self, *args, **kwargs)

    monkeypatch.setattr(keras_class, "call", recorded)
    pair = PAIRS[f"layer-{CALLED[kind, name]}"]
    own = program(pair, "float32")
    network = pair.network(trees.tensorflow())
    model, _ = keras_objects.keras_model_of(network, pair.keras, own.weights, "float32")
    model(own.batch(0)[0], training=True)
    assert name in given


REFUSED = {
    "a rate of 1": (lambda n: n.LSTM(2, recurrent_dropout=1.0), "recurrent_dropout"),
    "a state without a batch": (lambda n: n.GRU(2, stateful=True), "batch_size"),
    "an interpolation that we have not": (lambda n: n.UpSampling2D(2, "bicubic"), "bicubic"),
    "copies at rounded places": (lambda n: n.UpSampling2D(3, "bilinear"), "powers of 2"),
    "no deviation": (lambda n: n.GaussianNoise(0.0), "stddev"),
    "a normal rate of 1": (lambda n: n.GaussianDropout(1.0), "rate"),
    "letters that repeat": (
        lambda n: n.EinsumDense("abb,bc->ac", 3).build((2, 2)),
        "no sum of products",
    ),
    "a letter of the inputs alone": (
        lambda n: n.EinsumDense("abc,cd->ad", 3).build((2, 2)),
        "no sum of products",
    ),
    "a letter of the kernel alone": (
        lambda n: n.EinsumDense("ab,bcd->ac", 3).build((2,)),
        "no sum of products",
    ),
    "a letter of the output alone": (
        lambda n: n.EinsumDense("ab,bc->acd", (3, 2)).build((2,)),
        "no sum of products",
    ),
    "a batch that is not first": (
        lambda n: n.EinsumDense("ab,bc->ca", 3).build((2,)),
        "no sum of products",
    ),
    "a batch with kernels of its own": (
        lambda n: n.EinsumDense("ab,abc->ac", 3).build((2,)),
        "no sum of products",
    ),
    "axes that have no letter": (
        lambda n: n.EinsumDense("ab,bc->ac", 3).build((2, 2)),
        "no sum of products",
    ),
    "attention over several axes": (
        lambda n: n.MultiHeadAttention(1, 1).build(((2, 3, 1), (2, 3, 1))),
        "attention_axes",
    ),
}


@pytest.mark.parametrize(("build", "words"), REFUSED.values(), ids=REFUSED)
def test_what_ours_cannot_do_is_refused(build, words):
    with pytest.raises(ValueError, match=words):
        build(trees.reference())
