"""Another hyperparameter than Keras's, solved for from the numbers that were brought.

At one number that Keras's formula does not give, the hyperparameter is the root of an equation in
one unknown: what the formula gives there, less yours.  Roots are bracketed on a grid and found by
halving; the shortest decimal near a root with which all numbers lie in the recipe's balls is
the answer, or the root itself.  Where that is no short decimal, several numbers must depend on it:
one equation has a root in every unknown.
"""

import re
import time
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise

import numpy as np

from equivalence.arithmetic.regrouping import unit_of
from equivalence.diagnose.forms.optimizers import DescentForm
from equivalence.diagnose.forms.outputs import ActivationAlone
from equivalence.diagnose.places import layers_in, outputs_in
from equivalence.diagnose.recipe import brought, follow
from equivalence.errors import BadInput

# Numbers that lie between 0 and 1, and those that lie above 0: where their roots are looked for.
SHARES = (*np.arange(0.02, 0.98, 0.06), 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.9995, 0.99995)
ABOVE = tuple(10.0 ** np.arange(-10, 3.25, 0.5))
BETWEEN = {"momentum", "beta_1", "beta_2", "rho", "label_smoothing"}
SHORT = 4  # digits of a decimal that somebody has written down
LONGEST = 17
MANY = 4  # numbers that must depend on a hyperparameter which is no short decimal
APART = 1e-4  # relative: a number that differs so much from Keras's depends on it
FIRST_NUMBERS = 10_000  # of a tensor that are searched for the one that differs most
MOST_SECONDS = 5.0  # for all of a recipe's numbers, where a step takes long
AROUND = ("source", "inner_shape")  # fields that are not entered


def numbers_in(recipe, name):
    """Yield (of what, value, ``put(number) -> Recipe``) of each hyperparameter of this name."""
    form = recipe.optimizer
    if form is not None:
        rated = name == "learning_rate" and isinstance(form, DescentForm)
        if not rated:  # which is a factor of every update, and said as such
            of = type(form.source or form).__name__
            for value, put in inside(form, name):
                yield of, value, lambda new, put=put: recipe.with_(optimizer=put(new))
    for where, layer, put_layer in layers_in(recipe):
        for value, put in inside(layer, name):
            yield (
                where or "the layer",
                value,
                lambda new, put=put, at=put_layer: at(put(new)),
            )
    for where, output, put_output in outputs_in(recipe):
        for value, put in inside(output, name):
            yield where or "the loss", value, lambda new, put=put, at=put_output: at(put(new))
    if isinstance(recipe.network, ActivationAlone):
        alone = recipe.network.activation
        with_ = lambda new: recipe.with_(network=replace(recipe.network, activation=new))
        for value, put in inside(alone, name):
            yield alone.name, value, lambda new, put=put: with_(put(new))


def inside(thing, name):
    """Yield (value, ``put(number) -> thing``) of the numbers of this name in a dataclass."""
    for field in fields(thing) if is_dataclass(thing) else ():
        value = getattr(thing, field.name)
        put = lambda new, field=field: replace(thing, **{field.name: new})
        if field.name == name and isinstance(value, int | float) and field.init:
            yield value, put
        elif field.name not in AROUND and field.init and is_dataclass(value):
            for deeper, put_deeper in inside(value, name):
                yield deeper, lambda new, put=put, deep=put_deeper: put(deep(new))


def another(name):
    """Return the change of a recipe to the value of a hyperparameter that your numbers tell of.

    Of a recipe without numbers of yours, to ten times it, or a tenth of what lacks to 1.
    """

    def change(recipe):
        if recipe.yours is None:
            for of, value, put in numbers_in(recipe, name):
                other = 1 - (1 - value) / 10 if name in BETWEEN else 10 * value
                if other != value:
                    yield of, put(other)
            return
        numbers = list(numbers_in(recipe, name))
        target = Target.of(recipe) if numbers else None
        if target is None:
            return
        for of, value, put in numbers:
            for root in roots(target, put, name):
                found = written(recipe, target, put, root)
                if found is not None and found != value:
                    theirs = f"{value:.9g} by its object"
                    yield f"{name} of {of}: {found:.9g} by your numbers, {theirs}", put(found)

    return change


def digits_in(where):
    """Return how many digits the number has that a place says was found; 0 where none was."""
    number = re.search(r": (\S+) by your numbers", where)
    return len(number[1].partition("e")[0].replace(".", "").strip("-0")) if number else 0


