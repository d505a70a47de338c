from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        """Refuse to start, in every process, with payment settings that could move real money by accident."""
        from billing.payments.guard import PaymentSettings, fault_of

        if fault := fault_of(PaymentSettings.current()):
            raise ImproperlyConfigured(fault)
