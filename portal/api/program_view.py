"""A view that a program asks with its admin key."""

from typing import Any, TypeVar, cast

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from portal.api.authentication import Program

Row = TypeVar("Row", bound=Model)

ONCE = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your own. The same request with the same one within a day gets the same answer again.",
)


class ProgramView(GenericAPIView[Row]):
    """Looks for its objects in the caller's organization alone: those of others are not there."""

    @property
    def program(self) -> Program:
        return cast("Program", self.request.user)

    @property
    def is_for_the_schema(self) -> bool:
        """The schema is made without a caller."""
        return bool(getattr(self, "swagger_fake_view", False))

    def read(self, serializer: type[Any], request: Request) -> Any:
        """Answer the serializer with what was sent. Raises REST framework's ValidationError."""
        read = serializer(data=request.data)
        read.is_valid(raise_exception=True)
        return read
