import nbformat
import pytest

from coursekit.grading import staging
from coursekit.grading.collect import Submission
from coursekit.grading.course import Course
from coursekit.grading.staging import put, stage


@pytest.fixture
def bare(tmp_path, tiny):
    """A course of which only the released notebook exists: staging needs no gradebook."""
    course = Course(tmp_path / "graded", tiny.name, tmp_path)
    course.notebook("release").parent.mkdir(parents=True)
    course.notebook("release").write_text(nbformat.writes(tiny.notebook()))
    course.private.mkdir()
    (course.private / f"{tiny.name}.version").write_text("1")
    return course


@pytest.fixture
def handed_in(tmp_path, tiny):
    return tiny.hand_in(tmp_path / "class", "ada")


def read(staged):
    return nbformat.reads(staged.text, as_version=4)


def test_a_submission_is_staged_without_a_note(bare, tiny, handed_in):
    staged = stage(Submission("ada", handed_in), bare)
    assert (staged.problem, staged.notes) == ("", ())
    assert [cell.source for cell in read(staged).cells] == [cell.source for cell in tiny.notebook(tiny.right).cells]


def test_notes_and_repairs_stand_above_everything(bare, tiny, handed_in):
    notebook = tiny.notebook(tiny.right)
    del notebook.cells[3]
    handed_in.write_text(nbformat.writes(notebook))
    staged = stage(Submission("ada", handed_in, notes=("Renamed.",)), bare)
    assert staged.notes == ("Renamed.", "The cell hinge-tests was missing; it was put back.")
    first = read(staged).cells[0]
    assert first.source.startswith("**A note from the grader.**")
    assert all(note in first.source for note in staged.notes)


@pytest.mark.parametrize(
    ("text", "words"), [("{", "JSON is broken"), ('{"cells": []}', "none of the assignment's cells")]
)
def test_what_cannot_be_read_is_staged_untouched_with_the_reason(bare, tiny, handed_in, text, words):
    handed_in.write_text(text)
    staged = stage(Submission("ada", handed_in), bare)
    assert words in staged.problem
    note, *cells = read(staged).cells
    assert note.source.startswith("**This could not be graded.**")
    assert [cell.source for cell in cells] == [cell.source for cell in tiny.notebook().cells]


def test_a_missing_submission_is_staged_untouched_with_the_reason(bare, tiny):
    staged = stage(Submission("ada", None, "no notebook was handed in: the folder holds nothing."), bare)
    assert "the folder holds nothing" in read(staged).cells[0].source
    assert len(read(staged).cells) == 1 + len(tiny.notebook().cells)


def test_files_beside_the_notebook_go_with_it(bare, handed_in, monkeypatch):
    folder = handed_in.parent
    (folder / "data").mkdir()
    (folder / "data" / "x.csv").write_text("1")
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    for clutter in (".hidden", "other.ipynb"):
        (folder / clutter).write_text("x")
    (folder / "link.txt").symlink_to(handed_in)
    staged = stage(Submission("ada", handed_in, folder=folder), bare)
    assert staged.files == {"data/x.csv": b"1", "timestamp.txt": b"2026-01-02 03:04:05 UTC"}
    put(staged, bare)
    placed = bare.path("submitted", "ada")
    files = {str(path.relative_to(placed)) for path in placed.rglob("*") if path.is_file()}
    assert files == {"b1_tiny.ipynb", "data/x.csv", "timestamp.txt"}
    monkeypatch.setattr(staging, "MAX_EXTRA_BYTES", 0)
    assert stage(Submission("ada", handed_in, folder=folder), bare).notes == (
        "Left out, because not readable, or beyond 0 MB of files: timestamp.txt, data/x.csv.",
    )


def test_a_timestamp_that_nbgrader_cannot_read_is_left_out(bare, handed_in):
    (handed_in.parent / "timestamp.txt").write_text("yesterday")
    assert stage(Submission("ada", handed_in, folder=handed_in.parent), bare).files == {}


def test_a_flat_notebook_takes_no_files_of_its_neighbours(bare, tmp_path, tiny):
    (tmp_path / "ada.ipynb").write_text(tiny.text())
    (tmp_path / "ben.txt").write_text("x")
    assert stage(Submission("ada", tmp_path / "ada.ipynb"), bare).files == {}


def test_put_replaces_what_lay_there(bare, handed_in):
    staged = stage(Submission("ada", handed_in), bare)
    put(staged, bare)
    (bare.path("submitted", "ada") / "old.txt").touch()
    put(staged, bare)
    assert [path.name for path in bare.path("submitted", "ada").iterdir()] == ["b1_tiny.ipynb"]
    assert bare.notebook("submitted", "ada").read_text() == staged.text


def test_the_key_is_that_of_everything_the_grade_depends_on(bare, handed_in, tiny):
    def key(student="ada", path=handed_in, problem=""):
        return stage(Submission(student, path, problem, folder=path and path.parent), bare).key

    keys = [key(), key("ben"), key(path=None, problem="a"), key(path=None, problem="b")]
    assert keys[0] == key()
    (handed_in.parent / "helper.py").write_text("x = 1")
    keys.append(key())
    handed_in.write_text(tiny.text({**tiny.right, "double": "def double(x):\n    return x + x"}))
    keys.append(key())
    (bare.private / f"{tiny.name}.version").write_text("2")
    keys.append(key())
    assert len(set(keys)) == len(keys)


def test_what_the_grade_does_not_depend_on_leaves_the_key(bare, handed_in, tiny):
    key = stage(Submission("ada", handed_in), bare).key
    notebook = tiny.notebook(tiny.right)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hi")]
    notebook.metadata.colab = {"provenance": []}
    handed_in.write_text(nbformat.writes(notebook))
    assert stage(Submission("ada", handed_in), bare).key == key
