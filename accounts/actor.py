"""Who acts: a member, a program with an admin key, staff in the admin, or a job. Passed to every action."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Membership, Organization, User
from accounts.permissions import PERMISSIONS_OF, STAFF_NEED, Permission, roles_that_may
from core.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Actor:
    """`user` is None for jobs and programs. `is_staff_action` is set in the admin alone: on pages staff are members.

    `program_of` is the organization whose admin key a program holds; it may what `granted` says, in there alone.
    """

    user: User | None
    name: str
    ip_address: str | None = None
    is_staff_action: bool = False
    program_of: UUID | None = None
    granted: AbstractSet[Permission] = frozenset()

    @classmethod
    def person(cls, user: User, *, ip_address: str | None = None) -> "Actor":
        """Answer the actor of somebody's own page or API call."""
        return cls(user, user.email, ip_address)

    @classmethod
    def staff(cls, user: User, *, ip_address: str | None = None) -> "Actor":
        """Answer the actor of a staff page. Raises NotAllowed for a person who isn't staff."""
        if not (user.is_active and user.is_staff):
            raise NotAllowed("This is for staff only.")
        return cls(user, user.email, ip_address, is_staff_action=True)

    @classmethod
    def job(cls, name: str) -> "Actor":
        """Answer the actor of a periodic job or a command, such as "close periods"."""
        return cls(None, name)

    @classmethod
    def program(
        cls, name: str, *, organization_id: UUID, granted: AbstractSet[Permission], ip_address: str | None = None
    ) -> "Actor":
        """Answer the actor of a call that was made with an admin key; `name` says which."""
        return cls(None, name, ip_address, program_of=organization_id, granted=granted)

    def can(self, permission: Permission, organization: Organization | None = None) -> bool:
        """Judge by role in `organization`; without one, only staff and jobs may."""
        if self.program_of is not None:
            return organization is not None and organization.pk == self.program_of and permission in self.granted
        if self.user is None:
            return True
        if self.is_staff_action:
            return self.user.has_perm(STAFF_NEED[permission])
        return organization is not None and permission in self._permissions_in(organization)

    def require(self, permission: Permission, organization: Organization | None = None) -> None:
        """Raise NotAllowed unless the actor may."""
        if not self.can(permission, organization):
            raise NotAllowed(self._refusal(permission, organization))

    def _permissions_in(self, organization: Organization) -> frozenset[Permission]:
        return PERMISSIONS_OF.get(self._role_in(organization), frozenset())

    def _role_in(self, organization: Organization) -> str:
        members = Membership.objects.filter(organization=organization, user=self.user)
        return members.values_list("role", flat=True).first() or ""

    def _refusal(self, permission: Permission, organization: Organization | None) -> str:
        """Say which role is needed to those who have another one; who has none is told nothing about the house."""
        role = self._role_in(organization) if self.user and organization and not self.is_staff_action else ""
        needed = roles_that_may(permission)
        if not role or not needed:
            return f"You may not {permission} here."
        return f"To {permission} takes the role {needed}. Yours is {role}: ask an owner of {organization}."
