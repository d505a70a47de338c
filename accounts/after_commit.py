"""What follows a change and must not undo it: telling Redis, queueing a job."""

import logging
from collections.abc import Callable
from typing import ParamSpec

from django.db import transaction

logger = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")


def after_commit(call: Callable[Parameters, object], *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
    """Call it once this transaction has committed. An error is logged; the periodic publisher and the sweeps mend it.

    Django's own `on_commit(robust=True)` cannot name a `functools.partial` in its log, and raises over that.
    """

    def run() -> None:
        try:
            call(*args, **kwargs)
        except Exception:
            logger.exception("%s%s failed after the commit", getattr(call, "__qualname__", call), args)

    transaction.on_commit(run)
