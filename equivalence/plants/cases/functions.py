"""Functions of the trees that no training step calls: what they are tried on.

Each row gives its arguments as arrays, and takes the module that has the function and what
makes tensors, or balls, of an array.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import numpy as np

from equivalence.judge.certificate import rounding_model


@dataclass(frozen=True)
class Case:
    """One function: the file that has it, its call on lifted arrays, the trees that have it."""

    name: str
    file: str
    call: Callable
    trees: tuple = ("refimpl", "tfimpl")

    def values(self, tree, lift):
        """Return the results of the call, a tuple."""
        module = self.file.removesuffix(".py").replace("/", ".")
        return self.call(import_module(f"{tree}.{module}"), lift)


def _points(lift):
    rng = np.random.default_rng(2)
    return lift(rng.normal(size=(2, 3, 7))), lift(rng.normal(size=(2, 3, 7)))


CASES: tuple[Case, ...] = (
    Case(
        "least squares", "regression.py", lambda module, lift: module.least_squares(*_points(lift))
    ),
    Case(
        "left inverse",
        "regression.py",
        lambda module, lift: tuple(
            module.left_inverse(lift(np.random.default_rng(3).normal(size=(*lead, 5, 2))))
            for lead in ((3,), (2, 3))
        ),
    ),
)


def _two_nets(name, file):
    """Return the case of a hinge loss of two nets: one has signs, one labels of 0 and 1."""

    def call(module, lift):
        rng = np.random.default_rng(4)
        labels = rng.integers(0, 2, (4, 3)).astype(float)
        O, T = lift(rng.normal(size=(2, 4, 3))), lift(np.stack([2 * labels - 1, labels]))
        loss = getattr(module, name)()
        return loss.forward(O, T), loss.backward(O, T)

    return Case(f"{name} of two nets", file, call)


def _worlds(module, lift):
    """Every action in every place of two worlds, and where an episode begins."""
    found = []
    for rows, columns in ((3, 4), (4, 3)):
        world = module.GridWorld(rows, columns)
        places = np.array(
            [(r, c, a) for r in range(rows) for c in range(columns) for a in range(4)]
        )
        place = lift(places[:, None, :2].astype(float))
        found += [*world.step(place, lift(places[:, None, 2:].astype(float))), world.start(place)]
    return found


CASES += (
    Case("every action in every place", "networks/grid_world.py", _worlds),
    _two_nets("Hinge", "losses/hinge.py"),
    _two_nets("SquaredHinge", "losses/squared_hinge.py"),
)


def _neither_signs_nor_labels(name, file):
    """Return the case of a hinge loss of which one target of a net is neither, in two nets.

    Nor is any column of one kind: a decision by column, or by sample, is another.
    """

    def call(module, lift):
        O = np.random.default_rng(6).normal(size=(2, 3, 3))
        T = np.array([[[1, 0.5, 1], [1, 0, 1], [1, 1, 0]], [[1, -1, 1], [1, 1, 1], [1, 1, 1]]])
        O[0, 1, 0] = 1  # where T O = 1, at the end of the margin
        loss = getattr(module, name)()
        O, T = lift(O), lift(T)
        return loss.forward(O, T), loss.backward(O, T)

    return Case(f"{name} of other targets", file, call)


def _scaled_with_overflow(module, lift):
    """Two steps: an infinite gradient is no step, and halves the scale; the next is one."""
    m = import_module(f"{module.__name__.partition('.')[0]}.optimizers")
    inners = m.SGD(0.5), m.SGD(0.5, loss_scale_factor=4.0), m.NesterovLookAhead(0.5, 0.25)
    found = []
    for inner, steps in zip(inners, (1, 3, 2)):
        optimizer = module.LossScaleOptimizer(inner, 8.0, steps)
        variables = lift(np.array([[1.0, 2.0]])), lift(np.array([[3.0]]))
        slots = tuple(optimizer.build_all(v) for v in variables)
        for first in (4.0, np.inf, 2.0):
            gradients = lift(np.array([[first, 1.0]])), lift(np.array([[2.0]]))
            step = lift(np.array(1.0))
            variables, slots = optimizer.apply(variables, gradients, slots, step)
            found += [
                *optimizer.points(variables, slots),
                *variables,
                *(number for slot in slots for number in slot),
            ]
    return tuple(found)


def _adopted(module, lift):
    """Numbers brought to one scale, and by moments: of columns of different sizes."""
    x = np.random.default_rng(7).normal(3, 2, (6, 3)) * np.array([1, 10, 0.1])
    mean, variance = module.moments(lift(x))
    given = np.array([3.0, 30.0, 0.3]), np.array([4.0, 0.0, 0.04])  # a deviation of 0 too
    given = given if module.__name__.startswith("tfimpl") else tuple(map(lift, given))
    return module.scaled(lift(x)), mean, variance, module.standardized(lift(x), *given)


def _refuses(module, lift):
    """What has no scale: a column of equal numbers among others."""
    x = np.random.default_rng(7).normal(3, 2, (6, 3))
    x[:, 1] = 5
    try:
        module.scaled(lift(x))
    except ValueError:
        return (np.ones(1),)
    return (np.zeros(1),)


def _shares(module, lift):
    x = lift(np.arange(40.0).reshape(10, 4))
    return tuple(part for share in (0.25, 0.3, 0.5) for part in module.split(x, share))


def _augmented(module, lift):
    """Images mirrored and moved: into every corner, by nothing, and off the picture."""
    x = lift(np.random.default_rng(13).normal(size=(5, 3, 4, 2)))
    by = np.array([[1, -2], [-1, 1], [0, 0], [-2, -1], [3, 0]])
    return module.flipped(x, np.array([True, False, True, True, False])), module.shifted(x, by)


def _drawn(module, lift):
    """What NumPy draws for a seed."""
    return module.flips(40, 3).astype(float), module.shifts(40, 2, 3).astype(float)


def _every_draw(module, lift):
    """The shapes of what either side draws, and all numbers in it, each once."""
    drawn = module.flips(200, 3), module.shifts(200, 2, 3)
    shapes = np.array([*drawn[0].shape, *drawn[1].shape], float)
    return shapes, *(np.unique(part).astype(float) for part in drawn)


def _values_held(name):
    """Return the call of what a rule takes for constant; TensorFlow's tape needs no such."""

    def call(module, lift):
        rng = np.random.default_rng(8)
        if name == "Bellman":
            given = [((lift(rng.normal(size=(12, 1))),), None)]
        else:
            place = [[[r, c]] for r, c in ((2.0, 0.0), (0.0, 2.0), (1.0, 2.0), (1.0, 0.0))]
            action = [np.array([[float(a)]]) for a in range(4)]
            states = lambda k: (lift(np.array(place[k])), lift(action[k]))
            draws = lift(np.array([[0.9, 2.0]]))
            count = {"QLearning": 1, "Sarsa": 2}[name]
            Q = lift(rng.normal(size=(12, 4)))
            given = [((Q,), draws, states(k)[:count]) for k in range(4)]
        found = []
        for arguments in given:
            net = getattr(module, name)()
            held = net.held(*arguments)
            found += [*(held if isinstance(held, tuple) else (held,))]
            found += [net.error(*arguments[:2], held, *arguments[2:])]
        return tuple(found)

    return call


