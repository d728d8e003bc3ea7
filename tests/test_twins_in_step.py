"""The two trees say the same, name for name and step for step.

Each check takes the two sources and returns what is out of step, as sentences.
The second half plants mismatches and sees every one of them reported.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from equivalence.reader.align import step_marks

ROOT = Path(__file__).parents[1]
NO_TWIN = {
    "tfimpl/counterpart.py": "what a twin is in Keras",
    "tfimpl/keras_axes.py": "what is a matrix here has more axes in Keras",
    "refimpl/layers/back_through_time.py": "TensorFlow's tape goes back through time",
    "refimpl/layers/parted.py": "TensorFlow's tape takes outputs and scores apart again",
    "refimpl/checks.py": "Keras checks its own hyperparameters",
    "tfimpl/gradients.py": "NumPy writes its backward passes out",
}
# TensorFlow's tape goes back through penalties and broadcasts, and to what it is asked for.
ONLY_IN_NUMPY = {"penalties_back", "weights_back", "back_to_z", "back_to", "back_to_inputs"}
ONLY_IN_TENSORFLOW = {
    "exclude",
    "functional",
    "keras",
    "keras_slot",
    "model",
    "models",
    "output",
    "pull_back",
}


def files(tree):
    return sorted(path.relative_to(ROOT / tree).as_posix() for path in (ROOT / tree).rglob("*.py"))


def source(tree, file):
    return (ROOT / tree / file).read_text(encoding="utf-8")


# ------------------------------------------------------------------- the checks


def difference(what, left, right):
    return [] if left == right else [f"{what}: NumPy has {left}, TensorFlow {right}"]


def assignments(body):
    """(name, annotation, value) of every public assignment, as written."""
    result = []
    for node in body:
        if isinstance(node, ast.Assign):
            value = ast.unparse(node.value)
            result += [(ast.unparse(target), None, value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            value = node.value and ast.unparse(node.value)
            result.append((ast.unparse(node.target), ast.unparse(node.annotation), value))
    return [row for row in result if not row[0].startswith("_") or row[0] == "__all__"]


def functions(body):
    """(name, arguments, decorators) of every public function, as written."""
    return [
        (node.name, ast.unparse(node.args), [ast.unparse(d) for d in node.decorator_list])
        for node in body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not node.name.startswith("_")
    ]


def classes(text):
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def is_keras_layer(node):
    """Say whether a class is one of Keras's layers, or of those of ours that are."""
    bases = [ast.unparse(base) for base in node.bases]
    ours = lambda base: base.endswith("Layer") and base != "Layer"
    return node.name.endswith("Layer") and any(map(ours, bases))


def public_names(text, keras_layers=True):
    names = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if keras_layers or not (isinstance(node, ast.ClassDef) and is_keras_layer(node)):
                names.append(node.name)
        else:
            names += [name for name, *_ in assignments([node])]
    return [name for name in names if not name.startswith("_") or name == "__all__"]


def check_names(ref, tf):
    """The same public names in the same order; TensorFlow may add Keras layers."""
    return difference("names", public_names(ref), public_names(tf, keras_layers=False))


def check_functions(ref, tf):
    """The same functions and methods, arguments, defaults and decorators, in order."""
    found = difference("functions", functions(ast.parse(ref).body), functions(ast.parse(tf).body))
    twins = classes(tf)
    for name, node in classes(ref).items():
        if name in twins:
            theirs = [
                row for row in functions(twins[name].body) if row[0] not in ONLY_IN_TENSORFLOW
            ]
            ours = [row for row in functions(node.body) if row[0] not in ONLY_IN_NUMPY]
            found += difference(f"methods of {name}", ours, theirs)
    return found


def check_fields(ref, tf):
    """The same fields, class attributes and defaults, the same bases and decorators.

    TensorFlow's say besides what they are in Keras.
    """
    found = difference("values", assignments(ast.parse(ref).body), assignments(ast.parse(tf).body))
    twins = classes(tf)
    for name, node in classes(ref).items():
        if name in twins:
            twin = twins[name]
            theirs = [row for row in assignments(twin.body) if row[0] != "in_keras"]
            found += difference(f"fields of {name}", assignments(node.body), theirs)
            found += difference(
                f"bases and decorators of {name}",
                [ast.unparse(part) for part in (*node.bases, *node.decorator_list)],
                [ast.unparse(part) for part in (*twin.bases, *twin.decorator_list)],
            )
    return found


def check_steps(ref, tf):
    """The same steps: counted from 1 upward, a range standing for all between."""
    found = []
    expanded = []
    for side, text in (("NumPy", ref), ("TensorFlow", tf)):
        marks = step_marks(text)
        found += [f"steps of {side}: ({a})-({b}) runs backward" for a, b in marks if b < a]
        steps = [step for first, last in marks for step in range(first, last + 1)]
        if steps != list(range(1, len(steps) + 1)):
            found.append(f"steps of {side} do not count from 1 upward: {steps}")
        expanded.append(steps)
    return found + difference("steps", *expanded)


