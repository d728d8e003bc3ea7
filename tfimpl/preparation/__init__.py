"""What is done to data before a network sees them; see ``refimpl.preparation``."""

from tfimpl.preparation.augmentation import flipped, flips, shifted, shifts
from tfimpl.preparation.batches import epochs_in_order, orders
from tfimpl.preparation.one_hot import one_hot
from tfimpl.preparation.padding import padded
from tfimpl.preparation.scaling import moments, scaled, standardized
from tfimpl.preparation.split import split

__all__ = [
    "epochs_in_order",
    "flipped",
    "flips",
    "moments",
    "one_hot",
    "orders",
    "padded",
    "scaled",
    "shifted",
    "shifts",
    "split",
    "standardized",
]
