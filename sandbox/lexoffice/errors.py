"""The three error forms of the API: gateway, regular and legacy."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sandbox.lexoffice.dates import shown

Json = dict[str, Any]


@dataclass(frozen=True)
class Violation:
    """One failed rule of a request body; `rule` is e.g. NOTNULL."""

    field: str
    rule: str
    message: str


class ApiError(Exception):
    """An answer other than success; `legacy` chooses the IssueList form of contacts and files."""

    def __init__(
        self, status: int, message: str = "", details: tuple[Violation, ...] = (), *, legacy: bool = False
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details, self.legacy = status, message, details, legacy

    def body(self, path: str, now: datetime) -> Json:
        """The JSON body of this error."""
        return legacy_body(self.details) if self.legacy else regular_body(self, path, now)


def invalid(*violations: Violation) -> ApiError:
    """406 with the failed rules."""
    return ApiError(406, "Validation failed for request. Please see details list for specific causes.", violations)


def issue(source: str, key: str = "invalid_value", status: int = 406) -> ApiError:
    """An error in the legacy form, for contacts and files."""
    return ApiError(status, details=(Violation(source, key, ""),), legacy=True)


def unknown_id() -> ApiError:
    """404 for an id that does not exist."""
    return ApiError(404, "Requested resource not found.")


def regular_body(error: ApiError, path: str, now: datetime) -> Json:
    """The form of all newer resources; `details` is left out when empty."""
    body: Json = {
        "timestamp": shown(now),
        "status": error.status,
        "error": HTTPStatus(error.status).phrase,
        "path": path,
        "traceId": uuid.uuid4().hex[:12],
        "requestId": str(uuid.uuid4()),
        "message": error.message,
    }
    if error.details:
        body["details"] = [{"violation": d.rule, "field": d.field, "message": d.message} for d in error.details]
    return body


def legacy_body(details: tuple[Violation, ...]) -> Json:
    """The IssueList form of contacts, files and vouchers."""
    issues = [
        {
            "i18nKey": detail.rule,
            "source": detail.field,
            "type": "validation_failure",
            "additionalData": None,
            "args": None,
        }
        for detail in details
    ]
    return {"requestId": str(uuid.uuid4()), "IssueList": issues}
