"""The texts' sequences: the next word of three sentences, a noisy sine, an autoencoder.

Text 003, C2 and C3, "문맥을 예측해서 다음 단어 예측해보기"; text 000, chapter 5 and 7-4, whose
contents list the models but no formula: the sine here is small, from a fixed generator.
"""

from functools import cache

import numpy as np

from equivalence.pairs.models.row import model
from equivalence.pairs.plant import Plant
from equivalence.texts import at

TEXT = "경마장에 있는 말이 뛰고 있다\n그의 말이 법이다\n가는 말이 고와야 오는 말이 곱다"
# Seed 003: Keras's Tokenizer numbers words from 1, the most frequent first.
WORDS = (
    *("말이", "경마장에", "있는", "뛰고", "있다", "그의"),
    *("법이다", "가는", "고와야", "오는", "곱다"),
)
VOCABULARY = len(WORDS) + 1
LENGTH = 5  # of a sentence without its last word, padded in front


def padded(words):
    """Return the numbers of the last words of a sentence, 0 in front where it is shorter."""
    numbers = [WORDS.index(word) + 1 for word in words][-LENGTH:]
    return [0] * (LENGTH - len(numbers)) + numbers


@cache
def next_words():
    """Return the 11 beginnings of sentences (11, 5) and the word that follows, one-hot."""
    lines = [line.split() for line in TEXT.split("\n")]
    pairs = [(line[:k], line[k]) for line in lines for k in range(1, len(line))]
    inputs = np.array([padded(words) for words, _ in pairs], float)
    return inputs, np.eye(VOCABULARY)[[WORDS.index(word) + 1 for _, word in pairs]]


def sentence(network, weights, first, count):
    """Return a word and the ``count`` words that the network says come next (text 003)."""
    words = [first]
    for _ in range(count):
        *_, outputs = network.forward(weights, np.array([padded(words)], weights[0].dtype))[0]
        words.append(WORDS[int(np.argmax(outputs[0])) - 1])
    return " ".join(words)


LETTERS = "helo"


def hello():
    """Return h e l l one-hot, (1, 16), and the letters that follow, e l l o, (1, 16)."""
    one_hot = np.eye(len(LETTERS))[[LETTERS.index(letter) for letter in "hello"]]
    return one_hot[None, :-1].reshape(1, -1), one_hot[None, 1:].reshape(1, -1)


def fifty_steps():
    """Return 32 series of 50 normal numbers, and 1 where the last ten are high."""
    series = np.random.default_rng(0).normal(size=(32, 50))
    return series, (series[:, -10:].sum(axis=1) > 0).astype(float)[:, None]


STEPS = 8  # time steps of a sample


@cache
def sine(ahead=1, samples=60):
    """Return windows (samples, STEPS) of a noisy sine, and what comes ``ahead`` of each step.

    sin(2 pi t / 12) + 0.1 n(t), n normal: (samples, ahead) are the last targets.
    """
    rng = np.random.default_rng(0)
    t = np.arange(samples + STEPS)
    wave = np.sin(2 * np.pi * t / 12) + 0.1 * rng.normal(size=len(t))
    windows = np.lib.stride_tricks.sliding_window_view(wave, STEPS + 1)[:samples]
    return windows[:, :-1], windows[:, -ahead:]


def itself():
    """Return the windows as inputs and as targets."""
    windows, _ = sine()
    return windows, windows


def _model(name, source, network, data, epochs, optimizer=lambda m: m.Adam(), **more):
    return model(f"recurrent-{name}", source, network, optimizer, data, epochs, **more)


def _words(name, numbers, recurrent):
    """Return a row of text 003: Embedding(12, 10), a recurrent layer, Dense(12, softmax)."""

    def network(m):
        layers = m.Embedding(VOCABULARY, 10), recurrent(m), m.Dense(VOCABULARY)
        return m.Sequential((LENGTH,), layers, m.SoftmaxOutput())

    return _model(name, at("003", numbers), network, next_words, epochs=200)


def _sine(name, numbers, layers, many=False, data=None, note=""):
    """Return a row of text 000 on the sine; ``many`` where each time step has a target."""

    def network(m):
        return m.Sequential((STEPS, 1), layers(m))

    targets = STEPS if many else 1
    return _model(
        name,
        at("000", numbers),
        network,
        data or (lambda: sine(targets)),
        epochs=20,
        batch_size=20,
        note=note or "the text names the model only: sizes and data are ours",
    )


