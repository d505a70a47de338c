"""The one family of errors that people and programs are shown: a stable code, an HTTP status, a title."""


class TollwayError(Exception):
    """Subclasses set the class attributes; the instance's text says what happened and what to mend."""

    code: str = "error"
    status: int = 400
    title: str = "The request could not be carried out"
    field: str = ""  # The form's or body's field that it is about, where it is about one.

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)

    @property
    def detail(self) -> str:
        return str(self)


class NotAllowed(TollwayError):
    code = "not_allowed"
    status = 403
    title = "Your role does not allow this"


class Conflict(TollwayError):
    code = "conflict"
    status = 409
    title = "This no longer fits the present state"


class Invalid(TollwayError):
    code = "invalid"
    status = 422
    title = "A value is not acceptable"

    def __init__(self, detail: str = "", *, field: str = "") -> None:
        super().__init__(detail)
        self.field = field
