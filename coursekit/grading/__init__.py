"""Grading a class with nbgrader: its formats, gradebook, formgrader and feedback, and no grade lost on the way.

grade("a1", submissions=Path("handed_in"), into=Path("build/grading"))      check_notebook(Path("a1_losses.ipynb"))

collect    finds what students handed in             pool        worker processes, the longest submission first
reading    opens a notebook, whatever its state      worker      one of them; runs what follows
repair     sets a changed notebook right             runner      executes one submission, judges it, keeps every point
staging    ready to grade, and for nbgrader          kernels     start warm, forked from a template
bundle     an assignment as runner and judge need it sandbox     shuts them in
course     nbgrader's folders and gradebook          judge       compares what students' functions answer
keys       what a grade depends on, in digests       rejudging   again, when only tests changed, without a kernel
journal    what was found out, on the disk first     recorder    takes it into the gradebook; its only writer
run        the class, resumable: all of this         feedback    a page for each student
results    points and reasons, JSON and CSV          sample      a class to try all this on
report     what a person sees of it in a terminal    progress    while it runs
page       the same for a browser                    exports     for Canvas, Moodle and scripts
cluster    other machines' workers in the pool's place           leases      their GPUs
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