def _maps(module, lift):
    """Where the actions lead, and which places are ends."""
    worlds = import_module(f"{module.__name__.partition('.')[0]}.networks.grid_world")
    found = []
    for rows, columns in ((3, 4), (4, 3)):
        net = module.Bellman(world=worlds.GridWorld(rows, columns))
        found += [*net.map, net.ends]
    return tuple(np.asarray(part).astype(float) for part in found)


def _masks(module, lift):
    layer = module.Embedding(4, 2, mask_zero=True).build((3,))
    return (np.asarray(layer.next_mask(np.array([[0.0, 2, 3]]), None), float),)


def _short_vectors(module, lift):
    """Lengths at the end of what is divided by: 1/2 is not below it, 1/4 is."""
    layer = module.UnitNormalization(longest=2.0).build((2,))
    x = lift(np.array([[0.5, 0.0], [0.25, 0.0], [3.0, 4.0]]))
    y, kept = layer.forward((), x)
    return y, layer.backward((), kept, lift(np.array([[1.0, 2], [3, 4], [5, 6]])))[0]


def _short_words(module, lift):
    """Words of seeds above the largest, side by side, the last of them of half a counter."""
    seed = np.array([2.0**31 + 5, 3.0]) + np.arange(6.0).reshape(2, 3, 1)
    return (np.asarray(module.words(seed, 6)).astype(float),)


