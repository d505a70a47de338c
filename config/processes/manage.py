"""`bin/manage`: Django's command line with the demo's environment, whether the demo runs or not."""

import os
import subprocess
import sys
from contextlib import ExitStack

from config.embedded.server import running
from config.processes.demo import Demo, read_saved
from config.processes.folder import CHECKOUT, AlreadyOwned, DemoFolder
from config.processes.refusal import refusals_as_sentences


def main() -> None:
    with refusals_as_sentences():
        sys.exit(manage(DemoFolder.of_environment(), sys.argv[1:]))


def manage(folder: DemoFolder, words: list[str]) -> int:
    """Run one command of manage.py and answer its exit status.

    While the demo runs its servers are used. Otherwise they are started for as long as the command takes.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(folder.owned())
        except AlreadyOwned:
            return run_command(read_saved(folder.environment_file), words)
        demo = Demo(folder, starts_processes=False)
        for server in demo.servers:
            stack.enter_context(running(server, log=folder.path / "run" / "manage.log"))
        if demo.postgres:
            demo.postgres.create_database()
        demo.save()
        return run_command(demo.environment, words)


def run_command(environment: dict[str, str], words: list[str]) -> int:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *words]
    return subprocess.run(command, env=environment | dict(os.environ), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    main()
