"""Losses: ``forward`` gives E, one number a net; ``backward`` its gradient.

Outputs and targets have the shape (..., batch, units), E the shape (...,).
"""

from refimpl.losses.binary_crossentropy import BinaryCrossentropy
from refimpl.losses.binary_crossentropy_logits import BinaryCrossentropyFromLogits
from refimpl.losses.binary_focal_crossentropy import BinaryFocalCrossentropy
from refimpl.losses.binary_focal_crossentropy_logits import (
    BinaryFocalCrossentropyFromLogits,
)
from refimpl.losses.categorical_crossentropy import CategoricalCrossentropy
from refimpl.losses.categorical_crossentropy_logits import (
    CategoricalCrossentropyFromLogits,
)
from refimpl.losses.categorical_crossentropy_probabilities import (
    CategoricalCrossentropyFromProbabilities,
)
from refimpl.losses.categorical_focal_crossentropy import CategoricalFocalCrossentropy
from refimpl.losses.categorical_focal_crossentropy_logits import (
    CategoricalFocalCrossentropyFromLogits,
)
from refimpl.losses.categorical_generalized_cross_entropy import (
    CategoricalGeneralizedCrossEntropy,
)
from refimpl.losses.categorical_hinge import CategoricalHinge
from refimpl.losses.circle import Circle
from refimpl.losses.cosine_similarity import CosineSimilarity
from refimpl.losses.ctc import CTC
from refimpl.losses.dice import Dice
from refimpl.losses.half_squared_error import HalfSquaredError
from refimpl.losses.hinge import Hinge
from refimpl.losses.huber import Huber
from refimpl.losses.kl_divergence import KLDivergence
from refimpl.losses.log_cosh import LogCosh
from refimpl.losses.log_sum_exp import LogSumExp
from refimpl.losses.loss import Loss
from refimpl.losses.mean_absolute_error import MeanAbsoluteError
from refimpl.losses.mean_absolute_percentage_error import MeanAbsolutePercentageError
from refimpl.losses.mean_squared_error import MeanSquaredError
from refimpl.losses.mean_squared_logarithmic_error import MeanSquaredLogarithmicError
from refimpl.losses.poisson import Poisson
from refimpl.losses.root_mean_squared_error import RootMeanSquaredError
from refimpl.losses.sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from refimpl.losses.sparse_categorical_crossentropy_logits import (
    SparseCategoricalCrossentropyFromLogits,
)
from refimpl.losses.squared_hinge import SquaredHinge
from refimpl.losses.tversky import Tversky

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
