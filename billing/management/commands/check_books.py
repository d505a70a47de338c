"""`manage.py check_books`: one line for each promise of the books; the exit status is 1 where one is broken."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand

from billing.invariants import RULES

SHOWN = 5


class Command(BaseCommand):
    help = "Check every invariant of the books; exit with 1 where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show", type=int, default=SHOWN, help="How many violations of a rule to print.")

    def handle(self, *_args: Any, **options: Any) -> None:
        broken = 0
        for rule in RULES:
            violations = list(islice(rule.violations(), options["show"] + 1))
            broken += bool(violations)
            self._print(rule.name, violations, shown=options["show"])
        if broken:
            self.stdout.write(self.style.ERROR(f"{broken} of {len(RULES)} promises are broken."))
            raise SystemExit(1)

    def _print(self, name: str, violations: list[str], *, shown: int) -> None:
        if not violations:
            self.stdout.write(f"{self.style.SUCCESS('holds ')}  {name}")
            return
        self.stdout.write(f"{self.style.ERROR('BROKEN')}  {name}")
        for violation in violations[:shown]:
            self.stdout.write(f"          {violation}")
        if len(violations) > shown:
            self.stdout.write("          … and more")
