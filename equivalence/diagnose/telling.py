"""Data that tell causes apart which the data that were brought cannot.

For each cause a step that follows it exactly is taken on other data; they tell if what one cause
gives lies outside the balls of every other.  Batches of several sizes and magnitudes are tried,
and the one on which the causes are farthest apart is kept.
"""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from equivalence.diagnose import sides
from equivalence.diagnose.recipe import Way, sees_of, state_names
from equivalence.diagnose.searching import distance, hold

SIZES = (3, 5, 7)  # of batches that are tried
SPREADS = (1.0, 0.1, 4.0)  # of inputs, times that of those that were brought
USUAL = (1.0, 1e-3)  # and as such
POWERS = ((-5, 0), (-9, -3), (-1, 2))  # of ten, of gradients
CLEAR = 1e-3  # relative: causes that are so far apart are told apart by anybody
LATER = (40, 200)  # steps of a schedule


@dataclass(frozen=True)
class Telling:
    """Data that tell causes apart.

    x, y, steps: what ``diagnose`` takes as such; None where it is as it was.
    apart: the least distance between what two of the causes give.
    alike: the pairs of causes, by their places, that these data do not tell apart either.
    """

    x: Any
    y: Any
    steps: int | None
    apart: float
    alike: tuple = ()

    @property
    def arguments(self):
        """Return the arguments of ``diagnose``: ``diagnose(mine, model, **data.arguments)``."""
        return {
            k: v
            for k, v in {"x": self.x, "y": self.y, "steps": self.steps}.items()
            if v is not None
        }

    def save(self, path):
        """Write the data to an .npz file, as ``equivalence diagnose --data`` reads it."""
        if isinstance(self.x, dict) and self.y is None:
            named = {f"gradients/{k}": v for k, v in self.x.items()}
        else:
            named = _by_name("inputs", "x", self.x) | _by_name("targets", "y", self.y)
        np.savez(path, **named)

    def __str__(self):
        if self.x is None:
            return f"{self.steps} steps"
        if isinstance(self.x, dict) and self.y is None:
            shapes = ", ".join(str(v.shape) for v in self.x.values())
            return f"gradients {shapes}, the steps first"
        of = lambda data: ", ".join(str(a.shape) for a in sides.arrays_in(data))
        words = f"inputs {of(self.x)}"
        return words if self.y is None else f"{words} and targets {of(self.y)}"


def _by_name(word, letter, data):
    """Return data by the names that they have in a file: several are x/NAME."""
    if isinstance(data, (dict, tuple)):
        names = data.items() if isinstance(data, dict) else enumerate(data)
        return {f"{letter}/{name}": array for name, array in names}
    return {} if data is None else {word: data}


def data_that_tell(remake, side, seen, causes):
    """Return the Telling that tells most causes apart, the farthest; None where none tells any.

    remake: ``(x, y, steps) -> Side`` of other data.
    causes: for each alternative its ((Variant, where), ...).
    """
    best = None
    for x, y, steps in proposals(side):
        alike, apart = told_apart(remake(x, y, steps), seen, causes)
        if apart and (best is None or (-len(alike), apart) > (-len(best.alike), best.apart)):
            best = Telling(x, y, steps, apart, alike)
        if best and not best.alike and best.apart > CLEAR:
            break
    return best


def told_apart(side, seen, causes):
    """Return (the pairs of causes that a side's data do not tell apart, the least distance else).

    The distance is 0 where no two are told apart.
    """
    recipe = side.recipe.with_(sees=sees_of(seen))
    recipes = [applied(recipe, each) for each in causes]
    alike, apart = [], []
    made = [own and as_if(own, side, seen) for own in recipes]
    for a, b in combinations(range(len(causes)), 2):
        one, other = recipes[a], recipes[b]
        known = one is not None and other is not None
        if not known or hold(one, made[b]).holds or hold(other, made[a]).holds:
            alike.append((a, b))
        else:
            apart.append(min(distance(one, made[b]), distance(other, made[a])))
    return tuple(alike), float(min((d for d in apart if np.isfinite(d)), default=0.0))


def what_else_tells(side, seen, causes):
    """Return what, were it brought as well, would tell causes apart: "gradients", "loss", ""."""
    names = side.recipe.network.weight_names
    if seen.moves and not seen.gradients:
        blank = dict.fromkeys(names, 0.0)
        if not told_apart(side, replace(seen, gradients=(blank,)), causes)[0]:
            return "the gradients"
    with_loss = replace(seen, loss=(0.0,))
    alone = seen.moves and not len(seen.loss)
    return "the loss" if alone and not told_apart(side, with_loss, causes)[0] else ""


