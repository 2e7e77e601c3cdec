import copy
import dataclasses
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import validate
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from coursekit.grading.reading import SubmittedCell, UnreadableError
from coursekit.grading.repair import repair, untouched, with_note


@pytest.fixture
def release(tiny):
    return tiny.notebook()


@pytest.fixture
def mine(tiny):
    """A complete submission, to be spoiled."""
    return tiny.notebook(tiny.right)


def gradable(notebook, release):
    """Whether nbgrader can grade the notebook: it holds what the gradebook expects, once, as it expects it."""
    validate(notebook)
    MetadataValidator().validate_nb(copy.deepcopy(notebook))
    found = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    for cell in release.cells:
        if "nbgrader" not in cell.metadata:
            continue
        settings = cell.metadata.nbgrader
        if settings.grade or settings.locked:
            assert found[settings.grade_id].metadata == cell.metadata
        if not settings.solution:
            assert found[settings.grade_id].source == cell.source
    return found


def order(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "-") for cell in notebook.cells]


def test_an_ordinary_submission_stays_as_it_is(tiny, release, mine):
    notebook, notes = repair(tiny.cells(mine), release)
    assert notes == []
    assert [(c.cell_type, c.source, c.id, c.metadata) for c in notebook.cells] == [
        (c.cell_type, c.source, c.id, c.metadata) for c in mine.cells
    ]


def test_added_cells_stay_in_their_place_without_metadata(tiny, release, mine):
    helper = tiny.notebook().cells[0] | {"cell_type": "code", "source": "half = 0.5", "id": "hinge"}
    cells = tiny.cells(mine)
    cells.insert(2, SubmittedCell("code", "half = 0.5", "not valid as an id"))
    cells.insert(3, SubmittedCell("raw", helper["source"], "double-tests-2"))
    notebook, notes = repair(cells, release)
    gradable(notebook, release)
    assert notes == []
    assert [cell.cell_type for cell in notebook.cells[2:4]] == ["code", "raw"]
    assert notebook.cells[2].source == "half = 0.5"
    assert notebook.cells[2].metadata == {}


@pytest.mark.parametrize("times", [1, 2])
def test_a_copied_test_cell_is_graded_once(tiny, release, mine, times):
    cells = tiny.cells(mine)
    cells[4:4] = [cells[3]] * times
    notebook, notes = repair(cells, release)
    assert order(notebook) == order(mine)
    assert notes == [f"The cell hinge-tests stood there {times + 1} times; one of them was graded."]


def test_a_split_test_cell_is_whole_again(tiny, release, mine):
    cells = tiny.cells(mine)
    whole = cells[3]
    cells[3:4] = [
        SubmittedCell("code", "x = 1", "hinge-tests", whole.grading),
        SubmittedCell("code", "assert x == 1", "a1b2c3d4", whole.grading),
    ]
    notebook, notes = repair(cells, release)
    found = gradable(notebook, release)
    assert found["hinge-tests"].source == whole.source
    assert any("its text was changed" in note for note in notes)
    assert "assert x == 1" in [cell.source for cell in notebook.cells if "nbgrader" not in cell.metadata]


def test_of_a_copied_answer_the_written_one_is_graded_and_both_run(tiny, release, mine):
    cells = tiny.cells(mine)
    stub = SubmittedCell("code", tiny.notebook().cells[2].source, "x", cells[2].grading)
    cells.insert(3, stub)
    notebook, _ = repair(cells, release)
    assert gradable(notebook, release)["hinge"].source == tiny.right["hinge"]
    assert [cell.source for cell in notebook.cells].count(stub.source) == 1


def test_a_deleted_test_cell_is_put_back_behind_the_answer(tiny, release, mine):
    cells = [cell for cell in tiny.cells(mine) if cell.id not in ("hinge", "hinge-tests")]
    # The answer was moved to a new cell of the student's own.
    cells.insert(2, SubmittedCell("code", tiny.right["hinge"], "new"))
    notebook, notes = repair(cells, release)
    gradable(notebook, release)
    assert order(notebook) == ["-", "setup", "-", "hinge-tests", "double", "double-tests", "essay"]
    assert notes == ["The cell hinge is missing.", "The cell hinge-tests was missing; it was put back."]


def test_deleted_cells_at_both_ends_are_put_back(tiny, release, mine):
    kept = [cell for cell in tiny.cells(mine) if cell.id in ("title", "hinge", "hinge-tests", "double")]
    notebook, notes = repair(kept, release)
    gradable(notebook, release)
    assert order(notebook) == ["setup", "-", "hinge", "hinge-tests", "double", "double-tests", "essay"]
    assert len(notes) == 3


