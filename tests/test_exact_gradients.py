"""The gradients of the reference, held against differentiation itself.

How exactly that differentiates is said in ``equivalence.judge.derivative``.  Every
``backward`` is tried as a vector-Jacobian product with random cotangents, since an all-ones
cotangent hides errors: for a softmax it gives 0.
"""

import inspect
import textwrap
from dataclasses import dataclass, replace

import numpy as np
import pytest
from helpers.containment import contains, exactly
from helpers.deferred import tf
from helpers.differentiation import assert_agree, normal, summed
from hypothesis import given
from hypothesis import strategies as st

from equivalence import trees
from equivalence.arithmetic import ExactArray
from equivalence.arithmetic.exact import precision
from equivalence.arithmetic.precisions import NAMES as DTYPES
from equivalence.judge.certificate import enclose_steps, rounding_model
from equivalence.judge.derivative import BITS
from equivalence.steps import numpy as numpy_runner
from equivalence.steps.program import Program

REFERENCE = trees.reference()
SEEDS = st.integers(0, 2**32 - 1)

ACTIVATIONS = ("Linear", "ReLU", "Sigmoid", "Softmax", "Tanh")
LOSSES = ("CategoricalCrossentropy", "HalfSquaredError", "MeanSquaredError", "RootMeanSquaredError")


class Cotangent:
    """A loss whose gradient is a given cotangent, the targets: E = sum(T * O)."""

    name = "cotangent"

    def forward(self, O, T):
        return np.sum(T * O, axis=(-2, -1))

    def backward(self, O, T):
        return T


def _outputs(m):
    """Return every activation under mean squared error, and softmax with cross-entropy."""
    return {**{a: m.Output(getattr(m, a)()) for a in ACTIVATIONS}, "entropy": m.SoftmaxOutput()}


def _networks(m):
    """Return all networks of one side by name."""
    found = {"Point": m.Point(), "Quadratic": m.Quadratic()}
    for end, output in _outputs(m).items():
        found[f"OneLayer {end}"] = m.OneLayer(output)
        for start in ACTIVATIONS:
            found[f"TwoLayer {start} {end}"] = m.TwoLayer(getattr(m, start)(), output)
    for start in ACTIVATIONS:
        found[f"Multilayer {start}"] = m.Multilayer(3, getattr(m, start)(), m.Output(m.Tanh()))
    return found


NETWORKS = tuple(_networks(REFERENCE))
BATCH = 3
# Square kernels, so that a transposed one has the right shape.
UNITS = 3


# ----------------------------------------------------------------- the numbers


def probabilities(rng, *shape):
    """Return targets of which each sample sums to exactly 1."""
    cuts = np.sort(rng.integers(0, 65, (*shape[:-1], shape[-1] - 1)), axis=-1)
    return np.diff(cuts, axis=-1, prepend=0, append=64) / 64


def weights_and_data(name, rng):
    """Return weights, inputs and targets for a network of NETWORKS."""
    if name == "Point":
        return (normal(rng, 1, 1),), np.ones((1, 1)), normal(rng, 1, 1)
    if name == "Quadratic":
        return tuple(normal(rng, 3, 1, 1)), normal(rng, BATCH, 1), normal(rng, BATCH, 1)
    layers = {"OneLayer": 1, "TwoLayer": 2, "Multilayer": 3}[name.split()[0]]
    shapes = [(UNITS, UNITS), (1, UNITS)] * layers
    targets = (probabilities if name.endswith("entropy") else normal)(rng, BATCH, UNITS)
    return tuple(normal(rng, *shape) for shape in shapes), normal(rng, BATCH, UNITS), targets


# ------------------------------------------------------------- differentiation


def check_activation(name, seed):
    """Hold an activation's vector-Jacobian product against differentiation."""
    rng, activation = np.random.default_rng(seed), getattr(REFERENCE, name)()
    with precision(BITS):
        x, yb = (ExactArray(normal(rng, BATCH, UNITS)) for _ in "xy")
        xb = activation.backward(yb, x, activation.forward(x))
        assert_agree(name, xb, x, lambda x: summed(yb * activation.forward(x)))


def check_loss(name, seed):
    """Hold a loss's gradient against differentiation; cross-entropy's is that of the logits."""
    rng, loss = np.random.default_rng(seed), getattr(REFERENCE, name)()
    entropy = name == "CategoricalCrossentropy"
    with precision(BITS):
        x = ExactArray(normal(rng, BATCH, UNITS))
        T = ExactArray((probabilities if entropy else normal)(rng, BATCH, UNITS))
        O = REFERENCE.Softmax().forward(x) if entropy else x
        assert_agree(name, loss.backward(O, T), x, lambda x: loss.forward(x, T))