class Target:
    """One number of yours that Keras's formula does not give, and how many there are like it."""

    def __init__(self, recipe, key, step, index, yours, others):
        self.recipe, self.key, self.step, self.index = recipe, key, step, index
        self.yours, self.others = yours, others
        self.short = recipe.yours.first(step + 1)
        self.begun = time.perf_counter()

    @classmethod
    def of(cls, recipe):
        """Return the Target of the first step that differs, None where none does much."""
        seen, expected = recipe.yours, None
        given = brought(seen, recipe.network.weight_names)
        try:
            expected = follow(recipe, seen)
        except (ValueError, BadInput):  # what cannot be computed has no root
            return None
        found, others = None, 0
        for key, steps in given.items():
            if key not in expected or key[1] in recipe.silent:
                continue
            for step, (value, true) in enumerate(zip(steps, expected[key])):
                a, b = np.ravel(np.asarray(value, np.float64)), np.ravel(np.asarray(true))
                if a.size != b.size:
                    return None
                off = np.abs(a - b) / max(np.max(np.abs(b), initial=0), 1e-300)
                others += int(np.sum(off > APART))
                at = int(np.argmax(off[:FIRST_NUMBERS])) if off.size else 0
                rank = (step, -float(off[at]) if off.size else 0.0)
                differs = off.size and off[at] > 2**10 * unit_of(seen.dtype)
                if differs and (found is None or rank < found[0]):
                    found = rank, key, step, at, float(a[at])
        return found and cls(recipe, *found[1:], others)

    def residual(self, recipe):
        """Return what a recipe gives here less yours; NaN where it gives no number."""
        try:
            given = follow(recipe, self.short)
        except (ValueError, BadInput, ZeroDivisionError):
            return np.nan
        steps = given.get(self.key)
        if steps is None or len(steps) <= self.step:
            return np.nan
        return float(np.ravel(np.asarray(steps[self.step]))[self.index]) - self.yours


def roots(target, put, name):
    """Return the values of a hyperparameter at which a recipe gives the target."""
    if time.perf_counter() - target.begun > MOST_SECONDS:
        return
    grid = SHARES if name in BETWEEN else ABOVE
    values = []
    for p in grid:
        values.append((float(p), target.residual(put(float(p)))))
        if time.perf_counter() - target.begun > MOST_SECONDS:
            break
    for (a, fa), (b, fb) in pairwise(values):
        if np.isfinite(fa) and np.isfinite(fb) and fa * fb <= 0 and fa != fb:
            yield halved(lambda p: target.residual(put(p)), a, fa, b, fb)


def halved(function, a, fa, b, fb):
    """Return the root of a function between a and b, at which it has fa and fb of two signs.

    By the false position, where one end's value is halved each time that the end stands
    (Dowell and Jarratt 1971).
    """
    for _ in range(100):
        if fa == 0 or fb == 0 or abs(b - a) <= 4 * np.finfo(float).eps * abs(b):
            break
        c = b - fb * (b - a) / (fb - fa)
        fc = function(c)
        if not np.isfinite(fc):
            break
        if fc * fb < 0:
            a, fa = b, fb
        else:
            fa /= 2
        b, fb = c, fc
    return a if fa == 0 else b


def refined(recipe, put, root):
    """Return a root with one number's rounding averaged over all: two steps of Gauss-Newton."""
    for _ in range(2):
        near = root * (1 + 2.0**-20)
        here, there = (all_residuals(recipe, put(p)) for p in (root, near))
        slope = (there - here) / (near - root)
        if not np.isfinite(slope).all() or not slope.any():
            break
        root = float(root - slope @ here / (slope @ slope))
    return root


def all_residuals(recipe, changed):
    """Return what a changed recipe gives less yours, of all numbers in a row."""
    seen = recipe.yours
    given, expected = brought(seen, recipe.network.weight_names), follow(changed, seen)
    pairs = [pair for key in given if key in expected for pair in zip(given[key], expected[key])]
    return np.concatenate([np.ravel(np.asarray(b)) - np.ravel(a) for a, b in pairs])


def written(recipe, target, put, root):
    """Return the shortest decimal near a root with which every number holds, or None."""
    from equivalence.diagnose.searching import distance, hold

    seen, tried = recipe.yours, set()
    if distance(put(root), seen) > 1e-3:
        return None
    root = refined(recipe, put, root)
    for digits in range(1, LONGEST + 1):
        if digits > SHORT and target.others < MANY:
            return None
        value = float(f"{root:.{digits}g}")
        if value in tried or abs(value - root) > 0.1 * abs(root):
            continue
        tried.add(value)
        changed = put(value)
        if distance(changed, seen) <= 1e-3 and hold(changed, seen).holds:
            return value
    return None
