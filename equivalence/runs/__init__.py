"""From a ``Spec`` to a ``Result``, and many of them."""
