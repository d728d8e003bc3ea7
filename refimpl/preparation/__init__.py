"""What is done to data before a network sees them."""

from refimpl.preparation.augmentation import flipped, flips, shifted, shifts
from refimpl.preparation.batches import epochs_in_order, orders
from refimpl.preparation.one_hot import one_hot
from refimpl.preparation.padding import padded
from refimpl.preparation.scaling import moments, scaled, standardized
from refimpl.preparation.split import split

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
