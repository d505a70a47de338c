"""What one connection, and all of them together, may cost the gateway. Sizes are bytes, durations seconds."""

import resource
from dataclasses import dataclass

RESERVED_PART = 2  # A connection to a model server may stand behind each client's.


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    header_bytes: int = 32 * 1024
    headers: int = 100
    header_seconds: float = 10.0
    idle_seconds: float = 75.0
    write_seconds: float = 60.0  # in which a client that had stopped reading must read on
    linger_seconds: float = 5.0  # in which an unwanted body is thrown away, so that the refusal can be read
    linger_bytes: int = 16 * 1024 * 1024  # the same bound in bytes
    body_bytes: int = 101 * 1024 * 1024  # the largest that any path takes; `request_body` judges each by its own
    connections: int = 0  # 0: half of the process's file descriptors
    connections_per_address: int = 0  # 0: no bound; behind a load balancer all have one address

    @property
    def most_connections(self) -> int:
        return self.connections or max(16, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // RESERVED_PART)

    @property
    def received_bytes(self) -> int:
        """Of one request, with all that chunked encoding may add to its body."""
        return 2 * self.body_bytes + self.header_bytes + 64 * 1024


def use_all_file_descriptors() -> None:
    """Raise this process's soft limit to the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