def check_network(name, seed, with_loss=lambda network: network):
    """Hold every gradient that a network propagates against differentiation."""
    network = with_loss(_networks(REFERENCE)[name])
    weights, X, T = weights_and_data(name, np.random.default_rng(seed))
    with precision(BITS):
        weights, X, T = tuple(map(ExactArray, weights)), ExactArray(X), ExactArray(T)
        gradients = network.propagate(weights, X, T).gradients
        for k, weight in enumerate(weights):

            def error(w, k=k):
                return network.propagate((*weights[:k], w, *weights[k + 1 :]), X, T)[1]

            what = f"{name}, gradient of {network.weight_names[k]}"
            assert_agree(what, gradients[k], weight, error)


def with_cotangent(network):
    """Return the network with the loss sum(T * O): its targets are a cotangent."""
    if hasattr(network, "output"):
        return replace(network, output=replace(network.output, loss=Cotangent()))
    return replace(network, loss=Cotangent())


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(seed=SEEDS)
def test_an_activation_pulls_random_cotangents_back_as_its_derivative_does(name, seed):
    check_activation(name, seed)


@pytest.mark.parametrize("name", LOSSES)
@given(seed=SEEDS)
def test_the_gradient_of_a_loss_is_its_derivative(name, seed):
    check_loss(name, seed)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradients_of_a_network_are_the_derivatives_of_its_error(name, seed):
    check_network(name, seed)


@pytest.mark.parametrize("name", [n for n in NETWORKS if not n.endswith("entropy")])
def test_a_network_pulls_random_cotangents_back_as_its_derivative_does(name):
    check_network(name, 2, with_cotangent)


# ------------------------------------------------------- floats, NumPy's and TensorFlow's


@pytest.mark.tensorflow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NETWORKS)
def test_exact_numpy_and_tape_gradients_lie_in_the_rounding_balls(name, dtype):
    run = _program(name, dtype, seed=3)
    trajectory = numpy_runner.run(run, run.start(), 1)
    balls = enclose_steps(run, trajectory, rounding_model(dtype, "eager"), False).balls["gradients"]
    with precision(BITS):
        exact = numpy_runner.step_each(run, trajectory, ExactArray).gradients
    for k, (weight, ball) in enumerate(balls.items()):
        assert np.isfinite(ball.rad).all()
        found = {
            "NumPy": exactly(trajectory.gradients[weight]),
            "the tape": exactly(_of_the_tape(name, run)[k][None]),
            "the truth": exact[k].values,
        }
        for side, values in found.items():
            assert contains(ball, values).all(), f"{side}: the gradient of {weight} is outside"


def _program(name, dtype, seed):
    weights, X, T = weights_and_data(name, np.random.default_rng(seed))
    weights = tuple(w.astype(dtype) for w in weights)
    X, T = (a.astype(dtype)[None] for a in (X, T))
    return Program(_networks(REFERENCE)[name], REFERENCE.SGD(0.01), weights, X, T)


def _of_the_tape(name, run):
    """Return the gradients that TensorFlow's tape gives."""
    network = _networks(trees.tensorflow())[name]
    weights = tuple(map(tf.constant, run.weights))
    X, T = tf.constant(run.inputs[0]), tf.constant(run.targets[0])
    return [g.numpy() for g in network.propagate(weights, X, T)[2]]


# ------------------------------------------------------------ planted derivatives


@dataclass(frozen=True)
class Planted:
    """A wrong line in the reference: what stands there, what it becomes, and who finds it."""

    name: str
    part: str
    method: str
    old: str
    new: str
    check: object
    of: str


