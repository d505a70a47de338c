"""The test cards: what each number does when it is attached and when it is charged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """`decline` is (code, decline_code) of every charge; `attaches` tells cards that fail only later.

    `sca` is "never", "always" (every payment asks), or "unless_set_up" (off-session works after a set-up).
    """

    number: str
    tokens: tuple[str, ...] = ()
    brand: str = "visa"
    decline: tuple[str, str | None] | None = None
    attaches: bool = True
    sca: str = "never"


MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": ("Your card was declined. This transaction requires authentication."),
}
VISA = "pm_card_visa"


def _refused(number: str, code: str, decline_code: str | None, *tokens: str) -> Card:
    return Card(number, tokens, decline=(code, decline_code), attaches=False)


CARDS = (
    Card("4242424242424242", (VISA,)),
    Card("5555555555554444", ("pm_card_mastercard",), brand="mastercard"),
    Card("378282246310005", ("pm_card_amex",), brand="amex"),
    Card("4000056655665556", ("pm_card_visa_debit",)),
    Card("4000000000000341", ("pm_card_chargeCustomerFail",), decline=("card_declined", "generic_decline")),
    _refused(
        "4000000000000002", "card_declined", "generic_decline", VISA + "_chargeDeclined", "pm_card_chargeDeclined"
    ),
    _refused(
        "4000000000009995",
        "card_declined",
        "insufficient_funds",
        VISA + "_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedInsufficientFunds",
    ),
    _refused(
        "4000000000009987",
        "card_declined",
        "lost_card",
        VISA + "_chargeDeclinedLostCard",
        "pm_card_chargeDeclinedLostCard",
    ),
    _refused(
        "4000000000009979",
        "card_declined",
        "stolen_card",
        VISA + "_chargeDeclinedStolenCard",
        "pm_card_chargeDeclinedStolenCard",
    ),
    _refused(
        "4000000000006975",
        "card_declined",
        "card_velocity_exceeded",
        VISA + "_chargeDeclinedVelocityLimitExceeded",
        "pm_card_chargeDeclinedVelocityLimitExceeded",
    ),
    _refused("4000000000000069", "expired_card", None, "pm_card_chargeDeclinedExpiredCard"),
    _refused("4000000000000127", "incorrect_cvc", None, "pm_card_chargeDeclinedIncorrectCvc"),
    _refused("4000000000000119", "processing_error", None, "pm_card_chargeDeclinedProcessingError"),
    Card("4000002500003155", ("pm_card_authenticationRequiredOnSetup",), sca="unless_set_up"),
    Card("4000002760003184", ("pm_card_authenticationRequired",), sca="always"),
    Card("4000003800000446", ("pm_card_authenticationRequiredSetupForOffSession",), sca="set_up"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {token: card for card in CARDS for token in card.tokens}


def message_of(code: str, decline_code: str | None) -> str:
    """Answer what the cardholder is told."""
    return MESSAGES.get(decline_code or "", MESSAGES.get(code, MESSAGES["card_declined"]))
