from dataclasses import replace

import nbformat
import pytest

from coursekit.exercises.a1_losses import hinge
from coursekit.grading import keys
from coursekit.grading.bundle import Bundle
from coursekit.grading.limits import Limits
from coursekit.grading.staging import Staged


@pytest.fixture
def bundle(tiny):
    return Bundle(tiny.name, nbformat.writes(tiny.notebook(solution=True)), {"a.csv": b"1"}, {}, "salt", "v")


@pytest.fixture
def staged(tiny):
    return Staged("ada", tiny.text(), {}, "", (), "key")


def changed(notebook, name, **edits):
    notebook = nbformat.reads(notebook, as_version=4)
    next(cell for cell in notebook.cells if cell.id == name).update(edits)
    return nbformat.writes(notebook)


def test_the_text_of_a_test_is_not_part_of_the_work(bundle, staged):
    before = keys.work(bundle, staged, Limits())
    source = changed(bundle.source, "double-tests", source="assert double(3) == 6")
    text = changed(staged.text, "double-tests", source="assert double(3) == 6")
    assert keys.work(replace(bundle, source=source, version="x"), replace(staged, text=text), Limits()) == before


@pytest.mark.parametrize("part", ["answer", "setup", "student", "file", "data", "environment", "limits", "seconds"])
def test_everything_else_is(bundle, staged, part):
    before = keys.work(bundle, staged, Limits())
    limits = Limits()
    if part == "answer":
        staged = replace(staged, text=changed(staged.text, "double", source="def double(x): ..."))
    elif part == "setup":
        staged = replace(staged, text=changed(staged.text, "setup", source="import numpy"))
    elif part == "student":
        staged = replace(staged, student="ben")
    elif part == "file":
        staged = replace(staged, files={"a.csv": b""})
    elif part == "data":
        bundle = replace(bundle, files={"a.csv": b"2"})
    elif part == "environment":
        bundle = replace(bundle, environment={"KERAS_BACKEND": "jax"})
    elif part == "limits":
        limits = Limits(cell_seconds=1.0)
    else:
        source = changed(bundle.source, "double", metadata={"coursekit": {"seconds": 5}})
        bundle = replace(bundle, source=source)
    assert keys.work(bundle, staged, limits) != before


def test_each_test_has_a_digest_of_its_own(bundle):
    before = keys.tests(bundle)
    assert list(before) == ["hinge-tests", "double-tests"]
    after = keys.tests(replace(bundle, source=changed(bundle.source, "double-tests", source="assert double(3) == 6")))
    assert (after["hinge-tests"], after["double-tests"] == before["double-tests"]) == (before["hinge-tests"], False)


def test_the_code_of_an_exercise_is_part_of_the_tests_that_check_it(bundle, monkeypatch):
    """Tolerances, cases and misconceptions stand there, in files that import each other."""
    code = keys._exercise_code("hinge_loss_loops")
    assert any(b"reference_loops" in file for file in code)
    assert any(b"class Exercise" in file for file in code)
    assert not any(b"def softmax_loss" in file and b"a1: " in file for file in code), "another exercise's"
    assert hinge.hinge_loss_loops.name == "hinge_loss_loops"
    before = keys.tests(bundle)
    monkeypatch.setattr(keys, "_exercise_code", lambda name: (b"looser",))
    after = keys.tests(bundle)
    assert after["hinge-tests"] != before["hinge-tests"]
    assert after["double-tests"] == before["double-tests"], "it checks no exercise"


def test_mistakes_written_in_a_file_of_their_own_count():
    code = keys._exercise_code("train_linear_classifier")
    files = [name for name in ("training", "training_mistakes") if any(name.encode() in file for file in code)]
    assert files
    assert len(code) > len(keys._exercise_code("hinge_loss_loops"))


def test_the_key_depends_on_all_of_it(staged):
    keyed = {
        keys.key(staged, "work", {"t": "1"}),
        keys.key(staged, "work", {"t": "2"}),
        keys.key(staged, "other", {"t": "1"}),
        keys.key(replace(staged, key="x"), "work", {"t": "1"}),
    }
    assert len(keyed) == 4


def test_parts_cannot_be_shifted_into_each_other():
    assert keys.digest("ab", "c") != keys.digest("a", "bc")
