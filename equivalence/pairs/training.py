"""Every optimizer in training, on the networks of 2-2-2 and on iris."""

from dataclasses import replace
from functools import partial

from equivalence.pairs.books import (
    BOOK_ROWS,
)
from equivalence.pairs.numbers import normal
from equivalence.pairs.optimizers import (
    ALL_OPTIONS,
    OPTIMIZERS,
)

# Every optimizer trains the 2-2-2 networks and iris.
TRAINED = {"iris-softmax": "iris"} | {
    row.name: row.name for row in BOOK_ROWS if row.name.endswith("-2-2-2")
}


# From zeros iris has a first gradient of the bias that is 0 but for rounding, as its classes
# are equally many: an optimizer that divides by the gradient's size steps by what rounding left.
TRAINED_FROM = {"iris-softmax": lambda: (normal((4, 3), 5), normal((1, 3), 6))}


# Where the gradient is taken depends on the weights, so given gradients show nothing of it.
LOOKS_AHEAD = {
    "nesterov-look-ahead": lambda m, **options: m.NesterovLookAhead(0.03, 0.85, **options),
}
LOOKS_AHEAD["nesterov-look-ahead-options"] = partial(
    LOOKS_AHEAD["nesterov-look-ahead"], **ALL_OPTIONS
)
AHEAD_ON = ("iris-softmax", "sigmoid-softmax-2-2-2")


def _trained(row, name, optimizer, **changed):
    return replace(
        row,
        name=f"train-{TRAINED[row.name]}-{name}",
        source=f"{row.name} by another optimizer",
        start=TRAINED_FROM.get(row.name, row.start),
        optimizer=optimizer,
        epochs=50,
        group="training",
        **changed,
    )


TRAINING_ROWS = (
    *(
        _trained(row, name, optimizer)
        for row in BOOK_ROWS
        if row.name in TRAINED
        for name, optimizer in OPTIMIZERS.items()
    ),
    *(
        _trained(row, name, optimizer, keras=None, note="Keras has no class for it")
        for row in BOOK_ROWS
        if row.name in AHEAD_ON
        for name, optimizer in LOOKS_AHEAD.items()
    ),
)
