"""Own code with a mistake in it, as people write it, and the cause that must be named.

A row: the part, the mistake in words, Keras's side, the code, the cause's name.  HONEST has the
same without a mistake: however it is written, it agrees.  Keras's sides of this file are the
optimizers of ``refimpl`` and rows of ours, so that no TensorFlow is needed.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import refimpl.activations as a
import refimpl.layers as l
import refimpl.losses as e
import refimpl.optimizers as o
import refimpl.schedules as s


@dataclass(frozen=True)
class Row:
    part: str
    words: str
    keras: Any
    mine: Any
    cause: str = ""
    data: tuple = ()
    options: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.part}: {self.words}"


class Own:
    """An optimizer of one's own: ``update(w, g, slots, t)`` of each weight, slots from 0."""

    def __init__(self, update, first=1):
        self.update_one, self.t = update, first - 1
        self.slots = defaultdict(lambda: defaultdict(float))

    def step(self, weights, gradients):
        self.t += 1
        each = enumerate(zip(weights, gradients))
        return [self.update_one(w, g, self.slots[k], self.t) for k, (w, g) in each]


ADAM = o.Adam(0.003, 0.85, 0.95, 1e-5)
A, B, C, E = 0.003, 0.85, 0.95, 1e-5  # rate, beta_1, beta_2, epsilon


def adam(divide, b=B, c=C):
    """Return Adam's moments, and ``divide(m, v, t)`` as the step."""

    def update(w, g, slots, t):
        slots["m"] = b * slots["m"] + (1 - b) * g
        slots["v"] = c * slots["v"] + (1 - c) * g**2
        return w - A * divide(slots["m"], slots["v"], t)

    return update


def hat(m, v, t):
    return np.sqrt(1 - C**t) / (1 - B**t) * m / (np.sqrt(v) + E)


def stores(w, g, slots, t):
    slots["m"] = (B * slots["m"] + (1 - B) * g) / (1 - B**t)
    slots["v"] = (C * slots["v"] + (1 - C) * g**2) / (1 - C**t)
    return w - A * slots["m"] / (np.sqrt(slots["v"]) + E / np.sqrt(1 - C**t))


def sums_m(w, g, slots, t):
    slots["m"] = B * slots["m"] + g
    slots["v"] = C * slots["v"] + (1 - C) * g**2
    return w - A * hat(slots["m"], slots["v"], t)


def moment_free(weights, gradients):
    """Adam in a function that keeps nothing."""
    after = []
    for w, g in zip(weights, gradients):
        m, v = (1 - B) * g, (1 - C) * g * g
        after.append(w - A * hat(m, v, 1))
    return after


def with_l2(w, g, slots, t):
    return adam(hat)(w, g + 0.1 * w, slots, t)


def decayed(share, before=True):
    def update(w, g, slots, t):
        if before:
            return adam(hat)(w - share * w, g, slots, t)
        new = adam(hat)(w, g, slots, t)
        return new - share * new

    return update


def polyak(w, g, slots, t):
    slots["v"] = 0.9 * slots["v"] - 0.01 * g
    return w + slots["v"]


def averaged(w, g, slots, t):
    slots["v"] = 0.9 * slots["v"] + 0.1 * g
    return w - 0.01 * slots["v"]


def nesterov(w, g, slots, t):
    before = slots["v"]
    slots["v"] = 0.9 * before - 0.01 * g
    return w - 0.9 * before + 1.9 * slots["v"]


def twice(w, g, slots, t):
    slots["v"] = 0.9 * slots["v"] + 0.01 * g
    return w - 0.01 * slots["v"]


def rms(divide, rho=0.9):
    def update(w, g, slots, t):
        slots["h"] = rho * slots["h"] + (1 - rho) * g * g
        return w - 0.002 * g / divide(slots["h"])

    return update


def adagrad(start, divide):
    def update(w, g, slots, t):
        slots["h"] = (slots["h"] if t > 1 else start) + g**2
        return w - 0.1 * g / divide(slots["h"])

    return update


def adadelta(w, g, slots, t):
    slots["h"] = 0.95 * slots["h"] + 0.05 * g**2
    d = np.sqrt(slots["s"] + 1e-5) / np.sqrt(slots["h"] + 1e-5) * g
    slots["s"] = 0.95 * slots["s"] + 0.05 * d**2
    return w - d


def adamax(w, g, slots, t):
    slots["m"] = B * slots["m"] + (1 - B) * g
    slots["u"] = np.maximum(C * slots["u"], np.abs(g) + 1e-3)
    return w - A / (1 - B**t) * slots["m"] / slots["u"]


def falling(shift):
    return lambda w, g, slots, t: w - 0.1 * 0.5 ** ((t + shift) / 3) * g


EXPONENTIAL = o.SGD(s.ExponentialDecay(0.1, 3.0, 0.5))
MOMENTUM, NESTEROV, RMS = o.Momentum(0.01, 0.9), o.Nesterov(0.01, 0.9), o.RMSprop(0.002, 0.9, 1e-5)
ADAMW = o.AdamW(A, B, C, E, weight_decay=0.1)

