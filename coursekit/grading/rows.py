"""What stands in the gradebook about one submission, read in three questions where nbgrader asks two for every cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rows:
    """nbgrader's own objects, to read and to change.

    Attributes:
        notebook: the submitted notebook.
        grades: by nbgrader's id of the cell.
        comments: likewise.
    """

    notebook: Any
    grades: dict[str, Any]
    comments: dict[str, Any]

    @property
    def penalty(self) -> float:
        """The points taken off for being late."""
        return float(self.notebook.late_submission_penalty or 0)

    @property
    def score(self) -> float:
        """The points given so far, after that."""
        return float(sum(each.score for each in self.grades.values())) - self.penalty

    @property
    def max_score(self) -> float:
        """What it is worth."""
        return float(sum(each.max_score for each in self.grades.values()))

    @property
    def needs_manual_grade(self) -> bool:
        """Whether something waits for a person."""
        return any(each.needs_manual_grade for each in self.grades.values())


def rows(gradebook: Any, notebook: str, assignment: str, student: str) -> Rows:
    """Return what an open gradebook holds about a submission.

    Raises:
        nbgrader.api.MissingEntry: if there is no such submission.
    """
    from nbgrader.api import Comment, Grade
    from sqlalchemy.orm import joinedload, undefer

    found = gradebook.find_submission_notebook(notebook, assignment, student)
    grades = gradebook.db.query(Grade).filter(Grade.notebook_id == found.id)
    grades = grades.options(joinedload(Grade.cell), undefer(Grade.max_score))
    comments = gradebook.db.query(Comment).filter(Comment.notebook_id == found.id).options(joinedload(Comment.cell))
    return Rows(found, {each.cell.name: each for each in grades}, {each.cell.name: each for each in comments})
