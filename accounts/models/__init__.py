"""Who uses the product: people, organizations, projects, end customers, and the audit trail of what they did."""

from accounts.models.audit import AuditEntry
from accounts.models.end_customer import EndCustomer
from accounts.models.membership import Membership, Role
from accounts.models.organization import Organization
from accounts.models.project import Project
from accounts.models.user import User

__all__ = ["AuditEntry", "EndCustomer", "Membership", "Organization", "Project", "Role", "User"]