def _at_the_border(module, lift):
    """A number that is just not in the support, whose gradient is then not shared."""
    x, yb = lift(np.array([[1.0, 0.0, -3.0]])), lift(np.array([[1.0, 2.0, 4.0]]))
    y = module.Sparsemax().forward(x)
    return y, module.Sparsemax().backward(yb, x, y)


def _few_samples(module, lift):
    """A mean over no samples that count, over one, and over weights that sum to less than 1."""
    m = import_module(f"{module.__name__.partition('.')[0]}.losses")
    O, T = lift(np.random.default_rng(9).normal(size=(3, 2))), lift(np.zeros((3, 2)))
    masks = [lift(np.array(mask)) for mask in ([0.0, 0, 0], [0.0, 1, 0], [0.25, 0.5, 0])]
    mean, weighted = m.MeanSquaredError(), m.MeanSquaredError(reduction="mean_with_sample_weight")
    found = []
    for mask in masks[:2]:
        found += [mean.forward(O, T, None, mask), mean.backward(O, T, None, mask)]
    for weights in masks:
        found += [weighted.forward(O, T, weights), weighted.backward(O, T, weights)]
    return tuple(found)


def _rows_of_variables(module, lift):
    """Rows of a variable that are read, added to and replaced, some of them twice."""
    rng = np.random.default_rng(10)
    table, updates = lift(rng.normal(size=(5, 2, 3))), lift(rng.normal(size=(2, 2, 2, 3)))
    places = np.array([[3, 0], [1, 3]])
    return (
        module.gather_rows(table, places),
        module.scatter_add(table, places, updates),
        module.scatter_update(table, places, updates),
    )


def _lists(module, lift):
    """Lists of tensors, in one of which a place is empty, in the other another one."""
    x, y = lift(np.array([[1.0, 2], [3, 4]])), lift(np.array([[0.5, -1], [7, 8]]))
    empty = module.tensor_list_reserve((2, 2), 3)
    first = module.tensor_list_set_item(module.tensor_list_set_item(empty, 0, x), 2, y)
    second = module.tensor_list_set_item(module.tensor_list_set_item(empty, 1, x), 2, x)
    third = module.tensor_list_set_item(empty, 0, y)
    total = module.add_lists([first, second, third])
    nothing = module.zeros_like_list(first)
    return (
        module.tensor_list_stack(first, (2, 2)),
        module.tensor_list_stack(total, (2, 2)),
        module.tensor_list_stack(nothing, (2, 2)),
        module.tensor_list_get_item(first, 2, (2, 2)),
        module.tensor_list_get_item(first, 1, (2, 2)).astype("float64"),
        np.array([len(empty), len(total), nothing[1] is None, nothing[0] is None], float),
    )


def _numbers_of_a_key(module, lift):
    """Random numbers whose counter goes beyond its lower half, not all of the last four."""
    key, counter = np.array([2**40 + 17], np.uint64), np.array([2**32 - 2, 2**33 + 5], np.uint64)
    options = {"dtype": np.float32}
    return tuple(
        module.stateless_random_uniform(shape, key, counter, np.int32(alg), **options)
        for shape, alg in (((13,), 1), ((3, 2), 3))
    )


def _pooled_back(module, lift):
    x = np.random.default_rng(11).normal(size=(2, 5, 4, 3))
    options = {"ksize": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "padding": "SAME"}
    flow = np.random.default_rng(12).normal(size=(2, 3, 4, 3))
    pooled = module.max_pool(lift(x), **options)
    return (module.max_pool_grad(lift(x), pooled, lift(flow), **options),)


