"""Two small nbgrader courses to grade: a NumPy notebook, and a Keras notebook that trains for about a second.

Everybody hands in one of several kinds of work: right in two ways, wrong, raising, untouched, without a test, late.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

DUE, ON_TIME, LATE = "2026-01-10 12:00:00 UTC", "2026-01-10 11:00:00 UTC", "2026-01-10 15:00:00 UTC"
KINDS = ("right", "right", "other", "wrong", "raising", "right", "untouched", "other", "deleted", "late")


@dataclass(frozen=True)
class Part:
    """A function to write, and its test.

    Attributes:
        name: of the cells.
        head: its first line; students get it with nothing below.
        right: two ways to go on.
        wrong: runs, and is not right.
        test: nbgrader's test cell.
        points: what that is worth.
        after: a cell that students are given below, or ``""``.
    """

    name: str
    head: str
    right: tuple[str, str]
    wrong: str
    test: str
    points: float
    after: str = ""


@dataclass(frozen=True)
class Assignment:
    """A notebook: a setup cell, parts, a written answer."""

    name: str
    setup: str
    parts: tuple[Part, ...]


NUMPY = Assignment(
    "np1",
    "import numpy as np\nimport coursekit as ck",
    (
        Part(
            "relu",
            "def relu(x):",
            ("return np.maximum(x, 0)", "return np.where(x > 0, x, 0)"),
            "return np.abs(x)",
            "x = np.linspace(-3, 3, 13)\nassert relu(x).shape == x.shape\nassert relu(x).min() == 0\n"
            "np.testing.assert_allclose(relu(x), (x + abs(x)) / 2)",
            2,
        ),
        Part(
            "hinge",
            "def hinge_loss_loops(scores, labels, margin=1.0):",
            (
                "total = 0.0\nfor row, label in zip(scores, labels):\n    for j in range(len(row)):\n"
                "        if j != label:\n            total += max(0.0, row[j] - row[label] + margin)\n"
                "return total / len(scores)",
                "losses = []\nfor row, label in zip(scores, labels):\n"
                "    others = np.delete(row, label)\n"
                "    losses.append(np.maximum(0, others - row[label] + margin).sum())\nreturn float(np.mean(losses))",
            ),
            "total = 0.0\nfor row, label in zip(scores, labels):\n    for value in row:\n"
            "        total += max(0.0, value - row[label] + margin)\nreturn total / len(scores)",
            "ck.check.hinge_loss_loops(hinge_loss_loops)",
            3,
        ),
        Part(
            "penalty",
            "def l2_penalty(weights, strength):",
            (
                "return strength * np.sum(weights**2), 2 * strength * weights",
                "value = strength * float((weights * weights).sum())\nreturn value, 2.0 * strength * weights",
            ),
            "return strength * np.sum(weights**2), strength * weights",
            "ck.check.l2_penalty(l2_penalty)",
            2,
        ),
        Part(
            "standardise",
            "def standardise(x):",
            ("return (x - x.mean(axis=0)) / x.std(axis=0)", "z = x - np.mean(x, 0)\nreturn z / np.std(x, 0)"),
            "return x - x.mean(axis=0)",
            "z = standardise(np.random.default_rng(0).normal(3, 2, (40, 5)))\n"
            "2 * np.allclose(z.mean(axis=0), 0) + 1.5 * np.allclose(z.std(axis=0), 1)",
            3.5,
        ),
    ),
)

KERAS = Assignment(
    "cnn1",
    "import numpy as np\nimport keras\n\nrng = np.random.default_rng(0)\ny = rng.integers(0, 4, 512)\n"
    "x = rng.normal(0, 0.3, (512, 16, 16, 1)).astype('float32')\n"
    "for i, label in enumerate(y):\n    x[i, 4 * label : 4 * label + 4] += 1.0",
    (
        Part(
            "build",
            "def build_model():",
            (
                "return keras.Sequential([\n    keras.Input((16, 16, 1)),\n"
                "    keras.layers.Conv2D(8, 3, activation='relu'),\n    keras.layers.MaxPooling2D(),\n"
                "    keras.layers.Flatten(),\n    keras.layers.Dense(4, activation='softmax'),\n])",
                "model = keras.Sequential()\nmodel.add(keras.Input((16, 16, 1)))\n"
                "model.add(keras.layers.Conv2D(8, (3, 3), activation='relu'))\n"
                "model.add(keras.layers.MaxPooling2D(2))\nmodel.add(keras.layers.Flatten())\n"
                "model.add(keras.layers.Dense(4))\nmodel.add(keras.layers.Softmax())\nreturn model",
            ),
            "return keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])",
            "model = build_model()\nassert model.output_shape == (None, 4)\nassert model.count_params() == 1652",
            2,
        ),
        Part(
            "fit",
            "def fit(model, x, y):",
            (
                "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
                "return model.fit(x, y, epochs=8, batch_size=32, verbose=0)",
                "model.compile(keras.optimizers.Adam(0.002), 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
                "return model.fit(x, y, epochs=8, batch_size=32, verbose=0, shuffle=True)",
            ),
            "model.compile('sgd', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
            "return model.fit(x, y, epochs=1, batch_size=256, verbose=0)",
            "losses = history.history['loss']\nassert len(losses) == 8\nassert losses[-1] < 0.7 * losses[0]",
            3,
            after="history = fit(model, x, y)",
        ),
        Part(
            "accuracy",
            "def accuracy(model, x, y):",
            (
                "return model.evaluate(x, y, verbose=0)[1]",
                "return float(np.mean(model.predict(x, verbose=0).argmax(axis=1) == y))",
            ),
            "return model.evaluate(x, y, verbose=0)[0]",
            "assert 0.9 < accuracy(model, x[:256], y[:256]) <= 1",
            2,
        ),
        Part(
            "predict",
            "def predict(model, x):",
            (
                "return model.predict(x, verbose=0).argmax(axis=1)",
                "return np.argmax(keras.ops.convert_to_numpy(model(x)), axis=-1)",
            ),
            "return model.predict(x, verbose=0).argmin(axis=1)",
            "labels = predict(model, x[:64])\nassert labels.shape == (64,)\nassert np.mean(labels == y[:64]) > 0.9",
            2,
        ),
    ),
)

CHECKED = replace(
    KERAS,
    setup=f"{KERAS.setup}\nimport coursekit as ck",
    parts=(next(part for part in NUMPY.parts if "ck.check" in part.test), *KERAS.parts),
)
"""The Keras notebook with a test that the judge checks, and can check again without a kernel."""


def write_course(assignment: Assignment, root: Path) -> None:
    """Write a course that both graders understand: the instructor's notebook in ``solutions/``."""
    (root / "source" / "lectures").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    _write(_notebook(assignment), root / "solutions" / assignment.name / f"{assignment.name}.ipynb")


