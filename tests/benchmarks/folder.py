"""Where peers are installed and logs are written: var/bench/, which is no part of the repository."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
BENCH = CHECKOUT / "var" / "bench"


def log_of(name: str) -> Path:
    folder = BENCH / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"
