"""Every page that the walk sees is held against WCAG 2.1 AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def assert_accessible(page: Page) -> None:
    """Raise with axe's report where the page breaks a rule."""
    found = Axe().run(page, options={"runOnly": LEVELS})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
