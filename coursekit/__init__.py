"""A course on convolutional networks that runs, and the tools that teach and grade it.

``import coursekit as ck`` costs milliseconds: every submodule loads when it is first used.

    ck.scratch     networks from scratch, in NumPy       ck.check      checks an exercise and says what went wrong
    ck.figures     one matplotlib style, always alt text ck.predict    asks before a cell shows
    ck.data        data sets that need no download       ck.quiz       questions that work without a kernel
    ck.models      published networks, in Keras          ck.training   trains them, and shows why it went wrong
    ck.backend     seeds and quiet start-up for Keras    ck.verify     holds a number in the text to a computation
    ck.exercises   what an assignment asks and checks    ck.figure     shows a figure with its alt text
    ck.grading     grades a class with nbgrader          ck.progress   what you have done so far
"""

from typing import TYPE_CHECKING

import lazy_loader

__version__ = "0.1.0"

if TYPE_CHECKING:
    from coursekit import (
        authoring,
        backend,
        data,
        exercises,
        figures,
        grading,
        models,
        paths,
        scratch,
        teach,
        training,
    )
    from coursekit.teach import check, figure, predict, progress, quiz, verify

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submodules=[
        "authoring",
        "backend",
        "data",
        "exercises",
        "figures",
        "grading",
        "models",
        "paths",
        "scratch",
        "teach",
        "training",
    ],
    submod_attrs={"teach": ["check", "figure", "predict", "progress", "quiz", "verify"]},
)

__all__ = [
    "authoring",
    "backend",
    "check",
    "data",
    "exercises",
    "figure",
    "figures",
    "grading",
    "models",
    "paths",
    "predict",
    "progress",
    "quiz",
    "scratch",
    "teach",
    "training",
    "verify",
]
