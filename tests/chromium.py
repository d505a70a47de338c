"""Which browser drives the browser test: an installed Chromium, under any of its names."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_INSTALL = (
    "No Chromium is installed: run `bin/install-chromium` as root (Debian, Ubuntu), install Chromium or Chrome "
    "by your system's own means, or set CHROMIUM to the path of one."
)


def find_chromium() -> str | None:
    """Answer the path of a browser that can be driven, or None."""
    candidates = [os.environ.get("CHROMIUM", ""), *NAMES, *APPLICATIONS]
    found = (shutil.which(name) for name in candidates if name)
    return next((path for path in found if path and Path(path).exists()), None)
