"""The gateway's own HTTP/1.1 client: what `gateway/upstream.py` asks for, and nothing else. Why: docs/adr."""
