"""The painter's side of Lexware Office: what a world does in it by hand."""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.lexoffice import contacts, documents, payments
from sandbox.lexoffice.kinds import DELIVERY_NOTE, INVOICE, ORDER_CONFIRMATION, Kind
from sandbox.lexoffice.office import Office
from sandbox.lexoffice.orders import document_request
from sandbox.lexoffice.terms import contact_name
from sandbox.plan import Customer, Payment
from sandbox.trade import Paper, Work, amount_of


class OfficeTrade:
    """Order confirmations when a job is ordered, delivery notes when it is done."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def new_customer(self, customer: Customer) -> str:
        """Enter a contact that the search knows at once."""
        return str(contacts.create(self._office, customer.contact, now=float("-inf"))["id"])

    def name(self, contact_id: str) -> str:
        """The name as in an address."""
        return contact_name(self._office.contacts[contact_id])

    def mail_addresses(self, contact_id: str) -> list[str]:
        """Private, business and contact persons' addresses."""
        return contacts.mail_addresses(self._office.contacts[contact_id])

    def confirm(self, work: Work) -> Paper:
        """A finalised order confirmation."""
        return self._made(work, ORDER_CONFIRMATION, None, "Auftrag bestätigt")

    def finish(self, work: Work, made: dict[str, str]) -> Paper:
        """An open delivery note that refers to the order confirmation."""
        return self._made(work, DELIVERY_NOTE, made["order_confirmation_id"], "Auftrag erledigt")

    def numbered_invoices(self, contact_id: str) -> Iterable[tuple[str, str]]:
        """Invoices to the contact or to a one-time address."""
        for invoice in self._office.of_kind(INVOICE):
            if invoice.body["address"].get("contactId") in (contact_id, None):
                yield invoice.id, invoice.body["voucherNumber"]

    def pay(self, invoice_id: str, payment: Payment) -> tuple[Decimal, str] | None:
        """A bank payment on an open or paid invoice."""
        invoice = self._office.vouchers.get(invoice_id)
        if invoice is None or invoice.status not in ("open", "paid"):
            return None
        amount = amount_of(payment, invoice.gross, invoice.open_amount)
        if amount <= 0:
            return None
        payments.record(self._office, invoice, amount, self._office.clock.today(), "partPaymentFinancialTransaction")
        return amount, invoice.body["voucherNumber"]

    def opened(self) -> None:
        """The voucher list knows everything made so far."""
        self._office.index.settle()

    def _made(self, work: Work, kind: Kind, preceding: str | None, what: str) -> Paper:
        now = self._office.clock.now()
        request = document_request(work.job, work.contact_id, work.customer.terms, now, work.days)
        voucher = documents.create(self._office, kind, request, preceding, finalize=True)
        name = "order_confirmation" if kind == ORDER_CONFIRMATION else "delivery_note"
        number = voucher.body["voucherNumber"]
        return Paper(what, number, {name: number, f"{name}_id": voucher.id})
