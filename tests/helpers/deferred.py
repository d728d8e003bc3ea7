"""TensorFlow, imported when it is first called: tables may name its functions without it."""

from importlib import import_module


class Deferred:
    """What ``tf.math.log`` is, looked up when it is called and not when it is named."""

    def __init__(self, *path):
        self._path = path

    def __getattr__(self, name):
        if name.startswith("__"):  # copy, pickle and pytest ask for those
            raise AttributeError(name)
        return Deferred(*self._path, name)

    def __call__(self, *arguments, **options):
        module, *names = self._path
        found = import_module(module)
        for name in names:
            found = getattr(found, name)
        return found(*arguments, **options)


tf = Deferred("tensorflow")
