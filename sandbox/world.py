"""A world that lives with the clock: jobs get ordered and done, customers pay when a mail about the invoice came."""

import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from sandbox.clock import Clock, at
from sandbox.lexoffice import contacts, documents, payments
from sandbox.lexoffice.arithmetic import cents
from sandbox.lexoffice.errors import Json
from sandbox.lexoffice.kinds import DELIVERY_NOTE, INVOICE, ORDER_CONFIRMATION
from sandbox.lexoffice.office import Office, Voucher
from sandbox.lexoffice.terms import contact_name
from sandbox.mailbox import Mail
from sandbox.orders import document_request
from sandbox.plan import Job, Payment, Plan

ORDER_TIME, DONE_TIME, EARLY, PAY_TIME = time(10), time(16), time(7), time(9)
STAGES = ("invoice", "reminder", "second-reminder")


@dataclass(order=True)
class _Event:
    at: datetime
    n: int
    act: Callable[[], None] = field(compare=False)


@dataclass(frozen=True)
class Happening:
    """Something that has happened in the world, in German."""

    at: datetime
    what: str


class World:
    """Carries out a plan on an office. The first day is the clock's day at the start."""

    def __init__(self, plan: Plan, office: Office, clock: Clock) -> None:
        self.plan, self._office, self._clock = plan, office, clock
        self.first_day = clock.today()
        self.happened: list[Happening] = []
        self.made: dict[str, dict[str, str]] = {job.key: {} for job in plan.jobs}
        self.contact_ids: dict[str, str] = {}
        self._mails: dict[str, list[str]] = {}
        self._events: list[_Event] = []
        self._count = itertools.count()
        self._open(clock.now())

    def run_until(self, target: datetime) -> None:
        """Let everything happen that is due, each at its own time, and leave the clock at `target`."""
        while self._events and self._events[0].at <= target:
            event = heapq.heappop(self._events)
            self._clock.set(event.at)
            event.act()
        self._clock.set(target)

    def tick(self) -> None:
        """Let happen what has become due as real time went by."""
        if self._events and self._events[0].at <= self._clock.now():
            self.run_until(self._clock.now())

    def on_mail(self, mail: Mail) -> None:
        """A mail arrived: customers named in the envelope who find an invoice number in it plan their payments."""
        text = " ".join([mail.subject, *(a.filename for a in mail.attachments)])
        for key, contact_id in self.contact_ids.items():
            known = {address.lower() for address in contacts.mail_addresses(self._office.contacts[contact_id])}
            if known.isdisjoint(r.lower() for r in mail.envelope.recipients):
                continue
            for invoice in self._office.of_kind(INVOICE):
                if invoice.body["address"].get("contactId") in (contact_id, None) and _names(text, invoice):
                    self._read(key, invoice, mail)

    def _open(self, start: datetime) -> None:
        for key, customer in self.plan.customers.items():
            contact = contacts.create(self._office, customer.contact, now=float("-inf"))
            self.contact_ids[key] = str(contact["id"])
        for job in self.plan.jobs:
            self._plan(self._instant(job.ordered, ORDER_TIME, start), partial(self._order, job))
            self._plan(self._instant(job.done, DONE_TIME, start), partial(self._finish, job))
        self.run_until(start)
        self._office.index.settle()

    def _plan(self, instant: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, _Event(instant, next(self._count), act))

    def _instant(self, day: int, usual: time, start: datetime) -> datetime:
        """When something happens; what belongs to the first day has happened when the stage opens."""
        return at(self.day(day), usual) if day else min(at(self.day(0), EARLY), start)

    def day(self, number: int) -> date:
        """The calendar day of a day of the plan."""
        return self.first_day + timedelta(days=number)

    def _order(self, job: Job) -> None:
        request = self._request(job)
        voucher = documents.create(self._office, ORDER_CONFIRMATION, request, None, finalize=True)
        self._made(job, "order_confirmation", voucher, "Auftrag bestätigt")

    def _finish(self, job: Job) -> None:
        confirmation = self.made[job.key]["order_confirmation_id"]
        request = self._request(job)
        voucher = documents.create(self._office, DELIVERY_NOTE, request, confirmation, finalize=True)
        self._made(job, "delivery_note", voucher, "Auftrag erledigt")

    def _request(self, job: Job) -> Json:
        terms = self.plan.customers[job.customer].terms
        days = (self.day(job.begun if job.begun is not None else job.done), self.day(job.done))
        return document_request(job, self.contact_ids[job.customer], terms, self._clock.now(), days)

    def _made(self, job: Job, name: str, voucher: Voucher, what: str) -> None:
        number = voucher.body["voucherNumber"]
        self.made[job.key] |= {name: number, f"{name}_id": voucher.id}
        self._tell(f"{what}: {job.title}, {self._name(job.customer)}, {number}")

    def _read(self, key: str, invoice: Voucher, mail: Mail) -> None:
        """Count the mail (copies with the same Message-ID count once) and plan the payments that follow from it."""
        seen = self._mails.setdefault(invoice.id, [])
        if mail.message_id in seen or len(seen) >= len(STAGES):
            return
        stage = STAGES[len(seen)]
        seen.append(mail.message_id)
        for payment in self.plan.habits[self.plan.customers[key].habit]:
            if payment.after == stage:
                day = mail.received.date() + timedelta(days=payment.days)
                self._plan(at(day, PAY_TIME), partial(self._pay, key, invoice.id, payment))

    def _pay(self, key: str, invoice_id: str, payment: Payment) -> None:
        invoice = self._office.vouchers.get(invoice_id)
        if invoice is None or invoice.status not in ("open", "paid"):
            return
        amount = _amount(invoice, payment)
        if amount > 0:
            payments.record(self._office, invoice, amount, self._clock.today(), "partPaymentFinancialTransaction")
            self._tell(f"Zahlung {amount} EUR auf {invoice.body['voucherNumber']} von {self._name(key)}")

    def _name(self, key: str) -> str:
        return contact_name(self._office.contacts[self.contact_ids[key]])

    def _tell(self, what: str) -> None:
        self.happened.append(Happening(self._clock.now(), what))


def _amount(invoice: Voucher, payment: Payment) -> Decimal:
    if payment.again:
        return invoice.gross
    wanted = invoice.open_amount if payment.share is None else cents(invoice.gross * payment.share)
    return min(wanted, invoice.open_amount)


def _names(text: str, invoice: Voucher) -> bool:
    """Whether the invoice's number stands in the text as a whole word."""
    number = re.escape(invoice.body["voucherNumber"])
    return re.search(rf"(?<![A-Za-z0-9]){number}(?![0-9])", text, re.IGNORECASE) is not None
