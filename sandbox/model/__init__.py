"""A demo model server in OpenAI's and Anthropic's formats: deterministic answers, honest token counts."""
