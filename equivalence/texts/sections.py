"""What stands in which section of the five texts, and what here answers it beside a pair.

A row: the section's number as the text has it; what is in it, in our words; and the commands that
answer it where no pair does, or beside one ("read gru" is ``equivalence read gru``).  Which pairs
answer a section, the pairs say (``Pair.sections``).  Where a text numbers nothing, its place
has the number of the listing before it, or a word.
"""

import re
from dataclasses import dataclass

from equivalence.texts.titles import TEXTS, named

PROSE = "prose"  # in the place of a command: there is nothing to compute
PART = re.compile(r"([abc](?=\d))?(.*)")  # the slides' parts, and the number within
INSIDE_OF = re.compile(r"$|[-_.]")  # what may follow the beginning of a number


@dataclass(frozen=True)
class Section:
    """One section of a text.

    key: the text's key and the section's number, as "001 417_5".
    about: what is in it.
    commands: what answers it, without the word ``equivalence``.
    prose: whether there is nothing to compute in it.
    """

    key: str
    about: str
    commands: tuple[str, ...] = ()
    prose: bool = False

    @property
    def text(self):
        return TEXTS[self.key[:3]]

    @property
    def number(self):
        return self.key[4:]

    @property
    def concepts(self):
        """What can be read of it: the names behind "read "."""
        return tuple(c.removeprefix("read ") for c in self.commands if c.startswith("read "))

    @property
    def name(self):
        """The section as a reader knows it, as "Inside TensorFlow 417_5"."""
        return f"{self.text.name} {self.number}"


def _of(text, *rows):
    """Return the Sections of one text."""
    for number, about, *commands in rows:
        prose = PROSE in commands
        yield Section(f"{text} {number}", about, () if prose else tuple(commands), prose)


