"""Small models of the kinds that people train, each compiled and with data that fit.

A model is a function of Keras, its layers and a generator of numbers, and returns (model, x, y).
"""

from equivalence.arithmetic.precisions import USUAL
from equivalence.machine.keras_settings import under
from equivalence.plants.ordinary import generative, images, others, sequences

MODELS = {
    each.__name__: each
    for topic in (others, images, sequences, generative)
    for each in topic.MODELS
}


def build(name, policy=USUAL):
    """Return a compiled model, its inputs and its targets, drawn from a fixed seed.

    policy: of Keras's, under which the model is built.
    """
    import keras
    import numpy as np

    keras.utils.clear_session()  # names of layers are counted from here
    keras.utils.set_random_seed(7)
    with under(policy):
        return MODELS[name](keras, keras.layers, np.random.default_rng(7))
