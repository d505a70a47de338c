"""Who bills whom: as it stands on the invoice once it is issued, and as it is now while it is a draft."""

from dataclasses import dataclass

from django.conf import settings

from billing.models import Invoice


@dataclass(frozen=True, slots=True)
class Seller:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Buyer:
    name: str
    email: str


def seller_of(invoice: Invoice) -> Seller:
    return Seller(invoice.legal_entity or settings.SELLER_NAME, invoice.seller_address or settings.SELLER_ADDRESS)


def buyer_of(invoice: Invoice) -> Buyer:
    if invoice.number:
        return Buyer(invoice.buyer_name, invoice.buyer_email)
    return Buyer(invoice.organization.name, invoice.organization.billing_email)
