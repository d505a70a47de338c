"""Where an installed wheel keeps its files."""

from importlib.util import find_spec
from pathlib import Path


def wheel_folder(package: str) -> Path:
    """Answer the folder of an installed package without importing it: theirs have side effects."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"The package {package} is not installed: run `make install`.", name=package)
    return Path(spec.origin).parent
