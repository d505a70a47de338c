"""What a quantity costs under a plan's charge. Pure: no Django, no clock, no database.

Quantities are exact (`int` or `Decimal`, never float), prices and amounts are picodollars. Everything in between is a
fraction; `Charge.amount` rounds to whole picodollars once, half away from zero.
"""
