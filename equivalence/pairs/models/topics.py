"""The topics of text 000 that are no stack of layers, or one that learns in a way of its own.

The text has no listing of them; what the run fixes and the text leaves open (data, sizes,
rates) is ours.  A rule that a textbook writes as w <- w + rate d runs as descent: its
gradient is -d.
"""

import numpy as np

from equivalence.pairs import data
from equivalence.pairs.models import topics_data as of
from equivalence.pairs.models.neurons import AND, CORNERS, XOR
from equivalence.pairs.models.row import model
from equivalence.pairs.plant import Plant
from equivalence.steps.pair import Pair
from equivalence.texts import at


def _topic(name, numbers, network, optimizer, draw, samples, epochs, also=(), **more):
    """Return a row; ``draw`` gives the weights before the first step, ``samples`` the data.

    numbers: sections of text 000; also: of other texts.
    """
    return Pair(
        name,
        at("000", numbers) + also,
        network=network,
        optimizer=optimizer,
        start=draw,
        data=samples,
        epochs=epochs,
        **{"keras": None, **more},
        group="models",
    )


def _layers(name, numbers, network, optimizer, samples, epochs, **more):
    """Return the row of a network that knows its weights' shapes."""
    more = {"keras": None, **more}
    return model(name, at("000", numbers), network, optimizer, samples, epochs, **more)


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


def _gan_of_models(m):
    reads, makes = ((m.Dense(8, m.Tanh()), m.Dense(1)) for _ in range(2))
    return m.GANOfModels(1, 2, reads, makes)


def _dcgan(m):
    """Return a GAN whose players convolve: samples are rows of 8 numbers."""
    reads = (
        m.Reshape((8, 1)),
        m.Conv1D(3, 3, strides=2, padding="same", activation=m.LeakyReLU(0.2)),
        m.Flatten(),
        m.Dense(1),
    )
    makes = (
        m.Dense(8, m.ReLU()),
        m.Reshape((4, 2)),
        m.Conv1DTranspose(1, 3, strides=2, padding="same"),
        m.Flatten(),
    )
    return m.GAN(8, 3, reads, makes)


def _in_turn(gan):
    return lambda m: m.InTurn((m.Adam(0.005), m.Adam(0.01)), gan(m).players)


def _rbm_start():
    return (*_normal(16, 8)(), np.zeros((1, 16)), np.zeros((1, 8)))


def _rbm(name, numbers, draws, **options):
    return _topic(
        name,
        numbers,
        lambda m: m.RBM(**options),
        lambda m: m.SGD(0.1),
        _rbm_start,
        lambda: of.binary_digits(draws),
        200,
        batch_size=20,
        note="scikit-learn's digits for MNIST: 100 of them, 4 x 4, in black and white",
    )


