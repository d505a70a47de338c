"""Checkout: what a session asks for, the page, and what a payment sets in motion."""