def imported(text):
    """The first part of every absolute import, wherever it stands."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def check_imports(ref, tf):
    """refimpl knows NumPy, the standard library and itself; tfimpl knows no refimpl."""
    allowed = sys.stdlib_module_names | {"numpy", "refimpl"}
    found = [f"refimpl imports {name}" for name in sorted(imported(ref) - allowed)]
    return found + [f"tfimpl imports {name}" for name in sorted(imported(tf) & {"refimpl"})]


CHECKS = [check_names, check_functions, check_fields, check_steps, check_imports]


# -------------------------------------------------------------------- the trees

TWINS = [file for file in files("refimpl") if f"refimpl/{file}" not in NO_TWIN]


def test_both_trees_hold_the_same_files_but_for_the_named_exceptions():
    left, right = (
        [file for file in files(tree) if f"{tree}/{file}" not in NO_TWIN]
        for tree in ("refimpl", "tfimpl")
    )
    assert left == right


@pytest.mark.parametrize("file", NO_TWIN)
def test_a_named_exception_exists_and_truly_has_no_twin(file):
    tree, _, name = file.partition("/")
    other = {"refimpl": "tfimpl", "tfimpl": "refimpl"}[tree]
    assert (ROOT / file).exists()
    assert not (ROOT / other / name).exists()


@pytest.mark.parametrize("file", TWINS)
def test_twins_are_in_step(file):
    sources = source("refimpl", file), source("tfimpl", file)
    assert [problem for check in CHECKS for problem in check(*sources)] == []


@pytest.mark.parametrize("file", NO_TWIN)
def test_a_file_without_a_twin_keeps_to_its_own_side(file):
    tree, _, name = file.partition("/")
    text = source(tree, name)
    assert check_imports(*((text, "") if tree == "refimpl" else ("", text))) == []


@pytest.mark.parametrize("file", [file for file in TWINS if not file.endswith("__init__.py")])
def test_every_concept_that_computes_has_steps_to_read_along(file):
    passes_on = (  # to others that compute
        "activations/activation.py",
        "layers/layer.py",
        "layers/merge.py",
        "layers/wrapper.py",
        "networks/network.py",
        "networks/output.py",
        "networks/players.py",
        "optimizers/adamw.py",
        "schedules/schedule.py",
        "regularizers/regularizer.py",
        "constraints/constraint.py",
    )
    if file not in passes_on:
        assert step_marks(source("refimpl", file))


def test_the_stems_of_the_files_name_the_concepts_uniquely():
    stems = [Path(file).stem for file in TWINS if not file.endswith("__init__.py")]
    assert len(stems) == len(set(stems))


def test_importing_all_of_refimpl_imports_no_tensorflow():
    program = (
        "import importlib, pkgutil, sys, refimpl\n"
        "for module in pkgutil.walk_packages(refimpl.__path__, 'refimpl.'):\n"
        "    importlib.import_module(module.name)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"refimpl", "numpy"} <= loaded
    assert not loaded & {"tensorflow", "keras", "tfimpl", "equivalence", "tests"}


# ------------------------------------------------------- the checks notice

FORWARD = "    def forward(self, x):\n        return tf.nn.softmax(x)  # (1)-(3)\n\n"
BACKWARD = (
    "    def backward(self, yb, x, y):\n        return pull_back(self.forward, x, yb)  # (4)\n"
)

PLANTED = [
    # what, check, file, side, old, new
    ("swapped methods", check_functions, "activations/softmax.py", "tf", FORWARD + BACKWARD,
     BACKWARD + "\n" + FORWARD),
    ("a method left out", check_functions, "activations/softmax.py", "tf", BACKWARD, ""),
    ("a method that only NumPy has", check_functions, "activations/softmax.py", "ref",
     '    name = "softmax"\n', '    name = "softmax"\n\n    def extra(self):\n        pass\n'),
    ("a method that only TensorFlow has", check_functions, "activations/softmax.py", "tf",
     '    name = "softmax"\n', '    name = "softmax"\n\n    def extra(self):\n        pass\n'),
    ("a renamed argument", check_functions, "optimizers/adam.py", "tf",
     "gradient, slots, step, learning_rate)", "grad, slots, step, learning_rate)"),
    ("swapped arguments", check_functions, "optimizers/adam.py", "tf",
     "gradient, slots, step, learning_rate)", "slots, gradient, step, learning_rate)"),
    ("a default for an argument", check_functions, "optimizers/adam.py", "ref",
     "slots, step, learning_rate)", "slots, step, learning_rate=1)"),
    ("a property that became a method", check_functions, "networks/multilayer.py", "tf",
     "    @property\n    def weight_names", "    def weight_names"),
    ("a renamed argument of a function", check_functions, "training.py", "tf",
     "def build_slots(optimizer, weights,", "def build_slots(optimizer, tensors,"),
    ("a changed default", check_fields, "optimizers/adam.py", "tf",
     "beta_2: float = 0.999", "beta_2: float = 0.99"),
    ("a changed default in refimpl", check_fields, "optimizers/adam.py", "ref",
     "epsilon: float = 1e-7", "epsilon: float = 1e-8"),
    ("a field left out", check_fields, "optimizers/adam.py", "tf",
     "    beta_1: float = 0.9\n", ""),
    ("swapped fields", check_fields, "optimizers/adam.py", "tf",
     "    beta_1: float = 0.9\n    beta_2: float = 0.999\n",
     "    beta_2: float = 0.999\n    beta_1: float = 0.9\n"),
    ("another slot name", check_fields, "optimizers/adam.py", "tf",
     '("momentum", "velocity")', '("m", "velocity")'),
    ("swapped weight names", check_fields, "networks/two_layer.py", "tf",
     '("WH", "BH", "WO", "BO")', '("WH", "WO", "BH", "BO")'),
    ("a class that is no longer frozen", check_fields, "optimizers/adam.py", "tf",
     "@dataclass(frozen=True)", "@dataclass"),
    ("another export", check_fields, "optimizers/__init__.py", "tf",
     '    "Adagrad",\n', ""),
    ("a class under another name", check_names, "networks/output.py", "tf",
     "class SoftmaxOutput", "class Softmaxed"),
    ("a public class that is no Keras layer", check_names, "networks/point.py", "tf",
     "class PointLayer(keras.layers.Layer)", "class PointLayer"),
    ("a Keras layer on the NumPy side", check_names, "networks/point.py", "ref",
     "class Point(Network):",
     "class PointLayer(keras.layers.Layer):\n    pass\n\n\nclass Point(Network):"),
    ("a missing mark", check_steps, "optimizers/adam.py", "tf", "  # (3)", ""),
    ("a missing last mark", check_steps, "optimizers/adam.py", "tf", "  # (6)", ""),
    ("a mark twice", check_steps, "optimizers/adam.py", "ref", "# (3)", "# (2)"),
    ("swapped marks on both sides", check_steps, "activations/relu.py", "both",
     "# (1)", "# (3)"),
    ("a range that ends too early", check_steps, "networks/two_layer.py", "tf",
     "# (6)-(11)", "# (6)-(10)"),
    ("a range that begins too early", check_steps, "networks/two_layer.py", "tf",
     "# (6)-(11)", "# (5)-(11)"),
    ("a range that runs backward", check_steps, "networks/two_layer.py", "tf",
     "# (6)-(11)", "# (11)-(6)"),
    ("TensorFlow in refimpl", check_imports, "optimizers/adam.py", "ref",
     "import numpy as np", "import numpy as np\nimport tensorflow as tf"),
    ("Keras in a function of refimpl", check_imports, "optimizers/adam.py", "ref",
     "        m, v = slots\n", "        from keras import ops\n        m, v = slots\n"),
    ("tfimpl in refimpl", check_imports, "networks/output.py", "ref",
     "from refimpl.activations", "from tfimpl.activations"),
    ("another library in refimpl", check_imports, "optimizers/adam.py", "ref",
     "import numpy as np", "import scipy.special\nimport numpy as np"),
    ("refimpl in tfimpl", check_imports, "networks/output.py", "tf",
     "from tfimpl.activations", "from refimpl.activations"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "file", "side", "old", "new"),
    [pytest.param(*row, id=what.replace(" ", "_")) for what, *row in PLANTED],
)
def test_a_planted_mismatch_is_reported(check, file, side, old, new):
    ref, tf = source("refimpl", file), source("tfimpl", file)
    assert check(ref, tf) == []
    if side in ("ref", "both"):
        assert old in ref
        ref = ref.replace(old, new)
    if side in ("tf", "both"):
        assert old in tf
        tf = tf.replace(old, new)
    assert check(ref, tf) != []


@pytest.mark.parametrize("name", sorted(ONLY_IN_TENSORFLOW))
def test_tensorflow_may_add_what_gives_the_keras_class(name):
    ref = "class A:\n    def f(self, x):\n        pass\n"
    tf = ref + f"\n    def {name}(self):\n        pass\n"
    assert [problem for check in CHECKS for problem in check(ref, tf)] == []
    assert check_functions(tf, tf.replace("f(self, x)", "f(self, y)")) != []


@pytest.mark.parametrize("name", sorted(ONLY_IN_NUMPY))
def test_numpy_may_add_what_the_tape_does_by_itself(name):
    tf = "class A:\n    def f(self, x):\n        pass\n"
    ref = tf + f"\n    def {name}(self):\n        pass\n"
    assert [problem for check in CHECKS for problem in check(ref, tf)] == []
    assert check_functions(tf, ref) != []


@pytest.mark.parametrize("base", ["keras.layers.Layer", "StatesLayer"])
def test_tensorflow_may_add_a_keras_layer(base):
    tf = f"import keras\n\n\nclass ALayer({base}):\n    pass\n"
    assert [problem for check in CHECKS for problem in check("", tf)] == []
