"""Bad hyperparameters are refused here, in the words of Keras's own errors."""

from itertools import pairwise
from math import isfinite
from numbers import Real


def positive(name, value):
    """Return ``value``; raise ValueError unless it is finite and > 0."""
    if isinstance(value, Real) and not (isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, not {value!r}")
    return value


def not_negative(name, value):
    """Return ``value``; raise ValueError unless it is finite and >= 0."""
    if isinstance(value, Real) and not (isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a finite number, 0 or above, not {value!r}")
    return value


def fraction(name, value):
    """Return ``value``; raise ValueError unless 0 <= value < 1."""
    if isinstance(value, Real) and not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, not {value!r}")
    return value


def not_positive(name, value):
    """Return ``value``; raise ValueError unless it is finite and <= 0."""
    if isinstance(value, Real) and not (isfinite(value) and value <= 0):
        raise ValueError(f"{name} must be a finite number, 0 or below, not {value!r}")
    return value


def positive_fraction(name, value):
    """Return ``value``; raise ValueError unless 0 < value <= 1."""
    if isinstance(value, Real) and not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1, not {value!r}")
    return value


def fraction_or_one(name, value):
    """Return ``value``; raise ValueError unless 0 <= value <= 1."""
    if isinstance(value, Real) and not 0 <= value <= 1:
        raise ValueError(f"{name} must be at least 0 and at most 1, not {value!r}")
    return value


def one_number(name, value):
    """Return ``value``; raise ValueError where it is several."""
    if isinstance(value, list | tuple | dict) or getattr(value, "ndim", 0) > 0:
        raise ValueError(f"{name} must be one number, not {value!r}")
    return value


def sum_of_products(equation, letters, axes):
    """Raise ValueError unless an equation is that of a dense layer of so many axes.

    letters: of the inputs, of the kernel and of the output: each stands in two of them at
        least, in none twice, and the batch is the first of the inputs' and the output's.
    """
    x, kernel, y = letters
    repeat = any(len(set(each)) < len(each) for each in letters)
    alone = any(sum(letter in each for each in letters) == 1 for letter in x + kernel + y)
    if repeat or alone or x[0] != y[0] or x[0] in kernel or len(x) != axes:
        raise ValueError(f"{equation!r} is no sum of products for inputs of {axes} axes")


def axis_of_a_matrix(axis):
    """Return ``axis``; raise ValueError unless it is -2 or -1."""
    if axis not in (-2, -1):
        raise ValueError(
            f"axis must be -2, of each column, or -1, of each row, not {axis!r}"
        )
    return axis


def at_least(least, name, value):
    """Return ``value``; raise ValueError unless it is None or an integer >= ``least``."""
    if value is None or (isinstance(value, int) and value >= least):
        return value
    raise ValueError(f"{name} must be None or an integer, {least} or above, not {value!r}")


def at_most_one(values):
    """Raise ValueError if more than one of {name: value} is set."""
    given = {name: value for name, value in values.items() if value is not None}
    if len(given) > 1:
        named = " and ".join(f"{name}={value!r}" for name, value in given.items())
        raise ValueError(f"only one of {', '.join(values)} can be set, not {named}")


def rate(name, value):
    """Return ``value``; raise ValueError unless it is a number above 0 or a schedule."""
    if isinstance(value, (bool, str, type(None))):
        raise ValueError(f"{name} must be a number above 0 or a schedule, not {value!r}")
    return positive(name, value)


def same_shapes(variables, gradients):
    """Raise ValueError unless there is a gradient of its shape for every variable."""
    if len(variables) != len(gradients):
        raise ValueError(
            f"there are {len(variables)} variables and {len(gradients)} gradients"
        )
    for k, (variable, gradient) in enumerate(zip(variables, gradients)):
        if tuple(gradient.shape[-2:]) != tuple(variable.shape[-2:]):
            shapes = f"has the shape {gradient.shape}, its variable {variable.shape}"
            raise ValueError(f"gradient {k} {shapes}")


def one_or_above(name, value):
    """Return ``value``; raise ValueError unless it is finite and >= 1."""
    if isinstance(value, Real) and not (isfinite(value) and value >= 1):
        raise ValueError(f"{name} must be a finite number, 1 or above, not {value!r}")
    return value


def switch(name, value):
    """Return ``value``; raise ValueError unless it is True or False."""
    if value is not True and value is not False:
        raise ValueError(f"{name} must be True or False, not {value!r}")
    return value


def increasing(name, values):
    """Return ``values``; raise ValueError unless each is above the one before it."""
    numbers = all(isinstance(value, Real) for value in values)
    if numbers and not all(a < b for a, b in pairwise(values)):
        raise ValueError(f"{name} must be strictly increasing, not {values!r}")
    return values


def one_more(name, values, other_name, others):
    """Return ``values``; raise ValueError unless they are one more than ``others``."""
    if len(others) < 1 or len(values) != len(others) + 1:
        raise ValueError(
            f"{name} must be one more than {other_name}, of which there must be one or "
            f"more, not {len(values)} and {len(others)}: {values!r} and {others!r}"
        )
    return values
