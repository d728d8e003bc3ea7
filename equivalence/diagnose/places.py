"""Where something in a recipe can be otherwise: its layers, its activations, its end."""

from dataclasses import replace

from equivalence.diagnose.forms.graphs import GraphForm
from equivalence.diagnose.forms.layers import core
from equivalence.diagnose.forms.outputs import ActivationAlone, LossAlone, RowForm
from refimpl.layers.wrapper import Wrapper
from refimpl.networks.alone import Alone


def layers_in(recipe):
    """Yield (name, layer, ``put(layer) -> Recipe``) for each layer."""
    network = recipe.network
    if isinstance(network, Alone):
        yield "", network.layer, lambda new: recipe.with_(network=replace(network, layer=new))
    if isinstance(network, RowForm):
        for k, (name, layer) in enumerate(zip(network.labels, network.layers)):
            yield name, layer, lambda new, k=k: _put_layer(recipe, k, new)
    if isinstance(network, GraphForm):
        for k, (name, layer) in enumerate(zip(network.labels, network.layers)):
            put = lambda new, k=k: recipe.with_(network=network.with_layer(k, new))
            yield name, layer, put


def takes_data(recipe):
    """Say whether inputs and targets are data: of a whole network, and not of a part alone."""
    return isinstance(recipe.network, (RowForm, GraphForm))


def _put_layer(recipe, k, new):
    layers = list(recipe.network.layers)
    layers[k] = new
    return recipe.with_(network=replace(recipe.network, layers=tuple(layers)))


EVERY = "every layer"


def each_and_all(found, again):
    """Yield (where, Recipe) of each place, and of all at once where there are several.

    found: what one change yields; again: that change, of a recipe.
    """
    found = list(found)
    yield from found
    if len(found) > 1:
        names = [where for where, _ in found]
        recipe = found[0][1]
        for name in names[1:]:
            recipe = next((new for where, new in again(recipe) if where == name), recipe)
        yield EVERY, recipe


def exchanged(layer, change):
    """Return a layer with its core changed, whatever is around it."""
    if isinstance(layer, Wrapper):
        return replace(layer, layer=exchanged(layer.layer, change))
    return change(layer)


def activations_in(recipe):
    """Yield (name, activation, ``put(activation) -> Recipe``) for each activation."""
    network = recipe.network
    if isinstance(network, ActivationAlone):
        put = lambda new: recipe.with_(network=replace(network, activation=new))
        yield "", network.activation, put
    for name, layer, put in layers_in(recipe):
        for field in ("activation", "recurrent_activation", "softmax"):
            own = getattr(core(layer), field, None)
            if own is None or type(own).__name__ == "Linear":
                continue
            of_field = {"recurrent_activation": " recurrent"}.get(field, "")
            where = f"{name}{of_field}".strip()
            yield (
                where,
                own,
                lambda new, layer=layer, put=put, field=field: put(
                    exchanged(layer, lambda inside: replace(inside, **{field: new}))
                ),
            )
    for where, output, put in outputs_in(recipe) if takes_data(recipe) else ():
        if type(output.activation).__name__ != "Linear":
            yield (
                where or "outputs",
                output.activation,
                lambda new, output=output, put=put: put(with_activation(output, new)),
            )


def with_activation(output, new):
    """Return an output with another activation."""
    if hasattr(output, "inner"):
        return replace(output, inner=with_activation(output.inner, new))
    return replace(output, activation=new)


def outputs_in(recipe):
    """Yield (which, output, ``put(output) -> Recipe``) for each loss; "" where there is one."""
    network = recipe.network
    if isinstance(network, GraphForm):
        for k, end in enumerate(network.ends):
            change = lambda new, k=k, end=end: network.with_end(k, replace(end, output=new))
            put = lambda new, change=change: recipe.with_(network=change(new))
            yield end.label if len(network.ends) > 1 else "", end.output, put
    if isinstance(network, (LossAlone, RowForm)):
        yield "", network.output, lambda new: recipe.with_(network=replace(network, output=new))