def _agent(name, numbers, network):
    return _topic(
        name,
        numbers,
        network,
        lambda m: m.SGD(0.5),
        lambda: (np.ones((12, 4)),),
        lambda: of.walks(2000),
        1,
        batch_size=1,
        note="a start that promises more than the world has: the agent tries every action",
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
        "2-3 2-8",
        lambda m: m.OneLayer(m.SigmoidOutput()),
        lambda m: m.SGD(0.1),
        lambda: data.start((5, 1), seed=0),
        of.tumours,
        100,
        batch_size=64,
        keras="model",
        note="scikit-learn's breast cancer data (for 2-8's loans, too), the first five features "
        "standardised",
    ),
    _topic(
        "best-discriminator",
        "8-8",
        lambda m: m.OneLayer(m.SigmoidOutput()),
        lambda m: m.SGD(2.0),
        lambda: (np.zeros((4, 1)), np.zeros((1, 1))),
        of.real_and_made,
        500,
        keras="model",
        note="a discriminator with a logit for each of four samples, which real and made data have "
        "with other chances p and q: it comes to p / (p + q), its error to log 2 less the "
        "Jensen-Shannon divergence",
    ),
    _topic(
        "nearest-neighbours",
        "3-1 3-2",
        lambda m: m.NearestNeighbours(3),
        lambda m: m.SGD(0.1),
        of.stored_flowers,
        of.other_flowers,
        1,
        batch_size=12,
        note="iris (for 3-2's loans, too) in whole millimetres: every distance is exact, and equal "
        "ones are equal",
    ),
    _topic(
        "k-means",
        "3-3 3-4",
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
        note="90 points of three normal distributions in the plane, drawn here",
    ),
    *(
        _topic(
            name,
            "10-5",
            lambda m: m.Point(),
            optimizer,
            lambda: ([[0.0]],),
            of.twenty_numbers,
            1,
            batch_size=1,
            keras="model",
            note=note,
        )
        for name, optimizer, note in (
            (
                "running-mean",
                lambda m: m.SGD(m.InverseTimeDecay(1.0, 1, 1.0)),
                "m + (x - m) / n is descent of (m - x)^2 / 2 at the rate 1 / n; twenty numbers",
            ),
            (
                "moving-mean",
                lambda m: m.SGD(0.1),
                "m + 0.1 (x - m) is the same at one rate; twenty normal numbers, drawn here",
            ),
        )
    ),
    _layers(
        "gan-of-two",
        "8-7 8-9",
        _gan,
        lambda m: m.InTurn((m.Adam(0.001), m.Adam(0.02)), _gan(m).players),
        lambda: of.turns_of_two(20, 16, 2),
        50,
        batch_size=16,
        note="a mixture of N(-4, 1/4) and N(4, 1/4); the generator learns faster, and collapses",
    ),
    *(
        _layers(
            name,
            numbers,
            _gan_of_models,
            lambda m, rates=rates: m.InTurn(
                tuple(m.Adam(rate) for rate in rates), _gan_of_models(m).players
            ),
            samples,
            epochs,
            batch_size=16,
            in_turn=True,
            note=note,
        )
        for name, numbers, rates, samples, epochs, note in (
            (
                "gan-of-models",
                "8-6",
                (0.005, 0.01),
                lambda: of.turns(20, 16, 1, 2),
                50,
                "two compiled models and train_on_batch in turn; the discriminator is held in the "
                "combined one",
            ),
            (
                "gan-of-models-mixture",
                "8-6 8-7 8-9",
                (0.001, 0.02),
                lambda: of.turns_of_two(20, 16, 2),
                40,
                "the same on a mixture of N(-4, 1/4) and N(4, 1/4): it collapses to one of them",
            ),
        )
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
        note="90 points of three normal distributions in the plane, drawn here",
    ),
    _topic(
        "self-organizing-map",
        "4-13 4-15",
        lambda m: m.SelfOrganizingMap(3, 4),
        lambda m: m.SGD(m.ExponentialDecay(0.5, 500, 0.1)),
        lambda: (of.small_digits()[-12:],),
        of.map_of_digits,
        1,
        batch_size=1,
        note="scikit-learn's digits for MNIST, as 4 x 4 means of their 8 x 8 pixels",
        also=at("003", "A1"),
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
        "pre-training",
        "7-7",
        lambda m: m.Sequential(
            (16,),
            (
                m.Frozen(m.Dense(6, m.Tanh()), of.encoder_of_digits()),
                m.Dense(8, m.Tanh()),
                m.Dense(10),
            ),
            m.SoftmaxOutput(),
        ),
        lambda m: m.Adam(0.02),
        of.labelled_digits,
        60,
        batch_size=25,
        keras="model",
        note="scikit-learn's digits; the first layer comes from an autoencoder, and is held",
    ),
    _layers(
        "walk-by-code",
        "7-5",
        lambda m: m.Sequential(
            (8, 1),
            (
                m.Frozen(m.LSTM(3, return_sequences=True), of.encoder_of_walks()),
                m.LSTM(4),
                m.Dense(1),
            ),
        ),
        lambda m: m.Adam(0.01),
        of.random_walk,
        20,
        batch_size=20,
        keras="model",
        note="a random walk for share prices; the first LSTM comes from an autoencoder, and is held",
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
        "8-4 8-5",
        _gan,
        _in_turn(_gan),
        lambda: of.turns(20, 16, 1, 2),
        50,
        batch_size=16,
        note="a normal distribution; the players' batches alternate",
    ),
    _layers(
        "dcgan",
        "8-10",
        _dcgan,
        _in_turn(_dcgan),
        lambda: of.turns(10, 8, 8, 3),
        50,
        batch_size=8,
        note="rows of 8 numbers of a normal distribution; the players' batches alternate",
    ),
    _rbm("rbm", "9-5 9-7", 24, k=1),
    _rbm("rbm-cd-3", "9-5", 72, k=3),
    _rbm("rbm-mean-field", "9-8", 24, k=1, sampled=False),
    _agent("sarsa", "10-8 10-13", lambda m: m.Sarsa()),
    _agent("q-learning", "10-9 10-14", lambda m: m.QLearning()),
    _layers(
        "dqn",
        "10-10 10-11 10-12",
        lambda m: m.DQN(2, (m.Dense(8, m.Tanh()), m.Dense(4)), every=10),
        lambda m: m.Adam(0.01),
        lambda: of.replayed(500, 16),
        1,
        batch_size=16,
        note="transitions of random walks, replayed in an order drawn once",
    ),
    _layers(
        "dqn-that-acts",
        "10-7 10-10 10-11 10-12",
        lambda m: m.ActingDQN(2, (m.Dense(16, m.Tanh()), m.Dense(4)), every=50, memory=200),
        lambda m: m.Adam(0.01),
        lambda: of.acting(3000, 16, 200),
        1,
        batch_size=1,
        note="the agent walks by its own values, or with the chance 1/5 anywhere; its memory of 200 "
        "transitions fills",
    ),
    *(
        _topic(
            name,
            numbers,
            lambda m, greedy=greedy: m.Bellman(greedy),
            lambda m: m.SGD(1.0),
            lambda: (np.zeros((12, 1)),),
            of.nothing,
            40,
            note=note,
        )
        for name, numbers, greedy, note in (
            ("value-iteration", "10-3 10-4", True, "the values of the best actions, by sweeps"),
            ("policy-evaluation", "10-3", False, "the values of random actions, by sweeps"),
        )
    ),
    *(
        _topic(
            f"recommender-by-{by}",
            numbers,
            lambda m, by=by: m.Recommender(by),
            lambda m: m.SGD(0.1),
            memory,
            of.new_users,
            1,
            note=f"{note}; 1 to 5 stars for 6 items, drawn here",
        )
        for by, numbers, memory, note in (
            ("contents", "11-2", lambda: (of.more_stars()[0],), "two traits of each item"),
            ("users", "11-3", lambda: (of.remembered_ratings(),), "12 users are remembered"),
            (
                "items",
                "11-4 11-6",
                lambda: (of.remembered_ratings(),),
                "12 users are remembered (for 11-6's films, too)",
            ),
        )
    ),
    _topic(
        "rbm-likelihood",
        "9-4",
        lambda m: m.RBMLikelihood(),
        lambda m: m.SGD(0.1),
        lambda: (*_normal(16, 4)(), np.zeros((1, 16)), np.zeros((1, 4))),
        of.black_and_white,
        50,
        batch_size=20,
        note="scikit-learn's digits, 4 x 4, in black and white; 4 hidden units have 16 states",
    ),
    _topic(
        "perceptron",
        "",
        lambda m: m.Perceptron(),
        lambda m: m.SGD(1.0),
        lambda: ([[0.5], [-0.5]], [[0.25]]),
        lambda: (CORNERS, AND),
        10,
        batch_size=1,
        note="AND; whole numbers beside halves: every step is exact",
        also=at("003", "A1"),
    ),
    _topic(
        "radial-basis",
        "",
        lambda m: m.RadialBasis(0.7),
        lambda m: m.SGD(0.5),
        lambda: (
            CORNERS + 0.1 * np.random.default_rng(9).normal(size=(4, 2)),
            *_normal(4, 1)(),
            np.zeros((1, 1)),
        ),
        lambda: (CORNERS, XOR),
        200,
        note="XOR by four centres near the corners; the text has no numbers",
        also=at("003", "A1"),
    ),
    _topic(
        "matrix-factorization",
        "11-7 11-8 11-10",
        lambda m: m.MatrixFactorization(0.1),
        lambda m: m.SGD(0.01),
        _two_tables,
        of.known_ratings,
        1000,
        note="1 to 5 stars by 8 users for 6 items, 7 in 10 of them known, drawn here (for 11-10's films, too)",
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
        note="the stars of matrix-factorization; no row twice in a batch: Keras's sparse update then "
        "sums nothing",
    ),
)


