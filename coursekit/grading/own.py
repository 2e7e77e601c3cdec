"""The grader's verdict on one's own notebook, before it is handed in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading.reading import UnreadableError, read_cells
from coursekit.grading.results import Result
from coursekit.grading.run import grade


def check_notebook(notebook: Path, root: Path | None = None) -> Result:
    """Grade one notebook as a class is graded, and keep nothing of it.

    Args:
        notebook: a copy of any of the course's assignments, whatever it is called.
        root: the course; the one around the working directory if left out.

    Raises:
        CourseError: if it cannot be opened, or is no assignment of the course.
    """
    from coursekit.paths import course_root

    root = root or course_root()
    assignment = _assignment(notebook, root)
    with tempfile.TemporaryDirectory(prefix="coursekit-check-") as folder:
        handed_in = Path(folder, "handed_in", "you")
        handed_in.mkdir(parents=True)
        shutil.copy(notebook, handed_in / f"{assignment}.ipynb")
        # It is one's own code: where it cannot be shut in, it runs as it does in JupyterLab.
        graded = grade(assignment, handed_in.parent, Path(folder, "graded"), root=root, workers=1, unsafe=True)
    for _, fault in graded.faults:
        raise CourseError(
            f"your notebook could not be run: {fault}", fix="`coursekit doctor` says what is missing here."
        )
    return graded.results[0]


def _assignment(notebook: Path, root: Path) -> str:
    """Return the assignment of which a notebook holds the most cells."""
    try:
        mine = {name for cell in read_cells(notebook) for name in cell.names}
    except UnreadableError as error:
        raise CourseError(str(error), fix="give a notebook that JupyterLab opens.") from error
    shared = {
        path.stem: len(mine & {name for cell in read_cells(path) if cell.grading for name in cell.names})
        for path in sorted(root.glob("assignments/*/*.ipynb"))
    }
    if not any(shared.values()):
        raise CourseError(
            f"{notebook} holds no cells of any assignment.",
            fix=f"the course has {', '.join(shared)}; begin with a copy of one of them."
            if shared
            else "run `make notebooks` (or `coursekit build`) first.",
        )
    return max(shared, key=lambda name: shared[name])