OPTIMIZERS = (
    Row("Adam", "the paper's Algorithm 1", ADAM, Own(adam(lambda m, v, t: m / (1 - B**t) / (np.sqrt(v / (1 - C**t)) + E))), "adam-epsilon-corrected"),
    Row("Adam", "epsilon under the corrected root", ADAM, Own(adam(lambda m, v, t: m / (1 - B**t) / np.sqrt(v / (1 - C**t) + E))), "adam-epsilon-inside-corrected"),
    Row("Adam", "epsilon under the root", ADAM, Own(adam(lambda m, v, t: np.sqrt(1 - C**t) / (1 - B**t) * m / np.sqrt(v + E))), "adam-epsilon-inside"),
    Row("Adam", "no epsilon", ADAM, Own(adam(lambda m, v, t: np.sqrt(1 - C**t) / (1 - B**t) * m / np.sqrt(v))), "adam-no-epsilon"),
    Row("Adam", "betas swapped", ADAM, Own(adam(lambda m, v, t: np.sqrt(1 - B**t) / (1 - C**t) * m / (np.sqrt(v) + E), C, B)), "adam-swapped-betas"),
    Row("Adam", "no correction", ADAM, Own(adam(lambda m, v, t: m / (np.sqrt(v) + E))), "adam-no-correction"),
    Row("Adam", "only v corrected", ADAM, Own(adam(lambda m, v, t: np.sqrt(1 - C**t) * m / (np.sqrt(v) + E))), "adam-no-correction-of-m"),
    Row("Adam", "only m corrected", ADAM, Own(adam(lambda m, v, t: m / (1 - B**t) / (np.sqrt(v) + E))), "adam-no-correction-of-v"),
    Row("Adam", "t raised before the loop and in it", ADAM, Own(adam(hat), first=2), "adam-counted-ahead"),
    Row("Adam", "t stays 1", ADAM, Own(adam(lambda m, v, t: hat(m, v, 1))), "adam-count-stands"),
    Row("Adam", "nothing kept", ADAM, moment_free, "state-lost-but-the-count"),
    Row("Adam", "m sums up", ADAM, Own(sums_m), "adam-sums-m"),
    Row("Adam", "beta_1 corrects v", ADAM, Own(adam(lambda m, v, t: m / (1 - B**t) / ((np.sqrt(v) + E) / np.sqrt(1 - B**t)))), "adam-one-beta-corrects"),
    Row("Adam", "corrected moments kept", ADAM, Own(stores), "adam-stores-corrected"),
    Row("Adam", "no root", ADAM, Own(adam(lambda m, v, t: m / (1 - B**t) / (v / (1 - C**t) + E))), "adam-no-root"),
    Row("Adam", "1e-8 as epsilon", o.Adam(A, B, C, 1e-4), Own(adam(lambda m, v, t: np.sqrt(1 - C**t) / (1 - B**t) * m / (np.sqrt(v) + 1e-8))), "adam-epsilon-1e-8"),
    Row("AdamW", "decay as L2", ADAMW, Own(with_l2), "decay-coupled"),
    Row("AdamW", "decay without the rate", ADAMW, Own(decayed(0.1)), "decay-without-rate"),
    Row("AdamW", "decay with the wrong sign", ADAMW, Own(decayed(-0.1 * A)), "decay-wrong-sign"),
    Row("AdamW", "half the decay", ADAMW, Own(decayed(0.05 * A)), "decay-halved"),
    Row("AdamW", "decay behind the step", ADAMW, Own(decayed(0.1 * A, before=False)), "decay-behind"),
    Row("AdamW", "no decay", ADAMW, Own(adam(hat)), "decay-left-out"),
    Row("SGD", "uphill", o.SGD(0.01), lambda ws, gs: [w + 0.01 * g for w, g in zip(ws, gs)], "uphill"),
    Row("SGD", "with momentum", o.SGD(0.01), Own(polyak), "momentum-beside-plain"),
    Row("momentum", "left out", NESTEROV, lambda ws, gs: [w - 0.01 * g for w, g in zip(ws, gs)], "momentum-left-out"),
    Row("momentum", "averages gradients", MOMENTUM, Own(averaged), "momentum-dampened"),
    Row("momentum", "Nesterov's", MOMENTUM, Own(nesterov), "nesterov-instead"),
    Row("momentum", "not Nesterov's", NESTEROV, Own(polyak), "momentum-without-nesterov"),
    Row("momentum", "rate twice", MOMENTUM, Own(twice), "momentum-rate-twice"),
    Row("RMSprop", "epsilon beside the root", RMS, Own(rms(lambda h: np.sqrt(h) + 1e-5)), "rmsprop-epsilon-beside"),
    Row("RMSprop", "no epsilon", RMS, Own(rms(np.sqrt)), "rmsprop-no-epsilon"),
    Row("RMSprop", "rho the other way round", RMS, Own(rms(lambda h: np.sqrt(h + 1e-5), 1 - 0.9)), "rmsprop-rho-turned"),
    Row("RMSprop", "PyTorch's rho", RMS, Own(rms(lambda h: np.sqrt(h + 1e-5), 0.99)), "rmsprop-rho-0.99"),
    Row("RMSprop", "PyTorch's place and size of epsilon", o.RMSprop(0.002, 0.9, 1e-4), Own(rms(lambda h: np.sqrt(h) + 1e-8)), "rmsprop-epsilon-beside + rmsprop-epsilon-1e-8"),
    Row("Adagrad", "starts at 0", o.Adagrad(0.1, 0.1, 1e-5), Own(adagrad(0.0, lambda h: np.sqrt(h + 1e-5))), "adagrad-start"),
    Row("Adagrad", "epsilon beside the root", o.Adagrad(0.1, 0.1, 1e-3), Own(adagrad(0.1, lambda h: np.sqrt(h) + 1e-3)), "adagrad-epsilon-beside"),
    Row("Adagrad", "the paper's start and epsilon", o.Adagrad(0.1, 0.1, 1e-3), Own(adagrad(0.0, lambda h: np.sqrt(h) + 1e-3)), "adagrad-start + adagrad-epsilon-beside"),
    Row("Adadelta", "no rate", o.Adadelta(0.5, 0.95, 1e-5), Own(adadelta), "adadelta-rate-1"),
    Row("Adamax", "PyTorch's epsilon", o.Adamax(A, B, C, 1e-3), Own(adamax), "adamax-epsilon-inside"),
    Row("schedule", "a step behind", EXPONENTIAL, Own(lambda w, g, slots, t: falling(-1 if t == 1 else -2)(w, g, slots, t)), "schedule-late"),
    Row("schedule", "a step ahead", EXPONENTIAL, Own(falling(0)), "schedule-early"),
    Row("schedule", "never asked", EXPONENTIAL, lambda ws, gs: [w - 0.1 * g for w, g in zip(ws, gs)], "schedule-stands"),
    Row("clipping", "all together", o.SGD(0.01, clipnorm=0.5), lambda ws, gs: clipped(ws, gs, together=True), "clipping-all-together"),
    Row("clipping", "each by itself", o.SGD(0.01, global_clipnorm=0.5), lambda ws, gs: clipped(ws, gs, together=False), "clipping-each"),
)  # fmt: skip


def clipped(ws, gs, together):
    norm = lambda arrays: np.sqrt(sum(np.sum(g * g) for g in arrays))
    scale = lambda g: min(1, 0.5 / norm(gs if together else [g]))
    return [w - 0.01 * g * scale(g) for w, g in zip(ws, gs)]


# ---------------------------------------------------------------- the same without a mistake


def towards(w, g, slots, t):
    slots["m"] += (g - slots["m"]) * (1 - B)
    slots["v"] += (g * g - slots["v"]) * (1 - C)
    return w - slots["m"] * (A * (1 - C**t) ** 0.5 / (1 - B**t)) / (slots["v"] ** 0.5 + E)


def powers(w, g, slots, t):
    slots["b"] = (slots["b"] or 1.0) * B
    slots["c"] = (slots["c"] or 1.0) * C
    slots["m"] = B * slots["m"] + g - B * g
    slots["v"] = C * slots["v"] + np.power(g, 2) - C * np.power(g, 2)
    alpha = A * np.sqrt(1 - slots["c"]) / (1 - slots["b"])
    return w - alpha * slots["m"] / (E + np.sqrt(slots["v"]))


def corrected(w, g, slots, t):
    slots["m"] = g * (1 - B) + slots["m"] * B
    slots["v"] = np.square(g) * (1 - C) + slots["v"] * C
    m_hat, v_hat = slots["m"] / (1 - B**t), slots["v"] / (1 - C**t)
    return w - A * m_hat / (np.sqrt(v_hat) + E / np.sqrt(1 - C**t))


def from_gradients(w, g, slots, t):
    """The velocity without the rate in it, as PyTorch has it."""
    slots["v"] = 0.9 * slots["v"] + g
    return w - 0.01 * slots["v"]


def heavy_ball(w, g, slots, t):
    before, slots["w"] = slots["w"], w
    return w - 0.01 * g + (0.9 * (w - before) if t > 1 else 0)


