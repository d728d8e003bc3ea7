"""All planted defects, a group for each part of the trees: what ``equivalence plants`` plants."""

from equivalence.pairs import layers
from equivalence.pairs.models import recurrent, topics
from equivalence.plants import small_errors
from equivalence.plants.tables import (
    activations,
    functional,
    losses,
    networks,
    optimizers,
    schedules,
    steps,
)

GROUPS = {
    "optimizers": (*optimizers.PLANTS, *optimizers.NO_OPS),
    "schedules": schedules.PLANTS,
    "losses": losses.PLANTS,
    "activations": activations.PLANTS,
    "networks": networks.PLANTS,
    "layers": layers.PLANTS,
    "models": (*topics.PLANTS, *functional.PLANTS, *recurrent.PLANTS),
    "graph": steps.PLANTS,
    "small-errors": small_errors.PLANTS,
}