COURSE = _of(
    "000",
    ("1-1", "history and traits of TensorFlow", PROSE),
    ("1-2", "installing TensorFlow; its version", "doctor"),
    ("1-3", "NVIDIA's architectures", PROSE),
    ("1-4", "memory of CPU and GPU; a product of two large matrices on both"),
    ("1-5", "a GPU at work", "gpu"),
    ("1-6", "graphs, and eager execution"),
    ("1-7", "the parabola 2x^2 + 3x + 5 by GradientTape, root mean square; program 1-1"),
    (
        "1-8",
        "stochastic gradient descent, two worked steps, decay of the rate",
        *("read sgd", "read exponential_decay", "plot surface"),
    ),
    (
        "1-9",
        "optimizers: momentum, Nesterov, Adagrad, RMSprop, Adadelta, Adam",
        *("read momentum", "read nesterov_look_ahead", "read adagrad", "read rmsprop"),
        *("read adadelta", "read adam", "plot surface"),
    ),
    ("1-10", "the parabola with a momentum of 0.7; program 1-2"),
    ("1-11", "the parabola by Adam and minimize(); program 1-3"),
    ("1-12", "Keras: Sequential and Functional", "read sequential", "read functional"),
    ("1-13", "stochastic, batch and mini-batch updates", "read batches"),
    ("1-14", "the parabola by Keras, Sequential, RMSprop; program 1-5"),
    ("1-15", "the parabola by Keras, Functional, Adam; program 1-6"),
    ("2-1", "a line by ordinary and by total least squares"),
    ("2-2", "a line by TensorFlow"),
    ("2-3", "logistic regression"),
    (
        "2-4",
        "entropy, Kullback-Leibler divergence, cross-entropy",
        *("read kl_divergence", "plot information"),
    ),
    (
        "2-5",
        "cross-entropy as a loss",
        *("read categorical_crossentropy", "read binary_crossentropy"),
    ),
    (
        "2-6",
        "cross-entropy beside the mean square",
        *("read categorical_crossentropy", "read mean_squared_error"),
    ),
    (
        "2-7",
        "binary and categorical cross-entropy",
        *("read binary_crossentropy", "read categorical_crossentropy"),
    ),
    ("2-8", "loans by logistic regression; the loans are not public, tumours stand in"),
    ("3-1", "classification by the k nearest neighbours"),
    ("3-2", "loans by the nearest neighbours; the loans are not public, iris stands in"),
    ("3-3", "clustering by k means"),
    ("3-4", "clusters of normal distributions"),
    ("4-1", "history of neural networks", PROSE),
    (
        "4-2",
        "activation functions",
        *("read sigmoid", "read tanh", "read relu", "read softmax", "plot activations"),
    ),
    ("4-3", "a small network computed by hand"),
    ("4-4", "XOR in a spreadsheet"),
    ("4-5", "the delta rule"),
    ("4-6", "the generalised delta rule: back-propagation"),
    ("4-7", "XOR by TensorFlow"),
    ("4-8", "overfitting: regularizers and dropout", "read dropout", "read regularized"),
    ("4-9", "loans by a deep network; the loans are not public, wines stand in"),
    ("4-10", "iris by a network with a hidden layer"),
    ("4-12", "Hebb's rule and the instar"),
    ("4-13", "the self-organizing map"),
    ("4-14", "clusters by competitive learning"),
    ("4-15", "handwritten digits by a self-organizing map"),
    ("5-1", "recurrent networks", "read simple_rnn"),
    ("5-2", "back-propagation through time", "read simple_rnn", "read lstm"),
    ("5-3", "LSTM", "read lstm"),
    ("5-4", "GRU", "read gru"),
    ("5-5", "kinds of sequences: many-to-one, many-to-many"),
    ("5-6", "LSTM, many-to-one and many-to-many"),
    ("5-7", "LSTM in both directions"),
    ("5-8", "LSTM of two layers, the second in both directions"),
    ("6-1", "what a convolutional network is", PROSE),
    ("6-2", "cross-correlation and convolution", "read convolution"),
    ("6-3", "the convolution layer", "read convolution"),
    ("6-4", "pooling", "read max_pooling", "read average_pooling"),
    (
        "6-5",
        "upsampling and transposed convolution",
        *("read up_sampling", "read convolution_transpose"),
    ),
    ("6-6", "convolution, pooling and transposed convolution by hand"),
    ("6-7", "arrangements of layers", PROSE),
    ("6-8", "back-propagation of a convolution", "read convolution"),
    ("6-9", "what convolutional networks lack", PROSE),
    ("6-10", "handwritten digits"),
    ("6-11", "a series foretold by convolution over one axis"),
    ("6-12", "convolution over one, two and three axes", "read convolution"),
    ("6-13", "a noisy sine with trend by convolution over one axis"),
    ("6-14", "the same by convolution over two axes"),
    ("7-1", "what an autoencoder is", PROSE),
    ("7-2", "an autoencoder that reduces dimensions"),
    ("7-3", "the same by convolution"),
    ("7-4", "the same by LSTM"),
    ("7-5", "share prices by an LSTM autoencoder and an LSTM"),
    ("7-6", "an autoencoder that removes noise"),
    ("7-7", "unsupervised pre-training"),
    ("7-8", "variational autoencoder"),
    ("8-1", "what a generative adversarial network is", PROSE),
    ("8-2", "its loss", "read gan"),
    ("8-3", "its results, as pictures", "plot gan", "plot gan-of-models"),
    ("8-4", "its algorithm"),
    ("8-5", "a normal distribution by a GAN, in TensorFlow"),
    ("8-6", "the same in Keras", "read gan_of_models"),
    ("8-7", "several normal distributions by a GAN"),
    ("8-8", "theory of GANs"),
    ("8-9", "mode collapse", "plot gan-of-models-mixture --epochs book"),
    ("8-10", "a GAN that convolves"),
    ("9-1", "what a restricted Boltzmann machine is", PROSE),
    ("9-2", "its energy", "read rbm"),
    ("9-3", "the conditional probabilities of its units", "read rbm"),
    ("9-4", "its likelihood"),
    ("9-5", "contrastive divergence"),
    ("9-6", "its learning rule", "read rbm"),
    ("9-7", "handwritten digits, by samples"),
    ("9-8", "handwritten digits, by probabilities"),
    ("10-1", "kinds of learning", PROSE),
    ("10-2", "Markov decision processes", "read grid_world"),
    ("10-3", "values of states, Bellman's equation"),
    ("10-4", "values of actions, Bellman's equation", "read q_learning", "read sarsa"),
    ("10-5", "running mean and exponential moving average"),
    ("10-6", "Sarsa and Q-learning", "read sarsa", "read q_learning"),
    ("10-7", "exploitation and exploration", "read grid_world"),
    ("10-8", "an exercise in Sarsa"),
    ("10-9", "an exercise in Q-learning"),
    ("10-10", "deep Q-network"),
    ("10-11", "its target network"),
    ("10-12", "its replay memory"),
    ("10-13", "Sarsa in a grid world"),
    ("10-14", "Q-learning in a grid world"),
    ("11-1", "kinds of recommenders", PROSE),
    ("11-2", "filtering by contents"),
    ("11-3", "nearest neighbours among users"),
    ("11-4", "nearest neighbours among items"),
    ("11-5", "the MovieLens data"),
    ("11-6", "films by nearest neighbours among items"),
    ("11-7", "latent factors", "read matrix_factorization"),
    ("11-8", "factors of a matrix by gradient descent"),
    ("11-9", "factors of a matrix by deep learning"),
    ("11-10", "films by latent factors"),
    ("11-11", "the package Surprise", PROSE),
    ("11-12", "a recommender of shares", PROSE),
)

