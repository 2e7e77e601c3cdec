"""The judge: the trusted process that compares what a student's functions answer, and scores what they saved.

kind         who can say what a cell is worth: the judge, the student's own kernel, or a person
mark_calls   a cell of ``ck.check.<exercise>(<function>)``: calls the function in its kernel, compares here
mark_file    a cell of ``ck.check.<artifact>("<file>")``: fetches the file, scores it here
unlabelled   the files of inputs that the kernel of a submission must find beside the notebook

Nothing here is imported in a student's kernel but `agent` and `wire`.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.grading.judge.artifacts import mark_file, unlabelled
    from coursekit.grading.judge.calls import NotKept
    from coursekit.grading.judge.marking import kind, mark_calls, seed_of

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "artifacts": ["mark_file", "unlabelled"],
        "calls": ["NotKept"],
        "marking": ["kind", "mark_calls", "seed_of"],
    },
)

__all__ = ["NotKept", "kind", "mark_calls", "mark_file", "seed_of", "unlabelled"]
