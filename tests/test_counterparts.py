"""A twin and Keras's object: what makes one of the other, read backwards, gives it again."""

from dataclasses import fields, is_dataclass
from functools import cache, partial
from itertools import chain

import keras
import numpy as np
import pytest

from equivalence import trees
from equivalence.engines import keras_twins
from equivalence.engines.keras_twins import NoTwin
from equivalence.pairs import layers
from equivalence.pairs.optimizers import OPTIMIZER_ROWS, OPTION_ROWS
from equivalence.plants.cases import activations, losses, schedules
from tfimpl.counterpart import options_of

pytestmark = pytest.mark.tensorflow

REFERENCE, LINEAR = trees.reference(), trees.reference().Linear()
READ = {
    "activations": keras_twins.activation_twin,
    "losses": lambda loss: keras_twins.loss_twin(loss, LINEAR).loss,
    "regularizers": keras_twins.regularizer_twin,
    "schedules": keras_twins.schedule_twin,
    "optimizers": keras_twins.optimizer_twin,
    "layers": keras_twins.layer_twin,
}
# One is behind a softmax, which Keras's loss does not say; the other's ``keras()`` is a function.
NOT_ALONE = ("CategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy")
# Layers of ours around Keras's, which hand on states, or call it with training=False.
AROUND = ("StatesLayer", "DirectionsLayer", "InferenceLayer")
# Options that Keras fills in where nothing is said, and one that it does not tell.
FILLED_IN = ("strides", "value_dim", "backward_layer", "zero_output_for_mask")
NOT_TOLD = {"SimpleRNN": ("seed",)}


def parts(twin):
    """Yield a twin, and the twins in its fields."""
    if isinstance(twin, (tuple, list)):
        yield from chain(*map(parts, twin))
    elif type(twin).__module__.startswith("tfimpl."):
        yield twin
        if is_dataclass(twin):
            yield from parts([getattr(twin, f.name) for f in fields(twin)])


def told(twin):
    """Return the class and the options of a twin, and of the twins in it, to compare."""
    if isinstance(twin, (tuple, list)):
        return tuple(map(told, twin))
    if type(twin).__module__.partition(".")[0] not in ("refimpl", "tfimpl"):
        return twin
    kind = getattr(trees.tensorflow(), type(twin).__name__)
    if kind.__name__ == "Constrained":  # what a step ends with is not read
        return told(twin.layer)
    known = options_of(kind) if getattr(kind, "in_keras", None) else [f.name for f in fields(kind)]
    names = [n for n in known if n not in NOT_TOLD.get(kind.__name__, ())]
    return kind.__name__, {name: told(getattr(twin, name)) for name in names}


def same(made, read, option=""):
    """Say whether what was read is what was made, but for what Keras fills in."""
    if isinstance(made, dict):
        return made.keys() == read.keys() and all(same(made[k], read[k], k) for k in made)
    if isinstance(made, tuple) and isinstance(read, tuple) and len(made) == len(read):
        return all(map(same, made, read))
    spread = isinstance(made, int) and isinstance(read, tuple)  # 3 for (3, 3)
    filled = option in FILLED_IN and not made
    return made == read or filled or (spread and {*_flat(read)} == {made})


def _flat(numbers):
    return chain(*map(_flat, numbers)) if isinstance(numbers, tuple) else (numbers,)


@cache
def of_the_tables():
    """Return {room: the twins of the rows of the tables, and those in them, each once}."""
    m = trees.tensorflow()
    made = [case.build(m) for case in activations.CASES]
    made += [case.build(m, reduction="sum") for case in losses.CASES if case.reduces]
    made += [row.make(m) for row in schedules.ROWS]
    made += [row.optimizer(m) for row in (*OPTIMIZER_ROWS, *OPTION_ROWS)]
    made += [row.network(m) for row in layers.ROWS]
    found = {room: {} for room in READ}
    for twin in parts(made):
        room = type(twin).__module__.split(".")[1]
        if (
            room in READ
            and getattr(twin, "in_keras", None)
            and type(twin).__name__ not in NOT_ALONE
        ):
            found[room].setdefault(str(told(twin)), twin)
    return {room: list(twins.values()) for room, twins in found.items()}


def keras_object_of(twin):
    """Return Keras's object; of a layer of ours around Keras's, as attention's, that one."""
    if not type(twin).__module__.startswith("tfimpl.layers"):
        return twin.keras()
    if isinstance(twin, trees.tensorflow().TimeDistributed):
        twin = twin.build((3, 2))
    made = twin.keras("float32")
    return made.layer if hasattr(made, "twin") else made