def torch_nesterov(w, g, slots, t):
    slots["v"] = 0.9 * slots["v"] + g
    return w - 0.01 * (g + 0.9 * slots["v"])


class Book:
    """``update(params, grads)`` in place, of dicts, as a book has it."""

    def __init__(self):
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params:
            self.v[key] = 0.9 * self.v[key] - 0.01 * grads[key]
            params[key] += self.v[key]


HONEST = (
    Row("Adam", "one moves towards the other", ADAM, Own(towards)),
    Row("Adam", "powers as slots, terms written out", ADAM, Own(powers)),
    Row("Adam", "epsilon made for the corrected root", ADAM, Own(corrected)),
    Row("Adam", "in float32", ADAM, Own(lambda w, g, slots, t: towards(np.float32(w), np.float32(g), slots, t).astype(np.float32))),
    Row("AdamW", "decay as a factor", ADAMW, Own(lambda w, g, slots, t: adam(hat)(w * (1 - 0.1 * A), g, slots, t))),
    Row("SGD", "in place", o.SGD(0.01), lambda ws, gs: [w.__isub__(0.01 * g) for w, g in zip(ws, gs)]),
    Row("SGD", "decay as L2, which is one for SGD", o.SGD(0.01, weight_decay=0.1), lambda ws, gs: [w - 0.01 * (g + 0.1 * w) for w, g in zip(ws, gs)]),
    Row("momentum", "PyTorch's", MOMENTUM, Own(from_gradients)),
    Row("momentum", "from the weights", MOMENTUM, Own(heavy_ball)),
    Row("momentum", "dicts, in place", MOMENTUM, Book()),
    Row("momentum", "Nesterov's as PyTorch has it", NESTEROV, Own(torch_nesterov)),
    Row("momentum", "Nesterov's with the velocity before", NESTEROV, Own(nesterov)),
    Row("RMSprop", "moved towards", RMS, Own(rms(lambda h: (h + 1e-5) ** 0.5))),
    Row("Adagrad", "a power", o.Adagrad(0.1, 0.1, 1e-5), Own(adagrad(0.1, lambda h: (1e-5 + h) ** 0.5))),
    Row("schedule", "a product kept", EXPONENTIAL, Own(lambda w, g, slots, t: w - 0.1 * np.exp((t - 1) / 3 * np.log(0.5)) * g)),
)  # fmt: skip


# ------------------------------------------------------------- losses, activations, schedules

MSE, MAE = e.MeanSquaredError(), e.MeanAbsoluteError()
CCE, BCE = e.CategoricalCrossentropyFromProbabilities(), e.BinaryCrossentropy()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def by_class(backward):
    """Return an object with a sigmoid's forward, and this backward."""

    class Layer:
        def forward(self, x):
            self.x, self.y = x, sigmoid(x)
            return self.y

        def backward(self, yb):
            return backward(self, yb)

    return Layer()


PARTS = (
    Row("loss", "half the square", MSE, lambda t, y: (0.5 * np.mean((y - t) ** 2), (y - t) / y.size), "loss-half"),
    Row("loss", "the sum", MSE, lambda t, y: np.sum((y - t) ** 2), "loss-sums-all"),
    Row("loss", "summed over samples", MSE, lambda t, y: np.sum(np.mean((y - t) ** 2, axis=1)), "loss-sums-samples"),
    Row("loss", "summed over outputs", MSE, lambda t, y: np.mean(np.sum((y - t) ** 2, axis=1)), "loss-sums-outputs"),
    Row("loss", "the 2 forgotten in the derivative", MSE, lambda t, y: (np.mean((y - t) ** 2), (y - t) / y.size), "loss-derivative-half"),
    Row("loss", "the sum's derivative beside the mean", MSE, lambda t, y: (np.mean((y - t) ** 2), 2 * (y - t) / y.shape[1]), "loss-derivative-sums"),
    Row("loss", "the derivative's sign", MAE, lambda t, y: (np.mean(np.abs(y - t)), np.sign(t - y) / y.size), "loss-sign"),
    Row("loss", "a root", MSE, lambda t, y: np.sqrt(np.mean((y - t) ** 2)), "loss-root"),
    Row("loss", "mean over classes", CCE, lambda t, y: -np.mean(t * np.log(y)), "loss-mean-over-classes"),
    Row("loss", "log to the base 2", CCE, lambda t, y: -np.sum(t * np.log2(y)) / len(y), "loss-base-2"),
    Row("loss", "log to the base 10", BCE, lambda t, y: -np.mean(t * np.log10(y) + (1 - t) * np.log10(1 - y)), "loss-base-10"),
    Row("loss", "one side of a binary cross-entropy", BCE, lambda t, y: -np.mean(t * np.log(y)), "binary-one-sided"),
    Row("activation", "the slope at what comes out", a.Sigmoid(), by_class(lambda self, yb: yb * sigmoid(self.y) * (1 - sigmoid(self.y))), "slope-of-outputs"),
    Row("activation", "z (1 - z)", a.Sigmoid(), by_class(lambda self, yb: yb * self.x * (1 - self.x)), "slope-of-inputs"),
    Row("activation", "no slope", a.Sigmoid(), by_class(lambda self, yb: yb), "slope-left-out"),
    Row("activation", "1 - y for tanh", a.Tanh(), lambda x: (np.tanh(x), 1 - np.tanh(x)), "tanh-slope-1-y"),
    Row("activation", "softmax down the columns", a.Softmax(), lambda x: softmax(x, 0), "softmax-over-samples"),
    Row("activation", "softmax of everything", a.Softmax(), lambda x: np.exp(x) / np.exp(x).sum(), "softmax-over-all"),
    Row("activation", "GELU by tanh", a.GELU(), lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), "gelu-tanh"),
    Row("activation", "PyTorch's leak", a.LeakyReLU(0.3), lambda x: np.where(x > 0, x, 0.01 * x), "leaky-0.01"),
    Row("activation", "Keras 2's hard sigmoid", a.HardSigmoid(), lambda x: np.clip(0.2 * x + 0.5, 0, 1), "hard-sigmoid-0.2"),
)  # fmt: skip

HONEST_PARTS = (
    Row("loss", "a mean of means", MSE, lambda y_pred, y_true: (((y_pred - y_true) ** 2).mean(1).mean(), 2 * (y_pred - y_true) / y_true.size)),
    Row("loss", "of one sample after the other", CCE, lambda t, y: (sum(-np.dot(p, np.log(q)) for p, q in zip(t, y)) / len(t), None)[0]),
    Row("loss", "by where", BCE, lambda t, y: -np.where(t == 1, np.log(y), np.log(1 - y)).mean()),
    Row("activation", "a sigmoid by tanh", a.Sigmoid(), lambda x: (0.5 * (1 + np.tanh(x / 2)), sigmoid(x) * sigmoid(-x))),
    Row("activation", "tanh by exponentials", a.Tanh(), lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
    Row("activation", "a softmax without a shift", a.Softmax(), lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)),
    Row("activation", "a ReLU by a product", a.ReLU(), lambda x: (x * (x > 0), (x > 0) * 1.0)),
    Row("activation", "GELU by erf", a.GELU(), lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x / np.sqrt(2)))),
)  # fmt: skip


