"""The line of own code at which its values leave the formula is named."""

import numpy as np
import pytest
from helpers.turns import thinned

import equivalence
from equivalence.arithmetic.regrouping import RegroupingArray
from equivalence.diagnose import searching
from equivalence.diagnose.lines import Pool, is_own
from equivalence.diagnose.tracing import Tracer, statement_text
from refimpl.activations import Sigmoid
from refimpl.layers import LSTM, Dense
from refimpl.optimizers import Adam


@pytest.fixture(autouse=True)
def _few_pairs(monkeypatch):
    """What two causes together explain is looked for in test_diagnose.py; here is none such."""
    monkeypatch.setattr(searching, "MOST_PAIRS", 200)


RNG = np.random.default_rng(3)
ROW = "sigmoid-softmax-2-2-2"
X, T = RNG.normal(size=(5, 2)) * 2, np.eye(2)[[0, 1, 1, 0, 1]]
START = [RNG.normal(size=shape) for shape in ((2, 2), (1, 2), (2, 2), (1, 2))]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    powers = np.exp(z)
    return powers / powers.sum(axis=1, keepdims=True)


def right(weights, x, t):
    w1, b1, w2, b2 = weights
    h = sigmoid(x @ w1 + b1)
    d2 = softmax(h @ w2 + b2) - t
    d1 = d2 @ w2.T * h * (1 - h)
    slopes = [x.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)]
    return [w - 0.01 / len(x) * g for w, g in zip(weights, slopes)]


def root_of_slope(weights, x, t):
    w1, b1, w2, b2 = weights
    h = sigmoid(x @ w1 + b1)
    o = softmax(h @ w2 + b2)
    d2 = (o - t) / len(x)
    hb = d2 @ w2.T
    slope = h * (1 - h)
    d1 = hb * np.sqrt(slope)
    w2 = w2 - 0.01 * h.T @ d2
    b2 = b2 - 0.01 * d2.sum(axis=0)
    w1 = w1 - 0.01 * x.T @ d1
    b1 = b1 - 0.01 * d1.sum(axis=0)
    return [w1, b1, w2, b2]


def forward_of_another(weights, x, t):
    w1, b1, w2, b2 = weights
    z = x @ w1 + b1
    h = np.arctan(z)
    d2 = (softmax(h @ w2 + b2) - t) / len(x)
    d1 = d2 @ w2.T * h * (1 - h)
    slopes = [x.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)]
    return [w - 0.01 * g for w, g in zip(weights, slopes)]


def sample_after_sample(weights, x, t):
    w1, b1, w2, b2 = weights
    sums = [np.zeros_like(w) for w in weights]
    for row, target in zip(x, t):
        h = sigmoid(row @ w1 + b1)
        d2 = softmax(h @ w2 + b2) - target
        d1 = (d2 @ w2.T) * h**2 * (1 - h)
        sums[0] += np.outer(row, d1)
        sums[1] += d1
        sums[2] += np.outer(h, d2)
        sums[3] += d2
    return [w - 0.01 * s / len(x) for w, s in zip(weights, sums)]


class Layered:
    """Keeps its weights and what it needs for the way back."""

    def __init__(self):
        self.w1, self.b1, self.w2, self.b2 = (w + 0 for w in START)

    def train(self, x, t):
        self.forward(x)
        self.backward(x, t)
        for name, gradient in self.gradients.items():
            setattr(self, name, getattr(self, name) - 0.01 * gradient)

    def forward(self, x):
        self.h = sigmoid(x @ self.w1 + self.b1)
        self.o = softmax(self.h @ self.w2 + self.b2)

    def backward(self, x, t):
        d2 = (self.o - t) / len(x)
        d1 = d2 @ self.w2.T * self.h**3
        gradients = {"w1": x.T @ d1, "b1": d1.sum(0, keepdims=True)}
        gradients["w2"] = self.h.T @ d2
        gradients["b2"] = d2.sum(0, keepdims=True)
        self.gradients = gradients