PLANTED = (
    Planted(
        "sigmoid with the sign wrong", "Sigmoid", "backward", "(1 - y)", "(1 + y)",
        check_activation, "Sigmoid",
    ),
    Planted(
        "sigmoid without its first factor", "Sigmoid", "backward", "yb * y *", "yb *",
        check_activation, "Sigmoid",
    ),
    Planted(
        "sigmoid by x for y", "Sigmoid", "backward", "(1 - y)", "(1 - x)",
        check_activation, "Sigmoid",
    ),
    Planted(
        "tanh without the square", "Tanh", "backward", "np.square(y)", "y",
        check_activation, "Tanh",
    ),
    Planted(
        "tanh with the sign wrong", "Tanh", "backward", "1 - np", "1 + np",
        check_activation, "Tanh",
    ),
    Planted(
        "relu that lets everything through", "ReLU", "backward", "y > 0", "y > -1",
        check_activation, "ReLU",
    ),
    Planted(
        "relu that leaks", "ReLU", "backward", "yb, 0)", "yb, 0.01 * yb)",
        check_activation, "ReLU",
    ),
    Planted(
        "softmax of the diagonal only", "Softmax", "backward",
        "(yb - np.sum(yb * y, axis=-1, keepdims=True)) * y", "yb * (1 - y) * y",
        check_activation, "Softmax",
    ),
    Planted(
        "softmax that gives 0, as for an all-ones cotangent", "Softmax", "backward",
        "(yb - np.sum(yb * y, axis=-1, keepdims=True)) * y", "0 * yb",
        check_activation, "Softmax",
    ),
    Planted(
        "linear that halves", "Linear", "backward", "return yb", "return 0.5 * yb",
        check_activation, "Linear",
    ),
    Planted(
        "mean squared error without its 2", "MeanSquaredError", "samples_backward",
        "(2 * (O", "(1 * (O",
        check_loss, "MeanSquaredError",
    ),
    Planted(
        "mean squared error without its n", "MeanSquaredError", "samples_backward", " / n", "",
        check_loss, "MeanSquaredError",
    ),
    Planted(
        "mean squared error without the batch", "MeanSquaredError", "backward",
        "self.divided(np.ones_like(self.each(O)), O, weight)", "np.ones_like(self.each(O))",
        check_loss, "MeanSquaredError",
    ),
    Planted(
        "half squared error with the sign wrong", "HalfSquaredError", "backward", "O - T", "T - O",
        check_loss, "HalfSquaredError",
    ),
    Planted(
        "root mean squared error without its root's half", "RootMeanSquaredError", "backward",
        "0.5 / E", "1 / E",
        check_loss, "RootMeanSquaredError",
    ),
    Planted(
        "root mean squared error without its n", "RootMeanSquaredError", "backward",
        "(batch * n)", "batch",
        check_loss, "RootMeanSquaredError",
    ),
    Planted(
        "cross-entropy without the batch", "CategoricalCrossentropy", "backward",
        " / batch", "",
        check_loss, "CategoricalCrossentropy",
    ),
    Planted(
        "one layer that forgets the activation", "Output", "backward",
        "self.activation.backward(self.loss.backward(O, T), Z, O)", "self.loss.backward(O, T)",
        check_network, "OneLayer Sigmoid",
    ),
    Planted(
        "one layer whose inputs are not transposed", "OneLayer", "propagate", "X.mT", "X",
        check_network, "OneLayer Linear",
    ),
    Planted(
        "one layer whose bias takes the mean", "OneLayer", "propagate",
        "axis=-2, keepdims=True)", "axis=-2, keepdims=True) / 3",
        check_network, "OneLayer Linear",
    ),
    Planted(
        "two layers with a weight that is not transposed", "TwoLayer", "propagate", "WO.mT", "WO",
        check_network, "TwoLayer Tanh Linear",
    ),
    Planted(
        "two layers that forget the hidden activation", "TwoLayer", "propagate",
        "self.hidden.backward(Ob @ WO.mT, A, H)", "Ob @ WO.mT",
        check_network, "TwoLayer Tanh Linear",
    ),
    Planted(
        "two layers with A for H", "TwoLayer", "propagate", "WOb = H.mT", "WOb = A.mT",
        check_network, "TwoLayer Tanh Linear",
    ),
    Planted(
        "two layers with the gradient of the other bias", "TwoLayer", "propagate",
        "BHb = np.sum(Hb", "BHb = np.sum(Ob",
        check_network, "TwoLayer Tanh Linear",
    ),
    Planted(
        "many layers with a kernel that is not transposed", "Multilayer", "propagate",
        "weights[2 * k].mT", "weights[2 * k]",
        check_network, "Multilayer Tanh",
    ),
    Planted(
        "many layers that pass their activation by", "Multilayer", "propagate",
        "self.hidden.backward(layerb, activations[2 * k - 2], below)", "layerb",
        check_network, "Multilayer Sigmoid",
    ),
    Planted(
        "a parabola with x for its square", "Quadratic", "propagate", "Yb * X * X", "Yb * X",
        check_network, "Quadratic",
    ),
    Planted(
        "a point that descends twice as steeply", "Point", "propagate",
        "self.loss.backward(Y, T)", "2 * self.loss.backward(Y, T)",
        check_network, "Point",
    ),
)  # fmt: skip


def plant(row, monkeypatch):
    """Replace the method by its source with the one wrong line."""
    part = getattr(REFERENCE, row.part)
    source = textwrap.dedent(inspect.getsource(getattr(part, row.method)))
    assert row.old in source, f"{row.name}: {row.part}.{row.method} has no {row.old!r}"
    names = dict(vars(inspect.getmodule(part)))
    exec(source.replace(row.old, row.new), names)
    monkeypatch.setattr(part, row.method, names[row.method])


@pytest.mark.parametrize("row", PLANTED, ids=[row.name for row in PLANTED])
def test_a_wrong_derivative_is_found(row, monkeypatch):
    row.check(row.of, 0)
    plant(row, monkeypatch)
    with pytest.raises(AssertionError, match="the derivative is"):
        row.check(row.of, 0)
