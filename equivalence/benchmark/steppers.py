"""Those who take the steps that are timed: nothing is recorded, each does what users do.

``step()`` takes one step (``fit``: ``steps`` of them) and returns when it is done, on a
GPU too; ``weights()`` returns the weights after it, in the reference's shapes.
"""

from contextlib import contextmanager

import numpy as np

from equivalence import trees
from equivalence.benchmark import cases


@contextmanager
def stepper(case, program=None):
    """Build the stepper of a case, on its device and with its floatx, for one ``with``.

    program: other data, network and optimizer than the case's own; its optimizer
    needs a twin of the same name and hyperparameters.
    """
    program = program or cases.program(case)
    if case.engine in cases.NUMPY:
        yield NumPyStepper(program)
    elif case.engine in cases.PEERS:
        from equivalence.benchmark import peers

        yield peers.STEPPERS[case.engine](program)
    else:
        from equivalence.benchmark import tensorflow_steppers

        with tensorflow_steppers.stepper(case, program) as built:
            yield built


class NumPyStepper:
    """The reference, step after step."""

    steps = 1

    def __init__(self, program):
        self.program = program
        self.inputs, self.targets = program.batch(0)
        self.state = (
            program.weights,
            trees.reference().build_slots(program.optimizer, program.weights),
        )
        self.count = np.dtype(program.dtype).type(0)
        self.train_step = trees.reference().train_step

    def step(self):
        self.count += 1
        step = self.train_step(
            self.program.network,
            self.program.optimizer,
            *self.state,
            self.count,
            self.inputs,
            self.targets,
        )
        self.state = step.weights, step.slots
        return step.error

    def weights(self):
        return self.state[0]
