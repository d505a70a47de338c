"""How fast a batch's lines are sent, so that interactive requests go first. Pure; instants are monotonic seconds.

Lines begin two at a time and become more while they succeed. A refusal that waiting mends halves them and makes the
batch wait, longer each time in a row. While half of a rate limit's minute is used, nothing is sent: the other half is
left to whoever waits in front of a screen.
"""

from dataclasses import dataclass

FIRST = 2
LEFT_TO_OTHERS = 0.5
LONGEST_WAIT = 60.0
MINUTE = 60.0


@dataclass(slots=True)
class Pace:
    most: int
    slots: int = FIRST
    not_before: float = 0.0
    refusals: int = 0

    def __post_init__(self) -> None:
        self.slots = min(self.slots, self.most)

    def succeeded(self, *, room: float, now: float) -> None:
        """`room`: what is left of the tightest rate limit, from 0 to 1. A limit is whole again after a minute."""
        self.refusals = 0
        self.slots = min(self.slots + 1, self.most)
        if room < LEFT_TO_OTHERS:
            self._wait((LEFT_TO_OTHERS - room) * MINUTE, now)

    def refused(self, *, wait: float, now: float) -> None:
        self.refusals += 1
        self.slots = max(1, self.slots // 2)
        self._wait(min(LONGEST_WAIT, max(wait, 0.25 * 2**self.refusals)), now)

    def free(self, in_flight: int, *, now: float) -> int:
        """How many lines may be sent now."""
        return 0 if now < self.not_before else max(0, self.slots - in_flight)

    def _wait(self, seconds: float, now: float) -> None:
        self.not_before = max(self.not_before, now + seconds)
