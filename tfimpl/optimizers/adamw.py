"""AdamW as Keras has it (Loshchilov, Hutter 2019, Algorithm 2, line 12)."""

from dataclasses import dataclass, field

from tfimpl.optimizers.adam import Adam


@dataclass(frozen=True)
class AdamW(Adam):
    """Keras: ``AdamW``: Adam, and a weight decay unless it is turned off."""

    weight_decay: float | None = field(default=0.004, kw_only=True)
