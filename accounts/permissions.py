"""What each role may do in its own organization, and which of Django's permissions staff need to do it for anyone."""

from collections.abc import Mapping
from enum import StrEnum

from accounts.models.membership import Role


class Permission(StrEnum):
    # Within an organization.
    VIEW_ORGANIZATION = "view the organization"
    VIEW_USAGE = "view usage"
    VIEW_KEYS = "view API keys"
    VIEW_BILLING = "view billing"
    VIEW_END_CUSTOMERS = "view end customers"
    VIEW_BUDGETS = "view budgets"
    REPORT_USAGE = "report usage"
    MANAGE_KEYS = "manage API keys"
    MANAGE_ADMIN_KEYS = "manage admin keys"
    MANAGE_PROJECTS = "manage projects"
    MANAGE_END_CUSTOMERS = "manage end customers"
    MANAGE_BUDGETS = "manage budgets"
    MANAGE_BILLING = "manage billing"
    MANAGE_MEMBERS = "manage members"
    MANAGE_ORGANIZATION = "manage the organization"
    # The seller's own: no role has them.
    SUSPEND_ORGANIZATIONS = "suspend organizations"
    MANAGE_MODELS = "manage models"
    PUBLISH_PRICES = "publish prices"
    MANAGE_PLANS = "manage plans"
    GRANT_CREDIT = "grant credit"


_VIEWER = frozenset(
    {
        Permission.VIEW_ORGANIZATION,
        Permission.VIEW_USAGE,
        Permission.VIEW_KEYS,
        Permission.VIEW_END_CUSTOMERS,
        Permission.VIEW_BUDGETS,
    }
)
_FINANCE = _VIEWER | {Permission.VIEW_BILLING, Permission.MANAGE_BILLING, Permission.MANAGE_BUDGETS}
_DEVELOPER = _VIEWER | {Permission.MANAGE_KEYS, Permission.MANAGE_PROJECTS, Permission.MANAGE_END_CUSTOMERS}
_ADMIN = _DEVELOPER | _FINANCE | {Permission.MANAGE_MEMBERS, Permission.MANAGE_ADMIN_KEYS}

PERMISSIONS_OF: Mapping[str, frozenset[Permission]] = {
    Role.OWNER: _ADMIN | {Permission.MANAGE_ORGANIZATION},
    Role.ADMIN: _ADMIN,
    Role.DEVELOPER: _DEVELOPER,
    Role.FINANCE: _FINANCE,
    Role.VIEWER: _VIEWER,
}

# A superuser has them all; other staff are given them one by one, as groups in the Django admin.
STAFF_NEED: Mapping[Permission, str] = {
    Permission.VIEW_ORGANIZATION: "accounts.view_organization",
    Permission.VIEW_USAGE: "accounts.view_organization",
    Permission.VIEW_KEYS: "keys.view_apikey",
    Permission.VIEW_BILLING: "billing.view_invoice",
    Permission.VIEW_BUDGETS: "usage.view_budget",
    Permission.VIEW_END_CUSTOMERS: "accounts.view_endcustomer",
    Permission.REPORT_USAGE: "accounts.change_organization",
    Permission.MANAGE_KEYS: "keys.change_apikey",
    Permission.MANAGE_ADMIN_KEYS: "keys.change_apikey",
    Permission.MANAGE_PROJECTS: "accounts.change_project",
    Permission.MANAGE_END_CUSTOMERS: "accounts.change_endcustomer",
    Permission.MANAGE_BUDGETS: "usage.change_budget",
    Permission.MANAGE_BILLING: "billing.change_subscription",
    Permission.MANAGE_MEMBERS: "accounts.change_membership",
    Permission.MANAGE_ORGANIZATION: "accounts.change_organization",
    Permission.SUSPEND_ORGANIZATIONS: "accounts.change_organization",
    Permission.MANAGE_MODELS: "catalog.change_model",
    Permission.PUBLISH_PRICES: "catalog.add_priceversion",
    Permission.MANAGE_PLANS: "billing.change_planversion",
    Permission.GRANT_CREDIT: "billing.add_creditgrant",
}


def roles_that_may(permission: Permission) -> str:
    """Answer them in words, such as "owner, admin or finance"; empty where no role may."""
    *others, last = [role.label.lower() for role in Role if permission in PERMISSIONS_OF[role]] or [""]
    return f"{', '.join(others)} or {last}" if others else last
