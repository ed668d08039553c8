"""The HTTP resources below /api/v1 as a Starlette application."""

import json
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.scope import STALE
from sandbox.sevdesk import (
    booking,
    contacts,
    corrections,
    invoice_list,
    invoices,
    numbers,
    order_billing,
    orders,
    sending,
    tags,
)
from sandbox.sevdesk.account import Account
from sandbox.sevdesk.calls import Call, Handler, Reply, Routes
from sandbox.sevdesk.errors import ApiError, Json, bad_request, error_body

PREFIX = "/api/v1"
VERSIONS = {"default", "1.0"}
_PART = re.compile(r"[^\[\]]+")


def _version(account: Account, call: Call) -> Reply:
    return Reply({"version": account.settings.bookkeeping_version})


ROUTES: Routes = {
    ("GET", "/Tools/bookkeepingSystemVersion"): _version,
    **contacts.ROUTES,
    **orders.ROUTES,
    **invoices.ROUTES,
    **invoice_list.ROUTES,
    **order_billing.ROUTES,
    **corrections.ROUTES,
    **sending.ROUTES,
    **booking.ROUTES,
    **tags.ROUTES,
    **numbers.ROUTES,
}


def sevdesk_app(account: Account) -> Starlette:
    """The API of one account."""
    by_path: dict[str, dict[str, Handler]] = {}
    for (method, path), handler in ROUTES.items():
        by_path.setdefault(path, {})[method] = handler
    # Paths with an id come last: /Invoice/Factory/... is no invoice.
    routes = [
        Route(PREFIX + path.replace("{id}", "{id:int}"), _endpoint(account, handlers), methods=list(handlers))
        for path, handlers in sorted(by_path.items(), key=lambda item: "{" in item[0])
    ]
    return Starlette(routes=routes, exception_handlers={ApiError: _refuse, HTTPException: _refuse_route})


def _endpoint(account: Account, handlers: dict[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        _check_version(request)
        method = "GET" if request.method == "HEAD" else request.method
        body = await _body(request) if method in ("POST", "PUT") else {}
        if method != "GET":
            account.begin()
        id_ = request.path_params.get("id", 0)
        call = Call(id_, dict(request.query_params), body, stale=STALE in request.scope)
        return _response(account, handlers[method](account, call))

    return endpoint


def _response(account: Account, reply: Reply) -> Response:
    settings = account.settings
    if settings.specified_answers and reply.bare is not None:
        return _json(reply.bare, reply.status)
    body: Json = {"objects": reply.objects}
    if reply.total is not None:
        body["total"] = reply.total if settings.total_as_number else str(reply.total)
    return _json(body, reply.status)


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")


def _check_version(request: Request) -> None:
    """X-Version: an unknown one is refused, and any by the factories (third-party note)."""
    wanted = request.headers.get("x-version")
    if wanted is None:
        return
    if wanted not in VERSIONS or "/Factory/" in request.url.path:
        raise bad_request(f"X-Version {wanted} is not available, use one of: {', '.join(sorted(VERSIONS))}")


async def _body(request: Request) -> Json:
    """The request's object, from JSON or from form fields like contact[id]=1; 400 for anything else."""
    content = await request.body()
    if not content.strip():
        return {}
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _unfolded(content.decode("utf-8", "replace"))
    try:
        body = json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError:
        raise bad_request("Malformed request body") from None
    if kind != "application/json" or not isinstance(body, dict):
        raise bad_request("Malformed request body")
    return body


def _unfolded(text: str) -> Json:
    """Form fields with bracketed names as nested objects; empty values are null."""
    found: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *outer, last = _PART.findall(name) or [name]
        inner = found
        for part in outer:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise bad_request("Malformed request body")
        inner[last] = value or None
    return found


def _no_constant(constant: str) -> None:
    raise ValueError(constant)


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return _json(error.body(), error.status)


async def _refuse_route(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _json(error_body(error.status_code, error.detail), error.status_code)
