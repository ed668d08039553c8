"""The agency's side of sevDesk: what a world does in it by hand."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.plan import Customer, Line, Payment
from sandbox.sevdesk import booking, contacts, orders
from sandbox.sevdesk.account import Account
from sandbox.sevdesk.calls import Call
from sandbox.sevdesk.documents import address_block, contact_name
from sandbox.sevdesk.errors import Json
from sandbox.sevdesk.invoices import OWING, PAID
from sandbox.sevdesk.numbers import next_number
from sandbox.sevdesk.order_billing import billed
from sandbox.sevdesk.records import Record, Ref
from sandbox.sevdesk.sending import mark_sent
from sandbox.sevdesk.statics import UNITS
from sandbox.sevdesk.tags import tag_object
from sandbox.trade import Paper, Work, amount_of

DONE_TAG = "fertig"
UNIT_IDS = {name: id_ for id_, (name, _) in UNITS.items()}
WORDS = {"done": "Auftrag erledigt", "rejected": "Auftrag storniert", "billed": "Auftrag von Hand abgerechnet"}


class AccountTrade:
    """Order confirmations when a job is ordered; its status, a delivery note or a tag when it is done."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def new_customer(self, customer: Customer) -> str:
        """A contact with its address and its communication ways."""
        given = dict(customer.contact)
        address, mails = given.pop("address", None), given.pop("mails", [])
        number = {"customerNumber": next_number(self._account, "Contact", "CUSTOMER"), "status": 1000}
        contact = contacts.create(self._account, number | {"category": _ref(3, "Category")} | given)
        owner = {"contact": _ref(contact.id, "Contact")}
        if address:
            place = {"country": _ref(1, "StaticCountry"), "category": _ref(47, "Category")}
            contacts.attach(self._account, "ContactAddress", contacts.ADDRESS, owner | place | address)
        for mail in mails:
            way = owner | {"type": "EMAIL", "value": mail["value"], "key": _ref(mail["key"], "CommunicationWayKey")}
            contacts.attach(self._account, "CommunicationWay", contacts.WAY, way | {"main": mail is mails[0]})
        return str(contact.id)

    def name(self, contact_id: str) -> str:
        """The organisation's or the person's name."""
        return contact_name(self._contact(contact_id))

    def mail_addresses(self, contact_id: str) -> list[str]:
        """All mail addresses of the contact."""
        ways = self._account.rows("CommunicationWay")
        return [w["value"] for w in ways if w["contact"].id == int(contact_id) and w["type"] == "EMAIL"]

    def confirm(self, work: Work) -> Paper:
        """An order confirmation that was sent to the customer."""
        answer = orders.save(self._account, Call(body=self._order_body(work)))
        order = self._account.get("Order", int(answer.objects["order"]["id"]))
        self._note(order)
        return Paper("Auftrag bestätigt", order["orderNumber"], _facts("order_confirmation", order))

    def finish(self, work: Work, made: dict[str, str]) -> Paper:
        """The signal the job names; or the order is rejected, or was billed by hand."""
        order = self._account.get("Order", int(made["order_confirmation_id"]))
        what, facts = WORDS[work.job.outcome], {}
        if work.job.outcome == "rejected":
            self._account.change(order, status=orders.REJECTED)
        elif work.job.outcome == "billed":
            self._bill(order)
        elif work.job.signal == "accepted":
            self._account.change(order, status=orders.ACCEPTED)
        elif work.job.signal == "tag":
            tag_object(self._account, order, DONE_TAG)
        else:
            note = orders.derive(self._account, order, "LI", "Lieferschein")
            facts = _facts("delivery_note", orders.mark_sent(self._account, note, "VPR"))
        return Paper(what, facts.get("delivery_note", order["orderNumber"]), facts)

    def numbered_invoices(self, contact_id: str) -> Iterable[tuple[str, str]]:
        """The contact's invoices that have a number; a reminder is not one."""
        for invoice in self._account.rows("Invoice"):
            if invoice["contact"].id == int(contact_id) and invoice["invoiceNumber"] and invoice["invoiceType"] != "MA":
                yield str(invoice.id), invoice["invoiceNumber"]

    def pay(self, invoice_id: str, payment: Payment) -> tuple[Decimal, str] | None:
        """The transfer arrives and the owner books it in the app."""
        invoice = self._account.find(Ref(int(invoice_id), "Invoice"))
        if invoice is None or invoice["status"] not in (*OWING, PAID):
            return None
        owed = max(invoice["sumGross"] - invoice["paidAmount"], Decimal("0.00"))
        amount = amount_of(payment, invoice["sumGross"], owed)
        if amount <= 0:
            return None
        booking.record_by_hand(self._account, invoice, amount, self._account.clock.today())
        return amount, invoice["invoiceNumber"]

    def opened(self) -> None:
        """Nothing lags here."""

    def _contact(self, contact_id: str) -> Record:
        return self._account.get("Contact", int(contact_id))

    def _note(self, order: Record) -> None:
        self._account.change(order, status=orders.SENT, sendType="VM", sendDate=self._account.now())

    def _bill(self, order: Record) -> None:
        mark_sent(self._account, billed(self._account, order, "RE", Decimal(1)), "VPR")
        self._account.change(order, status=orders.CALCULATED)

    def _order_body(self, work: Work) -> Json:
        account, job = self._account, work.job
        number = next_number(account, "Order", "AB")
        head = {
            "objectName": "Order",
            "mapAll": True,
            "orderNumber": number,
            "orderType": "AB",
            "orderDate": account.clock.today().isoformat(),
            "status": orders.DRAFT,
            "header": f"Auftragsbestätigung {number}",
            "headText": f"Auftrag: {job.title}",
            "contact": _ref(int(work.contact_id), "Contact"),
            "address": address_block(account, self._contact(work.contact_id)),
            "addressCountry": _ref(1, "StaticCountry"),
            "contactPerson": _ref(account.rows("SevUser")[0].id, "SevUser"),
            "taxRate": 0,
            "taxRule": _ref((work.customer.terms or {}).get("taxRule", 1), "TaxRule"),
            "taxText": "Umsatzsteuer 19%",
            "taxType": "default",
            "currency": "EUR",
            "showNet": job.tax == "net",
            "version": 0,
        }
        positions = [_position(line) for line in job.lines]
        return {"order": head, "orderPosSave": positions, "discountSave": _discounts(job.discount_percent)}


def _ref(id_: int, name: str) -> Json:
    return {"id": id_, "objectName": name}


def _facts(name: str, order: Record) -> dict[str, str]:
    return {name: order["orderNumber"], f"{name}_id": str(order.id)}


def _position(line: Line) -> Json:
    return {
        "objectName": "OrderPos",
        "mapAll": True,
        "name": line.name,
        "text": line.description or "",
        "quantity": 1 if line.quantity is None else line.quantity,
        "price": line.price,
        "unity": _ref(UNIT_IDS[line.unit], "Unity"),
        "taxRate": line.rate,
        "discount": line.discount,
    }


def _discounts(percent: Decimal | None) -> list[Json]:
    if percent is None:
        return []
    discount = {"discount": True, "text": "Rabatt", "percentage": True, "value": percent, "isNet": True}
    return [{"objectName": "Discounts", "mapAll": True, **discount}]
