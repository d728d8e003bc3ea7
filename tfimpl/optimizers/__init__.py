"""Optimizers in TensorFlow; see ``refimpl.optimizers``.

``keras()`` gives Keras's class with the same hyperparameters, where there is one.
"""

from tfimpl.optimizers.adadelta import Adadelta
from tfimpl.optimizers.adafactor import Adafactor
from tfimpl.optimizers.adagrad import Adagrad
from tfimpl.optimizers.adagrad_textbook import AdagradTextbook
from tfimpl.optimizers.adam import Adam
from tfimpl.optimizers.adam_textbook import AdamTextbook
from tfimpl.optimizers.adamax import Adamax
from tfimpl.optimizers.adamw import AdamW
from tfimpl.optimizers.amsgrad import AMSGrad
from tfimpl.optimizers.ftrl import Ftrl
from tfimpl.optimizers.in_turn import InTurn
from tfimpl.optimizers.lamb import Lamb
from tfimpl.optimizers.lion import Lion
from tfimpl.optimizers.loss_scale_optimizer import LossScaleOptimizer
from tfimpl.optimizers.momentum import Momentum
from tfimpl.optimizers.muon import Muon
from tfimpl.optimizers.nadam import Nadam
from tfimpl.optimizers.nesterov import Nesterov
from tfimpl.optimizers.nesterov_look_ahead import NesterovLookAhead
from tfimpl.optimizers.rmsprop import RMSprop
from tfimpl.optimizers.rmsprop_centered import RMSpropCentered
from tfimpl.optimizers.rmsprop_centered_momentum import RMSpropCenteredMomentum
from tfimpl.optimizers.rmsprop_momentum import RMSpropMomentum
from tfimpl.optimizers.rmsprop_textbook import RMSpropTextbook
from tfimpl.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from tfimpl.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "AMSGrad",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "AdagradTextbook",
    "Adam",
    "AdamTextbook",
    "AdamW",
    "Adamax",
    "Ftrl",
    "InTurn",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "Momentum",
    "Muon",
    "Nadam",
    "Nesterov",
    "NesterovLookAhead",
    "RMSprop",
    "RMSpropCentered",
    "RMSpropCenteredMomentum",
    "RMSpropMomentum",
    "RMSpropTextbook",
    "ScheduleFreeAdamW",
]
