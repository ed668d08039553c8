"""The HTTP resources below /v1 as a Starlette application."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.lexoffice import contacts, documents, files, subscriptions
from sandbox.lexoffice.dates import shown
from sandbox.lexoffice.errors import ApiError, Json, issue, unknown_id
from sandbox.lexoffice.kinds import KINDS
from sandbox.lexoffice.office import Office, Voucher
from sandbox.lexoffice.payments import payment_answer
from sandbox.lexoffice.voucherlist import voucherlist
from sandbox.lexoffice.wire import json_body, json_response
from sandbox.scope import STALE

Handler = Callable[[Request], Awaitable[Response]]


def lexoffice_app(office: Office) -> Starlette:
    """The API of one organisation."""
    api = _Api(office)
    routes = [
        Route("/v1/profile", api.profile),
        Route("/v1/payment-conditions", api.payment_conditions),
        Route("/v1/voucherlist", api.voucherlist),
        Route("/v1/payments/{id}", api.payments),
        Route("/v1/files/{id}", api.deprecated_file),
        Route("/v1/contacts", _by_method(GET=api.contacts, POST=api.new_contact), methods=["GET", "POST"]),
        Route("/v1/contacts/{id}", _by_method(GET=api.contact, PUT=api.changed_contact), methods=["GET", "PUT"]),
        Route(
            "/v1/event-subscriptions", _by_method(GET=api.subscriptions, POST=api.subscribe), methods=["GET", "POST"]
        ),
        Route(
            "/v1/event-subscriptions/{id}",
            _by_method(GET=api.subscription, DELETE=api.unsubscribe),
            methods=["GET", "DELETE"],
        ),
    ]
    for resource in KINDS:
        routes += [
            Route(f"/v1/{resource}", api.new_document, methods=["POST"]),
            Route(f"/v1/{resource}/{{id}}", api.document),
            Route(f"/v1/{resource}/{{id}}/document", api.document_id),
            Route(f"/v1/{resource}/{{id}}/file", api.file),
        ]
    return Starlette(routes=routes, exception_handlers={ApiError: api.refuse, HTTPException: api.refuse_route})


def _by_method(**handlers: Handler) -> Handler:
    async def choose(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return choose


class _Api:
    """One handler for each route."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def profile(self, request: Request) -> Response:
        return json_response(self._office.profile)

    async def payment_conditions(self, request: Request) -> Response:
        return json_response(self._office.payment_conditions)

    async def voucherlist(self, request: Request) -> Response:
        return json_response(voucherlist(self._office, request.query_params, stale=STALE in request.scope))

    async def payments(self, request: Request) -> Response:
        return json_response(payment_answer(self._office, self._voucher(request)))

    async def contacts(self, request: Request) -> Response:
        visible_before = time.monotonic() - self._office.settings.index_lag
        return json_response(contacts.find(self._office, request.query_params, visible_before=visible_before))

    async def contact(self, request: Request) -> Response:
        return json_response(self._contact(request))

    async def new_contact(self, request: Request) -> Response:
        contact = contacts.create(self._office, await json_body(request), time.monotonic())
        return json_response(contacts.receipt(self._office, contact, _uri(request, contact["id"])))

    async def changed_contact(self, request: Request) -> Response:
        body = await json_body(request)
        contact = contacts.replace_contact(self._office, self._contact(request), body)
        return json_response(contacts.receipt(self._office, contact, str(request.url)))

    async def new_document(self, request: Request) -> Response:
        kind = KINDS[request.url.path.split("/")[2]]
        query = request.query_params
        body = await json_body(request)
        preceding, finalize = query.get("precedingSalesVoucherId"), query.get("finalize") == "true"
        voucher = documents.create(self._office, kind, body, preceding, finalize=finalize)
        uri = _uri(request, voucher.id)
        names = ("id", "createdDate", "updatedDate", "version")
        receipt = {name: voucher.body[name] for name in names} | {"resourceUri": uri}
        return json_response(receipt, 201, {"Location": uri})

    async def document(self, request: Request) -> Response:
        return json_response(self._voucher(request).body)

    async def document_id(self, request: Request) -> Response:
        return json_response(files.document_id(self._voucher(request)))

    async def file(self, request: Request) -> Response:
        return self._file(self._voucher(request), request)

    async def deprecated_file(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        for voucher in self._office.vouchers.values():
            if voucher.body.get("files", {}).get("documentFileId") == wanted:
                return self._file(voucher, request)
        raise issue("id", "missing_entity", 404)

    async def subscriptions(self, request: Request) -> Response:
        return json_response({"content": list(self._office.subscriptions.values())})

    async def subscribe(self, request: Request) -> Response:
        body = await json_body(request)
        if self._office.settings.probe_callbacks:
            await asyncio.to_thread(subscriptions.probe, str(body.get("callbackUrl")))
        made = subscriptions.subscribe(self._office, body)
        uri, now = _uri(request, made["subscriptionId"]), shown(self._office.clock.now())
        receipt = {
            "id": made["subscriptionId"],
            "resourceUri": uri,
            "createdDate": now,
            "updatedDate": now,
            "version": 0,
        }
        return json_response(receipt, 201, {"Location": uri})

    async def subscription(self, request: Request) -> Response:
        return json_response(self._subscription(request))

    async def unsubscribe(self, request: Request) -> Response:
        del self._office.subscriptions[self._subscription(request)["subscriptionId"]]
        return Response(status_code=204)

    async def refuse(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, ApiError):
            raise error
        return json_response(error.body(request.url.path, self._office.clock.now()), error.status)

    async def refuse_route(self, request: Request, error: Exception) -> Response:
        """405 and 404 below a known resource; the gateway answers a wrong URL with 403."""
        if not isinstance(error, HTTPException):
            raise error
        known = request.url.path.split("/")[2:3]
        if error.status_code == 404 and known and known[0] not in KINDS:
            return json_response({"message": "Forbidden"}, 403)
        refusal = ApiError(error.status_code, error.detail)
        return json_response(refusal.body(request.url.path, self._office.clock.now()), error.status_code)

    def _file(self, voucher: Voucher, request: Request) -> Response:
        found = files.file_of(voucher, request.headers.get("accept", "*/*"), self._office.profile["companyName"])
        disposition = f'attachment; filename="{found.name}"'.encode("latin-1", "replace").decode("latin-1")
        headers = {"Content-Disposition": disposition, "Content-Type": found.content_type}
        return Response(found.content, headers=headers)

    def _voucher(self, request: Request) -> Voucher:
        """The document asked for; of that resource, except for payments."""
        resource, wanted = request.url.path.split("/")[2], request.path_params["id"]
        voucher = self._office.vouchers.get(wanted)
        if voucher is None or resource not in ("payments", voucher.kind.resource):
            raise unknown_id()
        return self._office.earlier.get(wanted, voucher) if STALE in request.scope else voucher

    def _contact(self, request: Request) -> Json:
        contact = self._office.contacts.get(request.path_params["id"])
        if contact is None:
            raise issue("id", "missing_entity", 404)
        return contact

    def _subscription(self, request: Request) -> Json:
        subscription = self._office.subscriptions.get(request.path_params["id"])
        if subscription is None:
            raise unknown_id()
        return subscription


def _uri(request: Request, id_: str) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.url.path}/{id_}"
