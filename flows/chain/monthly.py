"""A customer's month of work: who is billed for it, and what that comes to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.collective import Collected, Month, collected
from billing.parties import Address, Customer
from billing.vat import line_amount
from config.client import Client, exception_for
from config.times import TimesSection, recipient_of, rules_of
from ledger import clientele, times
from ledger.database import Transaction
from ledger.time_tables import WorkEntryRow
from ledger.times import TIMES, State

LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class Expected:
    """What would be billed to a customer: `customer` is None where nobody knows him.

    `undecided` entries have to be approved before anything is billed. `net` in euro.
    """

    key: str
    customer: Customer | None
    what: Collected
    entries: int
    undecided: int

    @property
    def name(self) -> str:
        """How people call the customer."""
        return self.customer.name if self.customer else self.key

    @property
    def net(self) -> Decimal:
        """The sum of the lines."""
        return sum((line_amount(line) for line in self.what.lines), Decimal("0.00"))


def job_id(key: str, month: Month) -> str:
    """The name of a customer's job of a month: there is only one."""
    short = key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
    return f"{TIMES}{short}:{month}"


def customer_for(session: Transaction, client: str, section: TimesSection, key: str) -> Customer | None:
    """Who is billed under a key: as the client's file says, else as he is known."""
    return recipient_of(section, key) or clientele.recipient(session, client, key)


def worth(config: Client, rows: Sequence[WorkEntryRow], month: Month, customer: Customer) -> Collected:
    """What this work comes to on the customer's invoice of a month. Raises `ValueError` without work."""
    assert config.times
    language = exception_for(config, customer.number).language or customer.language
    rules = rules_of(config.times, customer.key, language, small_business=config.seller.small_business)
    return collected([times.entry_of(row) for row in rows], month, rules)


def expected(session: Transaction, config: Client, month: Month) -> list[Expected]:
    """What would be billed to each customer for everything up to the end of a month, if all of it were approved."""
    section = config.times
    if section is None:
        return []
    found = []
    for key in times.customers(session, config.name, month.last):
        rows = times.rows(session, [config.name], until=month.last, customer=key, states=times.OPEN)
        rows = [row for row in rows if row.is_billable and row.day >= section.since]
        if not rows:
            continue
        customer = customer_for(session, config.name, section, key)
        what = worth(config, rows, month, customer or _nobody(key))
        undecided = sum(row.state == State.RECORDED for row in rows)
        found.append(Expected(key, customer, what, len(rows), undecided))
    return found


def _nobody(key: str) -> Customer:
    return Customer(external_id="", name=key, address=Address(), number=key)
