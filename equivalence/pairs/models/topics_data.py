"""What the topics of text 000 learn from: packaged data, points from a formula, given draws.

Every random number is drawn once, by NumPy, and both sides are given it.
"""

from functools import cache

import numpy as np

from equivalence import trees
from equivalence.pairs.layers.row import start

# Pearson 1901, "On lines and planes of closest fit to systems of points in space",
# Philosophical Magazine 2 (11), 559-572: the ten points of his example.
PEARSON = (
    (0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4),
    (5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5),
)


def pearson():
    """Return x and y of Pearson's points, (10, 1) each."""
    return tuple(np.array(column)[:, None] for column in PEARSON)


@cache
def tumours():
    """Return five standardised features of 569 tumours and 1 for benign: scikit-learn's copy."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    features = bunch.data[:, :5]
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    return features, bunch.target[:, None].astype(float)


@cache
def iris_in_millimetres():
    """Return iris (150, 4) in whole millimetres and its species one-hot: scikit-learn's copy."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    return np.rint(bunch.data * 10), np.eye(3)[bunch.target]


STORED = slice(0, None, 5)  # every fifth flower


def stored_flowers():
    """Return what a classifier by neighbours has stored: 30 flowers and their species."""
    return tuple(array[STORED] for array in iris_in_millimetres())


def other_flowers():
    """Return the 120 flowers that are not stored, in an order that mixes the species."""
    order = np.random.default_rng(0).permutation(np.delete(np.arange(150), np.arange(150)[STORED]))
    return tuple(array[order] for array in iris_in_millimetres())


@cache
def clouds():
    """Return 90 points of three normal distributions in the plane, mixed, and their one-hot."""
    rng = np.random.default_rng(1)
    which = rng.permutation(np.repeat(np.arange(3), 30))
    centres = np.array([[0.0, 0.0], [4.0, 1.0], [1.0, 4.0]])
    return centres[which] + rng.normal(size=(90, 2)), np.eye(3)[which]


def with_widths(samples, widths):
    """Return the samples behind the width of the neighbourhood at each, (samples, 1 + features)."""
    return np.concatenate([np.broadcast_to(widths, len(samples))[:, None], samples], axis=1)


@cache
def small_digits():
    """Return 4 x 4 pixels from 0 to 1 of 1797 digits, means of scikit-learn's 8 x 8."""
    from sklearn.datasets import load_digits

    images = load_digits().images.reshape(-1, 4, 2, 4, 2) / 16
    return images.mean(axis=(2, 4)).reshape(-1, 16)


def map_of_digits():
    """Return 500 digits, each behind a width that shrinks from 2 to 1/2 of a unit's distance."""
    digits = small_digits()[:500]
    return with_widths(digits, np.geomspace(2, 0.5, len(digits))), np.zeros((len(digits), 1))


def noisy_digits():
    """Return 100 digits with normal noise, and without."""
    digits = small_digits()[:100]
    return digits + 0.3 * np.random.default_rng(2).normal(size=digits.shape), digits


def digits_and_draws(latent):
    """Return 100 digits, each with its draws from the normal distribution, and the digits."""
    digits = small_digits()[:100]
    draws = np.random.default_rng(3).normal(size=(len(digits), latent))
    return np.concatenate([digits, draws], axis=1), digits


def binary_digits(draws):
    """Return 100 digits in black and white, each with its uniform draws."""
    digits = (small_digits()[:100] > 0.5).astype(float)
    uniform = np.random.default_rng(4).random((len(digits), draws))
    return np.concatenate([digits, uniform], axis=1), np.zeros((len(digits), 1))


def turns(rounds, batch, features, noise):
    """Return batches of two players in turn: whose turn, samples of N(4, 1/2), and noise."""
    rng = np.random.default_rng(5)
    turn = np.tile(np.repeat([0.0, 1.0], batch), rounds)[:, None]
    real = rng.normal(4, 0.5, size=(len(turn), features))
    z = rng.uniform(-1, 1, size=(len(turn), noise))
    return np.concatenate([turn, real, z], axis=1), np.zeros((len(turn), 1))


REAL, MADE = (1, 2, 3, 2), (3, 2, 1, 2)  # of 8: how often data have each of four samples


def real_and_made():
    """Return 8 real and 8 made samples one-hot, (16, 4), and 1 for the real ones."""
    which = np.repeat([*range(4), *range(4)], REAL + MADE)
    return np.eye(4)[which], np.repeat([1.0, 0.0], 8)[:, None]


def turns_of_two(rounds, batch, noise):
    """Return the batches of ``turns``, real samples of N(-4, 1/4) and N(4, 1/4) alike often."""
    rng = np.random.default_rng(5)
    inputs, targets = turns(rounds, batch, 1, noise)
    which = rng.choice((-4.0, 4.0), size=len(inputs))
    inputs[:, 1] = which + 0.25 * rng.normal(size=len(inputs))
    return inputs, targets


def twenty_numbers():
    """Return twenty times 1, and as many normal numbers."""
    return np.ones((20, 1)), np.random.default_rng(6).normal(3, 1, size=(20, 1))


def walks(steps):
    """Return the draws of an agent: one from 0 to 1, and a random action, at each step."""
    rng = np.random.default_rng(6)
    draws = [rng.random(steps), rng.integers(4, size=steps).astype(float)]
    return np.stack(draws, axis=1), np.zeros((steps, 1))


def acting(steps, batch, memory):
    """Return an agent's draws as ``walks`` has them, and rows of a memory that it has filled."""
    draws, nothing_to_learn = walks(steps)
    filled = np.minimum(np.arange(steps) + 1, memory)
    rows = np.random.default_rng(14).integers(filled[:, None], size=(steps, batch))
    return np.concatenate([draws, rows], axis=1), nothing_to_learn


