"""`bin/reset`: wipe everything that the demo has made, after asking."""

import os
import shutil
import sys

from config.processes.folder import DemoFolder
from config.processes.refusal import Refusal, refusals_as_sentences


def main() -> None:
    with refusals_as_sentences():
        folder = DemoFolder.of_environment()
        if not folder.path.exists():
            raise Refusal(f"There is no {folder.path}: nothing to wipe.")
        with folder.owned():
            confirm(folder)
            shutil.rmtree(folder.path)
        sys.stdout.write(f"Wiped {folder.path}.\n")


def confirm(folder: DemoFolder) -> None:
    """Return when the person agrees. Raises `Refusal` otherwise, also where nobody can be asked."""
    if os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise Refusal(f"Wiping {folder.path} needs a terminal to ask at, or YES=1.")
    if answer(f"Wipe {folder.path} with its databases, accounts and secrets? [y/N] ") != "y":
        raise Refusal("Nothing was wiped.")


def answer(question: str) -> str:
    """Answer what the person types; nothing where they leave by Ctrl-C or Ctrl-D."""
    try:
        return input(question).strip().lower()
    except (EOFError, KeyboardInterrupt):
        sys.stdout.write("\n")
        return ""


if __name__ == "__main__":
    main()
