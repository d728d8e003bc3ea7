"""Functions of the trees that no training step calls: what they are tried on.

Each row gives its arguments as arrays, and takes the module that has the function and what
makes tensors, or balls, of an array.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module

import numpy as np

from equivalence.arithmetic import precisions
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
    inners = (
        m.SGD(0.5),
        m.SGD(0.5, loss_scale_factor=4.0),
        m.NesterovLookAhead(0.5, 0.25),
        m.NesterovLookAhead(0.5, 0.25, use_ema=True),
        m.AMSGrad(0.5, use_ema=True),
    )
    found = []
    for inner, steps in zip(inners, (1, 3, 2, 2, 2)):
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


def _fractions(module, lift):
    """Words as numbers of every format; what they are held with is no ball."""
    words = np.random.default_rng(8).integers(0, 2**32, (2, 12), np.uint64)
    drawn = lift(words) if module.__name__.startswith("tfimpl") else words
    return tuple(module.fractions(drawn, dtype) for dtype in precisions.FORMATS)


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
    """Return the call of what a rule takes for constant; no step of TensorFlow's calls it."""

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
    """A mean over no samples that count, over one, and over weights that sum to less than 1.

    Weights may sum to 0, or to less, though not all of them are 0.
    """
    m = import_module(f"{module.__name__.partition('.')[0]}.losses")
    O, T = lift(np.random.default_rng(9).normal(size=(3, 2))), lift(np.zeros((3, 2)))
    masks = [[0.0, 0, 0], [0.0, 1, 0], [0.25, 0.5, 0], [1.0, -1, 0], [1.0, -3, 0]]
    masks = [lift(np.array(mask)) for mask in masks]
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
        *(
            change(table, np.array([[3, 0], [1, 1]]), updates[0, :, 0])
            for change in (module.scatter_nd_add, module.scatter_nd_sub, module.scatter_nd_update)
        ),
    )


def _lists(module, lift):
    """Lists of tensors, in one of which a place is empty, in the other another one."""
    x, y = lift(np.array([[1.0, 2], [3, 4]])), lift(np.array([[0.5, -1], [7, 8]]))
    empty = module.tensor_list_reserve((2, 2), 3)
    put = partial(module.tensor_list_set_item, resize_if_index_out_of_bounds=False)
    first, second = put(put(empty, 0, x), 2, y), put(put(empty, 1, x), 2, x)
    third = put(empty, 0, y)
    grown = module.tensor_list_set_item(first, 4, x, resize_if_index_out_of_bounds=True)
    total = module.add_lists([first, second, third])
    nothing = module.zeros_like_list(first)
    return (
        module.tensor_list_stack(first, (2, 2)),
        module.tensor_list_stack(total, (2, 2)),
        module.tensor_list_stack(nothing, (2, 2)),
        module.tensor_list_get_item(first, 2, (2, 2)),
        module.tensor_list_get_item(first, 1, (2, 2)).astype("float64"),
        *_parts_of_lists(module, first, grown, np.stack([x, y])),
        np.array([len(empty), len(total), nothing[1] is None, nothing[0] is None], float),
    )


def _parts_of_lists(module, first, grown, pair):
    """What is taken out of lists by places, put into them, cut off and joined."""
    spread = module.tensor_list_scatter(pair, [3, 1], (2, 2), -1)
    longer = module.tensor_list_scatter(pair, [0, 1], (2, 2), 4)
    into = module.tensor_list_scatter_into(first, pair, [1, 4])
    joined, lengths = module.tensor_list_concat([pair[0], pair[1, :1]], (-1, 2), [])
    whole = [module.tensor_list_resize(first, n) for n in (2, 5)]
    lists = (grown, spread, longer, into, *whole)
    empty = module.tensor_list_scatter(pair[:0], [], (2, 2), -1)
    return (
        module.tensor_list_gather(first, [2, 1, 0], (2, 2)),
        *(module.tensor_list_stack(each, (2, 2)) for each in lists),
        joined,
        *module.tensor_list_split(joined, (-1, 2), lengths),
        np.array([*lengths, *map(len, lists), len(empty)], float),
    )


