"""Archiving a project and restoring it, with the words of the pages that ask first."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Project
from keys.archive_project import archive_project, restore_project


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """An action on a project, and the words around it. `button` is the style of the button that does it."""

    act: Callable[..., Project]
    verb: str
    consequence: str
    done: str
    button: str


ARCHIVAL = ProjectChange(
    archive_project,
    verb="Archive",
    consequence="Its keys are refused within a second, until you restore it. Its usage stays, and is billed as before.",
    done="is archived.",
    button="danger",
)
RESTORATION = ProjectChange(
    restore_project,
    verb="Restore",
    consequence="Its keys are accepted again, but for those that were disabled or revoked.",
    done="is restored.",
    button="primary",
)
