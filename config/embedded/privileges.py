"""Running PostgreSQL where everything else runs as root: PostgreSQL refuses root, so it gets a lesser account.

The account owns the data folder. Where the way to that folder or to the wheel leads through a folder that only root
may enter (a home, a `mktemp -d`), opening that folder to everyone would be worse than the cure: the account keeps
the one Linux capability that lets it pass, and no other.
"""

import ctypes
import os
import pwd
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_NAME = "nobody"
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
# Without it, losing root empties the capabilities, and access(2), which initdb asks, ignores those that are left.
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1  # Part of what containers grant by default, which CAP_DAC_READ_SEARCH is not.
CAPABILITY_VERSION_3 = 0x20080522
LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int
    passes_closed_folders: bool = False


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityWord(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def lesser_account(*paths: Path) -> Account | None:
    """Answer the account for a server that refuses root and needs to reach `paths`; None when we are not root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(ACCOUNT_NAME)
    closed = sys.platform == "linux" and not are_open_to_all(paths)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, passes_closed_folders=closed)


def are_open_to_all(paths: Iterable[Path]) -> bool:
    """Tell whether anybody may pass through every folder that leads to `paths`."""
    folders = {folder for path in paths for folder in path.resolve().parents}
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def take_account(account: Account) -> None:
    """Become `account` for good. Runs between fork and exec; an error there fails the start of the child."""
    os.chdir("/")
    if account.passes_closed_folders:
        _checked(LIBC.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    if account.passes_closed_folders:
        _keep_only(CAP_DAC_OVERRIDE)


def _keep_only(capability: int) -> None:
    """Hold this one capability, also across exec (which is what "ambient" means)."""
    bit = 1 << capability
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    words = (_CapabilityWord * 2)(_CapabilityWord(bit, bit, bit), _CapabilityWord(0, 0, 0))
    _checked(LIBC.capset(ctypes.byref(header), ctypes.byref(words)))
    _checked(LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "This system lets no process pass root's folders without being root.")