def _numbers_of_a_key(module, lift):
    """Random numbers whose counter goes beyond its lower half, not all of the last four."""
    key, counter = np.array([2**40 + 17], np.uint64), np.array([2**32 - 2, 2**33 + 5], np.uint64)
    formats = np.float32, np.float16, precisions.precision_of("bfloat16").dtype
    return tuple(
        np.asarray(drawn, np.float32)
        for dtype in formats
        for drawn in (
            module.stateless_random_uniform(shape, key, counter, np.int32(alg), dtype=dtype)
            for shape, alg in (((13,), 1), ((3, 2), 3))
        )
    )


def _pooled_back(module, lift):
    x = np.random.default_rng(11).normal(size=(2, 5, 4, 3))
    options = {"ksize": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "padding": "SAME"}
    flow = np.random.default_rng(12).normal(size=(2, 3, 4, 3))
    pooled = module.max_pool(lift(x), **options)
    return (
        module.max_pool_grad(lift(x), pooled, lift(flow), **options),
        module.avg_pool(lift(x), **options),
        module.avg_pool_grad(np.array(x.shape, np.int32), lift(flow), **options),
    )


def _volumes_pooled_back(module, lift):
    """Volumes, some of whose places are equal: in float32, as TensorFlow has nothing finer."""
    x = np.round(np.random.default_rng(11).normal(size=(2, 5, 4, 3, 3)))
    options = {"ksize": [1, 2, 3, 2, 1], "strides": [1, 2, 1, 1, 1], "padding": "SAME"}
    flow = np.random.default_rng(12).normal(size=(2, 3, 4, 3, 3))
    pooled = module.max_pool(lift(x), **options)
    return (module.max_pool3d_grad(lift(x), pooled, lift(flow), **options),)


def _cast(module, lift):
    """The nearest float, and the real part."""
    x = np.array([0.1, 1e-3, 2.0])
    found = module.cast(x, DstT="float32"), module.cast(x + 1j, DstT="float64")
    return (*found, module.cast(x + 1j, DstT="complex64").imag)


def _of_one_number(module, lift):
    """Functions of one number, which is no array: element by element, as of a ball."""
    names = "erf", "erfc", "sinh", "cosh", "tan", "asin", "acos", "atan", "asinh", "atanh"
    found = [getattr(module, name)(lift(np.float64(0.3))) for name in names]
    return (*found, module.acosh(lift(np.float64(1.3))))


def _of_no_shape(module, lift):
    """Rows of unequal lengths as a box of which no size is said: -1 alone, known to a graph."""
    x = lift(np.random.default_rng(28).normal(size=(4, 2)))
    options = {"row_partition_types": ["ROW_SPLITS"]}
    box = module.ragged_tensor_to_tensor(
        np.array(-1), x, lift(np.array(0.5)), [np.array([0, 3, 4])], **options
    )
    return (box,)


def _of_few_bits(module, lift):
    """Numbers at the ends and beyond, in steps of 1, and what flows back; of all or by channel.

    In float32, as TensorFlow has nothing finer; nothing is rounded.
    """
    narrow = lambda array: lift(np.array(array, np.float32))
    x, flow = narrow([[-1.0, 0.25], [0, 3], [1.75, 4]]), narrow([[1.0, 2], [3, 5], [7, 11]])
    options = {"num_bits": 2, "narrow_range": False}
    found = []
    for low, high in ((0.0, 3.0), ([0.0, -3.0], [3.0, 0.0])):
        ends = narrow(low), narrow(high)
        found.append(module.fake_quant(x, *ends, **options))
        found += module.fake_quant_grad(flow, x, *ends, **options)
    return tuple(found)


