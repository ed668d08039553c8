"""The control interface below /_control/: for tests, the demo and a person; loopback only, without login."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import returns, wishes
from sandbox.clock import moved
from sandbox.faults import HttpFault, SmtpFault
from sandbox.letterxpress.control import letter_paths
from sandbox.letterxpress.orders import Refused
from sandbox.lexoffice import by_hand, payments
from sandbox.lexoffice.callbacks import Manners
from sandbox.lexoffice.errors import ApiError, Json, unknown_id
from sandbox.lexoffice.kinds import INVOICE, KINDS
from sandbox.lexoffice.office import Voucher
from sandbox.lexoffice.wire import json_body, json_response
from sandbox.report import invoice_report, world_report
from sandbox.sevdesk import by_hand as sevdesk_by_hand
from sandbox.sevdesk.control import refuse as refuse_sevdesk
from sandbox.sevdesk.control import sevdesk_paths
from sandbox.sevdesk.errors import ApiError as SevdeskError

if TYPE_CHECKING:
    from sandbox.stage import Stage

Handler = Callable[[Request], Awaitable[Response]]


def control_app(stage: "Stage") -> Starlette:
    """The control interface of a stage."""
    control = _Control(stage)
    paths: dict[tuple[str, str], Handler] = {
        ("GET", "/_control/clock"): control.clock,
        ("POST", "/_control/clock"): control.move_clock,
        ("POST", "/_control/payments"): control.pay,
        ("POST", "/_control/actions/edit-contact"): control.edit_contact,
        ("POST", "/_control/actions/{action}"): control.act,
        ("POST", "/_control/rate"): control.rate,
        ("POST", "/_control/index-lag"): control.index_lag,
        ("GET", "/_control/settings"): control.settings,
        ("POST", "/_control/settings"): control.change_settings,
        ("GET", "/_control/callbacks"): control.callbacks,
        ("POST", "/_control/callbacks"): control.change_callbacks,
        ("POST", "/_control/callbacks/tell"): control.tell,
        ("GET", "/_control/requests"): control.requests,
        ("GET", "/_control/invoices"): control.invoices,
        ("GET", "/_control/documents/{resource}"): control.documents,
        ("GET", "/_control/contacts"): control.contacts,
        ("GET", "/_control/mails"): control.mails,
        ("GET", "/_control/inbox"): control.inbox,
        ("POST", "/_control/inbox"): control.put_mail,
        ("POST", "/_control/inbox/renumber"): control.renumber,
        ("GET", "/_control/bank"): control.bank,
        ("POST", "/_control/bank"): control.change_bank,
        ("GET", "/_control/world"): control.world,
        ("GET", "/_control/worlds"): control.worlds,
        ("GET", "/_control/faults"): control.faults,
        ("POST", "/_control/faults"): control.order_fault,
        ("DELETE", "/_control/faults"): control.clear_faults,
        ("POST", "/_control/reset"): control.reset,
        **sevdesk_paths(stage),
        **letter_paths(stage),
    }
    listing = sorted(f"{method} {path}" for method, path in paths)
    control.listing = listing
    routes = [Route(path, handler, methods=[method]) for (method, path), handler in paths.items()]
    handlers = {ApiError: _refuse, ValidationError: _refuse_input, SevdeskError: refuse_sevdesk}
    handlers[Refused] = _refuse_letter
    return Starlette(routes=[Route("/_control/", control.index), *routes], exception_handlers=handlers)


class _Control:
    """One handler for each path."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self.listing: list[str] = []

    async def index(self, request: Request) -> Response:
        actions = {"actions": [*by_hand.ACTIONS, "edit-contact"], "sevdesk_actions": [*sevdesk_by_hand.ACTIONS]}
        return json_response({"paths": self.listing, **actions})

    async def clock(self, request: Request) -> Response:
        return json_response({"now": self._stage.clock.now().isoformat()})

    async def move_clock(self, request: Request) -> Response:
        step = wishes.ClockStep.model_validate(await json_body(request))
        target = step.now or moved(self._stage.clock.now(), **step.advance.model_dump())
        agenda = self._stage.agenda
        before = len(agenda.happened)
        agenda.run_until(target)
        news = [{"at": h.at.isoformat(), "world": h.world, "what": h.what} for h in agenda.happened[before:]]
        return json_response({"now": self._stage.clock.now().isoformat(), "happened": news})

    async def pay(self, request: Request) -> Response:
        payment = wishes.NewPayment.model_validate(await json_body(request))
        office, voucher = self._stage.office, self._voucher(payment.voucherId)
        day = payment.date or self._stage.clock.today()
        return json_response(
            payments.payment_answer(office, payments.record(office, voucher, payment.amount, day, payment.type))
        )

    async def act(self, request: Request) -> Response:
        body, action = await json_body(request), by_hand.ACTIONS.get(request.path_params["action"])
        if action is None:
            raise unknown_id()
        action(self._stage.office, self._voucher(str(body.get("id"))), body.get("change", {}))
        left = self._stage.office.vouchers.get(body["id"])
        return json_response(left.body if left else {"deleted": body["id"]})

    async def edit_contact(self, request: Request) -> Response:
        body, contacts = await json_body(request), self._stage.office.contacts
        if body.get("id") not in contacts:
            raise unknown_id()
        by_hand.edit_contact(self._stage.office, contacts[body["id"]], body.get("change", {}))
        return json_response(contacts[body["id"]])

    async def bank(self, request: Request) -> Response:
        bank = self._stage.bank
        facts = {"product": bank.product, "asks": bank.asks, "wrong": bank.wrong, "wanted": bank.wanted}
        return json_response(facts)

    async def change_bank(self, request: Request) -> Response:
        change = wishes.BankChange.model_validate(await json_body(request))
        bank = self._stage.bank
        bank.asks, bank.has_camt, bank.pin, bank.looks = change.asks, change.has_camt, change.pin, 0
        bank.statements = [text.encode() for text in change.statements]
        return json_response(change.model_dump())

    async def rate(self, request: Request) -> Response:
        rate = wishes.Rate.model_validate(await json_body(request))
        self._stage.lexoffice.bucket.change(rate.rate, rate.burst)
        self._stage.lexoffice.bucket.retry_after = rate.retry_after
        return json_response(rate.model_dump())

    async def index_lag(self, request: Request) -> Response:
        lag = wishes.IndexLag.model_validate(await json_body(request))
        self._stage.office.settings.index_lag = lag.seconds
        return json_response(lag.model_dump())

    async def settings(self, request: Request) -> Response:
        return json_response(asdict(self._stage.office.settings))

    async def change_settings(self, request: Request) -> Response:
        change = wishes.SettingsChange.model_validate(await json_body(request))
        for name, value in change.model_dump(exclude_unset=True).items():
            setattr(self._stage.office.settings, name, value)
        return await self.settings(request)

    async def callbacks(self, request: Request) -> Response:
        return json_response(self._stage.callbacks.report())

    async def change_callbacks(self, request: Request) -> Response:
        wish = wishes.Manners.model_validate(await json_body(request))
        self._stage.callbacks.manners = Manners(**wish.model_dump())
        return await self.callbacks(request)

    async def tell(self, request: Request) -> Response:
        told = wishes.Told.model_validate(await json_body(request))
        self._stage.callbacks.tell(told.eventType, told.resourceId)
        return await self.callbacks(request)

    async def requests(self, request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        return json_response([asdict(entry) for entry in self._stage.journal.entries if entry.n > since])

    async def invoices(self, request: Request) -> Response:
        return json_response([invoice_report(v) for v in self._stage.office.of_kind(INVOICE)])

    async def documents(self, request: Request) -> Response:
        kind = KINDS.get(request.path_params["resource"])
        if kind is None:
            raise unknown_id()
        return json_response([voucher.body for voucher in self._stage.office.of_kind(kind)])

    async def contacts(self, request: Request) -> Response:
        return json_response(list(self._stage.office.contacts.values()))

    async def mails(self, request: Request) -> Response:
        return json_response([mail.as_json() for mail in self._stage.mailbox.mails])

    async def inbox(self, request: Request) -> Response:
        inbox = self._stage.inbox
        letters = [{"uid": letter.uid, "text": letter.raw.decode("utf-8", "replace")} for letter in inbox.letters]
        return json_response({"validity": inbox.validity, "letters": letters})

    async def put_mail(self, request: Request) -> Response:
        wish = wishes.Return.model_validate(await json_body(request))
        letter = self._stage.inbox.put(returns.made(wish, self._stage.mailbox, self._stage.clock.now()))
        return json_response({"uid": letter.uid}, 201)

    async def renumber(self, request: Request) -> Response:
        self._stage.inbox.renumber()
        return json_response({"validity": self._stage.inbox.validity})

    async def world(self, request: Request) -> Response:
        name = request.query_params.get("name", self._stage.world.name)
        found = [world for world in self._stage.worlds if world.name == name]
        if not found:
            raise unknown_id()
        return json_response(world_report(self._stage, found[0]))

    async def worlds(self, request: Request) -> Response:
        return json_response([world_report(self._stage, world) for world in self._stage.worlds])

    async def faults(self, request: Request) -> Response:
        faults = self._stage.faults
        ordered: list[HttpFault | SmtpFault] = [*faults.http, *faults.smtp]
        return json_response([fault.model_dump() | {"spent": fault.spent()} for fault in ordered])

    async def order_fault(self, request: Request) -> Response:
        body: Any = await json_body(request)
        fault = SmtpFault.model_validate(body) if "smtp" in body else HttpFault.model_validate(body)
        return json_response({"id": self._stage.faults.order(fault)}, 201)

    async def clear_faults(self, request: Request) -> Response:
        self._stage.faults.clear()
        return Response(status_code=204)

    async def reset(self, request: Request) -> Response:
        self._stage.reset()
        return await self.clock(request)

    def _voucher(self, id_: str) -> Voucher:
        if id_ not in self._stage.office.vouchers:
            raise unknown_id()
        return self._stage.office.vouchers[id_]


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    details: list[Json] = [{"field": d.field, "message": d.message} for d in error.details]
    return json_response({"error": error.message, "details": details}, error.status)


async def _refuse_letter(request: Request, error: Exception) -> Response:
    return json_response({"error": str(error)}, error.status if isinstance(error, Refused) else 500)


async def _refuse_input(request: Request, error: Exception) -> Response:
    return json_response({"error": str(error)}, 422)
