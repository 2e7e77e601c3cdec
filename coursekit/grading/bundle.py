"""Everything about an assignment that grading one submission needs: no gradebook, no folder of the instructor's."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.grading.course import Course

_IMPORTED = re.compile(
    r"^\s*(?:import|from)\s+(coursekit|matplotlib|keras|tensorflow|torch|jax|sklearn|scipy|skimage)\b", re.MULTILINE
)
_NEEDED = {
    "coursekit": ("coursekit.exercises", "coursekit.teach", "coursekit.grading.judge.agent", "matplotlib.pyplot"),
    "matplotlib": ("matplotlib.pyplot",),
    "keras": ("tensorflow", "keras"),
    "tensorflow": ("tensorflow", "keras"),
}
_LOADED = re.compile(r"\bdata\.load\(\s*[\"'](\w+)")


@dataclass(frozen=True)
class Bundle:
    """An assignment as the runner and the judge need it.

    Attributes:
        assignment: its name.
        source: the instructor's notebook, as the text of its file; its checks, hidden ones included, are what is run.
        files: what was handed out beside the notebook, by relative path.
        environment: variables of its kernels, beside those that every kernel gets.
        salt: secret of the class; with a submission's key it seeds the judge's random inputs.
        version: digest of the assignment.
    """

    assignment: str
    source: str
    files: Mapping[str, bytes]
    environment: Mapping[str, str]
    salt: str
    version: str

    @property
    def modules(self) -> tuple[str, ...]:
        """What its kernels should have imported before they start, by dotted name."""
        code = "\n".join(self._code)
        needed = [module for name in _IMPORTED.findall(code) for module in _NEEDED.get(name, (name,))]
        tests = ["numpy.testing"] if "testing" in code else []
        return tuple(dict.fromkeys(["numpy", "numpy.random", *tests, *needed]))

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets that it loads through ``coursekit.data``: prepared before kernels start, which cannot."""
        return tuple(dict.fromkeys(_LOADED.findall("\n".join(self._code))))

    @property
    def notebook(self) -> Any:
        """The instructor's notebook, read once; not to be changed."""
        return _read(self.source)

    @property
    def _code(self) -> list[str]:
        return [cell.source for cell in self.notebook.cells if cell.cell_type == "code"]


def bundle(course: Course, salt: str, environment: Mapping[str, str] | None = None) -> Bundle:
    """Pack the assignment of a folder that a class is graded into."""
    release = course.path("release")
    files = {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in sorted(Path(release).rglob("*"))
        if path.is_file() and path.suffix != ".ipynb" and not path.name.startswith(".")
    }
    source = course.notebook("source").read_text(encoding="utf-8")
    return Bundle(course.assignment, source, files, dict(environment or {}), salt, course.version)


@functools.lru_cache(maxsize=4)
def _read(text: str) -> Any:
    import nbformat

    return nbformat.reads(text, as_version=4)
