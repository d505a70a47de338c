from uuid import UUID

from usage.models import Wallet


def wallet_of(organization: UUID) -> Wallet:
    """Answer the organization's wallet; one that was never moved is empty, with version 0."""
    return Wallet.objects.filter(organization_id=organization).first() or Wallet(organization_id=organization)
