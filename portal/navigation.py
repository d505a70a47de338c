"""The links of the header and of the sidebar, in order."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from accounts.permissions import Permission


@dataclass(frozen=True, slots=True)
class Link:
    """`shortcut` is the letter that follows "g" on the keyboard; `needs` is what its page asks of a role."""

    label: str
    path: str
    icon: str = ""
    shortcut: str = ""
    needs: Permission | None = None
    is_current: bool = False


PUBLIC = (
    Link("Models", "/models/"),
    Link("Pricing", "/pricing/"),
    Link("Docs", "/docs/"),
)
APP = (
    Link("Home", "/home/", "home", "h"),
    Link("API keys", "/keys/", "key", "k", needs=Permission.VIEW_KEYS),
    Link("End customers", "/end-customers/", "user", "e", needs=Permission.VIEW_END_CUSTOMERS),
    Link("Limits", "/limits/", "gauge", "l", needs=Permission.VIEW_BUDGETS),
    Link("Usage", "/usage/", "chart", "u", needs=Permission.VIEW_USAGE),
    Link("Batches", "/batches/", "copy", "t", needs=Permission.VIEW_USAGE),
    Link("Billing", "/billing/", "card", "b", needs=Permission.VIEW_BILLING),
    Link("Invoices", "/invoices/", "receipt", "i", needs=Permission.VIEW_BILLING),
    Link("Models", "/models/", "models", "m"),
    Link("Docs", "/docs/", "book", "d"),
)


def public_links(path: str) -> Sequence[Link]:
    """Answer the links of the header, with the one marked whose pages `path` is one of."""
    return _marked(PUBLIC, path)


def app_links(path: str, permissions: AbstractSet[Permission]) -> Sequence[Link]:
    """Answer those links of the sidebar that somebody with these permissions may open, marked as above."""
    return _marked([link for link in APP if link.needs is None or link.needs in permissions], path)


def _marked(links: Sequence[Link], path: str) -> Sequence[Link]:
    return [replace(link, is_current=path.startswith(link.path)) for link in links]