@pytest.mark.parametrize(("room", "many"), [*zip(READ, (42, 34, 9, 31, 61, 203))])
def test_what_makes_keras_s_object_of_a_twin_gives_the_twin_again(room, many):
    twins = of_the_tables()[room]
    for twin in twins:
        theirs = keras_object_of(twin)
        if type(theirs).__name__ not in AROUND:
            assert same(told(twin), told(READ[room](theirs))), told(twin)
    assert len(twins) >= many


LACKING = {
    "amsgrad='yes'": lambda k: k.optimizers.Adam(amsgrad="yes"),
    "centered='yes'": lambda k: k.optimizers.RMSprop(momentum=0.5, centered="yes"),
    "axis=1": lambda k: k.layers.Softmax(axis=1),
    "approximate='yes'": lambda k: partial(k.activations.gelu, approximate="yes"),
    "negative_slope=0.5": lambda k: partial(k.activations.relu6, negative_slope=0.5),
    "axis=0": lambda k: k.losses.CosineSimilarity(axis=0),
    "data_format": lambda k: k.layers.Conv2D(2, 2, data_format="channels_first"),
    "unit_forget_bias=False": lambda k: k.layers.LSTM(2, unit_forget_bias=False),
    "renorm=True": lambda k: k.layers.BatchNormalization(renorm=True),
    "lora_rank=2": lambda k: k.layers.Dense(2, lora_rank=2),
    "around a layer with penalties": lambda k: k.layers.Bidirectional(
        k.layers.LSTM(2, kernel_regularizer="l2")
    ),
    "around an activation": lambda k: k.layers.TimeDistributed(k.layers.ReLU()),
    "the regularizer OrthogonalRegularizer": lambda k: k.layers.Conv1D(
        2, 2, kernel_regularizer=k.regularizers.OrthogonalRegularizer()
    ),
    "the activation '<lambda>'": lambda k: lambda x: x,
    "the layer GroupedQueryAttention": lambda k: k.layers.GroupQueryAttention(2, 2, 1),
    "the optimizer Mine": lambda k: type("Mine", (k.optimizers.SGD,), {})(0.1),
    "the loss Mine": lambda k: type("Mine", (k.losses.Huber,), {})(),
}


@pytest.mark.parametrize("lacks", LACKING)
def test_what_a_twin_lacks_is_no_twin(lacks):
    theirs = LACKING[lacks](keras)
    is_loss = isinstance(theirs, keras.losses.Loss)
    with pytest.raises(NoTwin, match=lacks):
        READ["losses"](theirs) if is_loss else keras_twins.twin_of(theirs)


def test_numbers_are_read_with_all_of_their_digits_but_for_what_keras_rounded():
    """Keras holds what it computes with in float32; a configuration holds what was said."""
    assert keras_twins.decimal(1 / 3) == 1 / 3 and keras_twins.decimal(0.1) == 0.1
    assert (
        keras_twins.decimal(float(np.float32(0.1))) == keras_twins.decimal(np.float32(0.1)) == 0.1
    )
    assert keras_twins.decimal(0.5) == 0.5 and keras_twins.decimal(3) == 3
    assert keras_twins.decimal(np.float64(1 / 3)) == 1 / 3


def test_which_of_several_twins_an_object_is():
    """By the options that make it so; one that changes nothing is none."""
    o, w = keras.optimizers, keras.optimizers.AdamW
    made = (o.SGD(0.1, nesterov=True), o.SGD(0.1, 0.9), o.SGD(0.1, 0.9, True), w(amsgrad=True), w())
    names = [type(keras_twins.twin_of(theirs)).__name__ for theirs in made]
    assert names == ["SGD", "Momentum", "Nesterov", "AMSGrad", "AdamW"]
    cross_entropy, behind = keras.losses.CategoricalCrossentropy, REFERENCE.Softmax()
    made = (cross_entropy(), cross_entropy(label_smoothing=0.1), cross_entropy(from_logits=True))
    of_logits = [keras_twins.loss_twin(theirs, behind) for theirs in made]
    assert [type(output.loss).__name__ for output in of_logits] == [
        "CategoricalCrossentropy",
        *["CategoricalCrossentropyFromLogits"] * 2,
    ]
    assert [output.of_logits for output in of_logits] == [True, True, False]
