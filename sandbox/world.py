"""A world that lives with the clock: jobs get ordered and done, customers pay when a mail about the invoice came."""

import re
from datetime import date, datetime, time, timedelta
from functools import partial

from sandbox.agenda import Agenda, Happening
from sandbox.clock import Clock, at
from sandbox.mailbox import Mail
from sandbox.plan import Job, Payment, Plan
from sandbox.trade import Paper, Trade, Work

ORDER_TIME, DONE_TIME, EARLY, PAY_TIME = time(10), time(16), time(7), time(9)
STAGES = ("invoice", "reminder", "second-reminder")


class World:
    """Carries out a plan in one organisation. The first day is the clock's day at the start."""

    def __init__(self, name: str, plan: Plan, trade: Trade, agenda: Agenda, clock: Clock) -> None:
        self.name, self.plan, self.trade = name, plan, trade
        self._agenda, self._clock = agenda, clock
        self.first_day = clock.today()
        self.made: dict[str, dict[str, str]] = {job.key: {} for job in plan.jobs}
        self.finished: set[str] = set()
        self.contact_ids = {key: trade.new_customer(customer) for key, customer in plan.customers.items()}
        self._mails: dict[str, list[str]] = {}
        self._open(clock.now())

    @property
    def happened(self) -> list[Happening]:
        """What has happened in this world, oldest first."""
        return [h for h in self._agenda.happened if h.world == self.name]

    def day(self, number: int) -> date:
        """The calendar day of a day of the plan."""
        return self.first_day + timedelta(days=number)

    def on_mail(self, mail: Mail) -> None:
        """A mail arrived at the sink."""
        text = " ".join([mail.subject, *(a.filename for a in mail.attachments)])
        self.hear(mail.envelope.recipients, text, mail.message_id)

    def hear(self, recipients: tuple[str, ...], text: str, message_id: str) -> None:
        """Customers among the recipients who find an invoice number in the text plan their payments."""
        for key, contact_id in self.contact_ids.items():
            known = {address.lower() for address in self.trade.mail_addresses(contact_id)}
            if not known.isdisjoint(r.lower() for r in recipients):
                self._look_through(key, contact_id, text, message_id)

    def open_letter(self, address: str, text: str, name: str) -> None:
        """The same for a letter that was posted: the customer whose name is on the envelope opens it."""
        for key, contact_id in self.contact_ids.items():
            if self.trade.name(contact_id) in " ".join(address.split("\n")):
                self._look_through(key, contact_id, text, name)

    def _look_through(self, key: str, contact_id: str, text: str, message_id: str) -> None:
        for invoice_id, number in self.trade.numbered_invoices(contact_id):
            if _names(text, number):
                self._read(key, invoice_id, message_id)

    def _open(self, start: datetime) -> None:
        for job in self.plan.jobs:
            self._agenda.plan(self._instant(job.ordered, ORDER_TIME, start), partial(self._order, job))
            self._agenda.plan(self._instant(job.done, DONE_TIME, start), partial(self._finish, job))

    def _instant(self, day: int, usual: time, start: datetime) -> datetime:
        """When something happens; what belongs to the first day has happened when the stage opens."""
        return at(self.day(day), usual) if day else min(at(self.day(0), EARLY), start)

    def _order(self, job: Job) -> None:
        self._made(job, self.trade.confirm(self._work(job)))

    def _finish(self, job: Job) -> None:
        self._made(job, self.trade.finish(self._work(job), self.made[job.key]))
        if job.outcome == "done":
            self.finished.add(job.key)

    def _work(self, job: Job) -> Work:
        days = (self.day(job.begun if job.begun is not None else job.done), self.day(job.done))
        return Work(job, self.plan.customers[job.customer], self.contact_ids[job.customer], days)

    def _made(self, job: Job, paper: Paper) -> None:
        self.made[job.key] |= paper.facts
        self._tell(f"{paper.what}: {job.title}, {self._customer(job.customer)}, {paper.number}")

    def _read(self, key: str, invoice_id: str, message_id: str) -> None:
        """Count the mail (copies with the same Message-ID count once) and plan the payments that follow from it."""
        seen = self._mails.setdefault(invoice_id, [])
        if message_id in seen or len(seen) >= len(STAGES):
            return
        stage = STAGES[len(seen)]
        seen.append(message_id)
        for payment in self.plan.habits[self.plan.customers[key].habit]:
            if payment.after == stage:
                day = self._clock.today() + timedelta(days=payment.days)
                self._agenda.plan(at(day, PAY_TIME), partial(self._pay, key, invoice_id, payment))

    def _pay(self, key: str, invoice_id: str, payment: Payment) -> None:
        paid = self.trade.pay(invoice_id, payment)
        if paid is not None:
            amount, number = paid
            self._tell(f"Zahlung {amount} EUR auf {number} von {self._customer(key)}")

    def _customer(self, key: str) -> str:
        return self.trade.name(self.contact_ids[key])

    def _tell(self, what: str) -> None:
        self._agenda.tell(self.name, what)


def _names(text: str, number: str) -> bool:
    """Whether an invoice number stands in the text as a whole word."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(number)}(?![0-9])", text, re.IGNORECASE) is not None
