"""Errors of the interface as RFC 9457 asks: `application/problem+json`, in German, without what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Die Anfrage ist nicht lesbar",
    401: "Nicht angemeldet",
    403: "Nicht erlaubt",
    404: "Nicht gefunden",
    405: "So geht es hier nicht",
    409: "Der Stand passt nicht dazu",
    422: "Die Angaben stimmen nicht",
    500: "Etwas ist schiefgegangen",
}


class Fault(BaseModel):
    """One wrong place in a request."""

    place: str = Field(description="Wo es steht, etwa body.lines.0.quantity")
    text: str = Field(description="Was daran nicht stimmt")


class Problem(BaseModel):
    """What every error looks like (RFC 9457)."""

    type: str = Field("about:blank", description="Art des Fehlers")
    title: str = Field(description="Kurz, was los ist")
    status: int = Field(description="HTTP-Status")
    detail: str = Field("", description="Was genau, mit Abhilfe, wo es eine gibt")
    errors: list[Fault] = Field(default_factory=list, description="Bei 422: jede falsche Stelle")


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status in (400, 401, 403, 404, 409, 422)
}
"""The errors of every route, for its description."""


def problem(
    status: int, detail: str = "", errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as the interface tells it."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    content = Problem(title=title, status=status, detail=detail, errors=list(errors)).model_dump()
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def invalid(_request: Request, error: Exception) -> Response:
    """A request that does not fit its description: every wrong place, without the values."""
    assert isinstance(error, RequestValidationError)
    faults = [Fault(place=".".join(map(str, each["loc"])), text=_text(each)) for each in error.errors()]
    return problem(422, f"{len(faults)} Stellen stimmen nicht.", faults)


def _text(each: Mapping[str, Any]) -> str:
    text = str(each["msg"]).removeprefix("Value error, ")
    # A value may be anything, also half of a letter that no encoding knows.
    return text.encode("utf-8", "replace").decode()
