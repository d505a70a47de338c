"""The bars that the tables print beside what was measured: ratios, so that they hold on any machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """At most (or, with `at_least`, at least) this much."""

    must: float
    ambitious: float
    at_least: bool = False

    def verdict(self, measured: float) -> str:
        if self._holds(measured, self.ambitious):
            return "ambitious"
        return "met" if self._holds(measured, self.must) else "MISSED"

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.must:g} ({sign} {self.ambitious:g})"

    def _holds(self, measured: float, limit: float) -> bool:
        return measured >= limit if self.at_least else measured <= limit


# CPU of the gateway divided by that of the peer.
PLAIN_CPU = {"nginx": Bar(20, 7), "LiteLLM": Bar(1 / 40, 1 / 100), "Portkey": Bar(1 / 4, 1 / 10)}
STREAM_CPU = {"nginx": Bar(4, 2.3), "LiteLLM": Bar(1 / 20, 1 / 40), "Portkey": Bar(1 / 2, 1 / 4)}
# Milliseconds over nginx, at one connection.
LATENCY = Bar(1.5, 0.5)
# Megabytes for a thousand open streams.
MEMORY = Bar(60, 25)
# Two processes to one.
WORKERS = Bar(1.7, 1.9, at_least=True)
# Microseconds in Redis.
ADMIT = Bar(100, 60)
# settle() to a bare insert, in events a second.
SETTLE = Bar(0.40, 0.65, at_least=True)
