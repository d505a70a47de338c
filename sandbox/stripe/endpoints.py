"""All endpoints: importing the files registers what they offer."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sandbox.stripe import resources


def register() -> None:
    """Fill the table of routes."""
    for module in iter_modules(resources.__path__):
        import_module(f"{resources.__name__}.{module.name}")
