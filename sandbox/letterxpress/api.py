"""The interface of LetterXpress: a login in every body, also of a GET; the content type is taken literally."""

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answer import Answer, message
from sandbox.clock import Clock
from sandbox.letterxpress.house import House, price_of, shown
from sandbox.letterxpress.orders import Refused, wish_in

PREFIX = "/v3"
PER_PAGE = 15
STATUSES = ("queue", "hold", "done", "canceled", "draft")
MODES = ("live", "test")
Json = dict[str, Any]


@dataclass(frozen=True)
class Login:
    """Who may order."""

    username: str
    api_key: str

    def fits(self, auth: Any) -> bool:
        """Whether this is the login in a body."""
        if not isinstance(auth, dict) or auth.get("mode") not in MODES:
            return False
        given = (str(auth.get("username", "")), str(auth.get("apikey", "")))
        return all(map(hmac.compare_digest, map(str.encode, given), (self.username.encode(), self.api_key.encode())))


def letterxpress_app(house: House, clock: Clock, login: Login) -> Starlette:
    """The application of one printing house."""
    api = _Api(house, clock, login)
    routes = [
        Route(f"{PREFIX}/printjobs", api.handled(api.order), methods=["POST"]),
        Route(f"{PREFIX}/printjobs", api.handled(api.orders), methods=["GET"]),
        Route(f"{PREFIX}/printjobs/{{id:int}}", api.handled(api.show), methods=["GET"]),
        Route(f"{PREFIX}/printjobs/{{id:int}}", api.handled(api.change), methods=["PUT"]),
        Route(f"{PREFIX}/printjobs/{{id:int}}", api.handled(api.cancel), methods=["DELETE"]),
        Route(f"{PREFIX}/balance", api.handled(api.balance), methods=["GET"]),
        Route(f"{PREFIX}/price", api.handled(api.price), methods=["GET"]),
    ]
    return Starlette(routes=routes)


def refuse(status: int, text: str | None = None, retry_after: str | None = None) -> Answer:
    """What stands before the interface says no."""
    headers = {"retry_after": retry_after} if status == 429 and retry_after else {}
    return message(status, text or "Too Many Attempts.", **headers)


class _Api:
    def __init__(self, house: House, clock: Clock, login: Login) -> None:
        self._house, self._clock, self._login = house, clock, login

    def handled(self, handler: Callable[[Request, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
        """The handler behind content type and login, its answer in the envelope."""

        async def handle(request: Request) -> Response:
            try:
                return JSONResponse(
                    {"status": 200, "message": "OK", "data": handler(request, await self._body(request))}
                )
            except Refused as error:
                return JSONResponse({"message": error.text}, error.status)

        return handle

    async def _body(self, request: Request) -> Json:
        if request.headers.get("content-type") != "application/json":
            raise Refused(400, "Bad Request")
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise Refused(400, "Bad Request") from None
        if not isinstance(body, dict) or not self._login.fits(body.get("auth")):
            raise Refused(401, "Unauthorized.")
        return body

    def order(self, _request: Request, body: Json) -> Json:
        order = self._house.add(wish_in(body), live=body["auth"]["mode"] == "live")
        return shown(order, self._clock.now())

    def orders(self, request: Request, _body: Json) -> Json:
        wanted = request.query_params.get("filter")
        if wanted is not None and wanted not in STATUSES:
            raise Refused(422, "The selected filter is invalid.")
        found = [order for order in reversed(self._house.orders.values()) if wanted in (None, order.status)]
        page = max(1, int(request.query_params.get("page", "1")))
        last = max(1, -(-len(found) // PER_PAGE))
        rows = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        pagination = {
            "total": len(found),
            "count": len(rows),
            "per_page": PER_PAGE,
            "current_page": page,
            "last_page": last,
            "next_page_url": f"{request.url.path}?page={page + 1}" if page < last else None,
        }
        now = self._clock.now()
        return {"printjobs": [shown(order, now) for order in rows], "pagination": pagination}

    def show(self, request: Request, _body: Json) -> Json:
        return shown(self._house.find(request.path_params["id"]), self._clock.now())

    def change(self, request: Request, body: Json) -> Json:
        return shown(self._house.change(request.path_params["id"], wish_in(body)), self._clock.now())

    def cancel(self, request: Request, _body: Json) -> Json:
        self._house.cancel(request.path_params["id"])
        return {}

    def balance(self, _request: Request, _body: Json) -> Json:
        return {"balance": f"{self._house.balance}", "currency": "EUR"}

    def price(self, _request: Request, body: Json) -> Json:
        return {"price": float(price_of(wish_in(body)))}
