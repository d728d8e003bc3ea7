"""The record of a run: what both sides computed at every step.

Every array has a leading step axis.  ``weights`` and ``slots`` are states: they
have one entry more than there were steps, the first being the start.
"""

from dataclasses import dataclass, field

import numpy as np

# The stages of a step in the order in which they are computed.
STAGES = ("activations", "loss", "flows", "gradients", "slots", "weights")
# Those that are states: they have a value before the first step.
STATES = ("slots", "weights")


@dataclass
class Trajectory:
    """S steps of one side.

    activations: name -> (S, ..., batch, units); a side may lack some.
    loss: {"E": (S, ...)}.
    flows: name of what flows back, as "Ob" -> like the activation; a side may lack some.  Of a
        weight in a loop over time it is the share of each time step, (S, ..., time steps, shape).
    gradients: name of the weight -> (S, ..., shape of the weight).
    slots: "weight/slot" -> (S + 1, ..., shape of the weight), and the network's own
        states, as the moving mean of a batch normalization.
    weights: name -> (S + 1, ..., shape of the weight).
    first_step: the number of steps taken before the first of these.
    """

    activations: dict = field(default_factory=dict)
    loss: dict = field(default_factory=dict)
    flows: dict = field(default_factory=dict)
    gradients: dict = field(default_factory=dict)
    slots: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    first_step: int = 0

    @property
    def steps(self):
        return len(self.loss["E"])

    def part(self, first, last):
        """Return the steps from ``first`` up to ``last`` as a Trajectory of their own."""
        ends = {stage: last + (stage in STATES) for stage in STAGES}
        parts = {stage: _cut(getattr(self, stage), first, ends[stage]) for stage in STAGES}
        return Trajectory(**parts, first_step=self.first_step + first)

    def computed(self, stage):
        """Return what the steps computed: states without their start."""
        arrays = getattr(self, stage)
        if stage in STATES:
            return {name: array[1:] for name, array in arrays.items()}
        return arrays

    def before(self, stage):
        """Return the states before each step."""
        return {name: array[:-1] for name, array in getattr(self, stage).items()}

    @property
    def last_state(self):
        """The weights and slots after the last step: where a next run goes on."""
        return State(
            {name: array[-1] for name, array in self.weights.items()},
            {name: array[-1] for name, array in self.slots.items()},
            self.first_step + self.steps,
        )


@dataclass
class State:
    """Weights and slots at one moment, and the number of steps taken until then."""

    weights: dict
    slots: dict
    step: int = 0


@dataclass(frozen=True)
class Layout:
    """The names of everything that a run of one network and optimizer records.

    shares: those flows that are shares of time steps, and have no axis of samples.
    """

    activations: tuple
    weights: tuple
    slot_names: tuple
    states: tuple = ()
    flows: tuple = ()
    shares: tuple = ()

    @classmethod
    def of(cls, network, optimizer):
        names = network.activation_names, network.weight_names, optimizer.all_slot_names
        shares = tuple(f"{name}b" for names in network.shares.values() for name in names)
        return cls(*names, network.state_names, network.flow_names, shares)

    @property
    def slots(self):
        """The names of all slots, and behind them those of the network's own states."""
        slots = tuple(f"{weight}/{slot}" for weight in self.weights for slot in self.slot_names)
        return (*slots, *self.states)

    def slot_tuples(self, slots):
        """Return {"weight/slot": array} as a tuple of slots for each weight, and one of states."""
        of_weights = tuple(
            tuple(slots[f"{weight}/{slot}"] for slot in self.slot_names) for weight in self.weights
        )
        states = tuple(slots[name] for name in self.states)
        return (*of_weights, states) if states else of_weights

    def state(self, weights, slots, step=0):
        """Return the State of a tuple of weights and a tuple of slots for each."""
        flat = [slot for of_weight in slots for slot in of_weight]
        return State(
            dict(zip(self.weights, weights, strict=True)),
            dict(zip(self.slots, flat, strict=True)),
            step,
        )

    def trajectory(self, start, steps):
        """Return the Trajectory of a list of recorded ``Step`` tuples."""
        each = [self.by_stage(step) for step in steps]
        record = {
            stage: {name: _stack([one[stage][name] for one in each]) for name in names}
            for stage, names in each[0].items()
        }
        for stage in STATES:
            record[stage] = with_start(getattr(start, stage), record[stage])
        return Trajectory(**record, first_step=start.step)

    def of_samples(self, function, flows):
        """Return flows, in their order, with ``function`` of those that samples have."""
        each = zip(self.flows, flows, strict=True)
        return tuple(flow if name in self.shares else function(flow) for name, flow in each)

    def by_stage(self, step):
        """Return what a ``Step`` computed: stage -> name -> array, of any arithmetic."""
        slots = [slot for of_weight in step.slots for slot in of_weight]
        return {
            "activations": dict(zip(self.activations, step.activations, strict=True)),
            "loss": {"E": step.error},
            "flows": dict(zip(self.flows, step.flows, strict=True)),
            "gradients": dict(zip(self.weights, step.gradients, strict=True)),
            "slots": dict(zip(self.slots, slots, strict=True)),
            "weights": dict(zip(self.weights, step.weights, strict=True)),
        }


def _cut(arrays, first, last):
    return {name: array[first:last] for name, array in arrays.items()}


def _stack(arrays):
    arrays = [np.asarray(a) for a in arrays]
    shape = np.max([a.shape for a in arrays], axis=0).astype(int)
    return np.stack([filled(a, shape) for a in arrays])


def filled(array, shape):
    """Return ``array`` filled up to ``shape`` with zeros behind: a smaller last batch."""
    missing = np.subtract(shape, array.shape)
    return np.pad(array, [(0, n) for n in missing]) if missing.any() else array


def with_start(start, computed):
    """Return states with their start in front."""
    return {name: np.concatenate([start[name][None], a]) for name, a in computed.items()}