INSIDE = _of(
    "001",
    (
        "01",
        "the matrices of a layer, and two forms of the error",
        *("read one_layer", "read mean_squared_error", "read half_squared_error"),
    ),
    ("411_1", "2 inputs, 2 outputs, in NumPy: 2, 20 and 200 epochs"),
    ("411_2", "the same in Keras"),
    ("412_1", "3 inputs, 3 outputs, in NumPy"),
    ("412_2", "the same in Keras"),
    ("413_1", "2 inputs, 1 output, in NumPy"),
    ("413_2", "the same in Keras"),
    ("414_1", "1 input, 1 output, in NumPy"),
    ("414_2", "the same in Keras"),
    ("415_1", "2-2-2, linear, in NumPy: 2, 20 and 200 epochs"),
    ("415_2", "the same in Keras"),
    ("416_1", "2-2-2 with sigmoid, in NumPy"),
    ("416_2", "the same in Keras"),
    ("416_3", "2-2-2 with tanh, in NumPy"),
    ("416_4", "the same in Keras"),
    ("416_5", "2-2-2 with ReLU, in NumPy"),
    ("416_6", "the same in Keras"),
    ("417_1", "2-2-2 with sigmoid and softmax, in NumPy"),
    ("417_2", "the same in Keras"),
    ("417_3", "2-2-2 with tanh and softmax, in NumPy"),
    ("417_4", "the same in Keras"),
    ("417_5", "2-2-2 with ReLU and softmax, in NumPy"),
    ("417_6", "the same in Keras"),
    ("418_1", "the same by GradientTape"),
    ("418_2", "the same with its gradients printed"),
    ("421_1", "the error E = (p + 2)^2 / 2 drawn", "plot descent"),
    ("422", "its descent to the left, by hand"),
    ("423", "its descent to the right, by hand"),
    ("424_1", "one step of descent to the left"),
    ("424_2", "2, 4, 8 and 16 steps to the left"),
    ("424_3", "16 steps to the right"),
    ("431_1", "momentum"),
    ("432_1", "AdaGrad"),
    ("433_1", "RMSProp"),
    ("434_1", "Adam"),
)

ANALYSIS = _of(
    "002",
    ("1.1", "what learning is: layers, weights, loss, optimizer", PROSE),
    ("3-3", "a model of 10000-16-16-1"),
    ("3.10", "the sigmoid", "read sigmoid"),
    ("3.11", "the output of a neuron"),
    ("3.12", "a neuron that learns 0 from 1"),
    (
        "descent",
        "gradient descent: rates too small and too large, mini-batches, momentum",
        *("plot learning-rates", "read batches"),
    ),
    ("3.13", "a neuron that learns nothing from 0"),
    ("3.14", "the same with a bias"),
    ("graph", "graphs of computation, forward and backward", PROSE),
    ("3.16", "AND by one neuron"),
    ("3.23", "XOR by one neuron"),
    ("3.24", "its outputs"),
    ("3.25", "its weights"),
    ("3.26", "the weights of AND, and its outputs (table 3.8)"),
    ("3.27", "XOR by a network of 2-2-1"),
    ("3.28", "its training"),
    ("3.29", "its outputs"),
    ("3.30", "its weights"),
    ("naive", "Dense, Sequential and fit made by hand; digits by 784-512-10", "read dense"),
    ("4.3", "a line by least squares: ageing and growth of the population", "read regression"),
    ("4.4", "the same by Adam"),
    ("4.7", "the same by a network of 1-6-1"),
    ("4.2", "graphs of sigmoid and tanh", "plot sigmoid", "plot tanh"),
    ("5.1", "wine data read"),
    ("5.2", "wine data joined"),
    ("5.5", "columns scaled to 0 to 1", "read scaling"),
    ("5.6", "rows shuffled", "read batches"),
    (
        "5.7",
        "rows split for training and testing; classes one-hot",
        *("read split", "read one_hot"),
    ),
    (
        "5.8",
        "wine by 12-48-24-12-2; softmax and cross-entropy by hand",
        *("read softmax", "plot information"),
    ),
    ("5.9", "its training", "evaluate wine-12-48-24-12-2 --validation 0.25"),
    ("5.11", "its evaluation", "evaluate wine-12-48-24-12-2"),
)