def _before_each(module, lift):
    """The logarithm of what is before each number: of nothing, first or alone, it is -infinity."""
    x = np.random.default_rng(22).normal(size=(2, 3))
    options = {"exclusive": True, "reverse": False}
    parts = x, x[:, :1], x[:, :2]
    return tuple(module.cumulative_logsumexp(lift(each), 1, **options) for each in parts)


def _accuracies(module, lift):
    """What "accuracy" means by the last axes; with ties, and outputs of just a half."""
    rng = np.random.default_rng(14)
    O, classes = rng.uniform(size=(6, 3)), rng.integers(0, 3, (6, 1)).astype(float)
    O[1], O[2], classes[1] = 0.5, (0.2, 0.7, 0.7), 0
    hot = np.eye(3)[classes[:, 0].astype(int)]
    one, wanted = np.array([[0.2], [0.5], [0.7], [0.9]]), np.array([[0.0], [1], [1], [0]])
    units = rng.integers(0, 2, (6, 3)).astype(float)
    nets = lambda array: lift(np.stack([array, array[::-1]]))
    return (
        module.accuracy(nets(O), nets(hot)),
        module.accuracy(nets(O), nets(classes)),
        module.accuracy(nets(one), nets(wanted)),
        module.accuracy(lift(O), lift(hot)),
        module.accuracy(lift(O), lift(classes)),
        module.accuracy(lift(one), lift(wanted)),
        module.binary_accuracy(lift(O), lift(units)),
        module.mean_over_batches(lift(np.array([1.0, 2, 4])), lift(np.array([32.0, 8, 3]))),
    )


def _penalty(name, *factors):
    """Return the call of a penalty's way back, of two nets."""

    def call(module, lift):
        w = lift(np.random.default_rng(15).normal(size=(2, 3, 2)))
        return tuple(getattr(module, name)(*factors).backward(lift(np.array(0.7)), w))

    return call


def _way_back(build, *shapes, mask=None):
    """Return the call of the way back of a layer: the steps of the tape twin have the tape.

    build: makes the layer from its module and the tree's layers.
    mask: of the inputs, (batch, steps), if there is one.
    """

    def call(module, lift):
        tree = module.__name__.partition(".")[0]
        layers = import_module(f"{tree}.layers")
        layer = build(layers).build(shapes[0] if len(shapes) == 1 else shapes)
        rng = np.random.default_rng(16)
        weights = tuple(lift(rng.normal(size=shape)) for shape in layer.weight_shapes)
        states = tuple(lift(np.asarray(state)) for state in layer.start_states())
        x = tuple(lift(rng.normal(size=(2, *shape))) for shape in shapes)
        given = () if mask is None else (lift(np.array(mask)),)
        y, kept = layer.forward((*weights, *states), x[0] if len(x) == 1 else x, *given)
        yb = lift(np.random.default_rng(17).normal(size=y.shape))
        xb, gradients = layer.backward((*weights, *states), kept, yb)
        return (*(xb if isinstance(xb, tuple) else (xb,)), *gradients)

    return call


def _weights_back(build, *shape):
    """Return the call of the gradients of a layer's weights alone, as ``certify`` has them."""

    def call(module, lift):
        layers = import_module(f"{module.__name__.partition('.')[0]}.layers")
        layer, rng = build(layers).build(shape), np.random.default_rng(19)
        weights = tuple(lift(rng.normal(size=of)) for of in layer.weight_shapes)
        weights += tuple(lift(np.asarray(state)) for state in layer.start_states())
        y, kept = layer.forward(weights, lift(rng.normal(size=(4, *shape))))
        return layer.weights_back(weights, kept, lift(rng.normal(size=y.shape)))

    return call


def _turned(module, lift):
    """A kernel in two groups, turned as the way back needs it."""
    layers = import_module(f"{module.__name__.partition('.')[0]}.layers")
    layer = layers.Conv2D(6, (2, 3), groups=2).build((5, 4, 6))
    kernel = np.random.default_rng(18).normal(size=layer.weight_shapes[0])
    return (layer.turned(lift(kernel)),)


