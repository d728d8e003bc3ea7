"""What generative adversarial nets share: two players (seed 000, 8-4)."""

from dataclasses import dataclass
from functools import cached_property

from tfimpl.layers import Chain
from tfimpl.networks.parts import Parts


@dataclass(frozen=True)
class Players(Parts):
    """Two players."""

    features: int
    noise: int
    discriminator: tuple
    generator: tuple

    @cached_property
    def parts(self):
        """The two players, built."""
        discriminator = Chain(self.discriminator).build((self.features,))
        return discriminator, Chain(self.generator).build((self.noise,))

    @property
    def weight_names(self):
        D, G = (part.weight_names for part in self.parts)
        return tuple(f"D.{name}" for name in D) + tuple(f"G.{name}" for name in G)

    @property
    def weight_shapes(self):
        D, G = self.parts
        return (*D.weight_shapes, *G.weight_shapes)

    @property
    def players(self):
        """The player of each weight: 0 for the discriminator, 1 for the generator."""
        return tuple(int(name.startswith("G")) for name in self.weight_names)

    def of_each(self, weights):
        """Return the weights of the discriminator, and of the generator."""
        count = len(self.parts[0].weight_names)
        return weights[:count], weights[count:]