# --------------------------------------------------------------------------------- networks


def net(way=lambda d, **at: d, output=softmax, hidden=sigmoid, share=len, rate=0.01):
    """Return a step of a 2-2-2 network whose backward pass ``way`` may change.

    way: takes the delta of the hidden layer's outputs, and what else there is, to that of its
        sums.
    """

    def step(weights, x, t):
        w1, b1, w2, b2 = weights
        z = x @ w1 + b1
        h = hidden(z)
        o = output(h @ w2 + b2)
        d2 = (o - t) / share(x)
        d1 = way(d2 @ w2.T, z=z, h=h, d2=d2, w2=w2)
        slopes = [x.T @ d1, d1.sum(0, keepdims=True), h.T @ d2, d2.sum(0, keepdims=True)]
        return [w - rate * g for w, g in zip(weights, slopes)]

    return step


def sloped(d, h, **at):
    return d * h * (1 - h)


def through_moved(d, d2, w2, h, **at):
    """The kernel is updated first, and then carries the gradient back."""
    return (d2 @ (w2 - 0.01 * h.T @ d2).T) * h * (1 - h)


def untransposed(d, d2, w2, h, **at):
    return (d2 @ w2) * h * (1 - h)


def without_biases(weights, x, t):
    after = net(sloped)(weights, x, t)
    return [after[0], weights[1], after[2], weights[3]]


def one_by_one(weights, x, t):
    for k in range(len(x)):
        weights = net(sloped)(weights, x[k : k + 1], t[k : k + 1])
    return weights


ROW = "sigmoid-softmax-2-2-2"
NETWORKS = (
    Row("net", "one sample after the other", ROW, one_by_one, "sample-by-sample"),
    Row("net", "the sum over samples", ROW, net(sloped, share=lambda x: 1), "loss-sums-samples"),
    Row("net", "no slope in the hidden layer", ROW, net(), "slope-left-out"),
    Row("net", "z (1 - z)", ROW, net(lambda d, z, **at: d * z * (1 - z)), "slope-of-inputs"),
    Row("net", "sigmoid's slope of the output", ROW, net(lambda d, h, **at: d * sigmoid(h) * (1 - sigmoid(h))), "slope-of-outputs"),
    Row("net", "weights moved before they carry back", ROW, net(through_moved), "stale-weights"),
    Row("net", "a transpose left out", ROW, net(untransposed), "flow-by-kernel"),
    Row("net", "biases not updated", ROW, without_biases, "bias-not-updated"),
    Row("net", "uphill", ROW, lambda w, x, t: net(sloped, rate=-0.01)(w, x, t), "uphill"),
    Row("net", "tanh in the hidden layer", ROW, net(lambda d, h, **at: d * (1 - h**2), hidden=np.tanh), "tanh-instead"),
    Row("net", "softmax down the columns", ROW, net(sloped, output=lambda z: softmax(z, 0)), "softmax-over-samples"),
    Row("net", "h for h (1 - h)", ROW, net(lambda d, h, **at: d * h), "slope-y-alone"),
    Row("net", "the sum, and no slope", ROW, net(share=lambda x: 1), "loss-sums-samples + slope-left-out"),
)  # fmt: skip


def columns(weights, x, t):
    """Samples in columns, kernels as (units, features)."""
    w1, b1, w2, b2 = weights
    z1 = w1 @ x.T + b1
    a1 = sigmoid(z1)
    a2 = softmax(w2 @ a1 + b2, 0)
    d2 = (a2 - t.T) / len(x)
    d1 = w2.T @ d2 * a1 * (1 - a1)
    slopes = d1 @ x, d1.sum(1, keepdims=True), d2 @ a1.T, d2.sum(1, keepdims=True)
    return [w - 0.01 * g for w, g in zip(weights, slopes)], list(slopes)


class Net:
    """A network that keeps its weights, and loops over samples."""

    def __init__(self):
        self.w1, self.b1 = np.ones((2, 2)), np.zeros((1, 2))
        self.w2, self.b2 = np.ones((2, 2)), np.zeros((1, 2))

    def train(self, x, t):
        sums = [0, 0, 0, 0]
        for row, target in zip(x, t):
            h = sigmoid(row @ self.w1 + self.b1)
            d2 = softmax(h @ self.w2 + self.b2) - target
            jacobian = np.diag(h[0] * (1 - h[0]))
            d1 = d2 @ self.w2.T @ jacobian
            each = np.outer(row, d1), d1, h.T @ d2, d2
            sums = [s + g for s, g in zip(sums, each)]
        rate = 0.01 / len(x)
        self.w1, self.b1 = self.w1 - rate * sums[0], self.b1 - rate * sums[1]
        self.w2, self.b2 = self.w2 - rate * sums[2], self.b2 - rate * sums[3]


HONEST_NETWORKS = (
    Row("net", "rows", ROW, net(sloped)),
    Row("net", "columns", ROW, columns),
    Row("net", "an object, sample after sample", ROW, Net),
)


# ----------------------------------------------------------------------------------- layers


def batch_norm(divisor, ddof=0):
    def forward(weights, x):
        gamma, beta = weights
        return gamma * (x - x.mean(axis=0)) / divisor(x.var(axis=0, ddof=ddof)) + beta

    return forward


def batch_norm_back(weights, x, yb):
    """As if mean and variance were constants."""
    gamma, _ = weights
    root = np.sqrt(x.var(axis=0) + 1e-3)
    x_hat = (x - x.mean(axis=0)) / root
    return yb * gamma / root, [np.sum(yb * x_hat, axis=0), np.sum(yb, axis=0)]


def layer_norm(epsilon):
    def forward(weights, x):
        gamma, beta = weights
        spread = np.sqrt(np.var(x, axis=1, keepdims=True) + epsilon)
        return gamma * ((x - np.mean(x, axis=1, keepdims=True)) / spread) + beta

    return forward


def lstm(order):
    """Return an LSTM's forward whose gates lie in this order in the kernels."""

    def forward(weights, x):
        kernel, recurrent, bias = weights
        h = c = np.zeros((len(x), 3))
        for t in range(x.shape[1]):
            parts = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
            i, f, g, o = (parts[order.index(gate)] for gate in "ifgo")
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        return h

    return forward


def gru(turned=False):
    def forward(weights, x):
        kernel, recurrent, bias = weights
        h = np.zeros((len(x), 3))
        for t in range(x.shape[1]):
            xz, xr, xg = np.split(x[:, t] @ kernel + bias[0], 3, axis=1)
            hz, hr, hg = np.split(h @ recurrent + bias[1], 3, axis=1)
            z, r = sigmoid(xz + hz), sigmoid(xr + hr)
            g = np.tanh(xg + r * hg)
            h = (1 - z) * h + z * g if turned else z * h + (1 - z) * g
        return h

    return forward


def pooled(x):
    """Return the largest of every 2 x 2 of (batch, 4, 4, 1), with the windows."""
    return x.reshape(len(x), 2, 2, 2, 2, 1).max(axis=(2, 4))


