"""JSON on the wire: read with Decimals, written with plain numbers."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.lexoffice.errors import ApiError, Json


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; Decimals become JSON numbers with a point."""
    text = json.dumps(body, ensure_ascii=False, default=_number)
    return Response(text, status, headers, media_type="application/json")


async def json_body(request: Request) -> Json:
    """The request's JSON object; 415 without JSON content type, 400 for anything but an object."""
    content_type = request.headers.get("content-type", "")
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise ApiError(415, f"Content type '{content_type}' not supported")
    try:
        body = json.loads(await request.body(), parse_float=Decimal, parse_constant=_refuse)
    except ValueError:
        raise ApiError(400, "Malformed JSON request") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Malformed JSON request")
    return body


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _number(value: object) -> float:
    if not isinstance(value, Decimal):
        raise TypeError(f"not JSON: {type(value).__name__}")
    return float(value)