@pytest.mark.parametrize(
    "change",
    [{"grade": False}, {"solution": True}, {"locked": False}, {"points": 300}, {"points": None}, {"grade": None}],
)
def test_changed_settings_are_set_back(tiny, release, mine, change):
    cells = tiny.cells(mine)
    cells[3] = SubmittedCell("code", cells[3].source, cells[3].id, cells[3].grading | change)
    notebook, notes = repair(cells, release)
    gradable(notebook, release)
    assert notes == ["The settings of the cell hinge-tests were changed; they were set back."]


@pytest.mark.parametrize("kept", ["grade_id", "id"])
def test_lost_metadata_are_restored_by_either_id(tiny, release, mine, kept):
    cells = [
        SubmittedCell(c.type, c.source, c.id if kept == "id" else "", c.grading if kept == "grade_id" else {})
        for c in tiny.cells(mine)
    ]
    notebook, _ = repair(cells, release)
    assert gradable(notebook, release)["hinge"].source == tiny.right["hinge"]
    assert order(notebook) == order(mine)


def test_a_cell_turned_into_text_is_code_again(tiny, release, mine):
    cells = tiny.cells(mine)
    cells[2] = SubmittedCell("markdown", cells[2].source, cells[2].id, cells[2].grading)
    notebook, notes = repair(cells, release)
    assert gradable(notebook, release)["hinge"].cell_type == "code"
    assert notes


def test_a_tag_cannot_keep_a_check_from_being_run(tiny, release, mine):
    mine.cells[3].metadata.tags = ["skip-execution"]
    notebook, _ = repair(tiny.cells(mine), release)
    assert "tags" not in gradable(notebook, release)["hinge-tests"].metadata


def test_a_pasted_picture_of_a_derivation_is_kept(tiny, release, mine):
    cells = tiny.cells(mine)
    picture = {"a.png": {"image/png": "aGk="}}
    cells[-1] = SubmittedCell("markdown", "![](attachment:a.png)", "essay", cells[-1].grading, picture)
    notebook, _ = repair(cells, release)
    assert gradable(notebook, release)["essay"].attachments == picture


def test_nothing_of_the_assignment_is_no_submission(tiny, release):
    with pytest.raises(UnreadableError, match="none of the assignment's cells"):
        repair([SubmittedCell("code", "x", "y")], release)


def test_untouched_is_what_students_got(release):
    assert untouched(release).cells == release.cells


def test_a_note_shows_file_names_as_they_are(tiny, release):
    notebook = with_note(untouched(release), "Title", ["<b>*x*</b> `y` $z$ was [not](it)."])
    validate(notebook)
    text = notebook.cells[0].source
    assert text.startswith("**Title**\n\n- ")
    assert r"\<b\>\*x\*\</b\> \`y\` \$z\$ was \[not\](it)." in text


@st.composite
def _spoiled(draw):
    """Indices of cells to keep, in any order, with repetitions, and what to do to each."""
    indices = draw(st.lists(st.integers(0, 6), min_size=1, max_size=12))
    spoil = st.sampled_from(["", "source", "grading", "id", "type", "none"])
    return [(index, draw(spoil)) for index in indices]


def _spoil(cell, how):
    changed = {
        "source": {"source": cell.source + "\n# more"},
        "grading": {"grading": {"grade": True, "grade_id": cell.id}},
        "id": {"id": ""},
        "type": {"type": "raw"},
        "none": {"id": "", "grading": {}},
    }
    return dataclasses.replace(cell, **changed.get(how, {}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=_spoiled())
def test_whatever_was_done_to_it_it_is_gradable_and_nothing_written_is_lost(tiny, release, mine, plan):
    cells = [_spoil(tiny.cells(mine)[index], how) for index, how in plan]
    try:
        notebook, _ = repair(cells, release)
    except UnreadableError:
        assert not any(set(cell.names) & set(tiny.ids) for cell in cells)
        return
    gradable(notebook, release)
    assert max(Counter(order(notebook)).items(), key=lambda item: (item[0] != "-", item[1]))[1] == 1
    left = Counter(cell.source for cell in notebook.cells)
    answers = Counter(cell.source for cell in cells if cell.source in tiny.right.values())
    assert answers <= left


def test_a_check_of_an_earlier_release_is_replaced_without_blame(tiny, release, mine):
    cells = tiny.cells(mine)
    index = next(i for i, cell in enumerate(cells) if cell.id == "double-tests")
    earlier = tiny.notebook().cells[index]
    earlier.source = "assert double(1) == 2"
    earlier.metadata.nbgrader.checksum = compute_checksum(earlier)
    cells[index] = dataclasses.replace(
        cells[index], source=earlier.source, grading=json.loads(json.dumps(earlier.metadata.nbgrader))
    )
    notebook, notes = repair(cells, release)
    assert gradable(notebook, release)["double-tests"].source == release.cells[index].source
    assert notes == []
