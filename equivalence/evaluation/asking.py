"""What Keras reports when a run is made as users make it: fit, evaluate, predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from equivalence import trees
from equivalence.engines.base import floatx, samples_of
from equivalence.engines.fit import FitRunner, RecordingModel
from equivalence.engines.keras_objects import as_list
from equivalence.steps.trajectory import Trajectory


@dataclass(frozen=True)
class Reported:
    """What Keras said, and the record of the steps.

    history: of each epoch, by Keras's names; evaluated: of the last weights on what was trained
        on; predicted: the outputs there, (samples, units).
    """

    history: dict[str, list[float]]
    evaluated: dict[str, float]
    predicted: np.ndarray
    record: Trajectory


class Reporting(FitRunner):
    """``fit`` for several epochs with compiled metrics, recorded from inside."""

    def __init__(self, network, optimizer, program, model, metrics, device="CPU:0"):
        self.metrics = list(metrics)
        super().__init__(network, optimizer, program, device, model)
        self.recorder = ReportingModel(self)

    def _make_buffers(self, steps):
        super()._make_buffers(steps)
        self.recorder.compile(
            optimizer=self.keras_optimizer, loss=self.loss, metrics=[*self.metrics]
        )

    def report(self, program, held_back, epochs):
        """Train on ``program`` for some epochs, and return what is Reported.

        held_back: inputs and targets (samples, ...) that Keras validates on, or None.
        """
        start, steps = self.start(program), epochs * len(program.inputs)
        with tf.device(self.device), floatx(self.dtype):
            self._set_state(start)
            self._make_buffers(steps)
            x, y = samples_of(program)
            told = {"batch_size": self.batch, "verbose": 0}
            history = self.recorder.fit(
                *(x, y), epochs=epochs, shuffle=False, validation_data=held_back, **told
            ).history
            record = self._trajectory(start, self._recorded(steps))
            evaluated = self.recorder.evaluate(x, y, return_dict=True, **told)
            predicted = self.recorder.predict(x, **told)
        return Reported(history, evaluated, predicted, record)


class ReportingModel(RecordingModel):
    """A model that records its steps of training, and no others."""

    def call(self, inputs, training=None):
        if training:
            return super().call(inputs, training=training)
        return as_list(self._runner[0].probe(inputs, training=False))[-1]

    def compute_loss(self, *args, training=True, **kwargs):
        if training:
            return super().compute_loss(*args, training=training, **kwargs)
        return super(RecordingModel, self).compute_loss(*args, training=training, **kwargs)


def report(pair: Any, program: Any, held_back: Any, epochs: int, metrics: tuple) -> Reported:
    """Return what Keras reports of a pair's run on ``program``."""
    m = trees.tensorflow()
    with tf.device("CPU:0"), floatx(program.dtype):
        asked = Reporting(pair.network(m), pair.optimizer(m), program, pair.keras, metrics)
    return asked.report(program, held_back, epochs)
