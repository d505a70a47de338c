"""What is checked without running the product."""

from tests.ci.step import Step, module

# The program has no module of its own to run, and its script in .venv/bin does not survive a move of the folder.
LINT_IMPORTS = ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")

GATES = (
    Step("ruff check", module("ruff", "check", ".")),
    Step("ruff format", module("ruff", "format", "--check", ".")),
    Step("mypy --strict", module("mypy", ".")),
    Step("import contract", LINT_IMPORTS),
    # Some of the system checks ask the database, which the gates do without; every test runs those checks.
    Step("migrations", ("manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks")),
    Step("templates", module("djlint", "templates", "--lint", "--quiet")),
)
