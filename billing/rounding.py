"""From exact picodollars to the cents of an invoice: once per line. Pure: no Django, no clock."""

from core.money import Cents, rounded_to_cents


def line_cents(cumulative: int, invoiced: int = 0) -> Cents:
    """Answer a usage line's cents: everything used so far (picodollars), rounded, less the cents invoiced before.

    So parts of a period on several invoices never add up to more than the whole rounded once.
    """
    return Cents(rounded_to_cents(cumulative) - invoiced)


def credit_cents(usage: int, *, covered: int, uncovered: int) -> Cents:
    """Answer the cents of the line "credit applied", zero or below.

    `usage` is the sum of the usage lines' cents; `covered` and `uncovered` are exact picodollars. Usage that credit
    covers wholly costs nothing, however its lines were rounded, and credit never takes off more than the lines charge.
    """
    if covered <= 0 or usage <= 0:
        return Cents(0)
    return Cents(-usage if uncovered <= 0 else -min(rounded_to_cents(covered), usage))
