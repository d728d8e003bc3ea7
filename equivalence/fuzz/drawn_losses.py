"""Keras's losses, each with the last layers and the targets that it takes, as tables.

A row takes a ``Draw`` and returns (last layer, loss, what makes targets of a regime).
"""

import numpy as np

from equivalence.fuzz.draw import draw_numbers


def _reduced(d):
    return d.one_of("sum_over_batch_size", "sum_over_batch_size", "sum", "mean")


# Losses whose targets are the numbers of classes.
OF_NUMBERS_OF_CLASSES = (
    "SparseCategoricalCrossentropy",
    "Circle",
    "CategoricalGeneralizedCrossEntropy",
)


def _of_classes(d):
    """Return the layers at the end, the loss and what makes its targets, of several classes."""
    losses, classes = d.keras.losses, d.whole(2, 4)
    logits = d.chance(0.5)
    smoothing = d.one_of(0.0, d.real(0.01, 0.5))
    more = {"reduction": _reduced(d)}
    made = d.one_of(
        lambda: losses.CategoricalCrossentropy(logits, smoothing, **more),
        lambda: losses.SparseCategoricalCrossentropy(logits, **more),
        lambda: losses.CategoricalFocalCrossentropy(
            d.real(0.1, 1), d.whole(1, 3), logits, smoothing, **more
        ),
        lambda: losses.CategoricalGeneralizedCrossEntropy(d.real(0.1, 0.9), **more),
        lambda: losses.Circle(d.real(0.1, 10), d.real(0.1, 0.6), **more),
        lambda: losses.CategoricalHinge(**more),
        lambda: losses.KLDivergence(**more),
        lambda: losses.Dice(**more),
        lambda: losses.Tversky(d.real(0.1, 1), d.real(0.1, 1), **more),
    )()
    last = d.layers.Dense(classes, None if logits else "softmax")
    if type(made).__name__ in OF_NUMBERS_OF_CLASSES:
        return last, made, lambda regime, rng, shape: rng.integers(classes, size=shape[:-1])
    hot = lambda regime, rng, shape: np.eye(classes, dtype=np.float32)[
        rng.integers(classes, size=shape[:-1])
    ]
    return last, made, hot


def _of_two(d):
    losses, logits = d.keras.losses, d.chance(0.5)
    smoothing = d.one_of(0.0, d.real(0.01, 0.5))
    made = d.one_of(
        lambda: losses.BinaryCrossentropy(logits, smoothing, reduction=_reduced(d)),
        lambda: losses.BinaryFocalCrossentropy(
            d.chance(0.5), d.real(0.1, 0.9), d.whole(1, 3), logits, smoothing
        ),
        lambda: losses.Hinge(reduction=_reduced(d)),
        lambda: losses.SquaredHinge(reduction=_reduced(d)),
    )()
    last = d.layers.Dense(d.whole(1, 2), None if logits else "sigmoid")
    return last, made, lambda regime, rng, shape: rng.integers(2, size=shape).astype(np.float32)


def _of_numbers(d):
    losses, more = d.keras.losses, {"reduction": _reduced(d)}
    made = d.one_of(
        lambda: losses.MeanSquaredError(**more),
        lambda: losses.MeanSquaredError(**more),
        lambda: losses.MeanAbsoluteError(**more),
        lambda: losses.MeanAbsolutePercentageError(**more),
        lambda: losses.MeanSquaredLogarithmicError(**more),
        lambda: losses.Huber(d.real(0.01, 10), **more),
        lambda: losses.LogCosh(**more),
        lambda: losses.Poisson(**more),
        lambda: losses.CosineSimilarity(**more),
    )()
    positive = isinstance(made, losses.Poisson)
    last = d.layers.Dense(d.whole(1, 3), "softplus" if positive else d.activation)

    def targets(regime, rng, shape):
        found = draw_numbers(regime, rng, shape)
        return np.abs(found) if positive else found

    return last, made, targets


LOSSES = (_of_classes, _of_two, _of_numbers, _of_numbers)
