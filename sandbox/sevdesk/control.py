"""The part of the control interface that is about sevDesk, below /_control/sevdesk/."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from sandbox.lexoffice.wire import json_body, json_response
from sandbox.sevdesk import booking, by_hand, wishes
from sandbox.sevdesk.account import Account, answer_of
from sandbox.sevdesk.documents import positions_of
from sandbox.sevdesk.errors import ApiError, Json
from sandbox.sevdesk.records import Record
from sandbox.wishes import Rate

if TYPE_CHECKING:
    from sandbox.stage import Stage

Handler = Callable[[Request], Awaitable[Response]]
BASE = "/_control/sevdesk"


def sevdesk_paths(stage: "Stage") -> dict[tuple[str, str], Handler]:
    """Method and path to the handler."""
    control = _Control(stage)
    return {
        ("GET", f"{BASE}/invoices"): control.invoices,
        ("GET", f"{BASE}/records/{{name}}"): control.records,
        ("GET", f"{BASE}/mails"): control.mails,
        ("POST", f"{BASE}/payments"): control.pay,
        ("POST", f"{BASE}/transactions"): control.bank_line,
        ("POST", f"{BASE}/actions/{{action}}"): control.act,
        ("GET", f"{BASE}/settings"): control.settings,
        ("POST", f"{BASE}/settings"): control.change_settings,
        ("POST", f"{BASE}/rate"): control.rate,
        ("POST", f"{BASE}/token"): control.renew_token,
    }


async def refuse(request: Request, error: Exception) -> Response:
    """A rule of sevDesk broken by hand."""
    if not isinstance(error, ApiError):
        raise error
    return json_response({"error": error.message}, error.status)


class _Control:
    """One handler for each path."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    @property
    def _account(self) -> Account:
        return self._stage.account

    async def invoices(self, request: Request) -> Response:
        rows = self._account.rows("Invoice")
        return json_response([_invoice_report(self._account, row) for row in rows])

    async def records(self, request: Request) -> Response:
        return json_response([answer_of(row) for row in self._account.rows(request.path_params["name"])])

    async def mails(self, request: Request) -> Response:
        return json_response([asdict(mail) | {"at": mail.at.isoformat()} for mail in self._account.mails])

    async def pay(self, request: Request) -> Response:
        wish = wishes.NewPayment.model_validate(await json_body(request))
        account = self._account
        account.begin()
        invoice = account.get("Invoice", wish.invoice_id)
        day = wish.date or account.clock.today()
        return json_response(_invoice_report(account, booking.record_by_hand(account, invoice, wish.amount, day)))

    async def bank_line(self, request: Request) -> Response:
        wish = wishes.BankLine.model_validate(await json_body(request))
        account = self._account
        account.begin()
        banks = [b for b in account.rows("CheckAccount") if wish.check_account_id in (None, b.id)]
        if not banks:
            raise ApiError(404, "CheckAccount not found")
        day = wish.date or account.clock.today()
        line = booking.bank_line(account, banks[0], wish.amount, wish.purpose, wish.payer, day)
        return json_response(answer_of(line), 201)

    async def act(self, request: Request) -> Response:
        action = by_hand.ACTIONS.get(request.path_params["action"])
        if action is None:
            raise ApiError(404, "no such action")
        deed = wishes.Deed.model_validate(await json_body(request))
        self._account.begin()
        action(self._account, deed.id, deed.change)
        return json_response({"done": request.path_params["action"], "id": str(deed.id)})

    async def settings(self, request: Request) -> Response:
        return json_response(asdict(self._account.settings))

    async def change_settings(self, request: Request) -> Response:
        change = wishes.SettingsChange.model_validate(await json_body(request))
        for name in change.model_fields_set:
            setattr(self._account.settings, name, getattr(change, name))
        return await self.settings(request)

    async def rate(self, request: Request) -> Response:
        wish = Rate.model_validate(await json_body(request))
        bucket = self._stage.sevdesk.bucket
        bucket.change(wish.rate, wish.burst)
        bucket.retry_after = wish.retry_after
        return json_response(wish.model_dump())

    async def renew_token(self, request: Request) -> Response:
        """The administrator regenerates the token; the old one is void."""
        self._stage.sevdesk_key = secrets.token_hex(16)
        return json_response({"api_key": self._stage.sevdesk_key})


def _invoice_report(account: Account, invoice: Record) -> Json:
    """An invoice as GET gives it, with what else is known about it."""
    payments = [
        {"amount": b.amount, "date": b.day.isoformat(), "type": b.kind, "transactionId": b.transaction_id}
        for b in account.bookings
        if b.invoice_id == invoice.id
    ]
    owed = {"grossAmount": invoice["sumGross"], "openAmount": invoice["sumGross"] - invoice["paidAmount"]}
    positions = [answer_of(position) for position in positions_of(account, invoice)]
    return answer_of(invoice) | owed | {"payments": payments, "positions": positions}