def hand_in(assignment: Assignment, release: Path, folder: Path, count: int) -> None:
    """Write submissions to ``folder/<student>/<assignment>/``, as nbgrader collects them."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        notebook = nbformat.read(release, as_version=4)
        _answer(notebook, assignment, kind)
        place = folder / f"s{number:03}" / assignment.name
        _write(notebook, place / f"{assignment.name}.ipynb")
        (place / "timestamp.txt").write_text(LATE if kind == "late" else ON_TIME)


def _answer(notebook: Any, assignment: Assignment, kind: str) -> None:
    """Fill in a notebook as students got it."""
    last = assignment.parts[-1].name
    if kind == "untouched":
        return
    if kind == "deleted":
        notebook.cells = [cell for cell in notebook.cells if cell.metadata.nbgrader.grade_id != f"{last}-tests"]
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells}
    cells["essay"].source = "It slides one small set of weights over the whole picture."
    for part in assignment.parts:
        body = part.right[kind == "other"]
        if part.name == last and kind in ("wrong", "raising"):
            body = part.wrong if kind == "wrong" else "return no_such_name + 1"
        cells[part.name].source = _function(part.head, body)


def _notebook(assignment: Assignment) -> Any:
    """Return the instructor's notebook."""
    cells = [_cell("setup", assignment.setup, locked=True)]
    for part in assignment.parts:
        body = f"### BEGIN SOLUTION\n{part.right[0]}\n### END SOLUTION"
        cells.append(_cell(part.name, _function(part.head, body), solution=True))
        if part.after:
            cells.append(_cell(f"{part.name}-run", part.after, locked=True))
        cells.append(_cell(f"{part.name}-tests", part.test, grade=True, locked=True, points=part.points))
    essay = v4.new_markdown_cell("### BEGIN SOLUTION\nWeights are shared.\n### END SOLUTION", id="essay")
    essay.metadata = _settings("essay", grade=True, solution=True, points=2)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=[*cells, essay], metadata=kernel)


def _function(head: str, body: str) -> str:
    return "\n".join([head, *(f"    {line}" for line in body.split("\n"))])


def _cell(name: str, source: str, **flags: Any) -> Any:
    return v4.new_code_cell(source, id=name, metadata=_settings(name, **flags))


def _settings(name: str, **flags: Any) -> Any:
    usual = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return nbformat.from_dict({"nbgrader": usual | {"grade_id": name} | flags})


def _write(notebook: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
