"""Grades for other programs, as nbgrader's export plugins.

    coursekit export a1 --into build/grading --format canvas
    nbgrader export --exporter=coursekit.grading.exports.CanvasPlugin --to grades.csv --assignment "['a1_losses']"

plugins   what each format holds      tables   CSV that no spreadsheet computes      writing   for `coursekit export`
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from coursekit.grading.exports.plugins import CanvasPlugin, CsvPlugin, JsonPlugin, MoodlePlugin
    from coursekit.grading.exports.writing import FORMATS, Exported, export

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "plugins": ["CanvasPlugin", "CsvPlugin", "JsonPlugin", "MoodlePlugin"],
        "writing": ["FORMATS", "Exported", "export"],
    },
)

__all__ = ["FORMATS", "CanvasPlugin", "CsvPlugin", "Exported", "JsonPlugin", "MoodlePlugin", "export"]
