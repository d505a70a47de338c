"""An invoice as a page of text, for golden files that a person can read and check with a pencil."""

from billing.documents.invoice_content import content_of
from billing.models import Invoice

WIDTH = 96


def as_text(invoice: Invoice) -> str:
    content = content_of(invoice)
    lines = [
        _ends(content["seller"]["name"], f"Invoice {content['number']}"),
        _ends(f"To {content['buyer']['name']}", f"Issued {content['issued']}"),
        *([_ends("", f"Usage of {content['period']}")] if content["period"] else []),
    ]
    for section in content["sections"]:
        lines += ["", _ends(f"{section['title']}, {section['period']}", ""), "-" * WIDTH]
        lines += [
            f"{row['description']:36}{row['quantity']:>14}{row['unit_price']:>10}{row['exact']:>22}{row['amount']:>14}"
            for row in section["lines"]
        ]
    lines += ["", *(_ends("", f"{row['label']:40}{row['amount']:>14}") for row in content["totals"])]
    if content["stamp"]:
        lines += ["", content["stamp"].upper()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _ends(left: str, right: str) -> str:
    return left + right.rjust(WIDTH - len(left))
