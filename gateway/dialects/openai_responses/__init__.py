"""POST /v1/responses, stateless. What each file does: docs/guides/adding-a-dialect.md."""
