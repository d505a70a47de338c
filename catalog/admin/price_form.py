"""The form that publishes prices: a field per service tier and token class, in dollars per million."""

from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from accounts.staff.dollars import DollarsField, Unit
from accounts.staff.pages import StaffForm
from catalog.models import Model, PriceVersion
from catalog.price_book import price_version_in_force
from core.service_tier import OTHER_TIERS, ServiceTier
from core.usage import TokenClass

PREFIX = "price_"


def _name(token_class: TokenClass, tier: ServiceTier = ServiceTier.STANDARD) -> str:
    return f"{PREFIX}{token_class}" if tier is ServiceTier.STANDARD else f"{tier}_{token_class}"


PRICE_FIELDS = tuple(_name(token_class) for token_class in TokenClass)
TIER_FIELDS = {tier: tuple(_name(token_class, tier) for token_class in TokenClass) for tier in OTHER_TIERS}

# What every call of such a model uses: left empty by mistake, it would be free.
NEEDED = {
    Model.Kind.CHAT: (TokenClass.INPUT, TokenClass.CACHE_READ, TokenClass.OUTPUT, TokenClass.REASONING),
    Model.Kind.EMBEDDING: (TokenClass.INPUT,),
}


def _price(token_class: TokenClass) -> DollarsField:
    unit = "each" if token_class is TokenClass.REQUESTS else "per million"
    return DollarsField(unit=Unit.MICROS, required=False, label=f"{token_class.label.capitalize()}, {unit}")


class PriceVersionForm(StaffForm):
    """`prices` and `tiers` hold micro-dollars per million once the form is valid.

    A class that is left empty in the standard tier is free; a tier that is left empty is not sold.
    """

    valid_from = forms.SplitDateTimeField(
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="UTC. Empty means from now on; an instant that has passed is refused.",
    )
    price_input = _price(TokenClass.INPUT)
    price_cache_read = _price(TokenClass.CACHE_READ)
    price_cache_write_5m = _price(TokenClass.CACHE_WRITE_5M)
    price_cache_write_1h = _price(TokenClass.CACHE_WRITE_1H)
    price_output = _price(TokenClass.OUTPUT)
    price_reasoning = _price(TokenClass.REASONING)
    price_audio_in = _price(TokenClass.AUDIO_IN)
    price_audio_out = _price(TokenClass.AUDIO_OUT)
    price_image_in = _price(TokenClass.IMAGE_IN)
    price_requests = _price(TokenClass.REQUESTS)

    class Meta:
        model = PriceVersion
        fields = ("model", "organization", "valid_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        if "model" in self.fields:  # absent where a published version is only shown
            self._start_with_present_prices()

    @property
    def prices(self) -> dict[TokenClass, int]:
        return self._entered(ServiceTier.STANDARD)

    @property
    def tiers(self) -> dict[ServiceTier, dict[TokenClass, int]]:
        entered = {tier: self._entered(tier) for tier in OTHER_TIERS}
        return {tier: prices for tier, prices in entered.items() if prices}

    def _entered(self, tier: ServiceTier) -> dict[TokenClass, int]:
        entered = {token_class: self.cleaned_data.get(_name(token_class, tier)) for token_class in TokenClass}
        return {token_class: price for token_class, price in entered.items() if price is not None}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        model = cleaned.get("model")
        for token_class in NEEDED[Model.Kind(model.kind)] if model else ():
            if cleaned.get(_name(token_class)) is None and _name(token_class) not in self.errors:
                self.add_error(_name(token_class), f"Enter a price: 0 where {token_class.label} are free.")
        return cleaned

    def clean_valid_from(self) -> Any:
        return self.cleaned_data["valid_from"] or self.now

    def _start_with_present_prices(self) -> None:
        """Offer the prices in force of the model that the page was opened for, so that one edits what changes."""
        with suppress(ValidationError):  # a mistyped address opens an empty form
            model = self.fields["model"].clean(self.initial.get("model"))
            self._start_with_prices_of(model)

    def _start_with_prices_of(self, model: Model) -> None:
        version = price_version_in_force(model, at=self.now)
        for tier, prices in version.tables.items() if version else ():
            for token_class, micros in prices.items():
                self.fields[_name(token_class, tier)].initial = micros


# A tier's fields are the same for each: thirty that a person would not tell apart in the code.
PriceVersionForm.declared_fields.update(
    {_name(token_class, tier): _price(token_class) for tier in OTHER_TIERS for token_class in TokenClass}
)
