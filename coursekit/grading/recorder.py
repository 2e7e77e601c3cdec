"""The only writer of the gradebook: takes what was found out about a submission into nbgrader's formats.

nbgrader's own autograde does it, unchanged but for four of its steps (`coursekit.grading.preprocessors`): it executes
nothing. Recorded twice, a submission leaves what it leaves when recorded once.
"""

from __future__ import annotations

from typing import Any

from coursekit.errors import CourseError
from coursekit.grading import staging
from coursekit.grading.converting import Converter, StepsInPlace, reason
from coursekit.grading.course import Course
from coursekit.grading.graded import Graded
from coursekit.grading.reading import reread
from coursekit.grading.staging import Staged


class Recorder:
    """Records the submissions of one assignment, one after the other.

    Args:
        course: the folder that the class is graded into, open.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._converter = Converter(_recording(), course.folder, course.assignment)

    def record(self, staged: Staged, graded: Graded, seen: bool = False) -> None:
        """Write one submission: the gradebook, and nbgrader's ``submitted`` and ``autograded`` folders.

        Args:
            staged: the submission.
            graded: what was found out about it.
            seen: whether the same was recorded before, only judged again; manual scores then ask for no second look.

        Raises:
            CourseError: if nbgrader cannot.
            OSError: if the disk is full.
        """
        staging.put(staged, self._course)
        self._converter.app.found = _found(graded, seen)
        if log := self._converter.run(staged.student):
            raise CourseError(
                f"nbgrader cannot record {staged.student}: {reason(log)}",
                fix="look at the submission; run the same command again once the reason is mended.",
            )


def _found(graded: Graded, seen: bool) -> Any:
    from coursekit.grading.preprocessors import Found

    cells = reread(graded.notebook).cells
    outputs = {cell.id: (cell.outputs, cell.execution_count) for cell in cells if cell.cell_type == "code"}
    points = {cell.name: cell.points for cell in graded.cells if cell.points is not None and cell.trust != "person"}
    return Found(outputs, points, seen)


def _recording() -> Any:
    """Return nbgrader's Autograde with our steps in place of its own, also where a class's settings list its own."""
    import nbformat
    from nbconvert.exporters import NotebookExporter
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import BaseConverter
    from nbgrader.preprocessors import CheckCellMetadata, Execute, OverwriteCells, SaveAutoGrades
    from traitlets import default
    from traitlets.utils.importstring import import_item

    from coursekit.grading.preprocessors import RESOURCE, Found, Overwrite, RecordGrades, Replay

    instead = {Execute: Replay, OverwriteCells: Overwrite, SaveAutoGrades: RecordGrades}

    class Exporter(StepsInPlace, NotebookExporter):
        def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
            """Look at what comes of all steps."""
            nb, resources = super()._preprocess(nb, resources)
            nbformat.validate(nb, relax_add_props=True)
            return nb, resources

    class Recording(Autograde):  # type: ignore[misc]
        found: Found
        ready = False

        @default("exporter_class")
        def _exporter_class_default(self) -> type[Exporter]:
            return Exporter

        def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
            resources: dict[str, Any] = super().init_single_notebook_resources(notebook_filename)
            return resources | {RESOURCE: self.found}

        def convert_single_notebook(self, notebook_filename: str) -> None:
            """Go through both rows of nbgrader's steps at once: nobody looks at what it writes between them."""
            if not self.ready:
                self._set_up()
            BaseConverter.convert_single_notebook(self, notebook_filename)

        def _set_up(self) -> None:
            self.exporter._preprocessors = []
            for each in (*self.sanitize_preprocessors, *self.autograde_preprocessors):
                step = import_item(each) if isinstance(each, str) else each
                if step is not CheckCellMetadata:  # staging gave every cell the settings that were checked on release
                    self.exporter.register_preprocessor(instead.get(step, step))
            self.ready = True

    return Recording