def wrong(*rows):
    """Return the Plants of a table of wrong lines.

    A row: what is wrong, in words; tree; file; before; after; the row's name; the stage and
    the step where it must be found.
    """
    return tuple(Plant(*row, group="models") for row in rows)


TOTAL, MAP, NEAREST = (
    f"networks/{name}.py"
    for name in ("total_least_squares", "self_organizing_map", "nearest_neighbours")
)
OUTPUT, SEQUENTIAL, KMEANS, HEBB, INSTAR, VAE, GAN, RBM, WORLD, SARSA, Q, DQN, FACTORS, RATINGS = (
    f"networks/{name}.py"
    for name in (
        *("output", "sequential", "k_means", "hebb", "instar", "vae", "gan", "rbm"),
        *("grid_world", "sarsa", "q_learning", "dqn", "matrix_factorization", "rating_look_up"),
    )
)
IN_TURN = "optimizers/in_turn.py"
PERCEPTRON, BELLMAN, RECOMMENDER, LIKELIHOOD, RADIAL = (
    f"networks/{name}.py"
    for name in ("perceptron", "bellman", "recommender", "rbm_likelihood", "radial_basis")
)
ACTING = "networks/acting_dqn.py"
MODELS = "networks/gan_of_models.py"
FROZEN = "layers/frozen.py"
POINT, HALF = "networks/point.py", "losses/half_squared_error.py"
# fmt: off
# ruff: noqa: E501
PLANTS = wrong(
    ("the slope's part in the distance has no gradient", "refimpl", TOTAL, " + lengthb * 2 * a", "", "total-least-squares", "gradients", 1),
    ("distances along y", "tfimpl", TOTAL, "E = squares / length", "E = squares / 1", "total-least-squares", "loss", 1),
    ("a softmax of one unit", "refimpl", OUTPUT, "activation: Any = Sigmoid()", "activation: Any = Softmax()", "logistic-regression", "activations", 0),
    ("squared error for cross-entropy", "tfimpl", OUTPUT, "loss: Any = BinaryCrossentropyFromLogits()", "loss: Any = MeanSquaredError()", "logistic-regression", "loss", 0),
    ("a softmax of one unit", "refimpl", OUTPUT, "activation: Any = Sigmoid()", "activation: Any = Softmax()", "best-discriminator", "activations", 0),
    ("squared error for cross-entropy", "tfimpl", OUTPUT, "loss: Any = BinaryCrossentropyFromLogits()", "loss: Any = MeanSquaredError()", "best-discriminator", "loss", 0),
    ("no bias", "tfimpl", "networks/one_layer.py", "Z = X @ W + B", "Z = X @ W + 0 * B", "ordinary-least-squares", "gradients", 0),
    ("the bias's gradient is a mean", "refimpl", "networks/one_layer.py", "Bb = np.sum(Yb, axis=-2, keepdims=True)", "Bb = np.sum(Yb, axis=-2, keepdims=True) / X.shape[-2]", "ordinary-least-squares", "gradients", 0),
    ("of points as far away the last", "refimpl", NEAREST, "place[:, None] > place,", "place[:, None] < place,", "nearest-neighbours", "activations", 0),
    ("one neighbour less", "tfimpl", NEAREST, "k=self.k", "k=self.k - 1", "nearest-neighbours", "activations", 0),
    ("the class with fewest votes", "refimpl", NEAREST, "first_smallest(-votes)", "first_smallest(votes)", "nearest-neighbours", "activations", 0),
    ("a cluster's sum over all points", "refimpl", KMEANS, "Mb = np.sum(share[..., None]", "Mb = np.sum(0 * share[..., None] + 1", "k-means", "gradients", 0),
    ("distances that are not squared", "tfimpl", KMEANS, "tf.square(self.apart(M, X))", "tf.abs(self.apart(M, X))", "k-means", "activations", 0),
    ("the rule's sign", "refimpl", HEBB, "Yb = -Y", "Yb = Y", "hebb", "gradients", 0),
    ("twice the rule", "tfimpl", HEBB, "E = -0.5 *", "E = -1.0 *", "hebb", "loss", 0),
    ("units that are off forget", "refimpl", INSTAR, "T[..., None] * apart", "(0 * T[..., None] + 1) * apart", "instar", "gradients", 0),
    ("the activity is not held", "tfimpl", INSTAR, "tf.reduce_sum(T * distances", "tf.reduce_sum(distances * distances * T", "instar", "loss", 0),
    ("the farthest wins", "refimpl", MAP, "winner = first_smallest(distances)", "winner = first_smallest(-distances)", "competitive-learning", "activations", 0),
    ("the winner takes nothing", "tfimpl", MAP, "tf.where(width > 0, near, winner)", "tf.where(width > 0, near, 0 * winner)", "competitive-learning", "activations", 0),
    ("a width that is not squared", "refimpl", MAP, "2 * width * width", "2 * width", "self-organizing-map", "activations", 0),
    ("a grid of one row", "tfimpl", MAP, "(row[:, None] - row) ** 2 + ", "", "self-organizing-map", "activations", 0),
    ("a layer of twice its input", "tfimpl", SEQUENTIAL, "layer.forward(own, x, *masks)", "layer.forward(own, 2 * x, *masks)", "autoencoder", "activations", 0),
    ("the last activation is passed by on the way back", "refimpl", SEQUENTIAL, "xb = self.output.backward(*activations[-2:], targets)", "xb = self.output.loss.backward(activations[-1], targets)", "autoencoder", "flows", 0),
    ("the noise is learned too", "refimpl", SEQUENTIAL, "self.output.error(*activations[-2:], targets)", "self.output.error(*activations[-2:], inputs)", "denoising-autoencoder", "loss", 0),
    ("the noise is learned, and nobody sees it in NumPy", "tfimpl", SEQUENTIAL, "self.output.error(*activations[-2:], targets)", "self.output.error(*activations[-2:], inputs)", "denoising-autoencoder", "loss", 0),
    ("the generator's samples are read as the real ones", "refimpl", GAN, "D.forward(ofD, x, ", "D.forward(ofD, made, ", "dcgan", "activations", 0),
    ("the generator learns against the discriminator's sign", "tfimpl", GAN, "sign = 1 - 2 * turn", "sign = 1 + 0 * turn", "dcgan", "loss", 1),
    ("the variance for the deviation", "refimpl", VAE, "m + np.exp(l / 2) * eps", "m + np.exp(l) * eps", "vae", "activations", 0),
    ("the divergence's gradient without its 1", "refimpl", VAE, "(half * np.exp(l), -half)", "(half * np.exp(l),)", "vae", "flows", 0),
    ("the divergence with the wrong sign", "tfimpl", VAE, "E = R + K", "E = R - K", "vae", "loss", 0),
    ("no gradient through the deviation", "tfimpl", VAE, "m + tf.exp(l / 2) * eps", "m + tf.stop_gradient(tf.exp(l / 2)) * eps", "vae", "flows", 0),
    ("the generator wants to be found out", "refimpl", GAN, "sign = 1 - 2 * turn", "sign = 1 + 0 * turn", "gan", "loss", 1),
    ("the generator has half its gradient", "tfimpl", GAN, "D.forward(for_made, made, note_made)", "D.forward(for_made, (made + tf.stop_gradient(made)) / 2, note_made)", "gan", "flows", 0),
    ("the generator wants to be found out", "refimpl", GAN, "sign = 1 - 2 * turn", "sign = 1 + 0 * turn", "gan-of-two", "loss", 1),
    ("the generator's samples are read as the real ones", "tfimpl", GAN, "D.forward(for_real, x, ", "D.forward(for_real, z[..., :1], ", "gan-of-two", "activations", 0),
    ("the generator learns from the discriminator's labels", "refimpl", MODELS, "[np.ones_like(turn), turn]", "[np.ones_like(turn), 0 * turn]", "gan-of-models", "loss", 1),
    ("who waits learns too", "tfimpl", MODELS, "tuple(map(tf.stop_gradient, weights))", "tuple(weights)", "gan-of-models", "gradients", 1),
    ("the sum for the mean", "refimpl", MODELS, "np.sum(S, axis=-1) / np.sum(counts, axis=(-2, -1))", "np.sum(S, axis=-1)", "gan-of-models-mixture", "loss", 0),
    ("what is real is left out", "tfimpl", MODELS, "tf.concat([x, made], axis=-2)", "tf.concat([made, made], axis=-2)", "gan-of-models-mixture", "activations", 0),
    ("the rule's sign", "refimpl", PERCEPTRON, "Zb = Y - T", "Zb = T - Y", "perceptron", "gradients", 1),
    ("a sigmoid for the step", "tfimpl", PERCEPTRON, "self.step.forward(Z)", "tf.sigmoid(Z)", "perceptron", "activations", 0),
    ("no discount", "refimpl", BELLMAN, "self.discount * following", "following", "value-iteration", "activations", 1),
    ("the worst action", "tfimpl", BELLMAN, "tf.reduce_max(q", "tf.reduce_min(q", "value-iteration", "activations", 0),
    ("the sum for the mean", "refimpl", BELLMAN, "keepdims=True) / 4", "keepdims=True)", "policy-evaluation", "activations", 0),
    ("an end has a value", "tfimpl", BELLMAN, "tf.where(self.ends, 0 * v, v)", "v", "policy-evaluation", "activations", 0),
    ("products for cosines", "refimpl", RECOMMENDER, " / (of_a * of_b.mT)", "", "recommender-by-contents", "activations", 0),
    ("what is rated is recommended again", "tfimpl", RECOMMENDER, "-tf.ones_like(X), scores", "scores, scores", "recommender-by-contents", "activations", 0),
    ("unknown ratings count", "refimpl", RECOMMENDER, "likeness @ self.known(memory)", "likeness @ np.ones_like(memory)", "recommender-by-users", "activations", 0),
    ("the least likely item", "tfimpl", RECOMMENDER, "first_smallest(-new)", "first_smallest(new)", "recommender-by-users", "activations", 0),
    ("unknown ratings count", "refimpl", RECOMMENDER, "self.known(X) @ likeness", "np.ones_like(X) @ likeness", "recommender-by-items", "activations", 0),
    ("squares for ratings", "tfimpl", RECOMMENDER, "self.likeness(items, items)", "self.likeness(items * items, items)", "recommender-by-items", "activations", 0),
    ("Z without the biases of the hidden", "refimpl", LIKELIHOOD, "np.sum(h * B, axis=-1) + softplus", "0 * np.sum(h * B, axis=-1) + softplus", "rbm-likelihood", "activations", 1),
    ("log Z is left out", "tfimpl", LIKELIHOOD, " + logZ[..., 0, 0]", "", "rbm-likelihood", "loss", 0),
    ("the width is not squared", "refimpl", RADIAL, "H = np.exp(-distances / (2 * self.width * self.width))", "H = np.exp(-distances / (2 * self.width))", "radial-basis", "activations", 0),
    ("half the gradient of the centres", "tfimpl", RADIAL, "C[..., None, :, :]  # (1)", "(0.5 * C + tf.stop_gradient(0.5 * C))[..., None, :, :]  # (1)", "radial-basis", "gradients", 0),
    ("what is held fades", "refimpl", FROZEN, "return (*held, *self.inner", "return (*(0.9 * h for h in held), *self.inner", "pre-training", "slots", 0),
    ("what is held is not used", "tfimpl", FROZEN, "self.inner.forward(weights, x, *mask)", "self.inner.forward([0.5 * w for w in weights], x, *mask)", "pre-training", "activations", 0),
    ("what is held grows", "tfimpl", FROZEN, "return (*held, *self.inner", "return (*(2 * h for h in held), *self.inner", "walk-by-code", "slots", 0),
    ("half of the inputs", "refimpl", FROZEN, "self.inner.forward(weights, x, *mask)", "self.inner.forward(weights, 0.5 * x, *mask)", "walk-by-code", "activations", 0),
    ("the mean is doubled", "refimpl", POINT, "Y = p  # (1)", "Y = 2 * p  # (1)", "running-mean", "activations", 1),
    ("the whole square", "tfimpl", HALF, "0.5 * tf.square(O - T)", "tf.square(O - T)", "running-mean", "loss", 0),
    ("away from what comes", "refimpl", HALF, "return O - T  # (2)", "return T - O  # (2)", "moving-mean", "gradients", 0),
    ("a mean of nothing", "tfimpl", POINT, "Y = p  # (1)", "Y = 0 * p  # (1)", "moving-mean", "gradients", 0),
    ("Adam counts the steps of both players", "refimpl", IN_TURN, "own_step = (step - 1) // count + 1", "own_step = step", "gan", "weights", 1),
    ("both players move at once", "tfimpl", IN_TURN, "tf.abs(turn - player) < 0.5", "tf.abs(turn - player) < 1.5", "gan", "slots", 0),
    ("Adam forgets the player who waits", "refimpl", IN_TURN, "np.where(plays, a, b)", "np.where(plays, a, 0.9 * b)", "gan", "slots", 1),
    ("the phases exchanged", "refimpl", RBM, "(\"x\", x, -share), (\"y\", y, share)", "(\"x\", x, share), (\"y\", y, -share)", "rbm", "flows", 0),
    ("a unit is on where the draw is above", "tfimpl", RBM, "draw < chance", "draw > chance", "rbm", "activations", 0),
    ("every turn with the draws of the first", "refimpl", RBM, "begin = turn * (hidden + visible)", "begin = 0 * (hidden + visible)", "rbm-cd-3", "activations", 0),
    ("the draws of the turns the other way round", "tfimpl", RBM, "draws.append((", "draws.insert(0, (", "rbm-cd-3", "activations", 0),
    ("the chain is not held", "tfimpl", RBM, "y = tf.stop_gradient(self.chained(weights, inputs, seen))", "y = self.chained(weights, inputs, seen)", "rbm-mean-field", "gradients", 0),
    ("a chain of samples all the same", "refimpl", RBM, "if not self.sampled:", "if self.sampled:", "rbm-mean-field", "activations", 0),
    ("the best action's value, whatever is done", "refimpl", SARSA, "self.value(Q, after, next_action)", "np.max(self.values(Q, after), axis=-1, keepdims=True)", "sarsa", "activations", 42),
    ("the target is not held", "tfimpl", SARSA, "tf.stop_gradient(self.forward(weights, inputs, states)[0])", "self.forward(weights, inputs, states)[0]", "sarsa", "gradients", 0),
    ("an episode goes on behind its end", "tfimpl", SARSA, "begin = tf.where(done > 0, self.world.start(place), after)", "begin = after", "sarsa", "slots", 10),
    ("no discount", "refimpl", Q, "self.discount * best", "best", "q-learning", "activations", 0),
    ("of equal actions the last", "refimpl", "functions.py", "((rival <= x) & (places > k)) | ((rival < x) & (places < k))", "((rival < x) & (places > k)) | ((rival <= x) & (places < k))", "q-learning", "activations", 0),
    ("greedy but for one draw in ten", "tfimpl", WORLD, "draws[..., :1] < self.epsilon", "draws[..., :1] > self.epsilon", "q-learning", "activations", 0),
    ("no wall on the left", "tfimpl", WORLD, "tf.clip_by_value(column + right, 0,", "tf.clip_by_value(column + right, -1,", "q-learning", "slots", 19),
    ("nothing is kept", "refimpl", ACTING, "np.where(here, row, memory)", "memory", "dqn-that-acts", "activations", 0),
    ("the agent is never greedy", "tfimpl", ACTING, "< self.epsilon", "> self.epsilon", "dqn-that-acts", "activations", 2),
    ("what is kept stands a row too far", "tfimpl", ACTING, "== steps % self.memory", "== (steps + 1) % self.memory", "dqn-that-acts", "activations", 0),
    ("the target network is copied once", "refimpl", DQN, "now = steps % self.every < 0.5", "now = steps < 0.5", "dqn", "activations", 10),
    ("the weights for the target network", "tfimpl", DQN, "self.net.forward(self.frozen(weights, states), after, note)", "self.net.forward(weights, after, note)", "dqn", "activations", 1),
    ("the target is not held", "tfimpl", DQN, "target = tf.stop_gradient(tf.where(done > 0, r, r + self.discount * best))", "target = tf.where(done > 0, r, r + self.discount * best)", "dqn", "gradients", 0),
    ("unknown ratings count", "refimpl", FACTORS, "apart = inputs * (targets - ratings)", "apart = targets - ratings", "matrix-factorization", "loss", 0),
    ("half the regularization's gradient", "refimpl", FACTORS, "ratingsb.mT @ P + 2 * self", "ratingsb.mT @ P + self", "matrix-factorization", "gradients", 0),
    ("items are not regularized", "tfimpl", FACTORS, "for W in (P, Q)", "for W in (P,)", "matrix-factorization", "loss", 0),
    ("users for items", "refimpl", RATINGS, "(Yb * items)", "(Yb * users)", "rating-look-up", "gradients", 0),
    ("every second row alone", "tfimpl", RATINGS, "numbers = tf.cast(X, tf.int32)", "numbers = tf.cast(X, tf.int32) // 2 * 2", "rating-look-up", "activations", 0),
)
