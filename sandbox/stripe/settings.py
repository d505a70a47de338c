"""What the command line says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Settings:
    """`public_url` begins the addresses of the hosted pages; `after_retries` is what an account would configure."""

    database: Path
    public_url: str
    api_key: str | None = None
    after_retries: str = "cancel"
