"""Every optimizer in training, on the networks of 2-2-2 and on iris."""

from dataclasses import replace

from equivalence.pairs.books import (
    BOOK_ROWS,
)
from equivalence.pairs.numbers import normal
from equivalence.pairs.optimizers import (
    OPTIMIZERS,
)

# Every optimizer trains the 2-2-2 networks and iris.
TRAINED = {"iris-softmax": "iris"} | {
    row.name: row.name for row in BOOK_ROWS if row.name.endswith("-2-2-2")
}


# From zeros iris has a first gradient of the bias that is 0 but for rounding, as its classes
# are equally many: an optimizer that divides by the gradient's size steps by what rounding left.
TRAINED_FROM = {"iris-softmax": lambda: (normal((4, 3), 5), normal((1, 3), 6))}


TRAINING_ROWS = tuple(
    replace(
        row,
        name=f"train-{TRAINED[row.name]}-{name}",
        start=TRAINED_FROM.get(row.name, row.start),
        optimizer=optimizer,
        epochs=50,
        group="training",
    )
    for row in BOOK_ROWS
    if row.name in TRAINED
    for name, optimizer in OPTIMIZERS.items()
)
