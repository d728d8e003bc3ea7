"""A row of the tables of models: a network that knows its weights' shapes, on data."""

from equivalence import trees
from equivalence.pairs.layers.row import start
from equivalence.steps.pair import Pair


def model(name, source, network, optimizer, data, epochs, seed=3, **more):
    """Return the row of a model whose start is drawn by the shapes of its weights.

    seed: of the start, see ``pairs.layers.row.start``.
    more: of ``Pair``, as its batch_size, keras and note.
    """
    return Pair(
        name,
        source,
        network=network,
        optimizer=optimizer,
        start=lambda: start(network(trees.reference()), seed),
        data=data,
        epochs=epochs,
        **more,
        group="models",
    )
