"""Optimizers: ``build`` makes the slots, ``update`` takes one step.

``update(variable, gradient, slots, step)`` returns the new variable and the new
slots; ``step`` counts from 1 and has the variable's dtype.  All arrays have the
variable's shape, but for a few slots whose classes say so.  The order of
operations is Keras's, so that wherever only IEEE operations occur the bits agree;
the ``...Textbook`` forms are the book's.
"""

from refimpl.optimizers.adadelta import Adadelta
from refimpl.optimizers.adafactor import Adafactor
from refimpl.optimizers.adagrad import Adagrad
from refimpl.optimizers.adagrad_textbook import AdagradTextbook
from refimpl.optimizers.adam import Adam
from refimpl.optimizers.adam_textbook import AdamTextbook
from refimpl.optimizers.adamax import Adamax
from refimpl.optimizers.adamw import AdamW
from refimpl.optimizers.amsgrad import AMSGrad
from refimpl.optimizers.ftrl import Ftrl
from refimpl.optimizers.in_turn import InTurn
from refimpl.optimizers.lamb import Lamb
from refimpl.optimizers.lion import Lion
from refimpl.optimizers.loss_scale_optimizer import LossScaleOptimizer
from refimpl.optimizers.momentum import Momentum
from refimpl.optimizers.muon import Muon
from refimpl.optimizers.nadam import Nadam
from refimpl.optimizers.nesterov import Nesterov
from refimpl.optimizers.nesterov_look_ahead import NesterovLookAhead
from refimpl.optimizers.rmsprop import RMSprop
from refimpl.optimizers.rmsprop_centered import RMSpropCentered
from refimpl.optimizers.rmsprop_centered_momentum import RMSpropCenteredMomentum
from refimpl.optimizers.rmsprop_momentum import RMSpropMomentum
from refimpl.optimizers.rmsprop_textbook import RMSpropTextbook
from refimpl.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from refimpl.optimizers.sgd import SGD

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