def _tables(module, lift):
    """Which windows take which place."""
    made = module.windows((4, 5), (2, 3), 2, 1, "same"), module.windows((7,), 2, 1, 2)
    found = [
        part for each in made for part in (each.takers, each.table, each.back, each.counts_inside)
    ]
    return tuple(part.astype(float) for part in found)


def _copies(module, lift):
    """Where the copies of each place lie, and how much of each is its."""
    layer = module.UpSampling2D((2, 4), "bilinear").build((3, 2, 2))
    near = module.UpSampling2D((2, 3)).build((3, 2, 2))
    found = layer.shares(0), layer.shares(1), near.copies.table
    return tuple(part.astype(float) for part in found)


def _rows_back(module, lift):
    """Rows in the shape of either input again."""
    layer = module.Dot((2, 1)).build(((3, 4), (4, 5)))
    rng = np.random.default_rng(19)
    inputs = lift(rng.normal(size=(2, 3, 4))), lift(rng.normal(size=(2, 4, 5)))
    return tuple(layer.back_of(layer.rows_of(x, k), k) for k, x in enumerate(inputs))


def _largest(module, lift):
    """Which places are the largest of a net, some of them equal."""
    x = np.round(np.random.default_rng(20).normal(size=(2, 5, 3)))
    found = module.GlobalMaxPooling1D().build((5, 3)).largest(lift(x))
    return (np.where(found, 0 * lift(x) + 1, 0 * lift(x)),)


def _of_the_first(module, lift):
    """What is said of several players is said by the first."""
    m = import_module(f"{module.__name__.partition('.')[0]}.optimizers")
    players = module.InTurn((m.SGD(0.5), m.SGD(0.25)), (0, 1))
    return (np.array([players.learning_rate, len(players.all_slot_names)]),)


def _orders(module, lift):
    """What either side draws: every sample once an epoch; and samples in such an order."""
    drawn = np.asarray(module.orders(7, 3)).reshape(3, 7)
    x = lift(np.arange(14.0).reshape(7, 2))
    given = np.array([[2, 0, 1, 3, 6, 5, 4], [6, 5, 4, 3, 2, 1, 0]])
    return np.sort(drawn, axis=-1).astype(float), module.epochs_in_order(x, given)


def _sums(module, lift):
    """The names of the sums that the taps ask for."""
    m = import_module(f"{module.__name__.partition('.')[0]}.networks")
    found = m.Multilayer(3).sums
    right = {f"layer{k}": f"sum{k}" for k in (1, 2, 3)}
    return (np.array([found == right]).astype(float),)


def _acted(module, lift):
    """What an agent that acts holds while its weights move, and its error."""
    m = import_module(f"{module.__name__.partition('.')[0]}.layers")
    net = module.ActingDQN(2, (m.Dense(3), m.Dense(4)), every=2, memory=5)
    rng = np.random.default_rng(21)
    weights = tuple(lift(rng.normal(size=shape)) for shape in net.weight_shapes)
    states = tuple(lift(np.asarray(state)) for state in net.start_states())
    found = []
    for draw, steps in ((0.9, 0.0), (0.2, 0.0), (0.1, 0.0), (0.9, 7.0)):
        *before, _, place, memory = states  # 0.2 is the agent's own chance; 7 is beyond its memory
        now = (*before, lift(np.array([[steps]])), place, memory + 0.25)
        inputs = lift(np.array([[draw, 1.0, 0.0, 2.0, 3.0]]))
        held = net.held(weights, inputs, now)
        found += [*held, net.error(weights, inputs, held, now)]
    return tuple(found)