ROWS = (
    _words("next-word", "C2", lambda m: m.SimpleRNN(32)),
    _words("next-word-lstm", "C3", lambda m: m.LSTM(128)),
    _model(
        "hello",
        at("003", "C2"),
        lambda m: m.Sequential(
            (4, len(LETTERS)),
            (
                m.SimpleRNN(6, return_sequences=True),
                m.TimeDistributed(m.Dense(len(LETTERS))),
                m.Flatten(),
            ),
            m.Output(m.Sigmoid()),
        ),
        hello,
        epochs=400,
        optimizer=lambda m: m.Adam(0.03),
        note="the letter that follows h, e, l and l: what came before tells the two l apart",
    ),
    _model(
        "lstm-10-10-1",
        at("003", "C1"),
        lambda m: m.Sequential(
            (50, 1), (m.LSTM(10), m.Dense(10, m.ReLU()), m.Dense(1)), m.SigmoidOutput()
        ),
        fifty_steps,
        epochs=2,
        batch_size=16,
        note="the text has no data for it: normal numbers of NumPy's seed 0",
    ),
    _sine("many-to-one", "5-5 5-6", lambda m: (m.LSTM(8), m.Dense(1))),
    _sine(
        "many-to-many",
        "5-5 5-6",
        lambda m: (
            m.LSTM(8, return_sequences=True),
            m.TimeDistributed(m.Dense(1)),
            m.Flatten(),
        ),
        many=True,
    ),
    _sine(
        "both-ways-many-to-one",
        "5-7",
        lambda m: (m.Bidirectional(m.LSTM(8)), m.Dense(1)),
    ),
    _sine(
        "both-ways-many-to-many",
        "5-7",
        lambda m: (
            m.Bidirectional(m.LSTM(8, return_sequences=True)),
            m.TimeDistributed(m.Dense(1)),
            m.Flatten(),
        ),
        many=True,
    ),
    _sine(
        "two-layers",
        "5-8",
        lambda m: (
            m.LSTM(8, return_sequences=True),
            m.Bidirectional(m.LSTM(8)),
            m.Dense(1),
        ),
    ),
    _sine(
        "autoencoder",
        "7-4",
        lambda m: (
            m.LSTM(4),
            m.RepeatVector(STEPS),
            m.LSTM(4, return_sequences=True),
            m.TimeDistributed(m.Dense(1)),
            m.Flatten(),
        ),
        data=itself,
    ),
)


def wrong(*rows):
    """Return the Plants of relative errors of 1e-5 in one time step of a loop.

    A row: what is wrong, in words; tree; file; before; after; the row's name; the place.
    """
    return tuple(
        Plant(name, tree, file, before, after, f"recurrent-{run}", place, group="models")
        for name, tree, file, before, after, run, place in rows
    )


RNN, LSTM, TIME = (f"layers/{name}.py" for name in ("simple_rnn", "lstm", "recurrent"))
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("1e-5 of the carry in the fourth time step", "tfimpl", LSTM, "carry = f * c + i * g", "carry = (f * c + i * g) * (1 + 1e-5 * (len(hs) == 3))", "many-to-one", "activations lstm1.c"),
    ("1e-5 of one unit's carry in the last time step of fifty", "tfimpl", LSTM, "carry = f * c + i * g", "carry = (f * c + i * g) * ([1.0] * 3 + [1 + 1e-5 * (len(hs) == 49)] + [1.0] * 6)", "lstm-10-10-1", "activations lstm1.c"),
    ("1e-5 of the output in the fourth time step, of both ways", "tfimpl", LSTM, "y = o * a", "y = (o * a) * (1 + 1e-5 * (len(hs) == 3))", "both-ways-many-to-one", "activations bidirectional1.forward_h"),
    ("1e-5 of the state in the second time step", "tfimpl", RNN, "y = self.activation.forward(z)", "y = self.activation.forward(z) * (1 + 1e-5 * (len(hs) == 1))", "hello", "activations simplernn1.h"),
    ("1e-5 of the state in the third time step", "refimpl", RNN, "y = self.activation.forward(z)", "y = self.activation.forward(z) * (1 + 1e-5 * (len(hs) == 2))", "next-word", "activations simplernn2.h"),
    ("1e-5 of the carry in the third time step", "refimpl", LSTM, "carry = f * c + i * g", "carry = (f * c + i * g) * (1 + 1e-5 * (len(hs) == 2))", "many-to-many", "activations lstm1.c"),
    ("1e-5 of what flows back to the state, third from behind", "refimpl", LSTM, "hb = self.note(", "hb = hb * (1 + 1e-5 * (len(zbs) == 2)); hb = self.note(", "many-to-many", "flows lstm1.hb"),
    ("1e-5 of what flows back to the carry", "refimpl", LSTM, "chosen(counts, carryb * f, cb)", "chosen(counts, carryb * f * (1 + 1e-5), cb)", "many-to-one", "flows lstm1.cb"),
    ("1e-5 of the oldest time step's share in a kernel's gradient", "refimpl", LSTM, "product(hs, zbs, of_h)", "product(hs, zbs, of_h) * (1 + 1e-5 * (xs[0] is kept[1][0]))", "lstm-10-10-1", "flows lstm1.recurrent_kernelb"),
    ("1e-5 of a bias's gradient in every time step", "refimpl", LSTM, "summed(zbs)", "summed(zbs) * (1 + 1e-5)", "two-layers", "flows bidirectional2.forward_biasb"),
    ("1e-5 of a kernel's gradient, in the sum over time alone", "refimpl", TIME, "tuple(total(first, others) for", "tuple((1 + 1e-5) * total(first, others) for", "autoencoder", "gradients lstm1.kernel"),
)
# fmt: on
