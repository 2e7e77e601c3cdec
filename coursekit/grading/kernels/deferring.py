"""Modules that are imported once something of them is used: for what comes along with others and takes long."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

DEFERRED = ("keras.wrappers", "keras.visualization", "keras.src.visualization")
"""Parts of Keras that bring scikit-learn and matplotlib: a third of what Keras and TensorFlow take to be imported."""


class _Deferred(ModuleType):
    """Stands for a module until something of it is asked for; its name and file are known."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":  # whoever looks at all modules asks for such
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = importlib.import_module(self.__name__)
        vars(self).update(vars(module))
        return getattr(module, name)


class Deferring(MetaPathFinder, Loader):
    """Finds some modules before Python's own finder does: ``sys.meta_path.insert(0, Deferring(names))``."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a module is, to be loaded by us; the second time nothing, so that it is imported."""
        if name not in self._names:
            return None
        self._names.discard(name)
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return what stands for a module."""
        return _Deferred(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute nothing yet."""
