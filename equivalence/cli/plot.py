"""The command ``plot``."""

from importlib.util import find_spec
from pathlib import Path

from equivalence.arithmetic import precisions
from equivalence.cli.files import check_writable
from equivalence.errors import BadInput, choose

SIDES = {
    "both": ("numpy", "tensorflow"),
    "numpy": ("numpy",),
    "tensorflow": ("tensorflow",),
}
ENDINGS = (".png", ".svg")


def plot(options, console, errors):
    """The command ``plot``."""
    from equivalence.pictures import table

    if not options.name:
        _list(console)
        return 0
    name = table.named(" ".join(options.name))
    picture = table.find(name, options.kind)
    sides = SIDES[choose("side", [options.side], tuple(SIDES))[0]]
    choose("dtype", [options.dtype], precisions.NAMES)
    path = options.output or _file_name(name, picture.name)
    if Path(path).suffix.lower() not in ENDINGS:
        raise BadInput(f"{path!r} is no picture's name: it ends in {' or '.join(ENDINGS)}")
    if not find_spec("matplotlib"):
        raise BadInput(
            "pictures are drawn with matplotlib, which is not installed: "
            "pip install 'equivalence[plots]'"
        )
    check_writable(path)
    _draw(picture, name, options, sides, Path(path), errors)
    console.print(f"wrote {path}: {picture.words}", markup=False, soft_wrap=True)
    return 0


def _file_name(name, kind):
    return f"{name}.png" if name == kind else f"{name}-{kind}.png"


def _draw(picture, name, options, sides, path, errors):
    """Make the runs, TensorFlow's in a worker, and write the picture of them."""
    from equivalence.machine.workers import Workers
    from equivalence.pictures import paper
    from equivalence.pictures.making import Maker

    with Workers(1) as pool, paper.look(), errors.status("running and drawing"):
        submit = lambda function, *arguments: pool.submit(function, *arguments).result()
        maker = Maker(sides, options.dtype, options.epochs, submit=submit)
        figure = picture.figure(maker, name)
        try:
            paper.save(figure, path)
        except OSError as error:
            raise BadInput(f"cannot write {str(path)!r}: {error.strerror}") from None


def _list(console):
    """Print every sheet, and every kind with the pairs that have it."""
    from equivalence.pairs.table import ROWS
    from equivalence.pictures import table

    console.print("equivalence plot NAME", style="bold")
    for sheet in table.SHEETS.values():
        console.print(f"  {sheet.name}: {sheet.words}", markup=False, soft_wrap=True)
    console.print(f"  an activation: {', '.join(table.functions())}", markup=False)
    console.print("equivalence plot PAIR --kind KIND", style="bold")
    with_loss = [row.name for row in ROWS if table.KINDS["loss"].fits(row)]
    for kind in table.KINDS.values():
        pairs = [row.name for row in ROWS if kind.fits(row)]
        told = ", ".join(pairs) if pairs != with_loss else "every pair with a loss of its own"
        console.print(f"  {kind.name}: {kind.words}", markup=False, soft_wrap=True)
        console.print(f"    {told}", markup=False, highlight=False)