def pool_back(weights, x, yb):
    """A mask of all that are the largest."""
    largest = np.repeat(np.repeat(pooled(x), 2, axis=1), 2, axis=2)
    return np.repeat(np.repeat(yb, 2, axis=1), 2, axis=2) * (x == largest)


def dense_back(share):
    def gradients(weights, x, yb):
        kernel, _ = weights
        return yb @ kernel.T, [x.T @ yb, share(yb, axis=0, keepdims=True)]

    return gradients


FLAT, SQUARES, SEQUENCE = (5, 4), (2, 4, 4, 1), (2, 4, 2)
LAYERS = (
    Row("Dense", "the mean for the bias", (l.Dense(3), FLAT), dense_back(np.mean), "bias-mean"),
    Row("Dense", "W x", (l.Dense(4), FLAT), lambda w, x: x @ w[0].T + w[1], "kernel-transposed"),
    Row("Dense", "delta W back", (l.Dense(4), FLAT), lambda w, x, yb: (yb @ w[0], [x.T @ yb, yb.sum(0)]), "flow-by-kernel"),
    Row("BatchNormalization", "n - 1", (l.BatchNormalization(), FLAT), batch_norm(lambda v: np.sqrt(v + 1e-3), 1), "normalization-unbiased"),
    Row("BatchNormalization", "PyTorch's epsilon", (l.BatchNormalization(), FLAT), batch_norm(lambda v: np.sqrt(v + 1e-5)), "normalization-epsilon-1e-5"),
    Row("BatchNormalization", "epsilon beside the root", (l.BatchNormalization(), FLAT), batch_norm(lambda v: np.sqrt(v) + 1e-3), "normalization-epsilon-beside"),
    Row("BatchNormalization", "constants on the way back", (l.BatchNormalization(), FLAT), batch_norm_back, "normalization-constants"),
    Row("LayerNormalization", "the paper's epsilon", (l.LayerNormalization(), FLAT), layer_norm(1e-5), "normalization-epsilon-1e-5"),
    Row("LSTM", "gates of ONNX", (l.LSTM(3), SEQUENCE), lstm("iofg"), "gates-in-other-order"),
    Row("GRU", "the newer paper's update", (l.GRU(3), SEQUENCE), gru(turned=True), "gru-update-turned"),
    Row("MaxPooling2D", "a mask of all that are the largest", (l.MaxPooling2D(2), SQUARES), pool_back, "pooling-ties-all"),
    Row("AveragePooling2D", "not shared", (l.AveragePooling2D(2), SQUARES), lambda w, x, yb: np.repeat(np.repeat(yb, 2, axis=1), 2, axis=2), "average-not-shared"),
)  # fmt: skip

HONEST_LAYERS = (
    Row("Dense", "einsum", (l.Dense(3), FLAT), lambda w, x: np.einsum("nf,fu->nu", x, w[0]) + w[1]),
    Row("Dense", "back", (l.Dense(3), FLAT), dense_back(np.sum)),
    Row("BatchNormalization", "x_hat first", (l.BatchNormalization(), FLAT), batch_norm(lambda v: (v + 1e-3) ** 0.5)),
    Row("LayerNormalization", "by hand", (l.LayerNormalization(), FLAT), layer_norm(1e-3)),
    Row("LSTM", "by hand", (l.LSTM(3), SEQUENCE), lstm("ifgo")),
    Row("GRU", "by hand", (l.GRU(3), SEQUENCE), gru()),
    Row("MaxPooling2D", "a reshape", (l.MaxPooling2D(2), SQUARES), lambda w, x: pooled(x)),
)  # fmt: skip


# ------------------------------------------- layers of their own: attention, dropout, GRU biases


def attention(scale, axis=-1):
    """Return two heads of three, by einsum, the products times ``scale(d)``."""

    def forward(weights, x):
        wq, bq, wk, bk, wv, bv, wo, bo = weights
        n, t, _ = x.shape
        heads = lambda y: y.reshape(n, t, 2, 3).transpose(0, 2, 1, 3)
        q, k, v = heads(x @ wq + bq), heads(x @ wk + bk), heads(x @ wv + bv)
        s = np.einsum("nhqd,nhkd->nhqk", q, k) * scale(3)
        w = softmax(s, axis)
        return np.einsum("nhqk,nhkd->nqhd", w, v).reshape(n, t, 6) @ wo + bo

    return forward


class Dropped:
    """Dropout by a given mask."""

    def __init__(self, forward, backward):
        self.mask, self.forth, self.back = None, forward, backward

    def set_weights(self, weights):
        (self.mask,) = weights

    def forward(self, x):
        return self.forth(x, self.mask)

    def backward(self, yb):
        return self.back(yb, self.mask)


def biased_gru(kind):
    """Return a GRU by hand: what is reset, and which biases there are."""

    def forward(weights, x):
        kernel, recurrent, bias = weights
        uz, ur, ug = np.split(recurrent, 3, axis=1)
        first = np.split(bias[0], 3)
        second = np.split(bias[-1] * (len(bias) > 1 and "upper" not in kind), 3)
        h = np.zeros((len(x), 3))
        for t in range(x.shape[1]):
            xz, xr, xg = np.split(x[:, t] @ kernel, 3, axis=1)
            z = sigmoid(xz + h @ uz + first[0] + second[0])
            r = sigmoid(xr + h @ ur + first[1] + second[1])
            if "before" in kind:
                g = np.tanh(xg + (r * h) @ ug + first[2] + second[2])
            elif kind == "one":
                g = np.tanh(xg + r * (h @ ug) + first[2] + second[2])
            else:
                g = np.tanh(xg + r * (h @ ug + second[2]) + first[2])
            h = z * h + (1 - z) * g
        return h

    return forward


def forgetting(weights, x):
    kernel, recurrent, bias = weights
    return lstm("ifgo")((kernel, recurrent, bias + np.repeat([0, 1, 0, 0], 3)), x)


def over_samples(weights, x):
    gamma, beta = weights
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3) + beta


MORE = np.random.default_rng(0)
WORDS, STEPS, FIVE = (
    MORE.normal(size=(2, 4, 5)),
    MORE.normal(size=(2, 4, 2)),
    MORE.normal(size=(5, 4)),
)
HEADS, QUARTER = l.MultiHeadAttention(num_heads=2, key_dim=3), l.Dropout(0.25)
MASKED, SCALED = (lambda v, mask: v * mask), (lambda v, mask: v * mask / 0.75)
PLAIN_GRU = l.GRU(3, reset_after=False)

