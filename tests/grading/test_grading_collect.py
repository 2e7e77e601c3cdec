import os

import pytest

from coursekit.errors import CourseError
from coursekit.grading import collect as module
from coursekit.grading.collect import collect, gradebook_id


@pytest.fixture
def found(tmp_path, tiny):
    """Collect what lies in tmp_path, by student."""

    def run():
        before = sorted((path, path.lstat().st_mtime_ns) for path in tmp_path.rglob("*"))
        submissions = collect(tmp_path, tiny.name, tiny.ids)
        assert sorted((path, path.lstat().st_mtime_ns) for path in tmp_path.rglob("*")) == before
        assert [each.student for each in submissions] == sorted(each.student for each in submissions)
        assert all((each.path is None) == bool(each.problem) for each in submissions)
        return {each.student: each for each in submissions}

    return run


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_three_layouts_side_by_side(tmp_path, tiny, found):
    nested = tiny.hand_in(tmp_path, "ada")
    short = write(tmp_path / "ben" / "b1_tiny.ipynb", tiny.text())
    flat = write(tmp_path / "chloe.ipynb", tiny.text())
    submissions = found()
    assert {name: each.path for name, each in submissions.items()} == {"ada": nested, "ben": short, "chloe": flat}
    assert {name: each.folder for name, each in submissions.items()} == {
        "ada": nested.parent,
        "ben": short.parent,
        "chloe": None,
    }
    assert not any(each.notes for each in submissions.values())


def test_a_renamed_notebook_is_known_by_its_cells(tmp_path, tiny, found):
    renamed = tiny.hand_in(tmp_path, "ada", filename="b1_tiny (1).ipynb")
    write(tmp_path / "ada" / "b1_tiny" / "scratch.ipynb", '{"cells": []}')
    submission = found()["ada"]
    assert submission.path == renamed
    assert "b1_tiny (1).ipynb was taken for b1_tiny.ipynb" in submission.notes[0]


def test_a_notebook_without_nbgrader_metadata_is_known_by_its_cell_ids(tmp_path, tiny, found):
    path = tiny.hand_in(tmp_path, "ada", filename="mine.ipynb")
    path.write_text(path.read_text().replace('"nbgrader"', '"lost"'))
    assert found()["ada"].path == path


def test_of_several_the_one_with_the_right_name_is_graded(tmp_path, tiny, found):
    right = tiny.hand_in(tmp_path, "ada")
    tiny.hand_in(tmp_path, "ada", filename="b1_tiny-Copy1.ipynb")
    submission = found()["ada"]
    assert submission.path == right
    assert submission.notes == ("b1_tiny.ipynb was graded; b1_tiny-Copy1.ipynb was not.",)


def test_of_several_renamed_ones_the_latest_is_graded(tmp_path, tiny, found):
    old = tiny.hand_in(tmp_path, "ada", filename="b1_tiny (2).ipynb")
    new = tiny.hand_in(tmp_path, "ada", filename="b1_tiny (1).ipynb")
    os.utime(old, (1, 1))
    submission = found()["ada"]
    assert submission.path == new
    assert "b1_tiny (2).ipynb was not" in submission.notes[1]


def test_a_broken_notebook_gives_way_to_a_readable_one(tmp_path, tiny, found):
    write(tmp_path / "ada" / "b1_tiny.ipynb", "{")
    good = write(tmp_path / "ada" / "b1_tiny (1).ipynb", tiny.text())
    assert found()["ada"].path == good


