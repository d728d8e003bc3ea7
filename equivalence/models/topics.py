"""The topics of seed 000 that are no stack of layers, or one that learns in a way of its own.

The seed has no listing of them; what the run fixes and the seed leaves open (data, sizes,
rates) is ours.  A rule that a textbook writes as w <- w + rate d runs as descent: its
gradient is -d.
"""

import numpy as np

from equivalence import data, sides
from equivalence.layers.row import start
from equivalence.models import topics_data as of
from equivalence.pair import Pair
from equivalence.plant import Plant


def _topic(name, section, network, optimizer, draw, samples, epochs, **more):
    """Return a row; ``draw`` gives the weights before the first step, ``samples`` the data."""
    return Pair(
        name,
        f"seed 000, {section}",
        network=network,
        optimizer=optimizer,
        start=draw,
        data=samples,
        epochs=epochs,
        **{"keras": None, **more},
        group="models",
    )


def _layers(name, section, network, optimizer, samples, epochs, **more):
    """Return the row of a network that knows its weights' shapes."""
    draw = lambda: start(network(sides.reference()))
    return _topic(name, section, network, optimizer, draw, samples, epochs, **more)


def _normal(*shape, scale=0.1):
    return lambda: (scale * np.random.default_rng(9).normal(size=shape),)


def _line():
    return [[0.0]], [[0.0]]


def _autoencoder(m):
    layers = (m.Dense(6, m.Tanh()), m.Dense(2), m.Dense(6, m.Tanh()), m.Dense(16))
    return m.Sequential((16,), layers, m.Output(m.Sigmoid()))


def _vae(m):
    encoder = (m.Dense(6, m.Tanh()), m.Dense(4))
    return m.VAE(16, 2, encoder, (m.Dense(6, m.Tanh()), m.Dense(16)))


def _gan(m):
    return m.GAN(1, 2, (m.Dense(4, m.Tanh()), m.Dense(1)), (m.Dense(4, m.Tanh()), m.Dense(1)))


def _gan_optimizer(m):
    return m.InTurn((m.Adam(0.005), m.Adam(0.01)), _gan(m).players)


def _rbm_start():
    return (*_normal(16, 8)(), np.zeros((1, 16)), np.zeros((1, 8)))


def _rbm(name, section, samples, draws, **options):
    return _topic(
        name,
        section,
        lambda m: m.RBM(**options),
        lambda m: m.SGD(0.1),
        _rbm_start,
        lambda: of.binary_digits(draws),
        200,
        batch_size=samples,
    )


def _agent(name, section, network):
    return _topic(
        name,
        section,
        network,
        lambda m: m.SGD(0.5),
        lambda: (np.zeros((12, 4)),),
        lambda: of.walks(2000),
        1,
        batch_size=1,
        note="the table starts from zeros: every first choice is between equals",
    )


def _two_tables():
    rng = np.random.default_rng(9)
    return tuple(rng.normal(size=(count, 2)) for count in (of.USERS, of.ITEMS))


