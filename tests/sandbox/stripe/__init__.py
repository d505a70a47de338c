"""The stand-in for Stripe's test mode, driven by the real SDK."""
