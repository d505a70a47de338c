"""A running product and a headless Chromium in front of it."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from config.processes.demo import read_saved
from config.processes.folder import CHECKOUT
from tests.running import environment_in, started

# As root Chromium has no sandbox of its own; in a container /dev/shm is small.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@dataclass(frozen=True)
class Product:
    """Where the running product answers, and the environment that its commands run in."""

    portal: str
    gateway: str
    folder: Path
    environment: dict[str, str]

    def manage(self, *words: str) -> str:
        """Run `bin/manage` as staff would in a second terminal; answer what it prints."""
        command = [str(CHECKOUT / "bin" / "manage"), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout


@pytest.fixture(scope="module")
def product(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    environment = environment_in(folder)
    with started(environment, folder / "run.log") as run:
        saved = read_saved(folder / "demo.env")
        yield Product(saved["PORTAL_URL"], saved["GATEWAY_URL"], folder, environment)
        run.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        yield page
        browser.close()