ROWS = (
    _topic(
        "ordinary-least-squares",
        "2-1",
        lambda m: m.OneLayer(),
        lambda m: m.SGD(0.02),
        _line,
        of.pearson,
        1000,
        keras="model",
        note="Pearson's ten points; y alone has errors",
    ),
    _topic(
        "total-least-squares",
        "2-1",
        lambda m: m.TotalLeastSquares(),
        lambda m: m.SGD(0.003),
        _line,
        of.pearson,
        5000,
        note="Pearson's ten points; x and y have errors",
    ),
    _topic(
        "logistic-regression",
        "2-3",
        lambda m: m.OneLayer(m.SigmoidOutput()),
        lambda m: m.SGD(0.1),
        lambda: data.start((5, 1), seed=0),
        of.tumours,
        100,
        batch_size=64,
        keras="model",
        note="scikit-learn's breast cancer data, the first five features standardised",
    ),
    _topic(
        "nearest-neighbours",
        "3-1",
        lambda m: m.NearestNeighbours(3),
        lambda m: m.SGD(0.1),
        of.stored_flowers,
        of.other_flowers,
        1,
        batch_size=12,
        note="whole millimetres: every distance is exact, and equal ones are equal",
    ),
    _topic(
        "k-means",
        "3-3 and 3-4",
        lambda m: m.KMeans(),
        lambda m: m.SGD(1.0),
        lambda: (of.clouds()[0][:3],),
        of.clouds,
        20,
        note="the rate 1 makes descent Lloyd's algorithm",
    ),
    _topic(
        "hebb",
        "4-12",
        lambda m: m.Hebb(),
        lambda m: m.SGD(0.0001),
        _normal(2, 1),
        of.clouds,
        100,
        batch_size=9,
    ),
    _topic(
        "instar",
        "4-12",
        lambda m: m.Instar(),
        lambda m: m.SGD(0.1),
        _normal(3, 2),
        of.clouds,
        10,
        batch_size=1,
        note="the cloud from which a point comes says which unit is on",
    ),
    _topic(
        "competitive-learning",
        "4-14",
        lambda m: m.SelfOrganizingMap(1, 3),
        lambda m: m.SGD(0.1),
        lambda: (of.clouds()[0][:3],),
        lambda: (of.with_widths(of.clouds()[0], 0.0), of.clouds()[1]),
        10,
        batch_size=1,
    ),
    _topic(
        "self-organizing-map",
        "4-13 and 4-15",
        lambda m: m.SelfOrganizingMap(3, 4),
        lambda m: m.SGD(m.ExponentialDecay(0.5, 500, 0.1)),
        lambda: (of.small_digits()[-12:],),
        of.map_of_digits,
        1,
        batch_size=1,
        note="scikit-learn's digits for MNIST, as 4 x 4 means of their 8 x 8 pixels",
    ),
    _layers(
        "autoencoder",
        "7-2",
        _autoencoder,
        lambda m: m.Adam(0.01),
        lambda: (of.small_digits()[:100],) * 2,
        100,
        batch_size=25,
        keras="model",
        note="scikit-learn's digits, 16 numbers through 2",
    ),
    _layers(
        "denoising-autoencoder",
        "7-6",
        _autoencoder,
        lambda m: m.Adam(0.01),
        of.noisy_digits,
        100,
        batch_size=25,
        keras="model",
        note="scikit-learn's digits; the noise is drawn once",
    ),
    _layers(
        "vae",
        "7-8",
        _vae,
        lambda m: m.Adam(0.01),
        lambda: of.digits_and_draws(2),
        100,
        batch_size=25,
        note="scikit-learn's digits; one draw for each digit",
    ),
    _layers(
        "gan",
        "8-4 and 8-5",
        _gan,
        _gan_optimizer,
        lambda: of.turns(20, 16, 2),
        50,
        batch_size=16,
        note="a normal distribution; the players' batches alternate",
    ),
    _rbm("rbm", "9-5 and 9-7", 20, 24, k=1),
    _rbm("rbm-cd-3", "9-5", 20, 72, k=3),
    _rbm("rbm-mean-field", "9-8", 20, 24, k=1, sampled=False),
    _agent("sarsa", "10-8 and 10-13", lambda m: m.Sarsa()),
    _agent("q-learning", "10-9 and 10-14", lambda m: m.QLearning()),
    _layers(
        "dqn",
        "10-10 to 10-12",
        lambda m: m.DQN(2, (m.Dense(8, m.Tanh()), m.Dense(4)), every=10),
        lambda m: m.Adam(0.01),
        lambda: of.replayed(500, 16),
        1,
        batch_size=16,
        note="transitions of random walks, replayed in an order drawn once",
    ),
    _topic(
        "matrix-factorization",
        "11-8",
        lambda m: m.MatrixFactorization(0.1),
        lambda m: m.SGD(0.01),
        _two_tables,
        of.known_ratings,
        1000,
    ),
    _topic(
        "rating-look-up",
        "11-9",
        lambda m: m.RatingLookUp(),
        lambda m: m.SGD(0.1),
        _two_tables,
        of.looked_up_ratings,
        100,
        batch_size=of.ITEMS,
        keras="model",
        note="no row twice in a batch: Keras's sparse update then sums nothing",
    ),
)

PLANTS: tuple[Plant, ...] = ()
