"""What the tests of ``coursekit.teach`` share: a course and a progress file of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coursekit.teach import forms

QUIZ = """
title = "Losses by hand"

[[question]]
id = "mean"
kind = "choice"
text = "What is the **mean** of `losses`?"
options = [
  { text = "15.8", value = 15.8, note = "That is the sum." },
  { text = "5.27", value = 5.27, correct = true, note = "15.8 / 3." },
  { text = "6.27", value = 6.27, note = "That counts the correct class." },
]
compute = "np.mean([2.9, 0, 12.9])"

[[question]]
id = "softmax"
kind = "number"
text = "The softmax loss at p = 0.13?"
answer = 2.04
tolerance = 0.01
note = "The natural logarithm of `p`, negated."
misconceptions = [{ answer = 0.89, note = "That is log10." }]
compute = "-np.log(0.13)"
"""


@pytest.fixture(autouse=True)
def progress_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep records under the test's own folder, never in the home of who runs the tests."""
    path = tmp_path / "records" / "progress.json"
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(path))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return path


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[forms.Shown]:
    """Return a list that collects what is displayed."""
    collected: list[forms.Shown] = []
    monkeypatch.setattr(forms, "show", lambda h, t: collected.append(forms.Shown(h, t)))
    return collected


@pytest.fixture
def write_quiz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that writes ``source/quizzes/<id>.toml`` of a course made for the test."""
    folder = tmp_path / "course" / "source" / "quizzes"
    folder.mkdir(parents=True)
    (folder.parent / "lectures").mkdir()
    (tmp_path / "course" / "pyproject.toml").touch()
    monkeypatch.setenv("COURSEKIT_ROOT", str(tmp_path / "course"))

    def write(id: str, text: str) -> None:
        (folder / f"{id}.toml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def losses_quiz(write_quiz: Callable[[str, str], None]) -> str:
    """Write a quiz with a choice and a number, and return its id."""
    write_quiz("losses", QUIZ)
    return "losses"
