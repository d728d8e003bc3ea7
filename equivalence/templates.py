"""Texts from templates: one way of reading them, for pages and for listings."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def read_templates(folder, html=True, **filters):
    """Return the Environment of the templates in a folder; a name that is missing is an error.

    html: whether what is put in is text between tags, whose special characters are escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment
