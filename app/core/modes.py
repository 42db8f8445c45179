"""The guarantee modes: every file in `models/modes` is one, found by looking."""

import importlib
import pkgutil

import models.modes
from models.guarantee import Guarantee


def modes() -> tuple[type[Guarantee], ...]:
    """The record classes of all modes, in the order of their tabs."""
    for found in pkgutil.iter_modules(models.modes.__path__):
        importlib.import_module(f"models.modes.{found.name}")
    classes = (mapper.class_ for mapper in Guarantee.__mapper__.self_and_descendants)
    declared = (mode for mode in classes if hasattr(mode, "screen"))
    return tuple(sorted(declared, key=lambda mode: (mode.screen.order, mode.screen.path)))
