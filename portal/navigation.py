"""The links of the header and of the sidebar, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Link:
    """`shortcut` is the letter that follows "g" on the keyboard."""

    label: str
    path: str
    icon: str = ""
    shortcut: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    public: Sequence[Link]
    app: Sequence[Link]


PUBLIC = (
    Link("Models", "/models/"),
    Link("Pricing", "/pricing/"),
    Link("Docs", "/docs/"),
)
APP = (
    Link("Home", "/home/", "home", "h"),
    Link("API keys", "/keys/", "key", "k"),
    Link("Usage", "/usage/", "chart", "u"),
    Link("Billing", "/billing/", "card", "b"),
    Link("Invoices", "/invoices/", "receipt", "i"),
    Link("Models", "/models/", "models", "m"),
    Link("Docs", "/docs/", "book", "d"),
)


def navigation_at(path: str) -> Navigation:
    """Answer the links, with those marked whose pages `path` is one of."""
    return Navigation(_marked(PUBLIC, path), _marked(APP, path))


def _marked(links: Sequence[Link], path: str) -> Sequence[Link]:
    return [replace(link, is_current=path.startswith(link.path)) for link in links]
