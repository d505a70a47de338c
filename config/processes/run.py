"""`bin/run`: the whole of Tollway on this machine, until Ctrl-C."""

import asyncio
import os
import time
from contextlib import suppress
from signal import SIGHUP, SIGINT, SIGTERM

from config.embedded.spawning import child_setup
from config.processes.demo import Demo
from config.processes.folder import DemoFolder
from config.processes.greeting import greeting
from config.processes.lineup import foundations, product
from config.processes.manager import ProcessManager
from config.processes.program import python
from config.processes.refusal import Refusal, refusals_as_sentences
from config.processes.running_file import RunningFile
from config.processes.terminal import Terminal


def main() -> None:
    with refusals_as_sentences():
        folder = DemoFolder.of_environment()
        with folder.owned(), suppress(KeyboardInterrupt):
            asyncio.run(run_until_signal(folder))


async def run_until_signal(folder: DemoFolder) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP. Raises `Refusal` when the demo can't start or can't go on."""
    task = asyncio.create_task(run(folder, Terminal()))
    loop = asyncio.get_running_loop()
    for signal in (SIGINT, SIGTERM, SIGHUP):
        loop.add_signal_handler(signal, cancel_once, task)
    with suppress(asyncio.CancelledError):
        await task


def cancel_once(task: asyncio.Task[None]) -> None:
    """Begin the orderly end. A second signal must not interrupt it: it has a limit of its own."""
    if not task.cancelling():
        task.cancel()


async def run(folder: DemoFolder, terminal: Terminal) -> None:
    began = time.monotonic()
    running = RunningFile(folder.path / "run" / "processes.json")
    if ended := running.end_leftovers():
        terminal.show(f"Ended {ended} processes that an earlier run had left.")
    demo = Demo(folder)
    demo.save()
    try:
        async with ProcessManager(terminal, running) as manager:
            await manager.start(foundations(demo))
            await manager.unless_a_child_fails(set_up(demo, terminal))
            await manager.start(product(demo))
            terminal.show(f"Everything is ready after {time.monotonic() - began:.1f} s. Ctrl-C ends it.")
            terminal.show_block(greeting(demo))
            await manager.unless_a_child_fails(for_ever())
    finally:
        terminal.show("Every process has ended.")


async def set_up(demo: Demo, terminal: Terminal) -> None:
    """Bring the database, the demo's rows, the static files and Stripe's side up to date."""
    if demo.postgres:
        demo.postgres.create_database()
    terminal.show("Setting up tables, demo data, static files and Stripe's side …")
    process = await asyncio.create_subprocess_exec(
        *python("-m", "config.processes.set_up"),
        env={**os.environ, **demo.environment},
        preexec_fn=child_setup(SIGTERM),
    )
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if status != 0:
        raise Refusal("Setting up failed; the lines above say where.")


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    main()