@cache
def replayed(steps, batch, memory=200):
    """Return transitions of random walks in the grid world, in the order of their replay.

    A place comes as row and column, each divided by the last row's or column's number.
    """
    rng, world = np.random.default_rng(7), trees.reference().GridWorld()
    scale = np.array([world.rows - 1.0, world.columns - 1.0])
    place, rows = np.zeros((1, 2)), []
    place = world.start(place)
    for _ in range(memory):
        action = np.full((1, 1), float(rng.integers(4)))
        after, reward, done = world.step(place, action)
        rows.append(np.concatenate([place / scale, action, reward, after / scale, done], axis=1))
        place = np.where(done > 0, world.start(place), after)
    order = rng.integers(memory, size=steps * batch)
    return np.concatenate(rows)[order], np.zeros((steps * batch, 1))


USERS, ITEMS = 8, 6


@cache
def stars():
    """Return ratings of 1 to 5, (8 users, 6 items).

    They follow two tastes of each user and two traits of each item, with noise.
    """
    rng = np.random.default_rng(8)
    tastes, traits = rng.normal(size=(USERS, 2)), rng.normal(size=(ITEMS, 2))
    noise = 0.3 * rng.normal(size=(USERS, ITEMS))
    return np.clip(np.rint(3 + tastes @ traits.T + noise), 1, 5)


def known_ratings():
    """Return a mask of ratings, 7 in 10 of them known, and the known ones, else 0."""
    known = (np.random.default_rng(10).random((USERS, ITEMS)) < 0.7).astype(float)
    return known, known * stars()


@cache
def more_stars():
    """Return traits (items, 2) above 0, and ratings of 1 to 5 by 20 users, (20, items)."""
    rng = np.random.default_rng(11)
    traits = 0.2 + rng.random((ITEMS, 2))
    tastes = rng.normal(size=(20, 2))
    noise = 0.3 * rng.normal(size=(20, ITEMS))
    return traits, np.clip(np.rint(3 + 3 * tastes @ (traits - 0.7).T + noise), 1, 5)


def remembered_ratings():
    """Return the ratings of the first 12 users, some unknown: what a recommender has stored."""
    known = np.random.default_rng(12).random((12, ITEMS)) < 0.8
    return known * more_stars()[1][:12]


def new_users():
    """Return the first three ratings of other users, and their best other item, one-hot.

    Who rated all three alike is left out: by items the score of every other item is that.
    """
    ratings = more_stars()[1][12:]
    ratings = ratings[np.ptp(ratings[:, :3], axis=1) > 0]
    best = 3 + ratings[:, 3:].argmax(axis=1)
    return ratings * (np.arange(ITEMS) < 3), np.eye(ITEMS)[best]


def black_and_white(count=100):
    """Return digits in black and white, (count, 16), without targets."""
    return (small_digits()[:count] > 0.5).astype(float), np.zeros((count, 1))


def _learned(network, optimizer, weights, batches, epochs):
    """Return the weights that NumPy's reference comes to, each as rows of numbers."""
    m = trees.reference()
    slots, step = m.build_slots(optimizer, weights), 0
    for _ in range(epochs):
        for batch in batches:
            step += 1
            taken = m.train_step(network, optimizer, weights, slots, np.float64(step), *batch)
            weights, slots = taken.weights, taken.slots
    return tuple(tuple(map(tuple, weight.tolist())) for weight in weights)


@cache
def encoder_of_digits():
    """Return kernel and bias of the first layer of an autoencoder of digits, 16-6-16, trained."""
    m, digits = trees.reference(), small_digits()[:100]
    layers = m.Dense(6, m.Tanh()), m.Dense(16)
    network = m.Sequential((16,), layers, m.Output(m.Sigmoid()))
    batches = [(part, part) for part in np.split(digits, 4)]
    return _learned(network, m.Adam(0.01), start(network), batches, 50)[:2]


def labelled_digits():
    """Return 100 digits, 4 x 4, and their classes one-hot."""
    from sklearn.datasets import load_digits

    return small_digits()[:100], np.eye(10)[load_digits().target[:100]]


@cache
def random_walk(steps=8, samples=40):
    """Return windows (samples, steps) of a random walk, scaled to -1 to 1, and the next number."""
    walk = np.cumsum(np.random.default_rng(13).normal(size=samples + steps))
    walk = 2 * (walk - walk.min()) / np.ptp(walk) - 1
    windows = np.lib.stride_tricks.sliding_window_view(walk, steps + 1)
    return windows[:, :-1], windows[:, -1:]


@cache
def encoder_of_walks():
    """Return the weights of the LSTM that encodes windows of a random walk, trained."""
    m, (windows, _) = trees.reference(), random_walk()
    layers = (
        m.LSTM(3),
        m.RepeatVector(8),
        m.LSTM(3, return_sequences=True),
        m.TimeDistributed(m.Dense(1)),
        m.Flatten(),
    )
    network = m.Sequential((8, 1), layers)
    batches = [(part, part) for part in np.split(windows, 2)]
    return _learned(network, m.Adam(0.01), start(network), batches, 20)[:3]


def nothing():
    """Return one sample of nothing, for what has no inputs."""
    return np.zeros((1, 1)), np.zeros((1, 1))


def looked_up_ratings():
    """Return user and item, and the rating, six at a time with no user and no item twice."""
    pairs = [((k + shift) % USERS, k) for shift in range(USERS) for k in range(ITEMS)]
    return np.array(pairs, float), np.array([[stars()[pair]] for pair in pairs])
