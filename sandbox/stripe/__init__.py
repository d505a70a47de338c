"""A local stand-in for Stripe's test mode: stateful, over HTTP, spoken to by the real SDK."""