def _target(module, lift):
    """What a deep Q-network holds, where every step has a reward; its error."""
    m = import_module(f"{module.__name__.partition('.')[0]}.layers")
    net = module.DQN(2, (m.Dense(3), m.Dense(4)), every=2)
    rng = np.random.default_rng(23)
    weights = tuple(lift(rng.normal(size=shape)) for shape in net.weight_shapes)
    before = tuple(lift(rng.normal(size=shape)) for shape in net.weight_shapes)
    rows = np.concatenate(
        [rng.normal(size=(3, 2)), [[0.0], [3], [1]], rng.normal(size=(3, 3)), [[0.0], [1], [0]]],
        axis=1,
    )
    found = []
    for steps in (0.0, 1.0, 2.0):
        now = (*before, lift(np.array([[steps]])))
        held = net.held(weights, lift(rows), now)
        found += [held, net.error(weights, lift(rows), held, now)]
    return tuple(found)


def _who_waits(module, lift):
    """The error in either player's turn, where the weights that are held are others."""
    m = import_module(f"{module.__name__.partition('.')[0]}.layers")
    net = module.GANOfModels(1, 2, (m.Dense(3), m.Dense(1)), (m.Dense(1),))
    rng = np.random.default_rng(24)
    weights, held = (
        tuple(lift(rng.normal(size=shape)) for shape in net.weight_shapes) for _ in range(2)
    )
    rows = rng.normal(size=(3, 4))
    both = (np.concatenate([np.full((3, 1), turn), rows[:, 1:]], axis=1) for turn in (0.0, 1.0))
    return tuple(net.error(weights, lift(inputs), held) for inputs in both)


def _three_players(module, lift):
    """Which of three players moves, in each of their first seven steps."""
    m = import_module(f"{module.__name__.partition('.')[0]}.optimizers")
    players = module.InTurn((m.Adam(0.5), m.Adam(0.25), m.Adam(0.125)), (0, 1, 2, 1))
    variables = tuple(lift(np.full((1, 2), float(k))) for k in range(4))
    slots = tuple(players.build_all(v) for v in variables)
    found = []
    for step in range(1, 8):
        gradients = tuple(lift(np.array([[1.0, -step]])) for _ in variables)
        count = lift(np.array(float(step)))
        variables, slots = players.apply(variables, gradients, slots, count)
        found += [*variables, *(number for slot in slots for number in slot)]
    return tuple(found)


def _noted_shares(module, lift):
    """How many weights have shares that are noted: at the end of what is noted, and beyond."""
    m = import_module(f"{module.__name__.partition('.')[0]}.layers")
    shapes = (3, 2), (4, 64), (5, 64), ((5, 64), (64,))
    layers_ = [m.SimpleRNN(64, use_bias=False).build(shape) for shape in shapes]
    return (np.array([len(layer.share_names) for layer in layers_], float),)


def _channels_in_front(module, lift):
    """Batch normalization with the channels in front, and its way back."""
    rng = np.random.default_rng(25)
    x, flow = lift(rng.normal(size=(2, 3, 4, 5))), lift(rng.normal(size=(2, 3, 4, 5)))
    rows = [lift(np.abs(rng.normal(size=3)) + 0.1) for _ in range(4)]
    options = {"epsilon": 0.01, "data_format": "NCHW"}
    found = []
    for training in (True, False):
        y, *_ = module.fused_batch_norm(
            x, *rows, **options, is_training=training, exponential_avg_factor=1
        )
        back = module.fused_batch_norm_grad(
            flow, x, rows[0], *rows[2:], None, **options, is_training=training
        )
        found += [y, *back[:3]]
    return tuple(found)


def _ignored(module, lift):
    """Samples of two nets, of which those that are ignored are too far apart to be subtracted."""
    O = np.random.default_rng(26).normal(size=(2, 4, 3))
    T = np.array([[[0.0], [2], [1], [2]], [[2.0], [1], [0], [0]]])
    O[np.where(T[..., 0] == 1)] = 1e308, -1e308, 0
    loss = module.SparseCategoricalCrossentropyFromLogits(ignore_class=1)
    O, T = lift(O), lift(T)
    return loss.forward(O, T), loss.backward(O, T)


