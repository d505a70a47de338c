"""A demo model server in a thread."""

from collections.abc import Iterator

import pytest
import uvicorn

from sandbox.model.app import make_app
from tests.gateway.serving import served


@pytest.fixture(scope="session")
def model_server() -> Iterator[str]:
    """The base URL, including /v1."""
    config = uvicorn.Config(make_app(token_delay=0), port=0, ws="none", log_level="critical", lifespan="off")
    with served(config) as url:
        yield f"{url}/v1"
