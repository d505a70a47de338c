"""`python -m sandbox.model`: serve the demo model until interrupted."""

import argparse

import uvicorn

from sandbox.model.app import make_app


def main() -> None:
    options = _parser().parse_args()
    app = make_app(token_delay=options.token_delay_ms / 1000)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=3)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.model", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8020)
    parser.add_argument("--token-delay-ms", type=float, default=8.0, help="pause before each token")
    return parser


if __name__ == "__main__":
    main()
