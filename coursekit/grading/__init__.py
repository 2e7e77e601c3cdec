"""Grading a class with nbgrader: its formats, gradebook, formgrader and feedback, and no grade lost on the way.

grade("a1", submissions=Path("handed_in"), into=Path("build/grading"))      check_notebook(Path("a1_losses.ipynb"))

collect   finds what students handed in              engine    runs nbgrader's autograde for one student: the seam
reading   opens a notebook, whatever its state       results   points and diagnoses, as objects, JSON and CSV
repair    sets a changed notebook right              run       the class, resumable
staging   puts it where nbgrader looks               report    what a person sees in a terminal
course    nbgrader's folders and gradebook           sample    a class to try all this on
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.grading.own import check_notebook
    from coursekit.grading.results import ExerciseResult, Result
    from coursekit.grading.run import GradedClass, Step, grade

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "own": ["check_notebook"],
        "results": ["ExerciseResult", "Result"],
        "run": ["GradedClass", "Step", "grade"],
    },
)

__all__ = ["ExerciseResult", "GradedClass", "Result", "Step", "check_notebook", "grade"]