OURS = ("refimpl",)
IMAGES, SCALING = "preparation/augmentation.py", "preparation/scaling.py"
CASES += (
    _neither_signs_nor_labels("Hinge", "losses/hinge.py"),
    _neither_signs_nor_labels("SquaredHinge", "losses/squared_hinge.py"),
    Case("rows of variables", "ops/rows_by_number.py", _rows_of_variables, OURS),
    Case("lists of tensors", "ops/tensor_lists.py", _lists, OURS),
    Case("numbers of a key", "ops/random_words.py", _numbers_of_a_key),
    Case("the way back through a pool", "ops/pools.py", _pooled_back),
    Case("few samples that count", "losses/loss.py", _few_samples),
    Case("a scale and an overflow", "optimizers/loss_scale_optimizer.py", _scaled_with_overflow),
    Case("columns of one scale", SCALING, _adopted),
    Case("a column without a scale", SCALING, _refuses),
    Case("images mirrored and moved", IMAGES, _augmented),
    Case("draws of a seed", IMAGES, _drawn, OURS),
    Case("every draw", IMAGES, _every_draw),
    Case("samples held back", "preparation/split.py", _shares),
    Case(
        "sequences of one length",
        "preparation/padding.py",
        lambda module, lift: (module.padded([[1, 2], [], [3, 4, 5, 6], [7, 8, 9]], 3, 5),),
    ),
    Case(
        "vectors of labels",
        "preparation/one_hot.py",
        lambda module, lift: (module.one_hot(np.array([2, 0, 1, 2]), 4, "float64"),),
    ),
    Case("what Bellman holds", "networks/bellman.py", _values_held("Bellman"), OURS),
    Case("what QLearning holds", "networks/q_learning.py", _values_held("QLearning"), OURS),
    Case("what Sarsa holds", "networks/sarsa.py", _values_held("Sarsa"), OURS),
    Case("where actions lead", "networks/bellman.py", _maps),
    Case("the mask of a table", "layers/embedding.py", _masks, OURS),
    Case("short vectors", "layers/unit_normalization.py", _short_vectors, OURS),
    Case("a number at the border", "activations/sparsemax.py", _at_the_border),
    Case("words of a large seed", "random/philox.py", _short_words, OURS),
)
BY_NAME = {case.name: case for case in CASES}


def reference(case):
    return case.values("refimpl", np.asarray)


@cache
def balls(case):
    """Return the balls of a function's results in float64."""
    model = rounding_model("float64", "eager")
    found = case.values("refimpl", model.array)
    return tuple(model.array(part.astype(float)) if _is_plain(part) else part for part in found)


def _is_plain(part):
    return isinstance(part, np.ndarray)


# ------------------------------------------------------------------------- refusals

NAN, INFINITY = float("nan"), float("inf")
A, B = np.zeros((2, 3)), np.zeros((3, 2))
# a function of ``refimpl.checks``, what it must take, what it must refuse
# fmt: off
REFUSALS = (
    ("positive", [("x", 1e-300), ("x", 3), ("x", None)], [("x", 0), ("x", -1), ("x", INFINITY), ("x", NAN)]),
    ("not_negative", [("x", 0), ("x", 2.5), ("x", None)], [("x", -1e-300), ("x", INFINITY), ("x", NAN)]),
    ("fraction", [("x", 0), ("x", 0.999), ("x", None)], [("x", 1), ("x", 1.5), ("x", -1e-9)]),
    ("not_positive", [("x", 0), ("x", -2)], [("x", 1e-300), ("x", -INFINITY), ("x", NAN)]),
    ("positive_fraction", [("x", 1), ("x", 1e-300)], [("x", 0), ("x", 1.5), ("x", -0.5)]),
    ("fraction_or_one", [("x", 0), ("x", 1), ("x", 0.5)], [("x", 1.5), ("x", -1e-9), ("x", 2)]),
    ("axis_of_a_matrix", [(-2,), (-1,)], [(0,), (-3,), (1,), (2,)]),
    ("at_least", [(1, "x", None), (1, "x", 1), (2, "x", 3)], [(1, "x", 0), (2, "x", 1), (1, "x", 1.5)]),
    ("at_most_one", [({"a": None, "b": 1},), ({"a": None},)], [({"a": 1, "b": 1},), ({"a": 1, "b": 2, "c": 3},)]),
    ("rate", [("x", 0.1), ("x", A)], [("x", True), ("x", "a"), ("x", None), ("x", 0), ("x", -1)]),
    ("same_shapes", [([A, B], [A, B]), ([A], [np.zeros((4, 2, 3))])], [([A], []), ([A, B], [A, A]), ([A], [np.zeros((2, 4))]), ([A], [np.zeros((4, 3))])]),
    ("one_or_above", [("x", 1), ("x", 7.5), ("x", None)], [("x", 0.999), ("x", INFINITY), ("x", NAN), ("x", 0)]),
    ("switch", [("x", True), ("x", False)], [("x", None), ("x", 1), ("x", 0)]),
    ("increasing", [("x", (1, 2)), ("x", (-1, 0, 5))], [("x", (1, 1)), ("x", (2, 1)), ("x", (1, 2, 2))]),
    ("one_more", [("x", (1, 2), "y", (1,)), ("x", (1, 2, 3), "y", (1, 2))], [("x", (1,), "y", ()), ("x", (1,), "y", (1,)), ("x", (1, 2, 3), "y", (1,)), ("x", (1, 2), "y", (1, 2))]),
)
# fmt: on