def summed(weights, x, t):
    w1, b1, w2, b2 = weights
    h = sigmoid(x @ w1 + b1)
    o = softmax(h @ w2 + b2)
    delta = o - t
    hidden = (delta @ w2.T) * h * (1 - h)
    slopes = [x.T @ hidden, hidden.sum(0), h.T @ delta, delta.sum(0)]
    return [w - 0.01 * g for w, g in zip(weights, slopes)]


@pytest.mark.parametrize(
    ("mine", "text"),
    thinned(
        2,
        [
            (root_of_slope, "d1 = hb * np.sqrt(slope)"),
            (forward_of_another, "h = np.arctan(z)"),
            (sample_after_sample, "d1 = (d2 @ w2.T) * h**2 * (1 - h)"),
            (Layered, "d1 = d2 @ self.w2.T * self.h**3"),
        ],
        row=2,
    ),
)
def test_the_line_of_a_network_at_which_it_leaves_the_formula_is_named(mine, text):
    weights = None if mine is Layered else START
    answer = equivalence.diagnose(mine, ROW, X, T, weights=weights)
    assert not answer.agrees
    assert answer.line.text == text, str(answer)
    assert answer.line.file.endswith("test_lines.py")
    assert f"line {answer.line.line} of" in str(answer)
    assert text in str(answer)


def test_a_multiple_is_said_with_its_factor():
    answer = equivalence.diagnose(summed, ROW, X, T, weights=START)
    assert answer.cause == "loss-sums-samples"
    assert answer.line.text == "hidden = (delta @ w2.T) * h * (1 - h)"
    assert round(answer.line.factor, 9) == len(X)


def test_code_that_agrees_and_numbers_alone_have_no_line():
    assert equivalence.diagnose(right, ROW, X, T, weights=START).line is None
    states = [START]
    for _ in range(2):
        states.append(summed(states[-1], X, T))
    answer = equivalence.diagnose(states, ROW, X, T, weights=START)
    assert not answer.agrees
    assert answer.line is None


class Moments:
    """Adam with a line that is no variant of anybody's."""

    def __init__(self):
        self.t, self.m, self.v = 0, {}, {}

    def step(self, weights, gradients):
        self.t += 1
        after = []
        for k, (w, g) in enumerate(zip(weights, gradients)):
            self.m[k] = 0.9 * self.m.get(k, 0) + 0.1 * g
            self.v[k] = 0.999 * self.v.get(k, 0) + 0.001 * np.abs(g) ** 1.5
            m_hat = self.m[k] / (1 - 0.9**self.t)
            v_hat = self.v[k] / (1 - 0.999**self.t)
            after.append(w - 0.001 * m_hat / (np.sqrt(v_hat) + 1e-7))
        return after


def test_the_line_of_an_optimizer_is_named_and_what_it_takes():
    answer = equivalence.diagnose(Moments, Adam())
    assert answer.kind == "unknown"
    assert "self.v[k] = " in answer.line.text
    assert any(name == "gradients" and "gradient of" in what for name, _, what in answer.line.takes)


def gates(weights, x):
    kernel, recurrent, bias = weights
    h = c = np.zeros((len(x), 3))
    for t in range(x.shape[1]):
        z = x[:, t] @ kernel + h @ recurrent + bias
        i, f, g, o = np.split(z, 4, axis=1)
        i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
        g = np.sinh(g)
        c = f * c + i * g
        h = o * np.tanh(c)
    return h


def test_the_line_of_a_layer_and_of_an_activation_is_named():
    answer = equivalence.diagnose(gates, LSTM(3), RNG.normal(size=(2, 4, 2)))
    assert answer.line.text == "g = np.sinh(g)", str(answer)
    cubed = lambda x: sigmoid(x) ** 3
    answer = equivalence.diagnose(cubed, Sigmoid())
    assert answer.line.text == "cubed = lambda x: sigmoid(x) ** 3", str(answer)
    dense = lambda w, x: x @ w[0] - w[1]
    assert "x @ w[0] - w[1]" in equivalence.diagnose(dense, Dense(3), X).line.text