def test_another_assignment_in_the_folder_is_not_this_one(tmp_path, tiny, found):
    write(tmp_path / "ada" / "a0_other" / "a0_other.ipynb", '{"cells": []}')
    assert found()["ada"].problem == "a0_other.ipynb holds none of the cells of b1_tiny."


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"ada/b1_tiny/report.pdf": "x"}, "no notebook was handed in: the folder holds b1_tiny."),
        ({"ada/report.pdf": "x"}, "no notebook was handed in: the folder holds report.pdf."),
        ({"ada.zip": "x"}, "no notebook was handed in: ada.zip is not one."),
        ({"ada": "x"}, "no notebook was handed in: ada is not one."),
        ({"ada/b1_tiny.ipynb": "{"}, "b1_tiny.ipynb is not a notebook that opens"),
        ({"ada.ipynb": '{"cells": []}'}, "ada.ipynb holds none of the cells of b1_tiny."),
        ({"ada/.ipynb_checkpoints/b1_tiny.ipynb": "{"}, "the folder holds nothing."),
    ],
)
def test_what_cannot_be_graded_is_a_submission_with_a_problem(tmp_path, found, files, problem):
    for name, text in files.items():
        write(tmp_path / name, text)
    (submission,) = found().values()
    assert submission.student == "ada"
    assert problem in submission.problem


def test_an_empty_folder_is_a_submission_with_a_problem(tmp_path, found):
    (tmp_path / "ada").mkdir()
    assert found()["ada"].problem == "no notebook was handed in: the folder holds nothing."


def test_links_are_not_followed(tmp_path, tiny, found):
    tiny.hand_in(tmp_path, "ada")
    (tmp_path / "ben.ipynb").symlink_to(tmp_path / "ada" / "b1_tiny" / "b1_tiny.ipynb")
    (tmp_path / "chloe").symlink_to(tmp_path / "ada")
    submissions = found()
    assert "is a link" in submissions["ben"].problem
    assert "is a link" in submissions["chloe"].problem


def test_lists_and_clutter_are_nobodys(tmp_path, tiny, found):
    tiny.hand_in(tmp_path, "ada")
    for name in ("class.csv", "README.md", ".DS_Store", "Thumbs.db", "__MACOSX/ada/b1_tiny.ipynb"):
        write(tmp_path / name, "x")
    assert list(found()) == ["ada"]


def test_a_folder_that_cannot_be_listed_is_a_problem_of_its_student(tmp_path, tiny, found, monkeypatch):
    tiny.hand_in(tmp_path, "ada")
    tiny.hand_in(tmp_path, "ben")
    walk = os.walk

    def refuse(folder, onerror):
        if "ben" in str(folder):
            onerror(PermissionError(13, "Permission denied", str(folder)))
        return walk(folder, onerror=onerror)

    monkeypatch.setattr(module.os, "walk", refuse)
    submissions = found()
    assert submissions["ada"].path
    assert "cannot be read: Permission denied" in submissions["ben"].problem


@pytest.mark.parametrize("name", ["ada", "Zoë O'Brien", "s123456@uni.example", "李雷", "a.b-c_d", "x" * 80])
def test_ordinary_names_stay_as_they_are(name):
    assert gradebook_id(name) == (name, ())


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "a{b}", " a", "a.", "a\nb", "a,b", "x" * 200, "bad\udcff", "..."])
def test_odd_names_are_changed_alike_each_time_and_never_collide(name):
    student, notes = gradebook_id(name)
    assert student != name
    assert student == gradebook_id(name)[0]
    assert gradebook_id(student)[0] == student
    assert gradebook_id(name + "!")[0] != student
    assert repr(student) in notes[0]
    (student + notes[0]).encode()


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.touch(), lambda p: p.mkdir()])
def test_a_missing_or_empty_folder_is_refused_with_the_fix(tmp_path, tiny, make):
    make(tmp_path / "handed_in")
    with pytest.raises(CourseError, match="handed_in") as error:
        collect(tmp_path / "handed_in", tiny.name, tiny.ids)
    assert "one folder or one notebook a student" in error.value.fix


def test_a_single_submission_is_not_taken_for_a_class(tmp_path, tiny):
    path = tiny.hand_in(tmp_path, "ada")
    with pytest.raises(CourseError, match="one submission, not a class"):
        collect(path.parent, tiny.name, tiny.ids)
