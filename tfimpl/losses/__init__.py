"""Losses in TensorFlow; see ``refimpl.losses``.  ``keras()`` gives Keras's own."""

from tfimpl.losses.binary_crossentropy import BinaryCrossentropy
from tfimpl.losses.binary_crossentropy_logits import BinaryCrossentropyFromLogits
from tfimpl.losses.binary_focal_crossentropy import BinaryFocalCrossentropy
from tfimpl.losses.binary_focal_crossentropy_logits import BinaryFocalCrossentropyFromLogits
from tfimpl.losses.categorical_crossentropy import CategoricalCrossentropy
from tfimpl.losses.categorical_crossentropy_logits import (
    CategoricalCrossentropyFromLogits,
)
from tfimpl.losses.categorical_crossentropy_probabilities import (
    CategoricalCrossentropyFromProbabilities,
)
from tfimpl.losses.categorical_focal_crossentropy import CategoricalFocalCrossentropy
from tfimpl.losses.categorical_focal_crossentropy_logits import (
    CategoricalFocalCrossentropyFromLogits,
)
from tfimpl.losses.categorical_generalized_cross_entropy import (
    CategoricalGeneralizedCrossEntropy,
)
from tfimpl.losses.categorical_hinge import CategoricalHinge
from tfimpl.losses.circle import Circle
from tfimpl.losses.cosine_similarity import CosineSimilarity
from tfimpl.losses.ctc import CTC
from tfimpl.losses.dice import Dice
from tfimpl.losses.half_squared_error import HalfSquaredError
from tfimpl.losses.hinge import Hinge
from tfimpl.losses.huber import Huber
from tfimpl.losses.kl_divergence import KLDivergence
from tfimpl.losses.log_cosh import LogCosh
from tfimpl.losses.log_sum_exp import LogSumExp
from tfimpl.losses.loss import Loss
from tfimpl.losses.mean_absolute_error import MeanAbsoluteError
from tfimpl.losses.mean_absolute_percentage_error import MeanAbsolutePercentageError
from tfimpl.losses.mean_squared_error import MeanSquaredError
from tfimpl.losses.mean_squared_logarithmic_error import MeanSquaredLogarithmicError
from tfimpl.losses.poisson import Poisson
from tfimpl.losses.root_mean_squared_error import RootMeanSquaredError
from tfimpl.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from tfimpl.losses.sparse_categorical_crossentropy_logits import (
    SparseCategoricalCrossentropyFromLogits,
)
from tfimpl.losses.squared_hinge import SquaredHinge
from tfimpl.losses.tversky import Tversky

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryCrossentropyFromLogits",
    "BinaryFocalCrossentropy",
    "BinaryFocalCrossentropyFromLogits",
    "CategoricalCrossentropy",
    "CategoricalCrossentropyFromLogits",
    "CategoricalCrossentropyFromProbabilities",
    "CategoricalFocalCrossentropy",
    "CategoricalFocalCrossentropyFromLogits",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "HalfSquaredError",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "LogSumExp",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "RootMeanSquaredError",
    "SparseCategoricalCrossentropy",
    "SparseCategoricalCrossentropyFromLogits",
    "SquaredHinge",
    "Tversky",
]
