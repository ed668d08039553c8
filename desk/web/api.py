"""The interface for other programs under /api/v1: what its routes share, and its description."""

import hashlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from desk.web.access import API, Person, Right, desk_of, require
from desk.web.problems import RESPONSES, problem
from ledger import calls
from ledger.calls import Answer
from ledger.database import Ledger

ROOT = f"{API}v1"
DESCRIPTION = (
    "Dieselben Daten und Hebel wie auf der Seite und der Befehlszeile. Angemeldet wird mit einem Token"
    " (`rechnungsbote tokens add`) als `Authorization: Bearer …`. Beträge sind Text mit Punkt, Tage `2026-11-30`."
    " Fehler kommen als `application/problem+json` (RFC 9457). Anfragen mit `Idempotency-Key` werden einmal ausgeführt."
)
SCHEME = {"token": {"type": "http", "scheme": "bearer"}}

Reader = Annotated[Person, Depends(require(Right.SEE))]
KEY = {"min_length": 1, "max_length": 200, "pattern": r"^[!-~]+$"}
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="Gleicher Schlüssel, gleiche Antwort: einmal je Vorgang", **KEY),
]
NeededKey = Annotated[str, Header(alias="Idempotency-Key", description="Pflicht: einmal je Vorgang", **KEY)]


def router(tag: str) -> APIRouter:
    """Routes below /api/v1."""
    return APIRouter(prefix=ROOT, tags=[tag], responses=RESPONSES)


def answered(
    request: Request, person: Person, key: str | None, body: BaseModel | None, work: Callable[[Ledger], Answer]
) -> JSONResponse:
    """Carry out a change once per key and answer; a key that came with something else is a 422."""
    desk = desk_of(request)
    sent = body.model_dump_json() if body else ""
    fingerprint = hashlib.sha256("\n".join((request.method, request.url.path, sent)).encode()).hexdigest()
    try:
        answer = calls.once(desk.house.ledger, person.name, key or "", fingerprint, desk.clock.now(), work)
    except calls.KeyReused:
        return problem(422, "Dieser Idempotency-Key gehört zu einer anderen Anfrage. Bitte einen neuen verwenden.")
    headers = {"Idempotent-Replayed": "true"} if answer.is_repeated else {}
    return JSONResponse(answer.content, answer.status, headers)


def plain(value: Any) -> Any:
    """A value as JSON: amounts as text, days and instants in ISO 8601."""
    return jsonable_encoder(value, custom_encoder={Decimal: str})


def description(routers: Sequence[APIRouter]) -> dict[str, Any]:
    """The OpenAPI description of these routes."""
    routes = [route for each in routers for route in each.routes]
    found = get_openapi(title="Rechnungsbote", version="1", description=DESCRIPTION, routes=routes)
    found.setdefault("components", {})["securitySchemes"] = SCHEME
    found["security"] = [{"token": []}]
    for path in found["paths"].values():
        for operation in path.values():
            # FastAPI describes its own form of 422, which ours replaces.
            operation["responses"]["422"]["content"].pop("application/json", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        found["components"].get("schemas", {}).pop(unused, None)
    return found
