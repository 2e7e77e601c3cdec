"""Graders to put in the runner's place: workers import them by name."""

import os
import signal
import time
from pathlib import Path

import nbformat
from nbformat import v4

from coursekit.grading.graded import CellGrade, Graded


def note(staged):
    """Remember, in the file that the test names, that a submission was handed to a worker."""
    with open(os.environ["STANDIN_LOG"], "a") as file:
        file.write(staged.student + "\n")


def believe(bundle, staged, limits):
    """Execute nothing: a test passes whose function is not as it was handed out. What cells say makes trouble."""
    note(staged)
    text = staged.text
    tries = Path(os.environ["STANDIN_LOG"]).read_text().split().count(staged.student)
    if "# dies always" in text or ("# dies once" in text and tries == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if "# hangs" in text:
        time.sleep(600)
    if "# raises" in text:
        raise OSError("the machine is unwell")
    if "# faulty once" in text and tries == 1:
        return Graded(staged.student, staged.key, "", (), "none", fault="no kernel could be started")
    if "# faulty always" in text:
        return Graded(staged.student, staged.key, "", (), "none", fault="no kernel could be started")
    if "# slow" in text:
        time.sleep(0.5)
    return judged(bundle, staged, seconds=float(len(text)))


def judged(bundle, staged, seconds=0.1):
    notebook = nbformat.reads(staged.text, as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    cells = []
    for cell in bundle.notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if not settings.get("grade"):
            continue
        name, points = settings.grade_id, float(settings.points)
        if settings.solution:
            cells.append(CellGrade(name, None, points, "person"))
        elif "YOUR CODE HERE" in sources.get(name.removesuffix("-tests"), "YOUR CODE HERE"):
            cells.append(CellGrade(name, 0.0, points, "judge", "unwritten", "not written yet"))
            shown = next(each for each in notebook.cells if each.id == name)
            shown.outputs = [v4.new_output("error", ename="CheckFailed", evalue="not written yet", traceback=[])]
        else:
            cells.append(CellGrade(name, points, points, "judge"))
    return Graded(staged.student, staged.key, nbformat.writes(notebook), tuple(cells), "none", seconds=seconds)


def stock(bundle, staged, limits):
    """Execute as nbgrader does, in an unprotected kernel, and score by its rule, except that noise costs nothing."""
    from nbgrader.preprocessors import Execute
    from nbgrader.utils import determine_grade, is_grade, is_solution

    notebook = nbformat.reads(staged.text, as_version=4)
    hidden = {cell.metadata.nbgrader.grade_id: cell for cell in bundle.notebook.cells if "nbgrader" in cell.metadata}
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata and cell.metadata.nbgrader.grade and not cell.metadata.nbgrader.solution:
            cell.source = hidden[cell.metadata.nbgrader.grade_id].source
    Execute(timeout=60).preprocess(notebook, {"metadata": {"path": os.environ.get("STANDIN_FOLDER", "/tmp")}})
    cells = []
    for cell in notebook.cells:
        if is_grade(cell):
            trust = "person" if is_solution(cell) or cell.cell_type != "code" else "kernel"
            outputs, cell.outputs = (
                cell.get("outputs", []),
                [each for each in cell.get("outputs", []) if each.get("name") != "stderr"],
            )
            points, most = determine_grade(cell)
            cell.outputs = outputs
            cause = "" if trust == "person" or points else "error"
            cells.append(
                CellGrade(
                    cell.metadata.nbgrader.grade_id, None if trust == "person" else points, most, trust, cause, cause
                )
            )
    return Graded(staged.student, staged.key, nbformat.writes(notebook), tuple(cells), "none", seconds=1.0)
