"""The error form of the API: {"objects": null, "error": {...}}."""

import uuid
from typing import Any

Json = dict[str, Any]
MISLEADING = "expected array with 'id' and 'objectName'"
"""The live text for wrong nesting, a missing reference and much else; it rarely says what is wrong."""


class ApiError(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def body(self) -> Json:
        """The JSON body; only what failed inside the API has an exceptionUUID."""
        return error_body(self.status, self.message)


def error_body(status: int, message: str) -> Json:
    """The JSON body of a refusal with this status."""
    marks = {"exceptionUUID": str(uuid.uuid4())} if status in (422, 500) else {"code": None}
    return {"objects": None, "error": {"message": message, **marks}}


def refused(message: str) -> ApiError:
    """422, a rule of validation is broken."""
    return ApiError(422, message)


def bad_request(message: str) -> ApiError:
    """400, a parameter cannot be read."""
    return ApiError(400, message)
