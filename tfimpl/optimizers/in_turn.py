"""Players who take steps in turn, each with an optimizer of its own (seed 000, 8-4)."""

from dataclasses import dataclass, replace

import tensorflow as tf


@dataclass(frozen=True)
class InTurn:
    """An optimizer for each player, all of one kind; ``players``: that of each weight."""

    optimizers: tuple
    players: tuple

    @property
    def learning_rate(self):
        return self.optimizers[0].learning_rate

    def with_learning_rate(self, rate):
        """Return the same players, all with another learning rate."""
        optimizers = tuple(o.with_learning_rate(rate) for o in self.optimizers)
        return replace(self, optimizers=optimizers)

    @property
    def slot_names(self):
        return self.optimizers[0].slot_names

    @property
    def all_slot_names(self):
        return self.optimizers[0].all_slot_names

    def build_all(self, variable):
        """Return all slots of one variable before the first step."""
        return self.optimizers[0].build_all(variable)

    def points(self, variables, slots):
        """Return where a step takes the gradients: at the variables themselves."""
        return variables

    @property
    def scales_loss(self):
        return False

    def scale_loss(self, gradients, slots):
        """Return the gradients: no player scales its loss."""
        return gradients

    def apply(self, variables, gradients, slots, step):
        """Return the new variables and slots, each a tuple for the variables in order."""
        count = len(self.optimizers)
        own_step = (step - 1) // count + 1  # (1)
        turn = (step - 1) % count  # (2)
        variables, slots = list(variables), list(slots)
        for player, optimizer in enumerate(self.optimizers):
            mine = [k for k, owner in enumerate(self.players) if owner == player]
            old, before = [variables[k] for k in mine], [slots[k] for k in mine]
            news, after = optimizer.apply(
                old, [gradients[k] for k in mine], before, own_step
            )  # (3)
            plays = tf.abs(turn - player) < 0.5
            for k, new, own in zip(mine, news, after):
                variables[k] = tf.where(plays, new, variables[k])  # (4)
                slots[k] = tuple(
                    tf.where(plays, a, b) for a, b in zip(own, slots[k])
                )  # (5)
        return tuple(variables), tuple(slots)
