"""A demo model server in OpenAI's format: deterministic answers, honest token counts."""
