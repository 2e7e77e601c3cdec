"""Running notebooks: what is recorded, and what happens to cells that fail, hang, die or eat memory."""

import json
import time

import nbformat
import pytest

from coursekit.authoring.cells import Cell, Source
from coursekit.authoring.execute import execute
from coursekit.authoring.lint import over_budget
from coursekit.authoring.notebook import dumps, from_source, write
from coursekit.errors import CourseError

PLACE = """
import os
from pathlib import Path

print(os.environ["COURSEKIT_ROOT"], os.environ["COURSEKIT_PROGRESS"], os.environ["TF_CPP_MIN_LOG_LEVEL"])
Path("made here").write_text("x")
print(os.getcwd(), [path.name for path in Path().iterdir() if path.name[0] != "."])
""".strip()

pytestmark = pytest.mark.slow  # ten seconds of kernels

# One notebook a fate: the code cells, in order.
FATES = {
    "01_fine": [PLACE, "block = bytearray(300_000_000)", "del block", "1 + 1"],
    "02_raises": ["x = 1", "def f():\n    return 1 / 0\n\n\nf()", "print('never')"],
    "03_hangs": ["while True:\n    pass"],
    "04_dies": ["import os", "os._exit(9)"],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Every fate, run together: {name: run}, the folder, and what was called back."""
    root = tmp_path_factory.mktemp("course")
    paths = []
    for name, codes in FATES.items():
        cells = [Cell("markdown", "# Title\n\n## Part one"), *(Cell("code", text) for text in codes)]
        cells.insert(2, Cell("markdown", "## Part *two*\n\ntext"))
        cells.append(Cell("code", "raise ValueError('shown')", tags=("raises-exception",)))
        cells = [Cell(c.type, c.text, f"cell-{i}", tags=c.tags) for i, c in enumerate(cells)]
        paths.append(root / "lectures" / f"{name}.ipynb")
        write(paths[-1], dumps(from_source(Source("T", tuple(cells)), f"source/lectures/{name}.py", "lecture")))
    called = []
    done = execute(
        paths,
        root=root,
        timeout=3,
        workers=2,
        output_dir=root / "build" / "executed",
        on_cell=lambda path, cell: called.append((path.stem, cell.id)),
    )
    return {run.path.stem: run for run in done}, root, called


def outputs(run):
    node = nbformat.read(run.output, as_version=4)
    return {cell.id: cell.outputs for cell in node.cells if cell.cell_type == "code"}


def test_a_notebook_runs_to_its_end_in_a_folder_of_its_own(runs):
    by_name, root, _ = runs
    run = by_name["01_fine"]
    assert run.failure is None
    assert [cell.id for cell in run.cells] == ["cell-1", "cell-3", "cell-4", "cell-5", "cell-6"]
    first, second = outputs(run)["cell-1"][0].text.splitlines()
    assert first == f"{root} off 3"
    assert second.endswith("['made here']")
    assert not second.startswith(str(root))
    assert {path.name for path in root.iterdir()} == {"lectures", "build"}
    assert outputs(run)["cell-5"][0].data["text/plain"] == "2"
    assert outputs(run)["cell-6"][0].ename == "ValueError", "it may raise, for it is tagged so"


def test_the_source_notebook_stays_as_it_was(runs):
    by_name, _, _ = runs
    for run in by_name.values():
        node = nbformat.read(run.path, as_version=4)
        assert not any(cell.get("outputs") for cell in node.cells)
        assert "iopub" not in run.output.read_text(), "no times of day in the executed notebook"


def test_memory_is_told_cell_by_cell(runs):
    cells = {cell.id: cell for cell in runs[0]["01_fine"].cells}
    before, held, freed, after = (cells[f"cell-{i}"].peak_rss for i in (1, 3, 4, 5))
    assert 250e6 < held - before < 400e6
    assert freed > before + 250e6, "it was still held when the cell began"
    assert after < before + 100e6
    assert runs[0]["01_fine"].peak_rss == max(held, freed)


def test_an_error_names_its_cell_and_stops_that_notebook_only(runs):
    run = runs[0]["02_raises"]
    assert run.failure == run.cells[-1]
    assert (run.failure.id, run.failure.heading) == ("cell-3", "Part *two*")
    assert run.failure.error == "ZeroDivisionError: division by zero"
    assert run.cells[0].heading == "Part one"
    assert outputs(run)["cell-3"][0].output_type == "error"
    assert outputs(run)["cell-4"] == []


def test_a_hanging_cell_is_stopped(runs):
    run = runs[0]["03_hangs"]
    assert run.failure.id == "cell-1"
    assert run.failure.error == "still running after 3 s"
    assert 3 <= run.failure.seconds < 8


def test_a_dead_kernel_is_told(runs):
    run = runs[0]["04_dies"]
    assert run.failure.id == "cell-3"
    assert "kernel died" in run.failure.error


def test_every_cell_is_called_back_in_order(runs):
    by_name, _, called = runs
    for name, run in by_name.items():
        assert [cell for stem, cell in called if stem == name] == [cell.id for cell in run.cells]


def test_timings_are_kept_for_other_notebooks(runs):
    by_name, root, _ = runs
    path = root / "build" / "executed" / "timings.json"
    record = json.loads(path.read_text())
    assert set(record["lecture"]) == set(FATES)
    fine = record["lecture"]["01_fine"]
    assert fine["error"] is None
    assert fine["seconds"] >= sum(cell["seconds"] for cell in fine["cells"])
    assert fine["cells"][1].keys() == {"id", "heading", "seconds", "peak_rss", "error"}
    assert record["lecture"]["02_raises"]["error"] == "ZeroDivisionError: division by zero"

    record["solution"] = {"a1": {"seconds": 1}}
    path.write_text(json.dumps(record))
    execute([by_name["04_dies"].path], root=root, timeout=3, output_dir=path.parent)
    again = json.loads(path.read_text())
    assert again["solution"] == {"a1": {"seconds": 1}}
    assert again["lecture"]["01_fine"] == fine


def test_budgets_see_failures_times_and_memory(runs, monkeypatch):
    by_name, _, _ = runs
    assert over_budget(by_name["01_fine"]) == []
    (problem,) = over_budget(by_name["02_raises"])
    assert (problem.cell, problem.rule) == ("cell-3", "error")
    assert "'Part *two*': ZeroDivisionError" in problem.message
    tight = type("Tight", (), {"cell_seconds": 2, "notebook_seconds": 1, "peak_rss": 300_000_000})
    monkeypatch.setattr("coursekit.authoring.budgets.LECTURE_RUN", tight)
    assert [p.rule for p in over_budget(by_name["01_fine"])][-1] == "memory"
    rules = [(p.cell, p.rule) for p in over_budget(by_name["03_hangs"])]
    assert rules == [("cell-1", "cell-seconds"), ("", "notebook-seconds"), ("cell-1", "error")]


def test_two_notebooks_of_one_name_are_refused(runs):
    by_name, root, _ = runs
    path = by_name["01_fine"].path
    with pytest.raises(CourseError, match=r"two notebooks are called 01_fine\.ipynb"):
        execute([path, path], root=root, timeout=3)


def test_a_missing_notebook_is_told_before_anything_runs(tmp_path):
    start = time.perf_counter()
    with pytest.raises(CourseError, match="cannot be read"):
        execute([tmp_path / "none.ipynb"], root=tmp_path, timeout=3)
    assert time.perf_counter() - start < 1
