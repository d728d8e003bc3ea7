"""AdamW as Keras has it (Loshchilov, Hutter 2019, Algorithm 2, line 12)."""

from dataclasses import dataclass, field

import keras

from tfimpl.optimizers.adam import Adam


@dataclass(frozen=True)
class AdamW(Adam):
    """Keras: ``AdamW``: Adam, and a weight decay unless it is turned off."""

    weight_decay: float | None = field(default=0.004, kw_only=True)

    def keras(self):
        return keras.optimizers.AdamW(
            self.keras_learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            **self.keras_options,
        )