def _of_places(m, places, axes):
    """Build attention over samples with places on so many axes."""
    shape = (*(2,) * places, 3)
    m.MultiHeadAttention(2, 2, attention_axes=axes).build((shape, shape))


# a file of ``refimpl``, what it is called with, and whether it must refuse that
BUILT = (
    ("layers/multi_head_attention.py", lambda m: _of_places(m, 1, None), False),
    ("layers/multi_head_attention.py", lambda m: _of_places(m, 2, None), True),
    ("layers/multi_head_attention.py", lambda m: _of_places(m, 2, 1), True),
    ("layers/multi_head_attention.py", lambda m: _of_places(m, 2, 2), False),
    ("layers/merge.py", lambda m: m.Add().build(((2, 3), (2, 4))), True),
    ("layers/merge.py", lambda m: m.Add().build(((2, 3), (2, 3), (2, 3))), False),
    ("layers/up_sampling.py", lambda m: m.UpSampling2D((1, 2), "bilinear"), False),
    ("layers/up_sampling.py", lambda m: m.UpSampling2D((3, 2), "bilinear"), True),
    ("layers/up_sampling.py", lambda m: m.UpSampling2D(6, "bilinear"), True),
    ("optimizers/optimizer.py", lambda m: m.SGD(0.1, gradient_accumulation_steps=2), False),
    ("optimizers/optimizer.py", lambda m: m.SGD(0.1, gradient_accumulation_steps=1), True),
    (
        "optimizers/optimizer.py",
        lambda m: m.SGD(0.1, use_ema=True, ema_overwrite_frequency=1),
        False,
    ),
    (
        "optimizers/loss_scale_optimizer.py",
        lambda m: m.LossScaleOptimizer(m.SGD(0.1), dynamic_growth_steps=1),
        False,
    ),
)
FILES_THAT_REFUSE = tuple(dict.fromkeys(file for file, *_ in BUILT))


def unexpected_refusals(m):
    """Return in words each call of a check that takes what it must refuse, or the reverse.

    m: the namespace of ``refimpl``.
    """
    checks = import_module("refimpl.checks")
    wrong = [
        f"{file}, row {number}, is {'not ' if refused else ''}refused"
        for number, (file, call, refused) in enumerate(BUILT)
        if _is_refused(call, (m,)) != refused
    ]
    return wrong + [
        f"{name}{arguments} is {'not ' if refused else ''}refused"
        for name, taken, not_taken in REFUSALS
        for refused, rows in ((False, taken), (True, not_taken))
        for arguments in rows
        if _is_refused(getattr(checks, name), arguments) != refused
    ]


def _is_refused(check, arguments):
    try:
        check(*arguments)
    except ValueError:
        return True
    return False