def applied(recipe, causes):
    """Return a recipe with causes, each at its place; None where one is not there."""
    for variant, where in causes:
        recipe = next((new for at, new in variant.change(recipe) if at == where), None)
        if recipe is None:
            return None
    return recipe


def as_if(recipe, side, seen):
    """Return the Seen of code that follows a recipe exactly, of what another Seen has."""
    way, names = Way(recipe, np.asarray), recipe.network.weight_names
    states, gradients, losses, activations = [_start(side, 0)], [], [], []
    with np.errstate(all="ignore"):
        for s in range(len(side.given)):
            before = states[0 if seen.restarts else -1] if seen.moves else _start(side, s)
            passed, after = way.step(s, before, {}, seen.moves)
            if seen.moves:
                states.append(tuple(np.asarray(a) for a in after))
            elif s:
                states.append(before)
            gradients.append(dict(zip(names, passed.gradients)))
            made = dict(zip(recipe.network.activation_names, passed.activations))
            activations.append(made | dict(zip(state_names(recipe.network), passed.states)))
            losses.append(float(np.ravel(passed.error)[0]))
    return replace(
        seen,
        weights=tuple(states),
        gradients=_as_brought(gradients, seen.gradients),
        loss=tuple(losses) if len(seen.loss) else (),
        activations=_as_brought(activations, seen.activations),
        again=None,
    )


def _as_brought(steps, brought):
    """Return of each step the tensors that were brought, () where none were."""
    return tuple({n: step[n] for n in brought[0]} for step in steps) if brought else ()


def _start(side, step):
    """Return the weights before a step of one part alone, or a step's first."""
    matrices = tuple(sides.matrix(w, s) for w, s in zip(side.start, side.shapes))
    if side.kind in ("loss", "activation"):
        return (np.asarray(side.given[step][0], np.float64),)
    if side.kind == "layer":
        x = np.asarray(side.given[step][0], np.float64)
        return (x.reshape(len(x), -1), *matrices)
    return matrices


# ------------------------------------------------------------------------------- proposals


def proposals(side):
    """Yield (x, y, steps) of a side's kind: other sizes, other magnitudes."""
    rng = np.random.default_rng(0)
    if side.kind == "schedule":
        yield from ((None, None, steps) for steps in LATER)
    elif side.kind == "optimizer":
        for powers in POWERS:
            steps = sides.own_gradients(side.shapes, 12, powers)
            yield {f"w{k + 1}": np.stack(g) for k, g in enumerate(zip(*steps))}, None, None
    else:
        x, y = (sides.mapped(_joined, *(given[k] for given in side.given)) for k in (0, 1))
        first, *_ = sides.arrays_in(x)
        more = len(sides.arrays_in(side.given[0][0])[0]) * (2 if _several(side) else 0)
        spread = float(np.std(first)) or 1.0
        for own in (*(k * spread for k in SPREADS), *USUAL):
            for n in (n + more for n in SIZES):
                shares = side.kind == "loss" and _are_shares(first)
                drawn = lambda a, n=n, own=own: like(a, n, rng, own)
                targets = lambda a, n=n: like(a, n, rng, np.std(a))
                other = probabilities(x, n, rng) if shares else sides.mapped(drawn, x)
                yield other, None if side.kind == "layer" else sides.mapped(targets, y), None


def _several(side):
    """Say whether a step's batch is a part of the data."""
    first = sides.side_by_side(side.given[0][0])
    each = (sides.side_by_side(x) for x, _ in side.given)
    return any(len(x) != len(first) or not np.array_equal(x, first, equal_nan=True) for x in each)


def _joined(*arrays):
    return np.concatenate(arrays)


def _are_shares(array):
    return bool((array >= 0).all() and (array <= 1).all())


def like(array, n, rng, spread):
    """Return n samples as others are: whole numbers drawn from them, others normal numbers."""
    if (array == np.rint(array)).all() and len(array) > 1:
        return array[rng.integers(len(array), size=n)]
    made = rng.normal(size=(n, *array.shape[1:])) * (float(spread) or 1.0)
    return np.clip(np.mean(array) + made, 0, 1) if _are_shares(array) else made


def probabilities(array, n, rng):
    """Return n rows of probabilities down to 1e-12, which sum to 1 where the others do."""
    small = 10 ** rng.uniform(-12, 0, (n, array.shape[-1]))
    if array.shape[-1] > 1 and np.allclose(array.sum(axis=-1), 1):
        return small / small.sum(axis=-1, keepdims=True)
    return np.where(rng.random(small.shape) < 0.5, small / 2, 1 - small / 2)
