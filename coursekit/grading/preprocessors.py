"""Two of nbgrader's steps, mended: what a dead kernel costs, and what a warning costs.

Imported by nbgrader through their names in `coursekit.grading.settings`.
"""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade

NOT_RUN = "NotRunError"
"""The error of cells that were not run, or not to their end, because the kernel was gone."""


class ExecuteToTheEnd(Execute):  # type: ignore[misc]
    """Runs the notebook; when the kernel dies or cannot be interrupted, the cells from there on fail, no others.

    Stock nbgrader throws the whole submission away and leaves its grades empty.
    """

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:
        """Run every cell of a notebook, in place."""
        self._running = -1
        try:
            return super().preprocess(nb, resources, km)  # type: ignore[no-any-return]
        except DeadKernelError:
            reason = "the kernel died in this cell: memory ran out, or the code ended the process"
        except CellTimeoutError:
            reason = f"this cell ran for more than {self.timeout} s and could not be interrupted"
        if self._running < 0:
            raise RuntimeError("the kernel died before the first cell")
        for cell in nb.cells[self._running :]:
            if cell.cell_type == "code":
                error = new_output("error", ename=NOT_RUN, evalue=reason, traceback=[f"{NOT_RUN}: {reason}"])
                cell.outputs.append(error)
                reason = "the kernel was gone after an earlier cell"
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Run one cell, remembering which."""
        self._running = index
        return super().preprocess_cell(cell, resources, index)  # type: ignore[no-any-return]


class ForgiveStderr(NbGraderPreprocessor):  # type: ignore[misc]
    """Turns what checks wrote to the error stream into ordinary output.

    nbgrader gives no points to a check with anything on it, so that a warning costs them all.
    A check that really failed has an error among its outputs, and still gets nothing.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Rename the streams of one cell."""
        if cell.cell_type == "code" and is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources
