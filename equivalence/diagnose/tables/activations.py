"""Causes in activations: another function, another slope."""

from functools import partial

import numpy as np

from equivalence import trees
from equivalence.diagnose.forms.outputs import ActivationForm
from equivalence.diagnose.places import activations_in, each_and_all
from equivalence.diagnose.variant import DEFINITION, Variant


def activation(only=(), unless=(), **changed):
    """Return the change of an activation's way forward or back, of those by these names."""

    def each(recipe):
        for where, own, put in activations_in(recipe):
            name = own.name
            if (not only or name in only) and name not in unless:
                yield where, put(ActivationForm(own, **changed))

    return lambda recipe: each_and_all(each(recipe), each)


def instead(make, only=(), unless=()):
    """Return the change to another activation, as ``make(namespace)`` gives it."""

    def each(recipe):
        other = make(trees.reference())
        for where, own, put in activations_in(recipe):
            same = type(own) is type(other) and vars(own) == vars(other)
            if (not only or own.name in only) and own.name not in unless and not same:
                yield where, put(other)

    return lambda recipe: each_and_all(each(recipe), each)


def of_inputs(own, yb, x, y):
    return own.backward(yb, x, x)


def of_outputs(own, yb, x, y):
    return own.backward(yb, y, own.forward(y))


def squared(own, yb, x, y):
    return own.backward(own.backward(yb, x, y), x, y)


def slope_of(make):
    """Return a way back by another activation's slope, at what goes in."""

    def back(own, yb, x, y):
        other = make(trees.reference())
        return other.backward(yb, x, other.forward(x))

    return back


def times_inputs(own, yb, x, y):
    return yb * x


def kept(own, yb, x, y):
    return yb


def right_at_zero(own, yb, x, y):
    return np.where(x >= 0, yb, 0)


def diagonal(own, yb, x, y):
    return yb * y * (1 - y)


def y_alone(own, yb, x, y):
    return yb * y


def one_minus_y(own, yb, x, y):
    return yb * (1 - y)


def steep(share, own, x):
    return np.minimum(np.maximum(share * x + 0.5, 0), 1)


def steep_back(share, own, yb, x, y):
    return np.where((y > 0) & (y < 1), yb * share, 0)


def down_columns(own, x):
    shifted = x - np.max(x, axis=-2, keepdims=True)
    powers = np.exp(shifted)
    return powers / np.sum(powers, axis=-2, keepdims=True)


def of_everything(own, x):
    powers = np.exp(x - np.max(x, axis=(-2, -1), keepdims=True))
    return powers / np.sum(powers, axis=(-2, -1), keepdims=True)


BY_OUTPUT = ("sigmoid", "tanh", "softmax")

