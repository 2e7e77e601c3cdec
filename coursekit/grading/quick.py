"""Importing notebook libraries without what nobody here uses of them."""

from __future__ import annotations

import importlib
import sys

_GRAMMAR = "rfc3987_syntax"


def quick_import(*names: str) -> None:
    """Import modules that bring jsonschema, such as nbformat, a second faster.

    Where it is installed, jsonschema builds a grammar of international web addresses while it is imported, for a format
    that notebooks do not have.
    """
    absent = _GRAMMAR not in sys.modules
    if absent:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # reads as: not installed
    try:
        for name in ("jsonschema", *names):
            importlib.import_module(name)
    finally:
        if absent:
            del sys.modules[_GRAMMAR]
