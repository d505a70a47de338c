"""Retries of one request are one generation and one charge. The rules: docs/guides/retries.md."""