ROWS = (
    Variant("activation", "slope-of-inputs", "puts what goes in into the slope's formula for what comes out, as z (1 - z)", "puts what comes out into it: y (1 - y)", "sigmoid_derivative(z) written for y", "y * (1 - y) with y = sigmoid(z)", "gradients are wrong where |z| is large, even in sign",
        activation(BY_OUTPUT, back=of_inputs)),
    Variant("activation", "slope-of-outputs", "takes the slope at what comes out: it applies the activation once more", "takes the slope at what goes in", "sigmoid_prime(a) written for z", "y * (1 - y), or sigmoid_prime(z) with what goes in", "gradients of a sigmoid are between 0.19 and 0.25 times what flows",
        activation(unless=("relu", "linear"), back=of_outputs)),
    Variant("activation", "slope-left-out", "leaves the activation's slope out on the way back", "multiplies with it", "a line forgotten", "multiply what flows back with the slope", "gradients of the layers before are too large",
        activation(unless=("linear",), back=kept)),
    Variant("activation", "slope-squared", "multiplies with the activation's slope twice", "multiplies with it once", "the slope in delta and in the gradient", "take it in one place", "gradients are too small",
        activation(unless=("linear", "relu"), back=squared)),
    Variant("activation", "slope-y-alone", "takes y for the sigmoid's slope", "takes y (1 - y)", "(1 - y) forgotten", "y * (1 - y)", "gradients are too large, most where outputs are near 1", activation(("sigmoid",), back=y_alone)),
    Variant("activation", "slope-1-y-alone", "takes 1 - y for the sigmoid's slope", "takes y (1 - y)", "y forgotten", "y * (1 - y)", "gradients are too large, most where outputs are near 0", activation(("sigmoid",), back=one_minus_y)),
    Variant("activation", "slope-of-sigmoid", "has the sigmoid's slope on the way back", "has its own", "a backward pass copied from a net of sigmoids", "the activation's own slope", "the way forward is right", activation(unless=("sigmoid", "linear"), back=slope_of(lambda m: m.Sigmoid()))),
    Variant("activation", "slope-of-tanh", "has the slope of tanh on the way back", "has its own", "a backward pass copied from a net of tanh", "the activation's own slope", "the way forward is right", activation(unless=("tanh", "linear"), back=slope_of(lambda m: m.Tanh()))),
    Variant("activation", "slope-of-relu", "has a ReLU's slope on the way back", "has its own", "a backward pass copied from a net of ReLUs", "the activation's own slope", "the way forward is right", activation(unless=("relu", "linear"), back=slope_of(lambda m: m.ReLU()))),
    Variant("activation", "slope-times-inputs", "multiplies with what goes in on the way back", "multiplies with the slope", "delta * z for delta * (z > 0)", "delta * (z > 0)", "the way forward is right", activation(("relu", "linear", "general_relu"), back=times_inputs)),
    Variant("activation", "relu-slope-at-0", "has a slope of 1 at 0", "has a slope of 0 there", "z >= 0", "z > 0", "only where a sum is exactly 0: zero inputs, zero weights",
        activation(("relu", "general_relu"), back=right_at_zero), DEFINITION),
    Variant("activation", "softmax-slope-diagonal", "takes y (1 - y) for the softmax's derivative: its diagonal alone", "takes the whole matrix: y (g - sum g y)", "the sigmoid's slope", "y * (g - np.sum(g * y, axis=-1, keepdims=True))", "the outputs of a sample do not compete",
        activation(("softmax",), back=diagonal)),
    Variant("activation", "tanh-slope-1-y", "takes 1 - y for the slope of tanh", "takes 1 - y^2", "a square lost", "1 - y**2", "gradients are wrong by a factor of 1 + y", activation(("tanh",), back=one_minus_y)),
    Variant("activation", "softmax-over-samples", "takes the softmax over the samples, axis 0", "takes it over the units of a sample, axis -1", "np.sum(e, axis=0)", "np.sum(e, axis=1, keepdims=True)", "columns sum to 1, not rows", activation(("softmax",), forth=down_columns)),
    Variant("activation", "softmax-over-all", "takes the softmax over everything", "takes it over the units of each sample", "np.sum(e) without an axis", "np.sum(e, axis=1, keepdims=True)", "everything sums to 1, not each row", activation(("softmax",), forth=of_everything)),
    Variant("activation", "hard-sigmoid-0.2", "is 0.2 x + 0.5 cut off", "is x / 6 + 0.5 cut off", "Keras 2, Theano", "np.clip(x / 6 + 0.5, 0, 1)", "the slope is 0.2 instead of 0.1667",
        activation(("hard_sigmoid",), forth=partial(steep, 0.2), back=partial(steep_back, 0.2)), DEFINITION),
    Variant("activation", "gelu-tanh", "is the approximation by tanh", "is exact, by erf", "the GPT-2 and BERT code; Keras with approximate=True", "0.5 * x * (1 + erf(x / sqrt(2))), or give Keras approximate=True", "differs by up to 5e-4",
        instead(lambda m: m.GELUTanh(), ("gelu",)), DEFINITION),
    Variant("activation", "gelu-exact", "is exact, by erf", "is the approximation by tanh", "PyTorch's default", "the formula by tanh, or give Keras approximate=False", "differs by up to 5e-4", instead(lambda m: m.GELU(), ("gelu_tanh",)), DEFINITION),
    Variant("activation", "leaky-0.01", "has the negative slope 0.01", "has another", "PyTorch's default; Maas and others 2013", "give both the same slope", "where inputs are negative", instead(lambda m: m.LeakyReLU(0.01), ("leaky_relu", "relu")), DEFINITION),
    Variant("activation", "leaky-0.2", "has the negative slope 0.2", "has another", "keras.ops.leaky_relu and keras.activations.leaky_relu; TensorFlow", "give both the same slope", "where inputs are negative", instead(lambda m: m.LeakyReLU(0.2), ("leaky_relu",)), DEFINITION),
    Variant("activation", "leaky-0.3", "has the negative slope 0.3", "has another", "keras.layers.LeakyReLU", "give both the same slope", "where inputs are negative", instead(lambda m: m.LeakyReLU(0.3), ("leaky_relu",)), DEFINITION),
    Variant("activation", "linear-instead", "has no activation", "has one", "a line forgotten", "apply the activation", "outputs differ from the first", instead(lambda m: m.Linear())),
    Variant("activation", "relu-instead", "is a ReLU", "is another function", "another activation", "take the same", "outputs differ from the first", instead(lambda m: m.ReLU(), unless=("general_relu",))),
    Variant("activation", "sigmoid-instead", "is a sigmoid", "is another function", "another activation", "take the same", "outputs differ from the first", instead(lambda m: m.Sigmoid())),
    Variant("activation", "tanh-instead", "is tanh", "is another function", "another activation", "take the same", "outputs differ from the first", instead(lambda m: m.Tanh())),
)  # fmt: skip
