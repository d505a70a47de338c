"""POST /v1/messages and /v1/messages/count_tokens. What each file does: docs/guides/adding-a-dialect.md."""
