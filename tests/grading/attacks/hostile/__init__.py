"""The corpus: hostile and broken submissions, a module a class of the reference's."""

from __future__ import annotations

import importlib
import pkgutil

from hostile.core import Attack
from hostile.f_inputs import INPUTS

ATTACKS: tuple[Attack, ...] = tuple(
    attack
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__) if each.name.startswith("a"))
    for attack in importlib.import_module(f"{__name__}.{module}").ATTACKS
)

__all__ = ["ATTACKS", "INPUTS", "Attack"]
