"""`python -m sandbox.stripe --host 127.0.0.1 --port 8012 --database var/sandbox/stripe.sqlite3`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import uvicorn

from sandbox.stripe.app import make_app
from sandbox.stripe.settings import Settings


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = _options()
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings(
        database=options.database,
        public_url=(options.public_url or f"http://{options.host}:{options.port}").rstrip("/"),
        api_key=options.api_key,
        after_retries=options.after_retries,
    )
    uvicorn.run(
        make_app(settings),
        host=options.host,
        port=options.port,
        log_level=options.log_level,
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.stripe", description="A stand-in for Stripe's test mode.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8012)
    parser.add_argument("--database", type=Path, default=Path("var/sandbox/stripe.sqlite3"))
    parser.add_argument("--api-key", help="accept this test key alone (default: every sk_test_ and rk_test_ key)")
    parser.add_argument("--public-url", help="how browsers reach this server (default: http://HOST:PORT)")
    choices = ["cancel", "unpaid", "past_due"]
    parser.add_argument("--after-retries", choices=choices, default="cancel", help="when the last retry failed")
    parser.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
