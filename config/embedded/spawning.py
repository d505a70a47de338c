"""What a child does between fork and exec: take a lesser account, and promise to die with its parent."""

import ctypes
import os
import sys
from collections.abc import Callable
from signal import Signals

from config.embedded.privileges import Account, take_account

PR_SET_PDEATHSIG = 1
ORPHANED = 1


def child_setup(death_signal: Signals, account: Account | None = None) -> Callable[[], None]:
    """Answer the `preexec_fn` of a child that gets `death_signal` when its parent dies, even of SIGKILL.

    Linux alone can promise that. Elsewhere a parent's SIGKILL leaves children, which the next start ends.
    The function only makes system calls that are bound here, so that it is safe after a fork. The kernel
    watches the *thread* that forked: start children from the main thread.
    """
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def set_up() -> None:
        if account is not None:
            take_account(account)
        if prctl is not None:
            # After the change of account, which clears it.
            prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(ORPHANED)

    return set_up
