"""What networks of several parts share: what goes on from each layer is noted.

A part is a ``Chain`` of layers.  What it puts out has a name, as "made"; of a layer inside
the layer's label stands behind it, "made.dense1".  What flows back has a b behind.  Where a
part is used several times, its weights' gradient is the sum of the shares of each use.
"""

from refimpl.networks.network import Network


class Parts(Network):
    """A network whose step notes what it makes, by name, in ``seen``."""

    def note(self, seen, name, value):
        """Note what a step makes in ``seen``; return it."""
        seen[name] = value
        return value

    def noting(self, seen, name):
        """Return what notes the layers of a chain that puts out ``name``, by labels."""
        return lambda label, value: self.note(seen, inner(name, label), value)  # (1)

    def _noting_back(self, seen, name):
        """Return what notes what flows back to each of these layers."""
        return lambda label, value: self.note(seen, f"{inner(name, label)}b", value)

    def shared(self, seen, name, of_weights):
        """Return the gradients of a part's weights by one use of it, its shares."""
        each = zip(self.shares[name], of_weights, strict=True)
        return tuple(self.note(seen, f"{share}b", one) for share, one in each)  # (2)

    def activations(self, seen):
        """Return what was noted on the way forward, in the order of its names."""
        return tuple(seen[name] for name in self.activation_names)

    def flows(self, seen):
        """Return what was noted on the way back, in the order of ``flow_names``."""
        return tuple(seen[name] for name in self.flow_names)


def inner(name, label):
    """Return the name of what a layer puts out in a part; the last has no label."""
    return f"{name}.{label}" if label else name


def inside(name, chain):
    """Return the names of what the layers of a chain put out, in order."""
    return tuple(inner(name, label) for label in chain.labels)


def flowing(name, chain, moved=False):
    """Return the names to which a gradient flows back, the last layer's first.

    moved: whether what goes into the chain depends on a weight.
    """
    found = ()
    for each, layer in zip(inside(name, chain), chain.built):
        moved = moved or bool(layer.weight_names)
        found = (each, *found) if moved else found
    return found