def test_what_is_watched_is_somebody_s_own():
    assert is_own(__file__)
    assert not any(map(is_own, (np.__file__, equivalence.__file__, "<stdin>", "nowhere.py")))


def test_a_tracer_sees_what_a_line_makes_and_of_what():
    def code(a, b):
        c = a + b
        c *= 2
        d, e = c.T @ a, b
        found = {"d": d}
        found["e"] = e + found["d"]
        return found

    a, b = np.ones((2, 2)) * 3, np.arange(4.0).reshape(2, 2)
    tracer = Tracer(is_own)
    with tracer.watching():
        code(a, b)
    made = [(v.name, {p.name for p in v.parts}) for v in tracer.values]
    assert made == [
        ("a", set()),
        ("b", set()),
        ("c", {"a", "b"}),
        ("c", {"c"}),
        ("d", {"c", "a"}),
        ("found['e']", {"b", "d"}),
    ]
    last = tracer.values[-1]
    assert last.text == 'found["e"] = e + found["d"]'
    assert statement_text(last.file, last.line) == last.text


def test_values_that_nobody_else_keeps_are_all_looked_up():
    values = [np.arange(1.0, 5) * k + 1 / k for k in range(1, 9)]
    pool = Pool(np.float64, {4})
    for k, value in enumerate(values):  # each may get the identity of the one before
        pool.add(RegroupingArray(value, 0.0, np.float64), None, f"value {k}")
    assert [pool.find(value)[0].name for value in values] == [f"value {k}" for k in range(8)]


def sum_of_squares(w, x):
    kernel, bias = w[0], w[1][0]
    h = np.zeros((len(x), kernel.shape[1]))
    for j in range(kernel.shape[1]):
        for b in range(len(x)):
            s = bias[j]
            for i in range(kernel.shape[0]):
                s += x[b, i] * kernel[i, j] ** 2
            h[b, j] = 1 / (1 + np.exp(-s))
    return h


def slope_of_two(w, x):
    kernel, bias = w[0], w[1][0]
    h = np.zeros((len(x), kernel.shape[1]))
    for b in range(len(x)):
        for j in range(kernel.shape[1]):
            s = bias[j]
            for i in range(kernel.shape[0]):
                s += x[b, i] * kernel[i, j]
            h[b, j] = 1 / (1 + np.exp(-2.5 * s))
    return h


def in_place(w, x):
    kernel, bias = w[0], w[1][0]
    z = np.zeros((len(x), kernel.shape[1]))
    for b in range(len(x)):
        for j in range(kernel.shape[1]):
            for i in range(kernel.shape[0]):
                z[b, j] += np.sin(x[b, i] * kernel[i, j])
            z[b, j] += bias[j]
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (sum_of_squares, "s += x[b, i] * kernel[i, j] ** 2"),
        (slope_of_two, "h[b, j] = 1 / (1 + np.exp(-2.5 * s))"),
        (in_place, "z[b, j] += np.sin(x[b, i] * kernel[i, j])"),
    ],
)
def test_a_line_of_single_numbers_is_named(code, text):
    answer = equivalence.diagnose(code, Dense(3, activation=Sigmoid()), X)
    assert answer.line.text == text, str(answer)


# Written so, several on a line, in many a notebook.
IN_LINES = """
import numpy as np

def sigmoid(z): return 1 / (1 + np.exp(-z))

def code(w, x):
    z = x @ w[0] + w[1]; h = sigmoid(z); h = h ** 1.5
    y = h * 1.0; return y

def other(w, x):
    z = x @ w[0] - w[1]; h = sigmoid(z); return h
"""


def test_one_of_several_statements_on_a_line_is_named(tmp_path, monkeypatch):
    (tmp_path / "in_lines.py").write_text(IN_LINES)
    monkeypatch.syspath_prepend(tmp_path)
    import in_lines

    layer = Dense(3, activation=Sigmoid())
    assert equivalence.diagnose(in_lines.code, layer, X).line.text == "h = sigmoid(z); h = h ** 1.5"
    assert equivalence.diagnose(in_lines.other, layer, X).line.text == "z = x @ w[0] - w[1]"
