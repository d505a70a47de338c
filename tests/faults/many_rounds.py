"""Round after round, until one finds something; the whole books are checked now and then, and at the end."""

import io

from django.core.management import call_command

from tests.faults.customers import Customers
from tests.faults.one_round import Round, in_django
from tests.faults.plan import plan_of
from tests.faults.product import Product
from tests.faults.summary import Summary

BOOKS_EVERY = 25


async def many_rounds(product: Product, summary: Summary) -> None:
    customers = await in_django(Customers.new)
    leftovers: dict[str, float] = {}
    for number in summary.numbers():
        outcome = await Round(plan_of(summary.seed, number), product, customers, leftovers).run()
        if (number + 1) % BOOKS_EVERY == 0 or number == summary.last:
            outcome.found += await in_django(broken_promises)
        summary.add(outcome)
        if outcome.found:
            return


def broken_promises() -> list[str]:
    """What `manage.py check_books` says is broken."""
    output = io.StringIO()
    try:
        call_command("check_books", stdout=output, no_color=True)
    except SystemExit:
        return [line for line in output.getvalue().splitlines() if not line.startswith("holds")]
    return []
