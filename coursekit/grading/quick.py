"""Importing notebook libraries without what nobody here uses of them: half of their processor time."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_ABSENT = ("rfc3986_validator", "rfc3987_syntax", "isoduration")
"""jsonschema's, for formats that notebooks do not have: a grammar of web addresses, calendars."""

_LATER = (
    "bs4",  # for nbconvert's pictures in Markdown
    "requests",  # for nbgrader's questions to JupyterHub
    "setuptools.archive_util",  # for nbgrader's zip files; setuptools looks through all that is installed
    "nbgrader.server_extensions.assignment_list",  # these bring Jupyter's server
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)


class _Later(ModuleType):
    """Stands for a module of functions: it is imported when one of them is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *values, **named: getattr(importlib.import_module(self.__name__), name)(*values, **named)


def quick_import(*names: str) -> None:
    """Import modules that bring jsonschema or nbgrader, such as nbformat, a second faster."""
    missing = [name for name in ("jsonschema", *names) if name not in sys.modules]
    if not missing:
        return
    instead: dict[str, Any] = {name: None for name in _ABSENT if name not in sys.modules}  # reads as: not installed
    instead |= {name: _Later(name) for name in _LATER if name not in sys.modules}
    sys.modules.update(instead)
    try:
        with uncollected():
            for name in missing:
                importlib.import_module(name)
    finally:
        for name in instead:
            del sys.modules[name]


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile, nor ever among what there is by then: for imports, whose modules stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
