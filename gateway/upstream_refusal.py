"""What a model server's refusal means to the client: its own mistake is passed on, the operator's is not."""

from dataclasses import dataclass

import msgspec

from core.verdict import Refusal, Verdict

# The client's to mend: wrong fields, too long a prompt, content refused.
PASSED_ON = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Passed:
    """A JSON body of the model server, as it came."""

    status: int
    body: bytes


def judge(status: int, body: bytes) -> Verdict | Passed:
    if status in PASSED_ON and _is_an_error(body):
        return Passed(status, body)
    if status in PASSED_ON:
        return Verdict(Refusal.INVALID_REQUEST, f"The model server refused the request with status {status}.")
    if status in (429, 503):
        return Verdict(Refusal.UPSTREAM_UNAVAILABLE, "The model server is busy.", retry_after=1)
    return Verdict(Refusal.UPSTREAM_UNAVAILABLE, f"The model server failed with status {status}.", retry_after=1)


def _is_an_error(body: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get("error"), msgspec.Raw)
    except msgspec.DecodeError:
        return False
