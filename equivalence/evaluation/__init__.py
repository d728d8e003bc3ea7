"""What Keras says of a run: fit's history, evaluate and predict, held in balls."""

from equivalence.evaluation.holding import Said, evaluate

__all__ = ["Said", "evaluate"]
