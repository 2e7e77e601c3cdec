"""Every number that the course holds its notebooks to (DESIGN §6; reference/courses.md §8 says why)."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Run:
    """What running a notebook may cost, cold, on two CPU cores. Seconds and bytes."""

    cell_seconds: float
    notebook_seconds: float
    peak_rss: int


LECTURE_RUN = Run(cell_seconds=60, notebook_seconds=240, peak_rss=1_500 * MB)
ASSIGNMENT_RUN = Run(cell_seconds=20, notebook_seconds=90, peak_rss=1_500 * MB)

LECTURE_CELLS = (40, 70)
LECTURE_WORDS = (1_500, 3_000)
LECTURE_CODE_LINES = 350
CODE_CELL_LINES = 30
CODE_CELL_LINES_P90 = 20
PROSE_CELL_WORDS = 150
EXPLANATION_WORDS = 120

PREDICTIONS = 5
MICRO_CHECKS = 3
QUIZ_ITEMS = 5
BREAK_IT_CELLS = 1
INTERACTIVE_CELLS = 1

ASSIGNMENT_CELLS = (20, 35)
ASSIGNMENT_WORDS = 1_500
STUB_LINES = 25

SOURCE_BYTES = 150_000
HTML_BYTES = 3 * MB
