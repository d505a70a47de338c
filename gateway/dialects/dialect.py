"""What every dialect answers about a request and its answer, so that forwarding and settling know none of them."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from core.usage import TokenCounts
from core.verdict import Verdict
from core.wire import ModelFacts, UpstreamFacts


class Reading(Protocol):
    """Watches one answer pass by: what the client may see of it, and what it used."""

    @property
    def is_complete(self) -> bool:
        """Whether the model server said all that it had to say."""

    @property
    def has_failed(self) -> bool:
        """Whether the model server reported an error inside the stream."""

    @property
    def failed(self) -> Verdict | None:
        """That error, as the client may know it."""

    @property
    def service_tier(self) -> str | None:
        """The tier that the model server says it served: `standard`, or as it calls it."""

    def frame(self, frame: bytes) -> bytes:
        """Answer what the client gets now for this frame of the stream: often the frame itself, perhaps nothing."""

    def whole(self, body: bytes) -> bytes:
        """Answer what the client gets for a whole body. Raises ValueError where it is not an answer."""

    def last_frames(self) -> bytes:
        """The frames that wait for the settlement."""

    def failure(self, verdict: Verdict) -> bytes:
        """The last frames of a stream that has begun and can't be completed. Its body still ends properly."""

    def counts(self) -> TokenCounts:
        """What was used so far."""

    @property
    def is_estimated(self) -> bool:
        """Whether the model server gave no usage, so that the counts follow the published rule."""


class Forwarded(msgspec.Struct, frozen=True):
    """What one upstream gets, and how its answer is read."""

    path: str  # below its base URL
    body: bytes
    reading: Reading
    headers: Mapping[str, str] = {}  # besides the content's type and the credential
    renamed: Mapping[str, str] = {}  # the client's name of a field that the upstream has


class Counting(msgspec.Struct, frozen=True):
    """How one upstream is asked for the input tokens of a request."""

    path: str  # below its base URL
    body: bytes
    headers: Mapping[str, str] = {}
    renamed: Mapping[str, str] = {}


class Request(Protocol):
    """A request that was understood, before it is known whether it may be served."""

    @property
    def model(self) -> str: ...
    @property
    def kind(self) -> str:
        """The kind of model that serves it."""

    @property
    def is_stream(self) -> bool: ...
    @property
    def prompt_bytes(self) -> int: ...
    @property
    def customer(self) -> str | None:
        """The caller's own name of the end customer for whom it asks."""

    @property
    def service_tier(self) -> str | None:
        """As it was asked for, in the dialect's own words."""

    def measured(self, model: ModelFacts) -> bytes:
        """The bytes that no honest count of the prompt exceeds, whichever of the model's upstreams gets it.

        Raises `FieldRefused` where none of them can be told what is asked.
        """

    def most_output(self, model: ModelFacts) -> int:
        """The largest output in tokens. Raises `FieldRefused` where more is asked for than the model has."""

    def forward(self, model: ModelFacts, upstream: UpstreamFacts) -> Forwarded:
        """Raises `FieldRefused` where this upstream's dialect can't say it; another's may."""