OWN_LAYERS = (
    Row("attention", "no scale", HEADS, attention(lambda d: 1.0), "attention-not-scaled", (WORDS,)),
    Row("attention", "by d", HEADS, attention(lambda d: 1 / d), "attention-scaled-by-d", (WORDS,)),
    Row("attention", "by the root of all heads", HEADS, attention(lambda d: 1 / np.sqrt(2 * d)), "attention-scaled-by-width", (WORDS,)),
    Row("attention", "times the root", HEADS, attention(np.sqrt), "attention-times-root", (WORDS,)),
    Row("attention", "softmax over the queries", HEADS, attention(lambda d: d**-0.5, -2), "softmax-over-samples", (WORDS,)),
    Row("dropout", "not scaled", QUARTER, Dropped(MASKED, MASKED), "dropout-not-scaled", (FIVE,)),
    Row("dropout", "not scaled back", QUARTER, Dropped(SCALED, MASKED), "dropout-not-scaled-back", (FIVE,)),
    Row("dropout", "scaled back alone", QUARTER, Dropped(MASKED, SCALED), "dropout-scaled-back-alone", (FIVE,)),
    Row("dropout", "the mask forgotten back", QUARTER, Dropped(SCALED, lambda v, mask: v / 0.75), "dropout-mask-not-back", (FIVE,)),
    Row("dropout", "handed on back", QUARTER, Dropped(SCALED, lambda v, mask: v), "dropout-nothing-back", (FIVE,)),
    Row("dropout", "by the rate", QUARTER, Dropped(*[lambda v, mask: v * mask / 0.25] * 2), "dropout-scaled-by-rate", (FIVE,)),
    Row("dropout", "left out", QUARTER, Dropped(*[lambda v, mask: v] * 2), "dropout-left-out", (FIVE,)),
    Row("dropout", "the paper's at test", QUARTER, lambda w, x: 0.75 * x, "dropout-at-test-scaled", (FIVE,)),
    Row("GRU", "reset before", l.GRU(3), biased_gru("before"), "gru-reset-before", (STEPS,)),
    Row("GRU", "reset before, one bias", l.GRU(3), biased_gru("before, upper"), "gru-reset-before-upper-bias", (STEPS,)),
    Row("GRU", "biases added up", l.GRU(3), biased_gru("one"), "gru-one-bias", (STEPS,)),
    Row("GRU", "one bias", l.GRU(3), biased_gru("upper"), "gru-recurrent-bias-left-out", (STEPS,)),
    Row("LSTM", "1 on the forget gate", l.LSTM(3), forgetting, "lstm-forget-bias", (STEPS,)),
    Row("LayerNormalization", "over the samples", l.LayerNormalization(), over_samples, "layer-normalization-over-samples", (FIVE,)),
    Row("activation", "a ReLU's slope by a product", a.ReLU(), lambda x: (np.maximum(x, 0), x), "slope-times-inputs"),
    Row("activation", "the sigmoid's slope for a ReLU", a.ReLU(), lambda x: (np.maximum(x, 0), sigmoid(x) * sigmoid(-x)), "slope-of-sigmoid"),
    Row("GRU", "reset after", PLAIN_GRU, biased_gru(""), "gru-reset-after", (STEPS,)),
)  # fmt: skip

HONEST_OWN_LAYERS = (
    Row("attention", "by einsum", HEADS, attention(lambda d: d**-0.5), "", (WORDS,)),
    Row("dropout", "by a mask", QUARTER, Dropped(SCALED, SCALED), "", (FIVE,)),
    Row("GRU", "two biases", l.GRU(3), biased_gru(""), "", (STEPS,)),
    Row("GRU", "reset before", PLAIN_GRU, biased_gru("before"), "", (STEPS,)),
)  # fmt: skip


# ----------------------------------------- conventions as sets; probabilities that are cut off


def torch_adam(w, g, slots, t):
    slots["m"] = 0.9 * slots["m"] + 0.1 * g
    slots["v"] = 0.999 * slots["v"] + 0.001 * g * g
    return w - 0.001 * (slots["m"] / (1 - 0.9**t)) / ((slots["v"] / (1 - 0.999**t)) ** 0.5 + 1e-8)


def torch_rmsprop(w, g, slots, t):
    slots["h"] = 0.99 * slots["h"] + 0.01 * g * g
    return w - 0.001 * g / (np.sqrt(slots["h"]) + 1e-8)


def torch_adagrad(w, g, slots, t):
    slots["h"] = slots["h"] + g * g
    return w - 0.001 * g / (np.sqrt(slots["h"]) + 1e-10)


def torch_adadelta(w, g, slots, t):
    slots["h"] = 0.9 * slots["h"] + 0.1 * g * g
    d = np.sqrt(slots["s"] + 1e-6) / np.sqrt(slots["h"] + 1e-6) * g
    slots["s"] = 0.9 * slots["s"] + 0.1 * d * d
    return w - d


def outside(w, g, slots, t):
    slots["v"] = 0.9 * slots["v"] + g
    return w - 0.1 * 0.5 ** ((t - 1) / 3) * slots["v"]


SURE = np.array([[1.0 - 3e-9, 2e-9, 1e-9], [0.2, 0.3, 0.5], [1e-10, 1.0 - 1e-10, 0.0 + 1e-12]])
CLASSES = np.eye(3)[[1, 0, 0]]


def cross(probabilities):
    """Return a binary cross-entropy of what ``probabilities`` makes of outputs."""

    def loss(y_true, y_pred):
        p = probabilities(y_pred)
        return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))

    return loss


CONVENTIONS = (
    Row("Adam", "PyTorch's", o.Adam(), Own(torch_adam), "adam-as-torch"),
    Row("RMSprop", "PyTorch's", o.RMSprop(), Own(torch_rmsprop), "rmsprop-as-torch"),
    Row("Adagrad", "PyTorch's", o.Adagrad(), Own(torch_adagrad), "adagrad-as-torch"),
    Row("Adadelta", "PyTorch's", o.Adadelta(), Own(torch_adadelta), "adadelta-as-torch"),
    Row("Adam", "beta_2 = 0.99", ADAM, Own(adam(lambda m, v, t: np.sqrt(1 - 0.99**t) / (1 - B**t) * m / (np.sqrt(v) + E), c=0.99)), "adam-beta-2-0.99"),
    Row("RMSprop", "ten times the rate", o.RMSprop(0.0002, 0.9, 1e-5), Own(rms(lambda h: np.sqrt(h + 1e-5))), "rate-times-10"),
    Row("momentum", "0.9 for 0.5", o.Momentum(0.01, 0.5), Own(polyak), "momentum-0.9"),
    Row("momentum", "dampened as PyTorch does", MOMENTUM, Own(lambda w, g, slots, t: averaged(w, 10 * g if t == 1 else g, slots, t)), "momentum-dampened-but-the-first"),
    Row("loss", "the absolute error", MSE, lambda t, y: np.mean(abs(y - t)), "loss-absolute-instead"),
    Row("momentum", "the rate outside, and it falls", o.Momentum(s.ExponentialDecay(0.1, 3.0, 0.5), 0.9), Own(outside), "momentum-rate-outside"),
    Row("loss", "log(y + 1e-7)", CCE, lambda t, y: -np.sum(t * np.log(y + 1e-7)) / len(y), "clip-beside-1e-7", (SURE, CLASSES)),
    Row("loss", "log(y)", CCE, lambda t, y: -np.sum(t * np.log(y)) / len(y), "clip-left-out", (SURE, CLASSES)),
    Row("loss", "clipped at 1e-8", BCE, cross(lambda y: np.clip(y, 1e-8, 1 - 1e-8)), "clip-1e-8", (SURE, CLASSES)),
    Row("loss", "a sigmoid of probabilities", BCE, cross(sigmoid), "sigmoid-twice"),
)  # fmt: skip