SLIDES = _of(
    "003",
    (
        "A1",
        "neurons, perceptrons, activations, networks, Kohonen's map, back-propagation",
        *("read binary_step", "read gaussian", "read softmax"),
    ),
    ("A2", "frameworks", PROSE),
    ("A3", "TensorFlow: graphs, sessions", "today tf.Session", "today tf.placeholder"),
    ("AlexNet", "times of AlexNet under several frameworks, in a table (A3)"),
    (
        "A4",
        "losses, optimizers, dropout, more images, a line by pseudo-inverse, polyfit and descent",
        *("read regression", "read kl_divergence", "read dropout", "read augmentation"),
    ),
    ("B1", "what a deep network is; its activations", "read relu", "read softmax"),
    (
        "B2",
        "handwritten digits, and a Keras program that reads them",
        *("read one_hot", "evaluate digits-784-128-10", "read metrics"),
    ),
    ("B3", "digits by one layer, 784-10"),
    ("B4", "insurance fraud by one layer; the data are not in the text"),
    ("B5", "iris by one layer"),
    ("B6", "digits by 784-360-10"),
    ("C1", "Keras: Sequential, Functional, models of several inputs", "read functional"),
    ("C2", "recurrent networks; the next word of a sentence", "read simple_rnn", "read padding"),
    ("C3", "the next word by LSTM", "read lstm"),
)

CELSIUS = _of(
    "004",
    ("01-1", "Celsius to Fahrenheit by one Dense unit, and by 1-4-4-1"),
    ("01-2", "forward pass, back-propagation, words", PROSE),
    ("01-3", "what a Dense layer computes: 3-2-1"),
)

SECTIONS = {row.key: row for part in (COURSE, INSIDE, ANALYSIS, SLIDES, CELSIUS) for row in part}


def at(text, numbers):
    """Return the keys of sections of one text: ``at("001", "417_5 418_1")``."""
    return tuple(f"{text} {number}" for number in numbers.split())


def printed(sections):
    """Return sections in a line, each text's name once: "Course 4-6; Slides A1, A2"."""
    of_text = {}
    for key in sections:
        of_text.setdefault(key[:3], []).append(key[4:])
    return "; ".join(f"{TEXTS[text].name} {', '.join(of)}" for text, of in of_text.items())


def found(name):
    """Return the Sections that a reader may mean by ``name``, in the order of the texts.

    name: a number as the text has it, with or without the text's key or a word of its
        name ("416_1", "003 A4", "celsius 01-3"); or the beginning of several ("411", "000 4").
    """
    words = name.split()
    texts = named(words[0]) if len(words) > 1 else ()
    number = " ".join(words[1:] if texts else words)
    inside = [row for row in SECTIONS.values() if not texts or row.text in texts]
    return tuple(row for row in inside if _is_in(row.number, number))


def _is_in(number, asked):
    """Say whether a section is the one asked for or a part of it: 411_1 of 411, A4 of 4 or A."""
    number, asked = number.lower(), asked.lower().removesuffix(".py")
    part, place = PART.fullmatch(number).groups()
    begins = lambda whole: whole.startswith(asked) and INSIDE_OF.match(whole[len(asked) :])
    return bool(asked) and (asked == part or any(map(begins, (number, place))))
