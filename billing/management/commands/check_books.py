"""`manage.py check_books`: one line for each promise of the books; the exit status is 1 where one is broken.

What was found is kept, for the staff page.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.check_books import KEPT_VIOLATIONS, check_books
from billing.models import Promise

SHOWN = 5


class Command(BaseCommand):
    help = "Check every invariant of the books; exit with 1 where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--show",
            type=int,
            default=SHOWN,
            help=f"How many violations of a rule to print: {KEPT_VIOLATIONS} at most.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        promises = check_books(now=timezone.now())
        for promise in promises:
            self._print(promise, shown=options["show"])
        broken = sum(not promise.is_kept for promise in promises)
        if broken:
            self.stdout.write(self.style.ERROR(f"{broken} of {len(promises)} promises are broken."))
            raise SystemExit(1)

    def _print(self, promise: Promise, *, shown: int) -> None:
        if promise.is_kept:
            self.stdout.write(f"{self.style.SUCCESS('holds ')}  {promise.name}")
            return
        self.stdout.write(f"{self.style.ERROR('BROKEN')}  {promise.name}")
        for violation in promise.violations[:shown]:
            self.stdout.write(f"          {violation}")
        if len(promise.violations) > shown:
            self.stdout.write("          … and more")