HONEST_CONVENTIONS = (
    Row("loss", "clipped as Keras does", BCE, cross(lambda y: np.clip(y, 1e-7, 1 - 1e-7)), "", (SURE, CLASSES)),
    Row("SGD", "a velocity with a constant rate outside", MOMENTUM, Own(from_gradients)),
)  # fmt: skip


# ------------------------------------------------------------------------- the last batch

SEVEN = MORE.normal(size=(7, 2)) * 2, np.eye(2)[[0, 1, 1, 0, 1, 0, 0]]
RANDOM_START = [MORE.normal(size=shape) for shape in ((2, 2), (1, 2), (2, 2), (1, 2))]
BY_THREE = {"weights": RANDOM_START, "batch_size": 3}


def states(batches):
    """Return the weights behind each step of these batches' starts."""
    found, (x, t) = [RANDOM_START], SEVEN
    for at in batches:
        found.append(net(sloped)(found[-1], x[at : at + 3], t[at : at + 3]))
    return found


BATCHES = (
    Row("data", "the short batch by the batch size", ROW, net(sloped, share=lambda x: 3), "last-batch-by-batch-size", SEVEN, BY_THREE),
    Row("data", "the short batch left out", ROW, states([0, 3] * 3), "last-batch-left-out", SEVEN, BY_THREE),
    Row("data", "from the last batch on", ROW, states([6, 3, 0]), "batches-reversed", SEVEN, BY_THREE | {"steps": 3}),
)  # fmt: skip

HONEST_BATCHES = (Row("data", "three batches", ROW, states([0, 3, 6] * 2), "", SEVEN, BY_THREE),)


# --------------------------------------------------- what is done to data, and in which order


def on(inputs=None, targets=None):
    """Return the net's step on changed data."""

    def step(weights, x, t):
        return net(sloped)(weights, inputs(x) if inputs else x, targets(t) if targets else t)

    return step


def standard(ddof):
    return lambda x: (x - x.mean(axis=0)) / x.std(axis=0, ddof=ddof)


class Adding:
    """Gradients that nobody sets to 0."""

    def __init__(self):
        self.sums = 0

    def step(self, weights, x, t):
        slopes = [(w - a) / 0.01 for w, a in zip(weights, net(sloped)(weights, x, t))]
        self.sums = [g + s for g, s in zip(slopes, self.sums or [0] * 4)]
        return [w - 0.01 * g for w, g in zip(weights, self.sums)]


class First:
    """The first batch in every step."""

    def __init__(self):
        self.kept = None

    def step(self, weights, x, t):
        self.kept = self.kept or (x, t)
        return net(sloped)(weights, *self.kept)


BY_TWO = {"weights": RANDOM_START, "batch_size": 2, "steps": 6}
SIX = tuple(a[:6] for a in SEVEN)


def shuffled(order, size=2):
    """Return the weights behind each step on batches of samples in this order."""
    found, (x, t) = [RANDOM_START], SIX
    for k in range(0, len(order), size):
        at = order[k : k + size]
        found.append(net(sloped)(found[-1], x[at], t[at]))
    return found


DATA = (
    Row("data", "standardised", ROW, on(standard(0)), "inputs-standardised", SEVEN),
    Row("data", "standardised by n - 1", ROW, on(standard(1)), "inputs-standardised-n-1", SEVEN),
    Row("data", "scaled to 0 ... 1", ROW, on(lambda x: (x - x.min(0)) / (x.max(0) - x.min(0))), "inputs-unit-range", SEVEN),
    Row("data", "divided by 255", ROW, on(lambda x: x / 255), "inputs-by-255", SEVEN),
    Row("data", "integer division", ROW, on(lambda x: x // 1), "inputs-whole", SEVEN),
    Row("data", "as integers", ROW, on(lambda x: x.astype(int).astype(float)), "inputs-truncated", SEVEN),
    Row("data", "rounded to float32", ROW, on(lambda x: x.astype(np.float32).astype(float)), "inputs-float32", SEVEN),
    Row("data", "targets of the next sample", ROW, on(targets=lambda t: np.roll(t, -1, axis=0)), "targets-shifted", SEVEN),
    Row("data", "targets of the sample before", ROW, on(targets=lambda t: np.roll(t, 1, axis=0)), "targets-shifted-back", SEVEN),
    Row("data", "a shuffled order", ROW, shuffled([3, 0, 5, 1, 4, 2, 2, 4, 0, 5, 3, 1]), "samples-in-other-order", SIX, BY_TWO),
    Row("data", "the second batch first", ROW, shuffled([2, 3, 4, 5, 0, 1]), "batches-ahead", SIX, BY_TWO | {"steps": 3}),
    Row("data", "the first batch alone", ROW, First(), "first-batch-alone", SIX, BY_TWO),
    Row("step", "gradients add up", ROW, Adding(), "gradients-add-up", SEVEN),
)  # fmt: skip


# ------------------------------------------------------- statistics, cropping, gates, engines


def moving(collect, ddof=0):
    """Return a batch normalization with its moving statistics: ``collect(old, new)``."""

    def forward(weights, x):
        gamma, beta, mean, variance = weights
        y = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-3) + beta
        return y, collect(mean, x.mean(axis=0)), collect(variance, x.var(axis=0, ddof=ddof))

    return forward


def at_rest(weights, x):
    gamma, beta, mean, variance = weights
    return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta


def transposed(crop, stride=2, size=3):
    """Return a transposed convolution, one filter, one channel, cropped to places times stride."""

    def forward(weights, x):
        kernel, bias = weights
        n, height, width, _ = x.shape
        k = kernel.reshape(size, size)
        whole = np.zeros((n, (height - 1) * stride + 2 * size, (width - 1) * stride + 2 * size))
        for r in range(height):
            for c in range(width):
                at = slice(r * stride, r * stride + size), slice(c * stride, c * stride + size)
                whole[:, at[0], at[1]] += x[:, r, c, 0, None, None] * k
        out = whole[:, crop : crop + height * stride, crop : crop + width * stride]
        return out[..., None] + bias

    return forward


def one_bias(weights, x):
    kernel, recurrent, bias = weights
    return lstm("ifgo")((kernel, recurrent, np.tile(bias[..., :3], 4)), x)


def short(x):
    """Round to 10 bits behind the leading one, as TF32 does."""
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.rint(mantissa * 2**11) / 2**11, exponent)


def of_tf32(weights, x):
    kernel, bias = (w.astype(np.float32) for w in weights)
    x = x.astype(np.float32)
    return (short(x) @ short(kernel) + bias).astype(np.float32)


def bias_of_last(weights, x, yb):
    kernel, _ = weights
    return yb @ kernel.T, [x.T @ yb, yb[-1]]


def counted_from_0(m, v, t):
    t = t - 1
    return hat(m, v, t) if t > 0 else m / (np.sqrt(v) + E)


def over_all(weights, x):
    gamma, beta = weights
    axes = tuple(range(1, x.ndim))
    spread = np.sqrt(x.var(axis=axes, keepdims=True) + 1e-3)
    return gamma * (x - x.mean(axis=axes, keepdims=True)) / spread + beta