def _axes_in_keras(module, lift):
    """Keras's axis of each of a matrix's, of variables of one to four axes; 9 where refused."""
    found = []
    for axis, axes in ((-1, 1), (-2, 1), (-1, 2), (-2, 2), (-2, 3), (-1, 4), (-2, 4), (-1, None)):
        try:
            found.append(np.atleast_1d(module.keras_axis(axis, axes)).astype(float))
        except ValueError:
            found.append(np.array([9.0]))
    return tuple(found)


def _of_numbered_classes(module, lift):
    """Keras's loss of classes by their numbers."""
    O = np.random.default_rng(27).dirichlet(np.ones(3), 4)
    loss = module.CategoricalGeneralizedCrossEntropy().keras()
    return (np.asarray(loss(np.array([[0], [2], [1], [2]]), O)),)


def _of_an_overflow(module, lift):
    """The gradient that is given, where an output has overflowed."""
    import tensorflow as tf

    O, T = tf.constant([[np.inf, 1.0]]), tf.constant([[2.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(O)
        given = module._given_gradient(T, O)
    return (tape.gradient(given, O).numpy(),)


OURS, THEIRS = ("refimpl",), ("tfimpl",)
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
    Case("words as numbers of every format", "random/philox.py", _fractions),
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
    Case("what Bellman holds", "networks/bellman.py", _values_held("Bellman")),
    Case("what QLearning holds", "networks/q_learning.py", _values_held("QLearning")),
    Case("what Sarsa holds", "networks/sarsa.py", _values_held("Sarsa")),
    Case("where actions lead", "networks/bellman.py", _maps),
    Case("the mask of a table", "layers/embedding.py", _masks),
    Case("short vectors", "layers/unit_normalization.py", _short_vectors),
    Case("a number at the border", "activations/sparsemax.py", _at_the_border),
    Case("words of a large seed", "random/philox.py", _short_words, OURS),
)
CASES += tuple(
    Case(f"the weights' gradients of {file}", f"layers/{file}.py", _weights_back(*row), OURS)
    for file, *row in (
        ("dense", lambda m: m.Dense(3), 2),
        ("convolution", lambda m: m.Conv2D(3, 2), 3, 4, 2),
        ("batch_normalization", lambda m: m.BatchNormalization(), 3),
        ("layer_normalization", lambda m: m.LayerNormalization(), 3),
        ("layer", lambda m: m.PReLU(), 3),
    )
)
# What the twins have by the same names, though their steps leave it to the tape; and what reports
# and reads the runs.
CASES += (
    Case("accuracies", "metrics.py", _accuracies),
    Case("an L1 penalty's way back", "regularizers/l1.py", _penalty("L1", 0.3)),
    Case("an L2 penalty's way back", "regularizers/l2.py", _penalty("L2", 0.3)),
    Case("both penalties' way back", "regularizers/l1_l2.py", _penalty("L1L2", 0.3, 0.2)),
    Case("a turned kernel", "layers/convolution.py", _turned),
    Case("tables of windows", "layers/windows.py", _tables),
    Case("copies of places", "layers/up_sampling.py", _copies),
    Case("rows of two inputs", "layers/dot.py", _rows_back),
    Case("the largest places", "layers/global_max_pooling.py", _largest),
    Case("players' first", "optimizers/in_turn.py", _of_the_first),
    Case("orders of samples", "preparation/batches.py", _orders),
    Case("names of sums", "networks/multilayer.py", _sums, OURS),
    Case("volumes pooled", "ops/pools.py", _volumes_pooled_back, OURS),
    Case("what is before each number", "ops/sums.py", _before_each, OURS),
    Case("casts", "ops/rearranged.py", _cast, OURS),
    Case("functions of one number", "functions.py", _of_one_number, OURS),
    Case("a box of no shape", "ops/rearranged.py", _of_no_shape, OURS),
    Case("numbers of few bits", "ops/quantized.py", _of_few_bits),
    Case("what an agent that acts holds", "networks/acting_dqn.py", _acted),
    Case("what a deep Q-network holds", "networks/dqn.py", _target),
    Case("who waits holds its weights", "networks/gan_of_models.py", _who_waits),
    Case("a gradient given to an overflow", "networks/alone.py", _of_an_overflow, THEIRS),
    Case("Keras's axes", "keras_axes.py", _axes_in_keras, THEIRS),
    Case(
        "Keras's loss of numbered classes",
        "losses/categorical_generalized_cross_entropy.py",
        _of_numbered_classes,
        THEIRS,
    ),
    Case("three players in turn", "optimizers/in_turn.py", _three_players),
    Case("shares that are noted", "layers/recurrent.py", _noted_shares),
    Case("normalized with channels in front", "ops/batch_norm.py", _channels_in_front, OURS),
    Case("samples that are ignored", "losses/sparse_categorical_crossentropy_logits.py", _ignored),
    *(
        Case(f"the way back of {words}", f"layers/{file}.py", _way_back(build, *shapes, **options))
        for words, file, build, shapes, options in (
            ("attention", "attention", lambda m: m.Attention(True), ((3, 2), (4, 2)), {}),
            (
                "several heads",
                "multi_head_attention",
                lambda m: m.MultiHeadAttention(2, 2),
                ((3, 2), (4, 2)),
                {},
            ),
            (
                "channels in front",
                "channels_first",
                lambda m: m.ChannelsFirst(m.AveragePooling1D(2)),
                ((2, 4),),
                {},
            ),
            ("a factor", "gaussian_dropout", lambda m: m.GaussianDropout(0.3), ((4,),), {}),
            ("noise", "gaussian_noise", lambda m: m.GaussianNoise(0.3), ((4,),), {}),
            (
                "a mean of places",
                "global_average_pooling",
                lambda m: m.GlobalAveragePooling1D(),
                ((4, 2),),
                {},
            ),
            (
                "a mean of some places",
                "global_average_pooling",
                lambda m: m.GlobalAveragePooling1D(),
                ((4, 2),),
                {"mask": [[1.0, 0, 1, 1], [1, 1, 0, 0]]},
            ),
            (
                "layers in time",
                "time_distributed",
                lambda m: m.TimeDistributed(m.Dense(2)),
                ((3, 2),),
                {},
            ),
        )
    ),
)
BY_NAME = {case.name: case for case in CASES}


def reference(case):
    """Return what the honest code gives: the reference's, of what it has."""
    return case.values(case.trees[0], np.asarray)


@cache
def balls(case):
    """Return the balls of a function's results in float64."""
    model = rounding_model("float64", "eager")
    found = case.values(case.trees[0], model.array)
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
    ("one_number", [("x", 0.5), ("x", np.array(2.0))], [("x", [1.0]), ("x", (1, 2)), ("x", {}), ("x", A), ("x", A[0])]),
    (
        "sum_of_products",
        [("", ("ab", "bc", "ac"), 2), ("", ("abc", "cde", "abde"), 3), ("", ("abg", "gbi", "agi"), 3), ("", ("ab", "b", "ab"), 2)],
        [("", ("abb", "bc", "ac"), 3), ("", ("ab", "bcc", "ac"), 2), ("", ("ab", "bc", "acc"), 2), ("", ("abc", "bd", "ad"), 3), ("", ("ab", "bcd", "ac"), 2), ("", ("ab", "bc", "acd"), 2), ("", ("ab", "bc", "ca"), 2), ("", ("ab", "abc", "ac"), 2), ("", ("ab", "bc", "ac"), 3)],
    ),
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

    m: the namespace of a tree; the checks are the reference's alone, as are optimizers that refuse.
    """
    wrong = [
        f"{file}, row {number}, is {'not ' if refused else ''}refused"
        for number, (file, call, refused) in enumerate(BUILT)
        if (m.tree == "refimpl" or file.startswith("layers/"))
        and _is_refused(call, (m,)) != refused
    ]
    if m.tree != "refimpl":
        return wrong
    checks = import_module("refimpl.checks")
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