NORM = l.BatchNormalization()
IMAGE = MORE.normal(size=(2, 3, 3, 1))
UP = l.Conv2DTranspose(1, 3, strides=2, padding="same")
FURTHER = (
    Row("Adam", "t from 0, with a guard", ADAM, Own(adam(counted_from_0)), "adam-counted-from-0"),
    Row("Dense", "the last sample's delta for the bias", l.Dense(3), bias_of_last, "bias-of-last-sample", (FIVE,)),
    Row("BatchNormalization", "PyTorch's momentum", NORM, moving(lambda old, new: (1 - 0.99) * old + 0.99 * new), "batch-normalization-momentum-turned", (FIVE,)),
    Row("BatchNormalization", "momentum 0.9", NORM, moving(lambda old, new: 0.9 * old + 0.1 * new), "batch-normalization-momentum-0.9", (FIVE,)),
    Row("BatchNormalization", "PyTorch's moving variance", NORM, moving(lambda old, new: 0.99 * old + 0.01 * new, 1), "batch-normalization-moving-unbiased", (FIVE,)),
    Row("BatchNormalization", "moving statistics that stand", NORM, moving(lambda old, new: old), "batch-normalization-moving-stands", (FIVE,)),
    Row("BatchNormalization", "inference's statistics", NORM, at_rest, "batch-normalization-moving", (FIVE,)),
    Row("LayerNormalization", "over all axes of a sample", l.LayerNormalization(), over_all, "layer-normalization-all-axes", (STEPS,)),
    Row("Conv2DTranspose", "cropped in front", UP, transposed(1), "transposed-cropped-in-front", (IMAGE,)),
    Row("LSTM", "one bias for all gates", l.LSTM(3), one_bias, "gates-with-one-bias", (STEPS,)),
    Row("engine", "TF32", l.Dense(3), of_tf32, "tf32", (FIVE,)),
)  # fmt: skip

HONEST_FURTHER = (
    Row("BatchNormalization", "moving statistics", NORM, moving(lambda old, new: 0.99 * old + 0.01 * new), "", (FIVE,)),
    Row("BatchNormalization", "moved towards", NORM, moving(lambda old, new: old + 0.01 * (new - old)), "", (FIVE,)),
    Row("Conv2DTranspose", "cropped behind", UP, transposed(0), "", (IMAGE,)),
    Row("data", "in order", ROW, shuffled([0, 1, 2, 3, 4, 5]), "", SIX, BY_TWO | {"steps": 3}),
    Row("data", "in order but inside the batches", ROW, shuffled([1, 0, 3, 2, 5, 4]), "", SIX, BY_TWO | {"steps": 3}),
)  # fmt: skip


# ------------------------------------------------------ another number than Keras's object has


def adam_with(rate=A, b=B, c=C, epsilon=E, corrected=False):
    """Return Adam with other numbers; its epsilon beside the corrected root, or in Keras's place."""

    def divide(m, v, t):
        root = np.sqrt(v / (1 - c**t)) if corrected else np.sqrt(v) / np.sqrt(1 - c**t)
        beside = epsilon if corrected else epsilon / np.sqrt(1 - c**t)
        return rate / A * m / (1 - b**t) / (root + beside)

    return Own(adam(divide, b, c))


def velocity(keep):
    def update(w, g, slots, t):
        slots["v"] = keep * slots["v"] - 0.01 * g
        return w + slots["v"]

    return Own(update)


def huber(delta):
    def loss(t, y):
        off = np.abs(y - t)
        return np.mean(np.where(off <= delta, off**2 / 2, delta * (off - delta / 2)))

    return loss


def smoothed(share):
    return lambda t, y: -np.mean(np.sum((t * (1 - share) + share / 3) * np.log(y), axis=1))


def clipped_at(norm, together=False):
    def step(weights, gradients):
        whole = np.sqrt(sum(np.sum(g**2) for g in gradients))
        sizes = [whole if together else np.linalg.norm(g) for g in gradients]
        slopes = [g * norm / max(size, norm) for g, size in zip(gradients, sizes)]
        return [w - 0.1 * g for w, g in zip(weights, slopes)]

    return step


def cooled(t):
    return 0.1 * 0.83 ** (t / 4)


NUMBERS = (
    Row("Adam", "an epsilon of 1e-3", ADAM, adam_with(epsilon=1e-3), "another-epsilon"),
    Row("Adam", "beta_2 of 0.97", ADAM, adam_with(c=0.97), "another-beta-2"),
    Row("Adam", "beta_1 of 0.7", ADAM, adam_with(b=0.7), "another-beta-1"),
    Row("Adam", "a rate of 0.0042", ADAM, adam_with(0.0042), "another-learning-rate"),
    Row("Adam", "the paper's, and an epsilon of 1e-3", ADAM, adam_with(epsilon=1e-3, corrected=True), "adam-epsilon-corrected + another-epsilon"),
    Row("AdamW", "a decay of 0.03", ADAMW, Own(decayed(0.03 * A)), "another-weight-decay"),
    Row("momentum", "0.73", MOMENTUM, velocity(0.73), "another-momentum"),
    Row("RMSprop", "rho of 0.94", RMS, Own(rms(lambda h: np.sqrt(h + 1e-5), 0.94)), "another-rho"),
    Row("Adagrad", "a start of 0.3", o.Adagrad(0.1, 0.1, 1e-5), Own(adagrad(0.3, lambda h: np.sqrt(h + 1e-5))), "another-initial-accumulator-value"),
    Row("clipping", "at 0.2", o.SGD(0.1, clipnorm=0.5), clipped_at(0.2), "another-clipnorm"),
    Row("clipping", "all at 0.2", o.SGD(0.1, global_clipnorm=0.5), clipped_at(0.2, together=True), "another-global-clipnorm"),
    Row("schedule", "a decay of 0.83", s.ExponentialDecay(0.1, 4.0, 0.9), cooled, "another-decay-rate"),
    Row("BatchNormalization", "an epsilon of 2e-3", NORM, batch_norm(lambda v: np.sqrt(v + 2e-3)), "another-epsilon", (FIVE,)),
    Row("Huber", "a delta of 0.6", e.Huber(), huber(0.6), "another-delta"),
    Row("cross-entropy", "smoothed by 0.15", e.CategoricalCrossentropyFromProbabilities(), smoothed(0.15), "another-label-smoothing"),
    Row("LeakyReLU", "a slope of 0.07", a.LeakyReLU(0.3), lambda x: np.where(x > 0, x, 0.07 * x), "another-negative-slope"),
    Row("ELU", "an alpha of 0.5", a.ELU(), lambda x: np.where(x > 0, x, 0.5 * np.expm1(x)), "another-alpha"),
)  # fmt: skip

HONEST_NUMBERS = (
    Row("Adam", "its own numbers", ADAM, adam_with()),
    Row("momentum", "its own number", MOMENTUM, velocity(0.9)),
    Row("Huber", "by where", e.Huber(0.6), huber(0.6)),
    Row("clipping", "by norms", o.SGD(0.1, clipnorm=0.5), clipped_at(0.5)),
)  # fmt: skip
